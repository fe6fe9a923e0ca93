/* browser.c: `cookie`, `sets session`, `else` and the origins that may send the cookie. */
#include "check/check.h"

#include "match/match.h"
#include "match/path_type.h"

#include <string.h>

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

/* A link, an image or a page that is fetched ahead would sign somebody in or out. */
static void check_setter(struct tree *tree, const struct route *route)
{
    if (!route->sets_pos.source)
        return;
    if (!tree->cookie.text)
        diag_error(tree->diags, route->sets_pos,
                   "`sets session` sets a cookie, and the file declares none: cookie "
                   "\"__Host-NAME\"");
    else if (route->method == METHOD_GET)
        diag_error(tree->diags, route->sets_pos,
                   "a GET route begins and ends no session: any page can make a browser ask for "
                   "it; use POST");
}

/* `path` is canonical and has no parameters. */
static bool has_path(struct arena *arena, const struct route *route, const char *path)
{
    size_t n = route->segments.n, i = 0;
    if (!strcmp(path, "/"))
        return !n;
    bool open = n && route->segments.items[n - 1].kind == SEGMENT_PATH;
    for (; *path; i++) {
        size_t len = strcspn(path + 1, "/");
        const char *segment = arena_copy(arena, path + 1, len);
        if (i >= n ? !open : !path_segment_fits(&route->segments.items[i], segment))
            return false;
        path += len + 1;
    }
    return i >= n;
}

/* The GET route that answers there, decided by trying every one. */
static const struct route *route_at(const struct tree *tree, const char *path)
{
    const struct route *best = NULL;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->method == METHOD_GET && has_path(tree->arena, route, path) &&
            (!best || match_compare_rank(route, best) < 0))
            best = route;
    }
    return best;
}

static void check_else(struct tree *tree, const struct route *route)
{
    struct pos pos = route->otherwise.pos;
    const struct route *there;
    if (!route->otherwise.text)
        return;
    there = route_at(tree, route->otherwise.text);
    if (!tree->cookie.text)
        diag_error(tree->diags, pos,
                   "`else` is for browsers, whose token is in a cookie, and the file declares "
                   "none: cookie \"__Host-NAME\"");
    else if (!is_gated(route) || route->guest)
        diag_error(tree->diags, pos, "`else` on a route that lets in whoever has no token");
    else if (!there)
        diag_error(tree->diags, pos,
                   "no GET route has the path %s (prefix and `include ... at` belong to it)",
                   route->otherwise.text);
    else if (is_gated(there) && !there->guest) {
        diag_error(tree->diags, pos, "who has no token is sent to %s, which demands one",
                   route->otherwise.text);
        diag_note(tree->diags, there->access_pos, "here");
    }
}

void check_browsers(struct tree *tree)
{
    for (size_t i = 0; i < tree->routes.n; i++) {
        if (tree->routes.items[i]->broken)
            continue;
        check_setter(tree, tree->routes.items[i]);
        check_else(tree, tree->routes.items[i]);
    }
    if (tree->cookie.text && !tree->n_entities)
        diag_error(tree->diags, tree->cookie.pos, "a cookie holds a token, and no entity has any");
    if (tree->credentials.n && !tree->cookie.text)
        diag_error(tree->diags, tree->credentials.items[0].pos,
                   "`credentials` lets pages send a cookie, and the file declares none: cookie "
                   "\"__Host-NAME\"");
}
