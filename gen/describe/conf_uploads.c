/* conf_uploads.c: which paths take files, for nginx.
 *
 * nginx keeps a body whole before it passes it on. Of a form with files that is the file written to
 * disk once more, by whoever sends it: the program says only then that it is too large, or not for
 * them. So these go on as they come. */
#include "describe/conf_uploads.h"

#include <string.h>

static bool takes_files(const struct route *route)
{
    return route->body_kind == BODY_FORM && route->body && body_file(route->body);
}

static bool is_plain(const char *literal)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    return strspn(literal, plain) == strlen(literal);
}

static void add_literal(const char *text, struct text *to)
{
    for (; *text; text++)
        text_printf(to, *text == '.' ? "\\%c" : "%c", *text);
}

/* It may fit more than the route does: what else comes there is passed on no worse. */
static const char *pattern_of(const struct conf *conf, const struct route *route)
{
    struct text to = {.arena = conf->tree->arena};
    text_printf(&to, "^");
    add_literal(conf->mount, &to);
    for (size_t i = 0; i < route->segments.n; i++) {
        const struct segment *segment = &route->segments.items[i];
        text_printf(&to, "/");
        if (segment->kind == SEGMENT_LITERAL && is_plain(segment->literal))
            add_literal(segment->literal, &to);
        else
            text_printf(&to, segment->kind == SEGMENT_PATH ? ".+" : "[^/]+");
    }
    text_printf(&to, "%s$", route->segments.n ? "" : "/");
    return to.items;
}

void conf_find_uploads(const struct conf *conf, struct conf_uploads *ret)
{
    const struct tree *tree = conf->tree;
    *ret = (struct conf_uploads){0};
    for (size_t i = 0; conf->keep && i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        const char *pattern = takes_files(route) ? pattern_of(conf, route) : NULL;
        for (size_t j = 0; pattern && j < ret->n; j++)
            if (!strcmp(ret->items[j], pattern))
                pattern = NULL;
        if (pattern)
            *vec_add(tree->arena, ret) = pattern;
    }
}
