/* own.c: `own TABLE(column = {param}, column = me)`. */
#include "check/check.h"

#include "base/suggest.h"

#include <string.h>

static int param_index(const struct route *route, const char *name)
{
    for (size_t i = 0; i < route->params.n; i++) {
        const char *param = route->params.items[i]->param.text;
        if (param && !strcmp(param, name))
            return (int)i;
    }
    return -1;
}

/* Whether a path parameter of that kind can be compared with the column without a conversion. */
static bool comparable(enum segment_kind kind, enum type column)
{
    switch (kind) {
    case SEGMENT_INT:
        return column == TYPE_INT;
    case SEGMENT_UINT:
        return column == TYPE_UINT;
    case SEGMENT_DATE:
        return column == TYPE_DATE || column == TYPE_TEXT;
    case SEGMENT_UUID:
        return column == TYPE_UUID || column == TYPE_TEXT;
    default:
        return column == TYPE_TEXT;
    }
}

static void check_param_term(struct tree *tree, const struct route *route, struct own_term *term,
                             const struct column *column)
{
    term->param_index = param_index(route, term->param.text);
    if (term->param_index < 0) {
        struct suggestion suggestion = {.wanted = term->param.text};
        for (size_t i = 0; i < route->params.n; i++) {
            if (route->params.items[i]->param.text)
                suggest(&suggestion, route->params.items[i]->param.text);
        }
        if (!route->broken)
            diag_error(tree->diags, term->param.pos, "the path has no parameter `%s`%s",
                       term->param.text, suggestion_text(tree->arena, &suggestion));
        return;
    }
    const struct segment *segment = route->params.items[term->param_index];
    if (!comparable(param_kind(segment), column->type) && !route->broken) {
        diag_error(tree->diags, term->value_pos, "`{%s}` cannot be compared with `%s`, which is %s",
                   term->param.text, column->name.text, type_phrase(column->type));
        diag_note(tree->diags, column->name.pos, "the column is here");
    }
}

static void check_me_term(struct tree *tree, const struct route *route, const struct own_term *term,
                          const struct column *column)
{
    const struct table *me = route->me;
    bool is_own_key = me == route->own && me->key == term->column_index;
    if (column->referenced == me || is_own_key)
        return;
    diag_error(tree->diags, term->column.pos,
               "`%s` does not reference `%s`, whose token the caller has", column->name.text,
               me->name.text);
    diag_note(tree->diags, column->name.pos, "the column is here; it needs `references %s`",
              me->name.text);
}

static bool check_caller(struct tree *tree, const struct route *route)
{
    if (route->access == ACCESS_IGNORED || route->access == ACCESS_WHITELISTED)
        diag_error(tree->diags, route->own_pos, "`own` on a route that takes no token");
    else if (route->guest)
        diag_error(tree->diags, route->own_pos,
                   "`own` on a route that guests may call: a guest owns nothing");
    else if (route->admits & (route->admits - 1))
        diag_error(tree->diags, route->own_pos,
                   "`own` on a route that admits more than one entity: whose key is `me`?");
    else
        return route->me;
    return false;
}

static void check_term(struct tree *tree, struct route *route, size_t i)
{
    struct own_term *term = &route->own_terms.items[i];
    for (size_t j = 0; j < i; j++) {
        if (!strcmp(route->own_terms.items[j].column.text, term->column.text))
            diag_error(tree->diags, term->column.pos, "column `%s` is there twice",
                       term->column.text);
    }
    term->column_index = table_column(route->own, term->column.text);
    if (term->column_index < 0) {
        unknown_column(tree, &term->column, route->own);
        return;
    }
    const struct column *column = &route->own->columns.items[term->column_index];
    if (term->param.text)
        check_param_term(tree, route, term, column);
    else
        check_me_term(tree, route, term, column);
}

void check_own(struct tree *tree, struct route *route)
{
    bool has_me = false;
    if (!route->own_name.text)
        return;
    route->own = tree_table(tree, route->own_name.text);
    if (!route->own)
        unknown_table(tree, &route->own_name, false, "an entity or table");
    if (!check_caller(tree, route) || !route->own)
        return;
    for (size_t i = 0; i < route->own_terms.n; i++) {
        check_term(tree, route, i);
        has_me |= !route->own_terms.items[i].param.text;
    }
    if (!has_me)
        diag_error(tree->diags, route->own_pos,
                   "this `own` says nothing about the caller: one column is `= me`");
}
