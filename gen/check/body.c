/* body.c: bodies and their members. */
#include "check/check.h"

#include "syntax/hint.h"

#include "base/suggest.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct body *check_body_name(struct tree *tree, const struct name *name)
{
    const struct body *body = tree_body(tree, name->text);
    if (body)
        return body;
    struct suggestion suggestion = {.wanted = name->text};
    for (size_t i = 0; i < tree->bodies.n; i++)
        suggest(&suggestion, tree->bodies.items[i]->name.text);
    if (is_member_type(name->text))
        diag_error(tree->diags, name->pos, VALUES_HAVE_NAMES);
    else
        diag_error(tree->diags, name->pos, "there is no body `%s`%s", name->text,
                   suggestion_text(tree->arena, &suggestion));
    return NULL;
}

/* In JSON a list has brackets. `seen`: by the bodies' indices. */
static void check_without_by(struct tree *tree, const struct name *name, const struct body *body,
                             bool *seen)
{
    if (!body || seen[body->index])
        return;
    seen[body->index] = true;
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        const struct body *nested;
        for (size_t j = 0; (nested = member_body(member, j)); j++)
            check_without_by(tree, name, nested, seen);
        if (!member->by.text)
            continue;
        diag_error(tree->diags, name->pos, "`by` is for queries and forms: `%s` has `%s`",
                   body->name.text, member->name.text);
        diag_note(tree->diags, member->by.pos, "`%s` is here", member->name.text);
    }
}

void check_json_body(struct tree *tree, const struct name *name, const struct body *body)
{
    check_no_file(tree, name, body);
    check_without_by(tree, name, body,
                     arena_alloc(tree->arena, (tree->bodies.n + 1) * sizeof(bool)));
}

/* Whether a double is between the bounds. */
static bool holds_real(const struct range *range)
{
    double low = range->low ? strtod(range->low, NULL) : -DBL_MAX;
    double high = range->high ? strtod(range->high, NULL) : DBL_MAX;
    low = range->above ? nextafter(low, INFINITY) : low;
    high = range->below ? nextafter(high, -INFINITY) : high;
    return low <= high;
}

static bool in_order(const struct range *range, enum type type)
{
    if (type == TYPE_REAL)
        return holds_real(range);
    if (!range->low || !range->high)
        return true;
    if (type == TYPE_INT)
        return strtoll(range->low, NULL, 10) <= strtoll(range->high, NULL, 10);
    return strtoull(range->low, NULL, 10) <= strtoull(range->high, NULL, 10);
}

/* `type`: int, uint or real, which the bounds must be. */
static void check_range(struct tree *tree, const struct range *range, enum type type)
{
    if (!range->pos.source)
        return;
    const char *bad = range->low && !member_number_fits(range->low, type)     ? range->low
                      : range->high && !member_number_fits(range->high, type) ? range->high
                                                                              : NULL;
    if (bad)
        diag_error(tree->diags, range->pos, "%s is not a possible bound: it must be %s", bad,
                   type == TYPE_REAL  ? "a number"
                   : type == TYPE_INT ? "a whole number within 64 bits"
                                      : "a whole number that is not negative, within 64 bits");
    else if (!in_order(range, type))
        diag_error(tree->diags, range->pos,
                   range->above || range->below ? "no number is between these bounds"
                                                : "the range %s..%s is empty",
                   range->low, range->high);
}

void check_count(struct tree *tree, const struct range *range)
{
    check_range(tree, range, TYPE_UINT);
    if (range->high && member_number_fits(range->high, TYPE_UINT) &&
        strtoull(range->high, NULL, 10) > 1u << 30)
        diag_error(tree->diags, range->pos, "a bound is at most %u", 1u << 30);
}

/* A character has one to four bytes. */
static void check_bytes(struct tree *tree, const struct range *chars, const struct range *bytes)
{
    check_count(tree, chars);
    check_count(tree, bytes);
    bool many = chars->low && bytes->high &&
                strtoull(chars->low, NULL, 10) > strtoull(bytes->high, NULL, 10);
    bool few = chars->high && bytes->low &&
               strtoull(bytes->low, NULL, 10) > 4 * strtoull(chars->high, NULL, 10);
    if (many || few)
        diag_error(tree->diags, bytes->pos, "no text has that %s bytes and that %s characters",
                   many ? "few" : "many", many ? "many" : "few");
}

static bool is_text(enum type type)
{
    return type == TYPE_TEXT || type == TYPE_EMAIL || type == TYPE_URI;
}

static void unknown_type(struct tree *tree, const struct name *name)
{
    if (!strcmp(name->text, "map")) {
        diag_error(tree->diags, name->pos, "what the map holds stands behind it: `map text 1..40`");
        return;
    }
    struct suggestion suggestion = {.wanted = name->text};
    for (int i = 0; i < N_TYPES; i++) {
        if (type_infos[i].member && type_infos[i].name)
            suggest(&suggestion, type_infos[i].name);
    }
    for (size_t i = 0; i < tree->bodies.n; i++)
        suggest(&suggestion, tree->bodies.items[i]->name.text);
    diag_error(tree->diags, name->pos,
               "`%s` is neither a type (text int uint real bool email uuid date time uri hostname "
               "ip json file) nor a body%s",
               name->text, hint_text(tree->arena, HINT_TYPE, &suggestion));
}

/* A body's name goes before a type that came into the language later. */
static void find_type(struct tree *tree, struct member *member)
{
    const char *name = member->body.text;
    member->nested = tree_body(tree, name);
    for (int i = 0; !member->nested && i < N_TYPES; i++) {
        if (type_is_later((enum type)i) && !strcmp(type_infos[i].name, name))
            member->type = (enum type)i;
    }
    if (!member->nested && member->type == TYPE_NESTED)
        unknown_type(tree, &member->body);
}

static void check_member(struct tree *tree, struct member *member);

/* What comes decides which it is, by what it is in JSON. */
static void check_alternatives(struct tree *tree, struct member *member)
{
    static const char *const words[N_JSON_KINDS] = {[JSON_KIND_TEXT] = "a text",
                                                    [JSON_KIND_NUMBER] = "a number",
                                                    [JSON_KIND_BOOL] = "a bool",
                                                    [JSON_KIND_LIST] = "a list",
                                                    [JSON_KIND_OBJECT] = "an object"};
    bool seen[N_JSON_KINDS] = {false};
    for (size_t i = 0; i < member->either.n; i++) {
        struct member *one = &member->either.items[i];
        one->secret = member->secret;
        check_member(tree, one);
        enum json_kind kind = member_kind(one);
        if (one->quoted && is_number_type(one->type) && member_is_single(one))
            diag_error(tree->diags, one->name.pos, "what is `quoted` has no alternatives");
        else if (kind == JSON_KIND_ANY)
            diag_error(tree->diags, one->name.pos,
                       one->type == TYPE_FILE ? "a file has no alternatives"
                       : one->nested ? "a body that is a value has no alternatives: write it out"
                                     : "any JSON has no alternatives: it is each of them");
        else if (seen[kind])
            diag_error(tree->diags, one->name.pos,
                       "two alternatives are %s in JSON: nothing says which of them came",
                       words[kind]);
        seen[kind] = true;
    }
}

static void check_member(struct tree *tree, struct member *member)
{
    size_t before = tree->diags->n_errors;
    if (member->inner)
        check_member(tree, member->inner);
    check_alternatives(tree, member);
    if (member->type == TYPE_NESTED)
        find_type(tree, member);
    const char *type = type_phrase(member->type);
    if ((member->range.above || member->range.below) && member->type != TYPE_REAL)
        diag_error(tree->diags, member->range.pos,
                   "`above` and `below` are for a real, not %s: a range holds its bounds", type);
    else if (is_number_type(member->type))
        check_range(tree, &member->range, member->type);
    else if (is_text(member->type))
        check_bytes(tree, &member->range, &member->bytes);
    else if (member->type == TYPE_FILE)
        check_range(tree, &member->range, TYPE_UINT);
    else if (member->range.pos.source)
        diag_error(tree->diags, member->range.pos, "a range is for a text or a number, not %s",
                   type);
    if (!is_text(member->type) && member->bytes.pos.source)
        diag_error(tree->diags, member->bytes.pos, "`bytes` is for a text, not %s", type);
    check_count(tree, &member->count);
    check_file(tree, member);
    check_values(tree, member, before);
}

/* Whether one of the alternatives needs no body. */
static bool has_plain_alternative(const struct member *member)
{
    const struct member *leaf = member_leaf(member);
    for (size_t i = 0; i < leaf->either.n; i++)
        if (!member_body(&leaf->either.items[i], 0) || !member_must_hold(&leaf->either.items[i]))
            return true;
    return false;
}

/* A body that cannot be written down because it must contain itself. Optional members and lists and
 * maps that may be empty end the descent. `seen`: by the bodies' indices. */
static bool must_contain(const struct body *outer, const struct body *wanted, bool *seen)
{
    for (size_t i = 0; i < outer->members.n; i++) {
        const struct member *member = &outer->members.items[i];
        const struct body *nested;
        if (!member_is_required(member) || member->null || !member_must_hold(member) ||
            has_plain_alternative(member))
            continue;
        for (size_t j = 0; (nested = member_body(member, j)); j++) {
            if (nested == wanted)
                return true;
            if (seen[nested->index])
                continue;
            seen[nested->index] = true;
            if (must_contain(nested, wanted, seen))
                return true;
        }
    }
    return false;
}

/* `seen` has room for all bodies. */
static void check_recursion(struct tree *tree, const struct body *body, bool *seen)
{
    const struct member *value = body_value(body);
    if (value && value->nested && member_is_single(value))
        return; /* it is none of its own: check_whole */
    memset(seen, 0, tree->bodies.n * sizeof(*seen));
    if (must_contain(body, body, seen))
        diag_error(tree->diags, body->name.pos,
                   "every `%s` would contain another one: make a member on the way optional, or a "
                   "list",
                   body->name.text);
}

/* Whether null is one of its values, as it is of `json` and of `text null`. */
static bool takes_null(const struct body *body)
{
    const struct member *value = body_value(body);
    return value && (value->null || (member_is_single(value) && value->type == TYPE_JSON));
}

/* What may be null by its body is not called so again. */
static void check_null_once(struct tree *tree, const struct member *member)
{
    const struct member *leaf = member_leaf(member);
    bool single = member_is_single(member);
    if (!leaf->nested || !takes_null(leaf->nested))
        return;
    if (leaf->or_null || (single && (member->null || member->not_null)))
        diag_error(tree->diags, member->name.pos, "`%s` takes null itself: without `%s`",
                   leaf->nested->name.text,
                   leaf->or_null  ? "or null"
                   : member->null ? "null"
                                  : "not null");
}

/* `body tags [text]`. */
static void check_whole(struct tree *tree, const struct body *body)
{
    const struct member *value = body_value(body);
    if (!value)
        return;
    if (member_leaf(value)->type == TYPE_FILE)
        diag_error(tree->diags, body->name.pos, "a file comes in a form, as one of its members");
    else if (member_is_single(value) && value->nested && !value->null)
        diag_error(tree->diags, body->name.pos,
                   "`%s` would be `%s` under another name: write `%s` where it is used",
                   body->name.text, value->nested->name.text, value->nested->name.text);
}

/* Of the members that no line names. */
static void check_others(struct tree *tree, const struct body *body)
{
    const struct member *rest = body_rest(body);
    if (rest && body->open)
        diag_error(tree->diags, rest->name.pos,
                   "`open` lets through what no line names, and `rest` holds it: one of the two");
    if (rest && body->patch_of.text)
        diag_error(tree->diags, rest->name.pos,
                   "a patch has no `rest`: each of its members is a column");
    for (size_t i = 0; rest && i + 1 < body->members.n; i++)
        if (body->members.items[i].rest)
            diag_error(tree->diags, body->members.items[i].name.pos,
                       "`%s` and `%s` are both the rest of `%s`", body->members.items[i].name.text,
                       rest->name.text, body->name.text);
}

void check_bodies(struct tree *tree)
{
    bool *seen = arena_alloc(tree->arena, (tree->bodies.n + 1) * sizeof(*seen));
    for (size_t i = 0; i < tree->bodies.n; i++) {
        struct body *body = tree->bodies.items[i];
        size_t before = tree->diags->n_errors;
        for (size_t j = 0; j < body->members.n; j++)
            check_member(tree, &body->members.items[j]);
        body->broken |= tree->diags->n_errors > before;
        check_whole(tree, body);
        check_others(tree, body);
    }
    for (size_t i = 0; i < tree->bodies.n; i++)
        for (size_t j = 0; j < tree->bodies.items[i]->members.n; j++)
            check_null_once(tree, &tree->bodies.items[i]->members.items[j]);
    for (size_t i = 0; i < tree->bodies.n; i++)
        check_recursion(tree, tree->bodies.items[i], seen);
}
