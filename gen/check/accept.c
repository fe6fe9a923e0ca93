/* accept.c: `accept "application/merge-patch+json"`: what a route's body is written in. */
#include "check/check.h"

#include <string.h>

bool is_json_type(const char *type)
{
    size_t len = strlen(type);
    return !strcmp(type, "application/json") ||
           (!strncmp(type, "application/", 12) && len > 17 && !strcmp(type + len - 5, "+json"));
}

static void check_type(struct tree *tree, const struct route *route, size_t i)
{
    const struct name *type = &route->accepts.items[i];
    if (!is_media_type(type->text))
        diag_error(
            tree->diags, type->pos,
            "a media type is written as \"image/png\", in lower case and without parameters");
    else if (route->body_kind == BODY_JSON && !is_json_type(type->text))
        diag_error(tree->diags, type->pos,
                   "the body is JSON: \"application/json\", or \"application/...+json\"");
    for (size_t j = 0; j < i; j++)
        if (!strcmp(route->accepts.items[j].text, type->text))
            diag_error(tree->diags, type->pos, "\"%s\" is given twice", type->text);
}

void check_accept(struct tree *tree, const struct route *route)
{
    if (!route->accepts.n)
        return;
    if (route->body_kind == BODY_NONE || route->body_kind == BODY_FORM) {
        diag_error(tree->diags, route->accept_pos,
                   route->body_kind == BODY_FORM
                       ? "`accept` is for JSON and `raw`: a form comes as browsers write it"
                       : "`accept` on a route without a body");
        return;
    }
    for (size_t i = 0; i < route->accepts.n; i++)
        check_type(tree, route, i);
}
