/* issuer.c: outside identity providers, and the runtime's own handler `jwks`. */
#include "check/check.h"

#include <string.h>

#define MAX_ISSUERS 16

/* OpenID Connect Core 1.0, 2: an https URL without query or fragment. */
static bool is_url(const char *text)
{
    return !strncmp(text, "https://", 8) && text[8] &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        ":/.-_~%@!$&'()*+,;=[]") == strlen(text);
}

static void check_unlike(struct tree *tree, size_t n)
{
    const struct issuer *issuer = tree->issuers.items[n];
    for (size_t i = 0; i < n; i++) {
        const struct issuer *before = tree->issuers.items[i];
        bool name = !strcmp(before->name.text, issuer->name.text);
        if (!name && strcmp(before->url.text, issuer->url.text))
            continue;
        diag_error(tree->diags, name ? issuer->name.pos : issuer->url.pos,
                   name ? "issuer `%s` is declared twice"
                        : "the issuer \"%s\" is declared twice: whose row would its token load?",
                   name ? issuer->name.text : issuer->url.text);
        diag_note(tree->diags, before->name.pos, "the first is here");
        return;
    }
}

static void check_column(struct tree *tree, struct issuer *issuer)
{
    issuer->column_index = table_column(issuer->table, issuer->column.text);
    if (issuer->column_index < 0) {
        unknown_column(tree, &issuer->column, issuer->table);
        return;
    }
    const struct column *column = &issuer->table->columns.items[issuer->column_index];
    bool comparable = column->type == TYPE_TEXT || column->type == TYPE_UUID ||
                      column->type == TYPE_INT || column->type == TYPE_UINT;
    if (!column->unique && !column->key)
        diag_error(tree->diags, issuer->column.pos,
                   "`%s` is not `unique`: which row would the token load?", column->name.text);
    else if (column->secret || !comparable)
        diag_error(tree->diags, issuer->column.pos, "`%s` is %s, which no claim is compared with",
                   column->name.text, column->secret ? "secret" : type_phrase(column->type));
    else
        return;
    diag_note(tree->diags, column->name.pos, "the column is here");
}

static void check_issuer(struct tree *tree, struct issuer *issuer)
{
    struct pos pos = issuer->name.pos;
    if (!is_url(issuer->url.text))
        diag_error(tree->diags, issuer->url.pos,
                   "an issuer is an https URL without query and fragment, as its tokens name it");
    if (issuer->broken)
        return;
    if (!issuer->entity.text)
        diag_error(tree->diags, pos, "issuer `%s` says no `entity ... by ...`", issuer->name.text);
    if (!issuer->audiences.n)
        diag_error(tree->diags, pos,
                   "issuer `%s` says no `audience`: tokens made for others would be good here",
                   issuer->name.text);
    if (!issuer->keys.text)
        diag_error(tree->diags, pos, "issuer `%s` says no `keys`", issuer->name.text);
    if (!issuer->entity.text)
        return;
    issuer->table = tree_table(tree, issuer->entity.text);
    if (issuer->table && issuer->table->entity)
        check_column(tree, issuer);
    else
        unknown_table(tree, &issuer->entity, true, "an entity");
}

/* The runtime has a handler of that name. An application may have its own, but not of another
 * prototype: the linker would call it wrongly. */
static void check_jwks(struct tree *tree, const struct route *route)
{
    bool gated = route->access != ACCESS_IGNORED && route->access != ACCESS_WHITELISTED;
    if (strcmp(route->handler.text, "jwks") || route->broken)
        return;
    if (gated || route->params.n || route->body_kind != BODY_NONE || route->query || route->headers)
        diag_error(tree->diags, route->handler.pos,
                   "`jwks` is the runtime's own handler: its route is `ignored` or `whitelisted` "
                   "and has no parameter, query, header or body");
}

void check_issuers(struct tree *tree)
{
    for (size_t i = 0; i < tree->issuers.n; i++) {
        if (i == MAX_ISSUERS) {
            diag_error(tree->diags, tree->issuers.items[i]->name.pos,
                       "there are more than %d issuers", MAX_ISSUERS);
            break;
        }
        check_unlike(tree, i);
        check_issuer(tree, tree->issuers.items[i]);
    }
    for (size_t i = 0; i < tree->routes.n; i++)
        check_jwks(tree, tree->routes.items[i]);
}
