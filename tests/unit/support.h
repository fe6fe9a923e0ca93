/* support.h: input for parsers that ends flush at the end of a heap block, so that a sanitizer or
 * valgrind sees the first byte read beyond it. */
#ifndef GW_TEST_SUPPORT_H
#define GW_TEST_SUPPORT_H

#include "base/str.h"

#include <stdlib.h>

static inline struct gw_str flush_bytes(const void *ptr, size_t len)
{
    char *copy = calloc(1, len);

    if (len)
        memcpy(copy, ptr, len);
    return (struct gw_str){copy, len};
}

static inline struct gw_str flush_text(const char *text)
{
    return flush_bytes(text, strlen(text));
}

static inline void flush_free(struct gw_str text)
{
    free((char *)text.ptr);
}

#endif
