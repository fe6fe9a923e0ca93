/* str.h: strings with a length, and the few scans that several modules need. Borrowed, never
 * owned. */
#ifndef GW_STR_H
#define GW_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct gw_str {
    const char *ptr;
    size_t len;
};

#define GW_STR(literal) ((struct gw_str){(literal), sizeof(literal) - 1})

static inline struct gw_str gw_str_from(const char *text)
{
    return (struct gw_str){text, text ? strlen(text) : 0};
}

static inline bool gw_str_equal(struct gw_str a, struct gw_str b)
{
    return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

/* ASCII only, here and below: no locale turns anything else around. */
bool gw_str_equal_nocase(struct gw_str a, struct gw_str b);

static inline char gw_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char gw_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* A token of HTTP (RFC 9110, 5.6.2). */
bool gw_str_is_token(struct gw_str text);

static inline bool gw_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What a hex digit is worth; -1 for what is none. */
static inline int gw_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = gw_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the escape at text[0] == '%' stands for (RFC 3986, 2.1), of which `left` bytes are
 * there; -1: it is malformed. */
static inline int gw_unescape(const char *text, size_t left)
{
    int high = left > 2 ? gw_hex_digit(text[1]) : -1;
    int low = high < 0 ? -1 : gw_hex_digit(text[2]);
    return low < 0 ? -1 : high << 4 | low;
}

/* RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. *ret_chars (may be NULL) counts. */
bool gw_utf8_valid(const char *ptr, size_t len, size_t *ret_chars);

/* Exactly `0|-?[1-9][0-9]{0,18}` within int64, and `0|[1-9][0-9]{0,19}` within uint64. */
bool gw_parse_i64(struct gw_str text, int64_t *ret);
bool gw_parse_u64(struct gw_str text, uint64_t *ret);

/* The decimal digits of `n`, at the end of `buffer`, without a NUL. */
#define GW_DIGITS_MAX 20
static inline struct gw_str gw_digits(uint64_t n, char buffer[GW_DIGITS_MAX])
{
    size_t at = GW_DIGITS_MAX;
    do
        buffer[--at] = (char)('0' + n % 10);
    while (n /= 10);
    return (struct gw_str){buffer + at, GW_DIGITS_MAX - at};
}

bool gw_is_date(struct gw_str text); /* "YYYY-MM-DD", a real date of the years 0001 to 9999 */
bool gw_is_uuid(struct gw_str text); /* 8-4-4-4-12 hex digits (RFC 9562) */

/* RFC 3339 date-time to microseconds since 1970 UTC; and back, always
 * "YYYY-MM-DDTHH:MM:SS[.ffffff]Z" (buffer of 32 bytes). Years 0001 to 9999; a leap second is
 * refused. */
bool gw_parse_time(struct gw_str text, int64_t *ret);
void gw_format_time(int64_t microseconds, char buffer[32]);

#endif
