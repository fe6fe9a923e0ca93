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

static bool is_one_of(const struct segment *segment, const char *text)
{
    for (size_t i = 0; i < segment->n_words; i++) {
        if (!strcmp(segment->words[i], text))
            return true;
    }
    return false;
}

/* Whether text[from..to) is one for a parameter that has text beside it. */
static bool fits_beside(const struct segment *param, const char *text, size_t from, size_t to)
{
    if (from >= to || !is_cut_well(text, from, to))
        return false;
    enum segment_kind kind = param_kind(param);
    if (kind == SEGMENT_FREE)
        return true;
    char *value = strndup(text + from, to - from);
    bool fits = value && (kind == SEGMENT_LIKE    ? path_like_matches(param, value)
                          : kind == SEGMENT_WORDS ? is_one_of(param, value)
                                                  : path_type_mask(value) >> kind & 1);
    free(value);
    return fits;
}

/* How the parameters from the i-th on can take text[from..end), where the last text begins: 0, 1
 * or 2 for more; `ret` is the first way. `ways`: what is known of each, 0: nothing yet. */
static unsigned divide(const struct segment *segment, const char *text, size_t end, size_t i,
                       size_t from, unsigned char *ways, size_t *ret)
{
    const struct segment *param = segment_param(segment, i);
    const char *beside = segment->texts[i + 1];
    unsigned n = 0;
    ret[i] = end;
    if (i + 1 == segment->n_parts)
        return fits_beside(param, text, from, end);
    if (ways[i * (end + 1) + from])
        return ways[i * (end + 1) + from] - 1u;
    for (size_t to = from + 1; to + strlen(beside) < end && n < 2; to++) {
        size_t later[MAX_PARTS] = {0};
        if (strncmp(text + to, beside, strlen(beside)) || !fits_beside(param, text, from, to))
            continue;
        unsigned more = divide(segment, text, end, i + 1, to + strlen(beside), ways, later);
        if (more && !n) {
            memcpy(ret + i + 1, later + i + 1, (segment->n_parts - i - 1) * sizeof(*ret));
            ret[i] = to;
        }
        n = n + more > 2 ? 2 : n + more;
    }
    ways[i * (end + 1) + from] = (unsigned char)(n + 1);
    return n;
}

unsigned path_segment_divide(const struct segment *segment, const char *text, size_t ret[MAX_PARTS])
{
    size_t len = strlen(text), before = strlen(segment->literal), behind = strlen(segment->suffix);
    if (len <= before + behind || strncmp(text, segment->literal, before) ||
        strcmp(text + len - behind, segment->suffix))
        return 0;
    ret[segment_params(segment) - 1] = len - behind;
    if (!segment->n_parts)
        return fits_beside(segment, text, before, len - behind);
    unsigned char *ways = calloc(segment->n_parts, len + 1);
    unsigned n = ways ? divide(segment, text, len - behind, 0, before, ways, ret) : 0;
    free(ways);
    return n;
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
        return path_segment_divide(segment, text, (size_t[MAX_PARTS]){0}) > 0;
    return path_type_mask(text) >> segment->kind & 1;
}

static size_t text_length(const struct segment *segment)
{
    size_t n = strlen(segment->literal) + strlen(segment->suffix);
    for (size_t i = 1; i < segment->n_parts; i++)
        n += strlen(segment->texts[i]);
    return n;
}

int path_segment_compare(const struct segment *a, const struct segment *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind != SEGMENT_MIXED)
        return 0;
    size_t left = text_length(a), right = text_length(b);
    return left > right ? -1 : left < right;
}
