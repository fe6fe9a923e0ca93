/* utf8.c: UTF-8. */
#include "base/utf8.h"

bool utf8_is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Length of the UTF-8 sequence at `p`, 0 if there is none. */
static size_t utf8_sequence(const unsigned char *p, size_t len)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len < n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if (!utf8_is_continuation((char)p[i]))
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

size_t utf8_end(const char *ptr, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t n = utf8_sequence((const unsigned char *)ptr + i, len - i);
        if (!n)
            break;
        i += n;
    }
    return i;
}

size_t utf8_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += !utf8_is_continuation(*text);
    return n;
}
