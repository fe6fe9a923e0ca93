/* text.h: a text that grows in an arena.
 *
 * It starts as all zero bytes but for its arena. After a failed allocation `failed` stays set and
 * nothing is written any more: check it once, at the end. Behind what was written is a NUL. */
#ifndef GW_TEXT_H
#define GW_TEXT_H

#include "base/arena.h"
#include "base/str.h"

#include <assert.h>

struct gw_text {
    struct gw_arena *arena;
    char *ptr; /* NULL until something is written */
    size_t len, size;
    bool failed;
};

/* Makes room for `n` more bytes and a NUL. NULL when memory is short, now or before. */
char *gw_text_grow(struct gw_text *text, size_t n);

/* The same, for whoever writes there and adds to `len` what was written. */
static inline char *gw_text_reserve(struct gw_text *text, size_t n)
{
    assert(text->len <= text->size);
    if (n < text->size - text->len && !text->failed)
        return text->ptr + text->len;
    return gw_text_grow(text, n);
}

static inline void gw_text_add(struct gw_text *text, struct gw_str more)
{
    char *to = gw_text_reserve(text, more.len);
    if (!to)
        return;
    if (more.len)
        memcpy(to, more.ptr, more.len);
    to[more.len] = '\0';
    text->len += more.len;
}

void gw_text_add_u64(struct gw_text *text, uint64_t n);
void gw_text_printf(struct gw_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
