/* path_type.c: which types of path parameters a segment satisfies.
 *
 * The matcher decides this by the regular expressions of emit/matcher.c; for the literals of
 * routes.def the compiler must know it beforehand. Written independently of those expressions, so
 * that the tests compare two views of one rule. */
#include "match/path_type.h"

#include "base/ascii.h"
#include "match/path_like.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 8-4-4-4-12 hexadecimal digits, in either case. */
static bool is_uuid(const char *s)
{
    if (strlen(s) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? s[i] != '-' : !ascii_is_hex(s[i]))
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
        if (i != 4 && i != 7 && !ascii_is_digit(s[i]))
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
    if (!strcmp(s, "0"))
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
        if (*s != '-' && !ascii_is_digit(*s) && !(*s >= 'a' && *s <= 'z'))
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
    if (len <= before + behind || strncmp(text, segment->literal, before) ||
        strcmp(text + len - behind, segment->suffix) || !is_cut_well(text, before, len - behind))
        return false;
    size_t n = len - before - behind;
    if (segment->inner == SEGMENT_FREE)
        return true;
    char *value = strndup(text + before, n);
    bool fits =
        value && (segment->inner == SEGMENT_LIKE ? path_like_matches(segment, value)
                                                 : path_type_mask(value) >> segment->inner & 1);
    free(value);
    return fits;
}

static bool is_one_of(const struct segment *segment, const char *text)
{
    for (size_t i = 0; i < segment->n_words; i++) {
        if (!strcmp(segment->words[i], text))
            return true;
    }
    return false;
}

bool path_segment_fits(const struct segment *segment, const char *text)
{
    if (segment->kind == SEGMENT_LITERAL)
        return !strcmp(segment->literal, text);
    if (segment->n_words)
        return is_one_of(segment, text);
    if (segment->kind == SEGMENT_LIKE)
        return path_like_matches(segment, text);
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
