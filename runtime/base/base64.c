/* base64.c: base64url, strictly.
 *
 * A token has one spelling. A decoder that skips blanks, takes padding or ignores spare bits lets
 * several texts stand for the same bytes, which defeats whatever compares tokens as text (a
 * deny-list, a cache, a log). So everything but the canonical spelling is refused, before any
 * cryptography looks at it. */
#include "base/base64.h"

/* The value of a character, and what it adds to three bytes as first, second, third and fourth of
 * its group; a character that is none sets BAD. One look-up for each character, and no shifts. */
#define BAD UINT32_C(0x80000000)
#define VALUE(c)                                                                                   \
    (uint32_t)((c) >= 'A' && (c) <= 'Z'   ? (c) - 'A'                                              \
               : (c) >= 'a' && (c) <= 'z' ? (c) - 'a' + 26                                         \
               : (c) >= '0' && (c) <= '9' ? (c) - '0' + 52                                         \
               : (c) == '-'               ? 62                                                     \
               : (c) == '_'               ? 63                                                     \
                                          : 64)
#define ENTRY(c, bits) (VALUE(c) > 63 ? BAD : (uint32_t)(bits))
#define FIRST(c)       ENTRY(c, VALUE(c) << 2)
#define SECOND(c)      ENTRY(c, VALUE(c) >> 4 | (VALUE(c) & 15) << 12)
#define THIRD(c)       ENTRY(c, VALUE(c) >> 2 << 8 | (VALUE(c) & 3) << 22)
#define FOURTH(c)      ENTRY(c, VALUE(c) << 16)
#define ROW4(f, c)     f(c), f(c + 1), f(c + 2), f(c + 3)
#define ROW16(f, c)    ROW4(f, c), ROW4(f, c + 4), ROW4(f, c + 8), ROW4(f, c + 12)
#define ROW64(f, c)    ROW16(f, c), ROW16(f, c + 16), ROW16(f, c + 32), ROW16(f, c + 48)
#define TABLE(f)                                                                                   \
    {                                                                                              \
        ROW64(f, 0), ROW64(f, 64), ROW64(f, 128), ROW64(f, 192)                                    \
    }

static const uint32_t as_first[256] = TABLE(FIRST), as_second[256] = TABLE(SECOND),
                      as_third[256] = TABLE(THIRD), as_fourth[256] = TABLE(FOURTH);

static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The two or three characters behind the last group of four: one or two bytes, and spare bits that
 * must be zero. */
static bool decode_tail(const unsigned char *s, size_t n, unsigned char *out)
{
    uint32_t bits = as_first[s[0]] | as_second[s[1]] | (n == 3 ? as_third[s[2]] : 0);
    if (bits >> (n == 3 ? 16 : 8))
        return false;
    out[0] = (unsigned char)bits;
    if (n == 3)
        out[1] = (unsigned char)(bits >> 8);
    return true;
}

bool gw_base64url_decode(struct gw_str text, unsigned char *out, size_t *ret_len)
{
    const unsigned char *s = (const unsigned char *)text.ptr;
    const unsigned char *end = s + text.len / 4 * 4;
    size_t tail = text.len % 4;
    if (tail == 1)
        return false;
    for (; s != end; s += 4, out += 3) {
        uint32_t bits = as_first[s[0]] | as_second[s[1]] | as_third[s[2]] | as_fourth[s[3]];
        if (bits & BAD)
            return false;
        out[0] = (unsigned char)bits;
        out[1] = (unsigned char)(bits >> 8);
        out[2] = (unsigned char)(bits >> 16);
    }
    if (tail && !decode_tail(s, tail, out))
        return false;
    *ret_len = GW_BASE64URL_DECODED(text.len);
    return true;
}

static size_t encode(const char *alphabet, const unsigned char *s, size_t len, char *out)
{
    char *start = out;
    for (; len >= 3; s += 3, len -= 3) {
        *out++ = alphabet[s[0] >> 2];
        *out++ = alphabet[(s[0] & 3) << 4 | s[1] >> 4];
        *out++ = alphabet[(s[1] & 15) << 2 | s[2] >> 6];
        *out++ = alphabet[s[2] & 63];
    }
    if (len) {
        unsigned char second = len == 2 ? s[1] : 0;
        *out++ = alphabet[s[0] >> 2];
        *out++ = alphabet[(s[0] & 3) << 4 | second >> 4];
        if (len == 2)
            *out++ = alphabet[(second & 15) << 2];
    }
    return (size_t)(out - start);
}

size_t gw_base64url_encode(const unsigned char *ptr, size_t len, char *out)
{
    return encode(alphabet_url, ptr, len, out);
}

size_t gw_base64_encode(const unsigned char *ptr, size_t len, char *out)
{
    size_t n = encode(alphabet_standard, ptr, len, out);
    while (n % 4)
        out[n++] = '=';
    return n;
}
