/* path_type.c: which types of path parameters a segment satisfies.
 *
 * The matcher decides this by the regular expressions of emit_matcher.c; for the literals of
 * routes.def the compiler must know it beforehand. Written independently of those expressions, so
 * that the tests compare two views of one rule. */
#include "match/path_type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 8-4-4-4-12 hexadecimal digits, in either case. */
static bool is_uuid(const char *s)
{
    if (strlen(s) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? s[i] != '-' : !is_hex(s[i]))
            return false;
    }
    return true;
}

/* YYYY-MM-DD from 0001-01-01 to 9999-12-31 in the Gregorian calendar. */
static bool is_date(const char *s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(s) != 10 || s[4] != '-' || s[7] != '-')
        return false;
    for (int i = 0; i < 10; i++) {
        if (i != 4 && i != 7 && !is_digit(s[i]))
            return false;
    }
    int year = atoi(s), month = atoi(s + 5), day = atoi(s + 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* Decimal without leading zeros; not "-0". */
static bool is_number(const char *s)
{
    const char *digits = *s == '-' ? s + 1 : s;
    if (strcmp(s, "0") == 0)
        return true;
    return *digits >= '1' && *digits <= '9' && strspn(digits, "0123456789") == strlen(digits);
}

static bool is_int(const char *s)
{
    if (!is_number(s))
        return false;
    errno = 0;
    strtoll(s, NULL, 10);
    return errno == 0;
}

static bool is_uint(const char *s)
{
    if (*s == '-' || !is_number(s))
        return false;
    errno = 0;
    strtoull(s, NULL, 10);
    return errno == 0;
}

static bool is_slug(const char *s)
{
    bool after_hyphen = true;
    for (; *s; s++) {
        if (*s == '-' && after_hyphen)
            return false;
        if (*s != '-' && !is_digit(*s) && !(*s >= 'a' && *s <= 'z'))
            return false;
        after_hyphen = *s == '-';
    }
    return !after_hyphen;
}

unsigned path_type_mask(const char *segment)
{
    unsigned mask = 1u << SEGMENT_FREE | 1u << SEGMENT_PATH;
    mask |= is_uuid(segment) ? 1u << SEGMENT_UUID : 0;
    mask |= is_date(segment) ? 1u << SEGMENT_DATE : 0;
    mask |= is_uint(segment) ? 1u << SEGMENT_UINT : 0;
    mask |= is_int(segment) ? 1u << SEGMENT_INT : 0;
    mask |= is_slug(segment) ? 1u << SEGMENT_SLUG : 0;
    return mask;
}

/* The free parameter of a mixed segment takes whole escapes. */
static bool is_cut_well(const char *segment, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (segment[i] == '%' && i + 3 > to)
            return false;
        i += segment[i] == '%' ? 2 : 0;
    }
    return true;
}

static bool fits_mixed(const struct segment *segment, const char *text)
{
    size_t len = strlen(text), before = strlen(segment->literal), behind = strlen(segment->suffix);
    if (len <= before + behind || strncmp(text, segment->literal, before) != 0 ||
        strcmp(text + len - behind, segment->suffix) != 0 ||
        !is_cut_well(text, before, len - behind))
        return false;
    size_t n = len - before - behind;
    if (segment->inner == SEGMENT_FREE)
        return true;
    char *value = strndup(text + before, n);
    bool fits = value && path_type_mask(value) >> segment->inner & 1;
    free(value);
    return fits;
}

static bool is_one_of(const struct segment *segment, const char *text)
{
    for (size_t i = 0; i < segment->n_words; i++) {
        if (strcmp(segment->words[i], text) == 0)
            return true;
    }
    return false;
}

bool path_segment_fits(const struct segment *segment, const char *text)
{
    if (segment->kind == SEGMENT_LITERAL)
        return strcmp(segment->literal, text) == 0;
    if (segment->n_words)
        return is_one_of(segment, text);
    if (segment->kind == SEGMENT_MIXED)
        return fits_mixed(segment, text);
    return path_type_mask(text) >> segment->kind & 1;
}

int path_segment_compare(const struct segment *a, const struct segment *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind != SEGMENT_MIXED)
        return 0;
    size_t left = strlen(a->literal) + strlen(a->suffix);
    size_t right = strlen(b->literal) + strlen(b->suffix);
    return left > right ? -1 : left < right;
}

/* What may stand literally in a path segment (RFC 3986, 3.3: pchar). */
static bool is_pchar(unsigned char c)
{
    return is_digit((char)c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~!$&'()*+,;=:@", c));
}

static int hex_value(char c)
{
    return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static const char *byte_problem(unsigned char c, bool separators)
{
    if (c < 0x20 || c == 0x7f)
        return "a control character, encoded or not, is in no path";
    if ((c == '/' || c == '\\') && !separators)
        return "an encoded separator (%2F, %5C) or a `\\` is matched by {name:path} only";
    return NULL;
}

/* Resolves the escapes. NULL: *ret_problem. */
static unsigned char *decode(struct arena *arena, const char *ptr, size_t len, bool separators,
                             size_t *ret_n, const char **ret_problem)
{
    unsigned char *raw = arena_alloc(arena, len + 1);
    size_t n = 0;
    *ret_problem = NULL;
    for (size_t i = 0; i < len; i++) {
        bool escape = ptr[i] == '%';
        if (escape && (i + 2 >= len || !is_hex(ptr[i + 1]) || !is_hex(ptr[i + 2])))
            *ret_problem = "`%` is followed by two hexadecimal digits";
        if (ptr[i] == '?')
            *ret_problem = "a `?` ends the path; write %3F if it is part of a segment";
        if (*ret_problem)
            return NULL;
        raw[n] = escape ? (unsigned char)(hex_value(ptr[i + 1]) * 16 + hex_value(ptr[i + 2]))
                        : (unsigned char)ptr[i];
        i += escape ? 2 : 0;
        *ret_problem = byte_problem(raw[n++], separators);
        if (*ret_problem)
            return NULL;
    }
    *ret_n = n;
    if (source_utf8_end((const char *)raw, n) == n)
        return raw;
    *ret_problem = "it is not UTF-8 once decoded";
    return NULL;
}

static char *encode(struct arena *arena, const unsigned char *raw, size_t n)
{
    char *canonical = arena_alloc(arena, 3 * n + 1), *to = canonical;
    for (size_t i = 0; i < n; i++) {
        if (is_pchar(raw[i])) {
            *to++ = (char)raw[i];
        } else {
            *to++ = '%';
            *to++ = "0123456789ABCDEF"[raw[i] >> 4];
            *to++ = "0123456789ABCDEF"[raw[i] & 15];
        }
    }
    return canonical;
}

const char *path_canonical_part(struct arena *arena, const char *ptr, size_t len,
                                const char **ret_problem)
{
    size_t n = 0;
    const unsigned char *raw = decode(arena, ptr, len, false, &n, ret_problem);
    return raw ? encode(arena, raw, n) : NULL;
}

static const char *refuse_dots(const char *canonical, const char **ret_problem)
{
    if (!canonical || (strcmp(canonical, ".") != 0 && strcmp(canonical, "..") != 0))
        return canonical;
    *ret_problem = "a segment `.` or `..` is in no path";
    return NULL;
}

const char *path_canonical(struct arena *arena, const char *ptr, size_t len,
                           const char **ret_problem)
{
    return refuse_dots(path_canonical_part(arena, ptr, len, ret_problem), ret_problem);
}

const char *path_canonical_request(struct arena *arena, const char *ptr, size_t len,
                                   bool *ret_separators, const char **ret_problem)
{
    size_t n = 0;
    const unsigned char *raw = decode(arena, ptr, len, true, &n, ret_problem);
    for (size_t i = 0; raw && i < n; i++)
        *ret_separators |= raw[i] == '/' || raw[i] == '\\';
    return refuse_dots(raw ? encode(arena, raw, n) : NULL, ret_problem);
}
