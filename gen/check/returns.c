/* returns.c: what a route's handler answers: with a body as JSON, or in other media types. */
#include "check/check.h"

#include <string.h>

/* All types of a family, as in RFC 9110, 12.5.1. */
static bool is_media_range(const char *text, struct arena *arena)
{
    size_t len = strlen(text);
    return len > 2 && !strcmp(text + len - 2, "/*") &&
           is_media_type(arena_printf(arena, "%.*sx", (int)len - 1, text));
}

static void check_type(struct tree *tree, const struct returned *returned, const struct name *type)
{
    if (!strcmp(type->text, "*/*"))
        diag_error(tree->diags, type->pos,
                   "without a media type it may be any: `returns %d` alone says so",
                   returned->status);
    else if (!is_media_type(type->text) && !is_media_range(type->text, tree->arena))
        diag_error(tree->diags, type->pos,
                   "a media type of an answer is written as \"image/png\" or \"image/*\", in lower "
                   "case and without parameters");
    else if (returned->body.text && !is_json_type(type->text))
        diag_error(tree->diags, type->pos,
                   "`%s` is answered as JSON: another media type has a `returns %d` of its own",
                   returned->body.text, returned->status);
    else if (!strcmp(type->text, "application/problem+json"))
        diag_error(tree->diags, type->pos,
                   "a problem document is an answer to any fault: `problem` declares one");
}

/* Whether a type, or each of a family, is of `whole` too. */
static bool is_within(const char *type, const char *whole)
{
    size_t len = strlen(whole);
    return !strcmp(type, whole) || (whole[len - 1] == '*' && !strncmp(type, whole, len - 1));
}

/* A type that both have; NULL: a client can tell them apart. */
static const char *common_type(const struct returned *a, const struct returned *b)
{
    static const char json[] = "application/json";
    for (size_t i = 0; i < (a->types.n ? a->types.n : 1); i++) {
        const char *left = a->types.n ? a->types.items[i].text : json;
        for (size_t j = 0; j < (b->types.n ? b->types.n : 1); j++) {
            const char *right = b->types.n ? b->types.items[j].text : json;
            if (is_within(left, right))
                return left;
            if (is_within(right, left))
                return right;
        }
    }
    return NULL;
}

static bool says_nothing(const struct returned *returned)
{
    return !returned->body.text && !returned->types.n;
}

/* Against those before it. */
static void check_twice(struct tree *tree, const struct route *route, size_t i)
{
    const struct returned *returned = &route->returns.items[i];
    for (size_t j = 0; j < i; j++) {
        const struct returned *before = &route->returns.items[j];
        bool alike = before->status == returned->status;
        const char *type = alike ? common_type(returned, before) : NULL;
        if (alike && (says_nothing(returned) || says_nothing(before)))
            diag_error(tree->diags, returned->pos, "status %d is given twice", returned->status);
        else if (type)
            diag_error(tree->diags, returned->pos, "status %d is given twice with \"%s\"",
                       returned->status, type);
        else
            continue;
        return;
    }
}

/* Among its own. */
static void check_types(struct tree *tree, const struct returned *returned)
{
    for (size_t i = 0; i < returned->types.n; i++) {
        const struct name *type = &returned->types.items[i];
        check_type(tree, returned, type);
        for (size_t j = 0; j < i; j++) {
            const char *before = returned->types.items[j].text;
            if (!is_within(type->text, before) && !is_within(before, type->text))
                continue;
            diag_error(tree->diags, type->pos, "\"%s\" is given twice",
                       is_within(type->text, before) ? type->text : before);
            break;
        }
    }
}

void check_returns(struct tree *tree, struct route *route)
{
    for (size_t i = 0; i < route->returns.n; i++) {
        struct returned *returned = &route->returns.items[i];
        int status = returned->status;
        check_count(tree, &returned->count);
        if (returned->body.text)
            returned->shape = check_body_name(tree, &returned->body);
        check_json_body(tree, &returned->body, returned->shape);
        check_types(tree, returned);
        if (!route->runtime)
            check_twice(tree, route, i);
        if (!says_nothing(returned) && (status == 204 || status == 205 || status == 304))
            diag_error(tree->diags, returned->pos, "an answer %d has no body", status);
    }
}
