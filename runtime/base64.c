/* base64.c: base64url, strictly.
 *
 * A token has one spelling. A decoder that skips blanks, takes padding or ignores spare bits lets
 * several texts stand for the same bytes, which defeats whatever compares tokens as text (a
 * deny-list, a cache, a log). So everything but the canonical spelling is refused, before any
 * cryptography looks at it. */
#include "base64.h"

#define X 0xff

static const unsigned char values[256] = {
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  62, X,  X,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X,  X,  X,  X,  X,  X,  X,  0,  1,  2,  3,  4,  5,  6,
    7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X,  X,  X,  X,  63,
    X,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 50, 51, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X};

static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The two or three characters behind the last group of four: one or two bytes. */
static bool decode_tail(const unsigned char *s, size_t n, unsigned char *out)
{
    unsigned char a = values[s[0]], b = values[s[1]], c = n == 3 ? values[s[2]] : 0;

    if ((a | b | c) & 0x80)
        return false;
    if (n == 2 ? b & 0x0f : c & 0x03)
        return false;
    out[0] = (unsigned char)(a << 2 | b >> 4);
    if (n == 3)
        out[1] = (unsigned char)(b << 4 | c >> 2);
    return true;
}

bool gw_base64url_decode(struct gw_str text, unsigned char *out, size_t *ret_len)
{
    const unsigned char *s = (const unsigned char *)text.ptr;
    size_t whole = text.len / 4, tail = text.len % 4;

    if (tail == 1)
        return false;
    for (size_t i = 0; i < whole; i++, s += 4, out += 3) {
        unsigned char a = values[s[0]], b = values[s[1]], c = values[s[2]], d = values[s[3]];

        if ((a | b | c | d) & 0x80)
            return false;
        out[0] = (unsigned char)(a << 2 | b >> 4);
        out[1] = (unsigned char)(b << 4 | c >> 2);
        out[2] = (unsigned char)(c << 6 | d);
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
