/* patch.c: `body change_lesson patch of lessons { ... }`: members that are columns, of which a
 * request sends some. What is absent stays as it is, null is NULL, and a value is written. */
#include "check/check.h"

#include <string.h>

/* Whether a value of the member goes into the column as it is. */
static bool goes_into(enum type member, enum type column)
{
    bool text = member == TYPE_TEXT || member == TYPE_EMAIL || member == TYPE_URI ||
                member == TYPE_HOSTNAME || member == TYPE_IP;
    return column == TYPE_TEXT ? text : member == column;
}

/* What a column is that no patch writes; NULL: one may. */
static const char *not_patched(const struct column *column)
{
    return column->key         ? "the key says which row it is"
           : column->automatic ? "the database fills it in"
           : column->secret    ? "what is secret is written by the handler, with an update"
           : column->revokes   ? "gw_revoke_tokens() raises it"
           : column->touched   ? "each update sets it"
           : column->type == TYPE_JSON || column->type == TYPE_BLOB || column->type == TYPE_DECIMAL
               ? "no member holds such a value as it is: let the handler write it"
               : NULL;
}

static bool has_word(const struct words *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++)
        if (!strcmp(words->items[i].text, word))
            return true;
    return false;
}

/* What the member is beside its column. NULL: it fits. */
static const char *misfit(struct arena *arena, const struct member *member,
                          const struct column *column)
{
    if (!member_is_single(member) || !goes_into(member->type, column->type))
        return arena_printf(arena, "the column is %s", type_phrase(column->type));
    if (member->optional && !column->optional)
        return "the column is never NULL: without `optional`, which in a patch is what may be null";
    if (column->one_of.n && !member->one_of.n)
        return "the column has `one of`: the member names some of its words, or all";
    for (size_t i = 0; column->one_of.n && i < member->one_of.n; i++)
        if (!has_word(&column->one_of, member->one_of.items[i].text))
            return arena_printf(arena, "\"%s\" is none of the column's words",
                                member->one_of.items[i].text);
    return NULL;
}

static void check_patched(struct tree *tree, struct body *body, struct member *member)
{
    int index = table_column(body->patch, member->name.text);
    const struct column *column = index < 0 ? NULL : &body->patch->columns.items[index];
    const char *why = column ? not_patched(column) : NULL;
    member->column = index < 0 ? 0 : (unsigned)index;
    member->patched = true;
    if (!column)
        unknown_column(tree, &member->name, body->patch);
    else if (!strcmp(member->name.text, "present"))
        diag_error(tree->diags, member->name.pos,
                   "in a patch `present` says which members are there: call the column otherwise, "
                   "with its own name behind `as`");
    else if (member->null || member->not_null || member->default_kind)
        diag_error(tree->diags, member->name.pos,
                   "every member of a patch may be left out; `optional` is one that may be null");
    else if (!why)
        why = misfit(tree->arena, member, column);
    if (!why)
        return;
    diag_error(tree->diags, member->name.pos, "`%s` cannot be patched so: %s", member->name.text,
               why);
    diag_note(tree->diags, column->name.pos, "the column is here");
}

/* One of a table, since its call takes one type. */
static void take_table(struct tree *tree, struct body *body)
{
    struct table *table = tree_table(tree, body->patch_of.text);
    if (!table) {
        unknown_table(tree, &body->patch_of, false, "a table");
        return;
    }
    if (table->patch) {
        diag_error(tree->diags, body->name.pos,
                   "`%s` has a patch already, and %s_patch() takes one", table->name.text,
                   table->name.text);
        diag_note(tree->diags, table->patch->name.pos, "it is here");
        return;
    }
    if (!body->members.n && !body->broken)
        diag_error(tree->diags, body->name.pos, "`%s` changes nothing: a patch has members",
                   body->name.text);
    table->patch = body;
    body->patch = table;
}

static void refuse_patch(struct tree *tree, const struct name *name, const struct body *body)
{
    if (!body || !body->patch_of.text)
        return;
    diag_error(tree->diags, name->pos,
               "`%s` is a patch: the body of a PATCH route, and nothing else", body->name.text);
    diag_note(tree->diags, body->name.pos, "`%s` is here", body->name.text);
}

static void check_use(struct tree *tree, const struct route *route)
{
    const struct body *body = route->body;
    refuse_patch(tree, &route->query_name, route->query);
    refuse_patch(tree, &route->headers_name, route->headers);
    for (size_t i = 0; i < route->returns.n; i++)
        refuse_patch(tree, &route->returns.items[i].body, route->returns.items[i].shape);
    if (body && body->patch_of.text && route->body_optional.source)
        diag_error(tree->diags, route->body_optional,
                   "a patch that changes nothing is `{}`: without `?`");
    if (route->method != METHOD_PATCH || route->body_list || route->body_kind == BODY_FORM)
        refuse_patch(tree, &route->body_name, body);
}

void check_patches(struct tree *tree)
{
    for (size_t i = 0; i < tree->bodies.n; i++) {
        struct body *body = tree->bodies.items[i];
        if (body->patch_of.text)
            take_table(tree, body);
        for (size_t j = 0; j < body->members.n; j++) {
            struct member *member = &body->members.items[j];
            if (body->patch)
                check_patched(tree, body, member);
            const struct body *nested;
            for (size_t k = 0; (nested = member_body(member, k)); k++)
                refuse_patch(tree, &member->name, nested);
        }
    }
    for (size_t i = 0; i < tree->routes.n; i++)
        check_use(tree, tree->routes.items[i]);
}
