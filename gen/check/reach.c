/* reach.c: alternatives where all is text: the first that takes it is the one that came, so that
 * one whose texts others before it take can never come.
 *
 * What is told is proven: the texts of the one are enumerated, or an automaton that takes all of
 * them, and perhaps more, is within one that takes some of what the other does. */
#include "check/check.h"

#include "base/text.h"
#include "match/regex.h"

#include <stdlib.h>
#include <string.h>

#define ENUMERATED_MAX 1000 /* whole numbers */

#define ANY_TEXT "[\\d\\D]*"
#define REALS    "-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?"
#define BOOLS    "true|false|on|off|1|0"

static const char *const bools[] = {"true", "false", "on", "off", "1", "0"};

/* ---- Texts one by one ---- */

/* As JSON writes a number: what the runtime reads as one. */
static bool is_spelt_as_number(struct arena *arena, const struct member *member, const char *text)
{
    struct regex_error error;
    const char *form = member->type == TYPE_REAL ? REALS : "0|-?[1-9]\\d*";
    return regex_matches(regex_compile(arena, form, strlen(form), &error), text) &&
           strcmp(text, "-0");
}

static bool takes(struct arena *arena, const struct member *member, const char *text)
{
    if (!member_is_single(member))
        return false;
    switch (member->type) {
    case TYPE_TEXT:
        return member_takes(member, text);
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_REAL:
        return is_spelt_as_number(arena, member, text) && member_takes(member, text);
    case TYPE_HOSTNAME:
        return *text && strlen(text) <= 20 &&
               strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz") == strlen(text);
    case TYPE_BOOL:
        for (size_t i = 0; i < sizeof(bools) / sizeof(*bools); i++)
            if (!strcmp(bools[i], text))
                return true;
        return false;
    default:
        return false;
    }
}

/* Whether one of those before the `last` takes it. */
static bool is_taken(struct arena *arena, const struct member *member, size_t last,
                     const char *text)
{
    for (size_t i = 0; i < last; i++)
        if (takes(arena, &member->either.items[i], text))
            return true;
    return false;
}

/* Of whole numbers that are not too many. A bound that is beyond this type is told elsewhere. */
static bool has_few_numbers(const struct member *one, long long *ret_low, long long *ret_high)
{
    const struct range *range = &one->range;
    bool low = range->low || one->type == TYPE_UINT;
    if ((one->type != TYPE_INT && one->type != TYPE_UINT) || !low || !range->high)
        return false;
    *ret_low = range->low ? strtoll(range->low, NULL, 10) : 0;
    *ret_high = strtoll(range->high, NULL, 10);
    return *ret_low > -(INT64_MAX / 2) && *ret_high < INT64_MAX / 2 &&
           *ret_high - *ret_low < ENUMERATED_MAX;
}

/* Whether its texts are few. Then `*ret_taken`: others before it take all of them. */
static bool enumerate(struct arena *arena, const struct member *member, size_t last,
                      bool *ret_taken)
{
    const struct member *one = &member->either.items[last];
    long long low = 0, high = 0;
    *ret_taken = true;
    if (one->type == TYPE_BOOL) {
        for (size_t i = 0; i < sizeof(bools) / sizeof(*bools) && *ret_taken; i++)
            *ret_taken = is_taken(arena, member, last, bools[i]);
    } else if (one->one_of.n && one->type != TYPE_REAL) {
        for (size_t i = 0; i < one->one_of.n && *ret_taken; i++)
            *ret_taken = is_taken(arena, member, last, one->one_of.items[i].text);
    } else if (has_few_numbers(one, &low, &high)) {
        for (long long i = low; i <= high && *ret_taken; i++)
            *ret_taken = is_taken(arena, member, last, arena_printf(arena, "%lld", i));
    } else {
        return false;
    }
    return true;
}

/* ---- All of them at once ---- */

static const struct regex *compiled(struct arena *arena, const char *text)
{
    struct regex_error error;
    return text ? regex_compile(arena, text, strlen(text), &error) : NULL;
}

/* Those of an int or uint, exactly. */
static const struct regex *whole_numbers(struct arena *arena, const struct member *one)
{
    const struct range *range = &one->range;
    bool is_signed = one->type == TYPE_INT;
    const char *low = is_signed ? "-9223372036854775808" : "0";
    const char *high = is_signed ? "9223372036854775807" : "18446744073709551615";
    return compiled(arena, regex_numbers(arena, range->low ? range->low : low,
                                         range->high ? range->high : high));
}

/* What takes all texts that the member takes, and perhaps more. */
static const struct regex *wide(struct arena *arena, const struct member *one)
{
    if (one->regex)
        return one->regex;
    if (one->type == TYPE_INT || one->type == TYPE_UINT)
        return whole_numbers(arena, one);
    return compiled(arena, one->type == TYPE_REAL ? REALS : ANY_TEXT);
}

/* What takes none that the member does not take, but for the length of a text. NULL: none. */
static const struct regex *narrow(struct arena *arena, const struct member *one)
{
    if (one->regex || one->one_of.n)
        return one->regex;
    switch (one->type) {
    case TYPE_INT:
    case TYPE_UINT:
        return whole_numbers(arena, one);
    case TYPE_REAL:
        return one->range.pos.source
                   ? NULL
                   : compiled(arena, "0(\\.\\d+)?|-?(0\\.\\d+|[1-9]\\d{0,300}(\\.\\d+)?)");
    case TYPE_BOOL:
        return compiled(arena, BOOLS);
    case TYPE_TEXT:
        return compiled(arena, ANY_TEXT);
    case TYPE_HOSTNAME:
        return compiled(arena, "[0-9a-z]{1,20}");
    default:
        return NULL;
    }
}

/* Whether no text that `wide` takes is too short or too long for the other. */
static bool fits_lengths(struct arena *arena, const struct regex *texts, const struct member *one)
{
    if (one->type != TYPE_TEXT)
        return true;
    size_t low = one->range.low ? strtoull(one->range.low, NULL, 10) : 0;
    size_t least = one->bytes.low ? strtoull(one->bytes.low, NULL, 10) : 0;
    size_t longest = regex_longest(arena, texts);
    bool ascii = regex_is_within(arena, texts, compiled(arena, "[\\x01-\\x7f]*"));
    low = least > low ? least : low;
    if (low > REGEX_MAX_LOW || (low && regex_has_length(arena, texts, 0, low - 1)))
        return false;
    return (!one->range.high || longest <= strtoull(one->range.high, NULL, 10)) &&
           (!one->bytes.high || longest <= strtoull(one->bytes.high, NULL, 10) / (ascii ? 1 : 4));
}

/* What those from `i` on and before `end` take together, as far as that is known. */
static const struct regex *together(struct arena *arena, const struct member *member, size_t i,
                                    size_t end, const struct regex *texts)
{
    struct text all = {.arena = arena};
    for (; i < end; i++) {
        const struct member *one = &member->either.items[i];
        const struct regex *regex = member_is_single(one) ? narrow(arena, one) : NULL;
        if (regex && fits_lengths(arena, texts, one))
            text_printf(&all, "%s(?:%s)", all.n ? "|" : "", regex->text);
    }
    return all.n ? compiled(arena, all.items) : NULL;
}

/* One of them, or all, since together they may be too large to tell. */
static bool is_taken_whole(struct arena *arena, const struct member *member, size_t last)
{
    const struct regex *texts = wide(arena, &member->either.items[last]);
    for (size_t i = 0; texts && i <= last; i++) {
        const struct regex *before = i < last ? together(arena, member, i, i + 1, texts)
                                              : together(arena, member, 0, last, texts);
        if (before && regex_is_within(arena, texts, before))
            return true;
    }
    return false;
}

static bool is_reached(struct arena *arena, const struct member *member, size_t last)
{
    const struct member *one = &member->either.items[last];
    bool taken;
    if (!member_is_single(one) || one->nested)
        return true; /* it has names in brackets */
    if (enumerate(arena, member, last, &taken))
        return !taken;
    return !is_taken_whole(arena, member, last);
}

bool check_reached(struct tree *tree, const struct name *name, const struct member *member,
                   const char *what)
{
    for (size_t i = 1; i < member->either.n; i++) {
        const struct member *one = &member->either.items[i];
        if (is_reached(tree->arena, member, i))
            continue;
        diag_error(tree->diags, name->pos,
                   "`%s` is never %s in a %s: what stands before it takes every text that could be "
                   "one",
                   member->name.text, type_phrase(one->type), what);
        diag_note(tree->diags, one->name.pos, "it is here");
        return false;
    }
    return true;
}
