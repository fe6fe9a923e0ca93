/* member.c: which values a member may have, beside its type and bounds: `one of`, `like`,
 * `optional`, `null`, `default`, `unique`. */
#include "check/check.h"

#include "base/utf8.h"
#include "match/regex.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool is_number_type(enum type type)
{
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_REAL;
}

bool member_number_fits(const char *text, enum type type)
{
    errno = 0;
    if (type == TYPE_REAL)
        return isfinite(strtod(text, NULL));
    if (strchr(text, '.') || (type != TYPE_INT && *text == '-'))
        return false;
    if (type == TYPE_INT)
        strtoll(text, NULL, 10);
    else
        strtoull(text, NULL, 10);
    return errno == 0;
}

/* Below, 0 or above. Both fit the type. */
static int number_order(const char *a, const char *b, enum type type)
{
    if (type == TYPE_REAL)
        return (strtod(a, NULL) > strtod(b, NULL)) - (strtod(a, NULL) < strtod(b, NULL));
    if (type == TYPE_INT)
        return (strtoll(a, NULL, 10) > strtoll(b, NULL, 10)) -
               (strtoll(a, NULL, 10) < strtoll(b, NULL, 10));
    return (strtoull(a, NULL, 10) > strtoull(b, NULL, 10)) -
           (strtoull(a, NULL, 10) < strtoull(b, NULL, 10));
}

/* ---- `one of` ---- */

/* No two are the same number, however they are written. */
static void check_numbers(struct tree *tree, const struct member *member)
{
    const struct words *numbers = &member->one_of;
    for (size_t i = 0; i < numbers->n; i++) {
        const struct name *number = &numbers->items[i];
        bool fits = member_number_fits(number->text, member->type);
        if (!fits)
            diag_error(tree->diags, number->pos, "%s is not %s", number->text,
                       type_phrase(member->type));
        for (size_t j = 0; fits && j < i; j++)
            if (!number_order(number->text, numbers->items[j].text, member->type))
                diag_error(tree->diags, number->pos, "%s is %s again", number->text,
                           numbers->items[j].text);
    }
}

static void check_one_of(struct tree *tree, const struct member *member)
{
    if (!member->one_of.n)
        return;
    struct pos pos = member->one_of.items[0].pos;
    bool number = is_number_type(member->type);
    if (member->type != TYPE_TEXT && !number)
        diag_error(tree->diags, pos, "`one of` is for a text or a number");
    else if (member->range.pos.source || member->bytes.pos.source)
        diag_error(tree->diags, pos, "`one of` and a range: the %s alone say what is possible",
                   number ? "numbers" : "words");
    else if (member->one_of.numbers != number)
        diag_error(tree->diags, pos, "`one of` for %s holds %s", type_phrase(member->type),
                   number ? "numbers, without quotes" : "words, in quotes");
    else if (number)
        check_numbers(tree, member);
}

static bool is_one_of(const struct member *member, const char *text)
{
    for (size_t i = 0; i < member->one_of.n; i++) {
        const char *one = member->one_of.items[i].text;
        if (member->one_of.numbers ? !number_order(one, text, member->type) : !strcmp(one, text))
            return true;
    }
    return !member->one_of.n;
}

/* ---- `like` ---- */

static struct pos within(struct pos pos, const struct regex_error *error)
{
    pos.offset += 1 + (uint32_t)error->at;
    pos.len = error->len ? (uint32_t)error->len : 1;
    return pos;
}

/* With a range of lengths there must be a text of one of them. */
static void check_length_of_like(struct tree *tree, const struct member *member)
{
    const struct range *range = &member->range;
    uint64_t low = range->low ? strtoull(range->low, NULL, 10) : 0;
    uint64_t high = range->high ? strtoull(range->high, NULL, 10) : UINT32_MAX;
    if (!range->pos.source)
        return;
    if (low > REGEX_MAX_LOW)
        diag_error(tree->diags, range->pos, "with `like`, a range begins at most at %d",
                   REGEX_MAX_LOW);
    else if (!regex_has_length(tree->arena, member->regex, low, high))
        diag_error(tree->diags, member->like.pos,
                   "no text that matches has as many characters as the range says");
}

static void check_like(struct tree *tree, struct member *member)
{
    struct regex_error error;
    if (!member->like.text)
        return;
    if (member->type != TYPE_TEXT) {
        diag_error(tree->diags, member->like.pos, "`like` is for a text, not %s",
                   type_phrase(member->type));
        return;
    }
    if (member->one_of.n) {
        diag_error(tree->diags, member->like.pos,
                   "`one of` and `like`: the words alone say what is possible");
        return;
    }
    member->regex =
        regex_compile(tree->arena, member->like.text, strlen(member->like.text), &error);
    if (!member->regex)
        diag_error(tree->diags, within(member->like.pos, &error), "%s", error.message);
    else
        check_length_of_like(tree, member);
}

/* ---- `default` ---- */

static bool is_within(const struct range *range, const char *text, enum type type)
{
    return (!range->low || number_order(text, range->low, type) >= range->above) &&
           (!range->high || number_order(text, range->high, type) <= -(int)range->below);
}

static bool length_is_within(const struct range *range, size_t n)
{
    return (!range->low || n >= strtoull(range->low, NULL, 10)) &&
           (!range->high || n <= strtoull(range->high, NULL, 10));
}

bool member_takes(const struct member *member, const char *text)
{
    if (member->type == TYPE_TEXT)
        return is_one_of(member, text) && (!member->regex || regex_matches(member->regex, text)) &&
               length_is_within(&member->range, utf8_characters(text)) &&
               length_is_within(&member->bytes, strlen(text));
    return member_number_fits(text, member->type) && is_one_of(member, text) &&
           is_within(&member->range, text, member->type);
}

static bool default_is_possible(const struct member *member)
{
    if (member->type == TYPE_BOOL)
        return member->default_kind == DEFAULT_TRUE || member->default_kind == DEFAULT_FALSE;
    return (member->default_kind == DEFAULT_TEXT) == (member->type == TYPE_TEXT) &&
           (member->default_kind == DEFAULT_TEXT || member->default_kind == DEFAULT_NUMBER) &&
           member_takes(member, member->default_value.text);
}

static void check_member_default(struct tree *tree, const struct member *member)
{
    bool known =
        is_number_type(member->type) || member->type == TYPE_BOOL || member->type == TYPE_TEXT;
    if (!member->default_kind)
        return;
    if (!member_is_single(member) || !known)
        diag_error(tree->diags, member->default_value.pos,
                   "a default is for a text, a number or a bool, not %s",
                   member->list  ? "a list"
                   : member->map ? "a map"
                                 : type_phrase(member->type));
    else if (member->secret)
        diag_error(tree->diags, member->default_value.pos, "what is secret has no default");
    else if (!default_is_possible(member))
        diag_error(tree->diags, member->default_value.pos,
                   "the default of `%s` is not one of the values that it may have",
                   member->name.text);
}

/* ---- Whether it is there ---- */

static void check_absence(struct tree *tree, struct member *member)
{
    if (member->null && member->optional)
        diag_error(tree->diags, member->name.pos,
                   member->not_null ? "`null` and `not null`: one of the two"
                                    : "what is `optional` may be null as well: without `null`");
    else if (member->default_kind && (member->null || member->optional))
        diag_error(tree->diags, member->default_value.pos,
                   "what has a default may be left out, and is never null: without `%s`",
                   member->null ? "null" : "optional");
    member->optional |= member->null;
}

/* Any value, null too: more than a bound for all of them cannot be said. */
static void check_json(struct tree *tree, const struct member *member)
{
    if (member_leaf(member)->type != TYPE_JSON)
        return;
    if (member->null && member_is_single(member))
        diag_error(tree->diags, member->name.pos, "any JSON may be null: without `null`");
    if (member->or_null && member->type == TYPE_JSON)
        diag_error(tree->diags, member->name.pos, "any JSON may be null: without `or null`");
    if (member->secret)
        diag_error(tree->diags, member->name.pos,
                   "a json cannot be `secret`: its memory is jansson's, which does not wipe it");
}

/* How many values of the type there are, as far as they can be counted. */
static uint64_t n_values(const struct member *member)
{
    const struct range *range = &member->range;
    if (member->one_of.n || member->type == TYPE_BOOL)
        return member->one_of.n ? member->one_of.n : 2;
    if ((member->type != TYPE_INT && member->type != TYPE_UINT) || !range->low || !range->high)
        return UINT64_MAX;
    uint64_t low = *range->low == '-' ? (uint64_t)strtoll(range->low, NULL, 10)
                                      : strtoull(range->low, NULL, 10);
    uint64_t high = *range->high == '-' ? (uint64_t)strtoll(range->high, NULL, 10)
                                        : strtoull(range->high, NULL, 10);
    return high - low == UINT64_MAX ? UINT64_MAX : high - low + 1;
}

static void check_unique(struct tree *tree, const struct member *member)
{
    if (member->unique && !member->list)
        diag_error(tree->diags, member->name.pos,
                   "`unique` is for a list, which holds nothing twice");
    else if (member->unique && (member->type == TYPE_NESTED || member->type == TYPE_JSON ||
                                member->type == TYPE_INNER || member->type == TYPE_EITHER))
        diag_error(tree->diags, member->name.pos,
                   "`unique` is for a list of single values, not of %s",
                   member->type == TYPE_JSON     ? "json"
                   : member->type == TYPE_EITHER ? "alternatives"
                   : member->type == TYPE_NESTED ? "bodies"
                                                 : "lists or maps");
    else if (member->unique && member->or_null)
        diag_error(tree->diags, member->name.pos,
                   "`unique` is for a list of values that are not null: without `or null`");
    else if (member->unique && member->count.low &&
             strtoull(member->count.low, NULL, 10) > n_values(member))
        diag_error(tree->diags, member->count.pos,
                   "there are only %llu values, and the list holds nothing twice",
                   (unsigned long long)n_values(member));
}

static void check_by(struct tree *tree, const struct member *member)
{
    if (!member->by.text)
        return;
    if (!member->list || member->type == TYPE_NESTED || member->type == TYPE_INNER ||
        member->type == TYPE_JSON || member_body(member, 0))
        diag_error(tree->diags, member->by.pos, "`by` is for a list of single values");
    else if (member->count.high && strtoull(member->count.high, NULL, 10) > MAX_PAIRS)
        diag_error(tree->diags, member->count.pos, "a list in a query or form holds at most %d",
                   MAX_PAIRS);
    for (size_t i = 0; i < member->one_of.n; i++)
        if (strstr(member->one_of.items[i].text, member->by.text))
            diag_error(tree->diags, member->one_of.items[i].pos,
                       "`%s` never comes: the list is divided at each `%s`",
                       member->one_of.items[i].text, member->by.text);
}

/* It has no name outside, and is there in any case. */
static void check_rest(struct tree *tree, const struct member *member)
{
    const char *word = member->optional       ? "optional"
                       : member->null         ? "null"
                       : member->as.text      ? "as"
                       : member->default_kind ? "default"
                       : member->by.text      ? "by"
                       : member->unique       ? "unique"
                                              : NULL;
    if (!member->rest)
        return;
    if (!member->map)
        diag_error(
            tree->diags, member->name.pos,
            "`rest` is a map of the members that no other line names, as in `%s map text rest`",
            member->name.text);
    else if (word)
        diag_error(tree->diags, member->name.pos,
                   "what is `rest` has no name outside and may be empty: without `%s`", word);
}

static void check_quoted(struct tree *tree, const struct member *member)
{
    if (member->quoted && !is_number_type(member->type))
        diag_error(tree->diags, member->name.pos,
                   "`quoted` is for a number, which JSON has as a text then, not %s",
                   type_phrase(member->type));
    else if (member->quoted && member->type == TYPE_REAL && member->one_of.n)
        diag_error(tree->diags, member->one_of.items[0].pos,
                   "`one of` and `quoted` are for whole numbers: a real has several spellings");
}

void check_values(struct tree *tree, struct member *member, size_t before)
{
    check_rest(tree, member);
    check_one_of(tree, member);
    check_like(tree, member);
    check_quoted(tree, member);
    check_json(tree, member);
    check_absence(tree, member);
    check_unique(tree, member);
    check_by(tree, member);
    if (tree->diags->n_errors == before)
        check_member_default(tree, member);
}
