/* pairs.c: what queries, forms and headers can say: pairs of a name and a text, and of objects one
 * level, `filter[title]=x`. */
#include "check/check.h"

#include <string.h>

static const char *const words[] = {
    [PAIRS_QUERY] = "query", [PAIRS_FORM] = "form", [PAIRS_HEADERS] = "set of headers"};

/* What these cannot say; NULL: they can say all. */
static const char *not_in_pairs(const struct member *member, bool objects);

/* In a list or a map none is an object. */
static const char *not_in_either(const struct member *member, bool objects)
{
    const char *without = member->or_null ? "lists or maps with null" : NULL;
    for (size_t i = 0; !without && i < member->either.n; i++) {
        const struct member *one = &member->either.items[i];
        without = one->list ? "lists among alternatives"
                            : not_in_pairs(one, objects && member_is_single(member));
    }
    return without;
}

static const char *not_in_pairs(const struct member *member, bool objects)
{
    if (member->rest)
        return "`rest`";
    if (member->quoted) /* there all is text */
        return "`quoted`";
    if (member->map && !objects)
        return "maps";
    if (member->type == TYPE_EITHER)
        return not_in_either(member, objects);
    if (member->map && (member->type == TYPE_INNER || member->type == TYPE_NESTED))
        return member->type == TYPE_NESTED ? "maps of bodies" : "maps of lists or maps";
    if (member->type == TYPE_INNER)
        return "lists in lists";
    if (member->or_null)
        return member->map ? "maps with null" : "lists with null";
    if (member->type == TYPE_JSON)
        return "json";
    if (member->type == TYPE_NESTED && (member->list || !objects))
        return member->list ? "lists of bodies" : "bodies";
    if (member->nested && body_value(member->nested))
        return "bodies that are values";
    if (member_object(member) && member->null)
        return "bodies or maps that may be null";
    return member->list && member->null ? "lists that may be null" : NULL;
}

static void refuse(struct tree *tree, const struct name *name, const struct member *member,
                   const char *message)
{
    diag_error(tree->diags, name->pos, "%s", message);
    diag_note(tree->diags, member->name.pos, "`%s` is here", member->name.text);
}

/* The members of a body that is one. False: one of them cannot be said, which was told. */
static bool check_inside(struct tree *tree, const struct name *name, const struct member *outer,
                         const char *what)
{
    const struct body *body = member_object(outer)->nested;
    for (size_t i = 0; body && i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        const char *without = member_object(member) ? "bodies or maps" : not_in_pairs(member, true);
        if (member->type == TYPE_FILE)
            without = "files";
        if (!without && !strpbrk(member->outer, "[]")) {
            if (body->broken || check_reached(tree, name, member, what))
                continue;
            return false;
        }
        refuse(tree, name, member,
               without ? arena_printf(tree->arena,
                                      "a body inside of a %s has no %s inside: `%s` has `%s`", what,
                                      without, body->name.text, member->name.text)
                       : arena_printf(tree->arena,
                                      "`%s[...]` of a %s has no brackets inside: `%s` is called so",
                                      outer->outer, what, member->name.text));
        return false;
    }
    return true;
}

/* Whether `outer`, where clients see it, is `filter[...]`. */
static bool is_within(const char *outer, const struct member *object)
{
    size_t n = strlen(object->outer);
    return !strncmp(outer, object->outer, n) && outer[n] == '[';
}

/* `filter` and `filter[title]`, where both are members. */
static bool check_meeting(struct tree *tree, const struct name *name, const struct body *body,
                          const struct member *object)
{
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        if (member == object || !is_within(member->outer, object))
            continue;
        refuse(tree, name, member,
               arena_printf(tree->arena, "`%s` has a member `%s`, which would be one of `%s`",
                            name->text, member->outer, object->name.text));
        return false;
    }
    return true;
}

void check_pairs(struct tree *tree, const struct name *name, const struct body *body,
                 enum pairs what)
{
    if (body_value(body)) {
        diag_error(tree->diags, name->pos, "a %s has members, and `%s` is a value without any",
                   words[what], name->text);
        diag_note(tree->diags, body->name.pos, "`%s` is here", body->name.text);
        return;
    }
    for (size_t i = 0; body && i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        const char *without = not_in_pairs(member, what != PAIRS_HEADERS);
        if (without)
            refuse(tree, name, member,
                   arena_printf(tree->arena, "a %s has no %s inside: `%s` has `%s`", words[what],
                                without, name->text, member->name.text));
        else if (!body->broken && !check_reached(tree, name, member, words[what]))
            return;
        else if (!member_object(member) || (check_inside(tree, name, member, words[what]) &&
                                            check_meeting(tree, name, body, member)))
            continue;
        return;
    }
}

void check_fields_alone(struct tree *tree, const struct route *route)
{
    const struct body *body = route->faults_pos.source ? route->body : NULL;
    if (body && !body->members.n && !body->broken)
        diag_error(tree->diags, route->faults_pos,
                   "a form with `faults` shows its fields again, and `%s` has none",
                   body->name.text);
    for (size_t i = 0; route->faults_pos.source && route->body && i < route->body->members.n; i++) {
        const struct member *member = &route->body->members.items[i];
        if (!member_object(member))
            continue;
        refuse(tree, &route->body_name, member,
               arena_printf(tree->arena,
                            "a form with `faults` has no bodies or maps inside: `%s` has `%s`",
                            route->body_name.text, member->name.text));
        return;
    }
}
