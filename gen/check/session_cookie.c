/* session_cookie.c: the two cookies of a session: what they are called, and the path of the second.
 *
 * The access cookie goes with every request. The refresh cookie renews it for weeks, so it goes
 * only where it is taken: to the path that all routes by refresh token of its entity have in
 * common. */
#include "check/check.h"

#include "base/text.h"

#include <string.h>

/* One access cookie for all sessions that have one, so that the gate looks for one. */
static void name_cookies(struct tree *tree, const struct session *session)
{
    const struct name *name = &session->cookie;
    const char *access = arena_printf(tree->arena, "__Host-%s", name->text);
    if (tree->cookie_pos.source) {
        diag_error(
            tree->diags, name->pos,
            "a session with cookies has \"__Host-NAME\" from here: no other `cookie` stands at "
            "the top of the file");
        diag_note(tree->diags, tree->cookie_pos, "it is here");
    } else if (tree->cookie.text && strcmp(tree->cookie.text, access)) {
        diag_error(tree->diags, name->pos,
                   "the cookies of another session have another name: all of a file have one");
        diag_note(tree->diags, tree->cookie.pos, "it is here");
    } else if (!tree->cookie.text) {
        tree->cookie = (struct name){.text = access, .pos = name->pos};
        tree->refresh_cookie = arena_printf(tree->arena, "__Secure-%s-refresh", name->text);
    }
}

void name_session_cookies(struct tree *tree)
{
    for (size_t i = 0; i < tree->sessions.n; i++)
        if (tree->sessions.items[i]->cookie.text && !tree->sessions.items[i]->broken)
            name_cookies(tree, tree->sessions.items[i]);
}

/* ---- The path ------------------------------------------------------------------------------- */

/* How many whole segments they have in common. */
static size_t common(const struct route *a, const struct route *b, size_t most)
{
    size_t n = 0;
    while (n < most && n < b->segments.n &&
           !strcmp(a->segments.items[n].literal, b->segments.items[n].literal))
        n++;
    return n;
}

static const char *path_of(struct tree *tree, const struct route *route, size_t n)
{
    struct text text = {.arena = tree->arena};
    for (size_t i = 0; i < n; i++)
        text_printf(&text, "/%s", route->segments.items[i].literal);
    return n ? text.items : "";
}

/* RFC 6265, 4.1.1, less what is written in several ways. */
static bool fits_cookie(const char *path)
{
    return strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~") ==
           strlen(path);
}

static bool is_above(const char *path, const char *other)
{
    size_t len = strlen(path);
    return !strncmp(other, path, len) && (!other[len] || other[len] == '/');
}

/* Where one lies under the other, a browser sends both, and two of one name are none. */
static bool meets_another(struct tree *tree, const struct session *session, const char *path)
{
    for (size_t i = 0; i < tree->sessions.n; i++) {
        const struct session *other = tree->sessions.items[i];
        const char *there = other->cookie_path;
        if (other == session || !there || (!is_above(path, there) && !is_above(there, path)))
            continue;
        diag_error(
            tree->diags, session->cookie.pos,
            "the refresh cookies of `%s` (`%s`) and `%s` (`%s`) would both go to one of the paths: "
            "neither may lie under the other",
            session->entity.text, path, other->entity.text, there);
        return true;
    }
    return false;
}

static void check_path(struct tree *tree, struct session *session, const char *path)
{
    const char *entity = session->entity.text;
    if (is_above(path, tree->prefix.text))
        diag_error(
            tree->diags, session->cookie.pos,
            "the refresh cookie of `%s` goes to the path that all `@refresh %s` and "
            "`@end_session %s` have in common, and they have none but `%s`, where everything "
            "lies: write them as /auth/refresh and /auth/end, say",
            entity, entity, entity, *path ? path : "/");
    else if (!fits_cookie(path))
        diag_error(
            tree->diags, session->cookie.pos,
            "the refresh cookie of `%s` would have the path `%s`, which cookies cannot have: "
            "letters, digits and `-._~`",
            entity, path);
    else if (!meets_another(tree, session, path))
        session->cookie_path = path;
}

void check_session_cookie(struct tree *tree, struct session *session)
{
    const struct route *first = NULL;
    bool ends = false;
    size_t n = 0;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (!route->session_name.text || strcmp(route->session_name.text, session->entity.text))
            continue;
        if (route->broken || route->params.n)
            return; /* it has been said */
        ends |= route->runtime == RUNTIME_END_SESSION;
        n = first ? common(first, route, n) : route->segments.n;
        first = first ? first : route;
    }
    if (!ends)
        diag_error(tree->diags, session->cookie.pos,
                   "no route ends a session of `%s` by its cookie: POST /auth/end whitelisted "
                   "@end_session %s",
                   session->entity.text, session->entity.text);
    else
        check_path(tree, session, path_of(tree, first, n));
}
