/* text.c: see text.h. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define FIRST_SIZE 512

char *gw_text_grow(struct gw_text *text, size_t n)
{
    size_t need, size = text->size ? text->size : FIRST_SIZE;
    char *larger = NULL;
    if (!text->failed && !__builtin_add_overflow(text->len, n, &need) && need < SIZE_MAX / 4) {
        while (size <= need)
            size *= 2;
        larger = gw_arena_alloc(text->arena, size);
    }
    if (!larger) {
        text->failed = true;
        return NULL;
    }
    if (text->len)
        memcpy(larger, text->ptr, text->len);
    text->ptr = larger;
    text->size = size;
    return larger + text->len;
}

void gw_text_add_u64(struct gw_text *text, uint64_t n)
{
    char digits[GW_DIGITS_MAX];
    gw_text_add(text, gw_digits(n, digits));
}

void gw_text_printf(struct gw_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = n < 0 ? NULL : gw_text_reserve(text, (size_t)n);
    if (!to) {
        text->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(to, (size_t)n + 1, format, args);
    va_end(args);
    text->len += (size_t)n;
}
