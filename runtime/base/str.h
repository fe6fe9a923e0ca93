/* str.h: strings with a length, and the few scans that several modules need. Borrowed, never owned.
 */
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
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool gw_str_equal_nocase(struct gw_str a, struct gw_str b); /* ASCII only */

/* RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. *ret_chars (may be NULL) counts. */
bool gw_utf8_valid(const char *ptr, size_t len, size_t *ret_chars);

/* Exactly `0|-?[1-9][0-9]{0,18}` within int64, and `0|[1-9][0-9]{0,19}` within uint64. */
bool gw_parse_i64(struct gw_str text, int64_t *ret);
bool gw_parse_u64(struct gw_str text, uint64_t *ret);

bool gw_is_date(struct gw_str text); /* "YYYY-MM-DD", a real date of the years 0001 to 9999 */
bool gw_is_uuid(struct gw_str text); /* 8-4-4-4-12 hex digits (RFC 9562) */

/* RFC 3339 date-time to microseconds since 1970 UTC; and back, always
 * "YYYY-MM-DDTHH:MM:SS[.ffffff]Z" (buffer of 32 bytes). Years 0001 to 9999; a leap second is
 * refused. */
bool gw_parse_time(struct gw_str text, int64_t *ret);
void gw_format_time(int64_t microseconds, char buffer[32]);

#endif
