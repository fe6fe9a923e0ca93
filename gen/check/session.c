/* session.c: sessions of entities, and the runtime's own handlers for them. */
#include "check/check.h"

#include "syntax/parse.h"

#include <string.h>
#include <strings.h>

/* What these handlers take and answer: bodies like any other, but for their names. */
static const char bodies[] =
    "body gw_refresh { refresh_token text 1..8192 secret as \"refresh_token\" }\n"
    "body gw_session {\n"
    "    access_token text as \"access_token\"\n"
    "    token_type text as \"token_type\"\n"
    "    expires_in int as \"expires_in\"\n"
    "    refresh_token text as \"refresh_token\"\n"
    "    refresh_expires_in int as \"refresh_expires_in\"\n"
    "}\n"
    "body gw_session_cookies {\n" /* tokens only where none came in a cookie */
    "    access_token text optional as \"access_token\"\n"
    "    token_type text optional as \"token_type\"\n"
    "    expires_in int as \"expires_in\"\n"
    "    refresh_token text optional as \"refresh_token\"\n"
    "    refresh_expires_in int as \"refresh_expires_in\"\n"
    "}\n"
    "body gw_session_item {\n"
    "    id text; created time; used time; expires time; agent text; address text; current bool\n"
    "}\n"
    "body gw_session_list { sessions [gw_session_item] }\n";

static void add_return(struct tree *tree, struct route *route, int status, const char *body)
{
    *vec_add(tree->arena, &route->returns) =
        (struct returned){.status = status, .pos = route->handler.pos, .body = {.text = body}};
}

static bool has_cookies(const struct tree *tree, const char *entity)
{
    for (size_t i = 0; i < tree->sessions.n; i++)
        if (tree->sessions.items[i]->cookie.text &&
            !strcmp(tree->sessions.items[i]->entity.text, entity))
            return true;
    return false;
}

/* It tells about the program, and takes nothing. */
static bool is_document(const struct route *route)
{
    return route->runtime == RUNTIME_OPENAPI || route->runtime == RUNTIME_DOCS;
}

/* What the handler takes and answers. By a refresh token, where the route asks for no other. */
static void declare(struct tree *tree, struct route *route)
{
    if (is_document(route)) {
        add_return(tree, route, 200, NULL);
        return;
    }
    bool by_token = route->session_name.text;
    if (by_token) {
        route->body_kind = BODY_JSON;
        route->body_name = (struct name){.text = "gw_refresh", .pos = route->handler.pos};
        route->body_pos = route->handler.pos;
    }
    if (route->runtime == RUNTIME_REFRESH)
        add_return(tree, route, 200,
                   by_token && has_cookies(tree, route->session_name.text) ? "gw_session_cookies"
                                                                           : "gw_session");
    else if (route->runtime == RUNTIME_SESSIONS)
        add_return(tree, route, 200, "gw_session_list");
    else
        add_return(tree, route, 204, NULL);
    if (by_token)
        add_return(tree, route, 401, NULL);
    else if (route->runtime == RUNTIME_END_SESSION)
        add_return(tree, route, 404, NULL);
}

static void check_attributes(struct tree *tree, const struct route *route)
{
    const char *name = route->handler.text;
    if (route->returns.n)
        diag_error(tree->diags, route->returns.items[0].pos,
                   "`%s` answers what it answers: nothing is declared here", name);
    if (route->own_pos.source)
        diag_error(tree->diags, route->own_pos, "`%s` takes no row", name);
    if (route->query_token)
        diag_error(tree->diags, route->query_token_pos,
                   "`%s` takes no token from the query, which is logged", name);
}

void declare_runtime_handlers(struct tree *tree)
{
    struct source *source;
    bool any = false;
    for (size_t i = 0; i < tree->routes.n; i++) {
        struct route *route = tree->routes.items[i];
        if (route->runtime == RUNTIME_NONE)
            continue;
        any |= !is_document(route);
        check_attributes(tree, route);
        declare(tree, route);
    }
    if (any && !source_make(tree->arena, "runtime", "runtime", bodies, strlen(bodies), &source))
        parse_runtime(tree, source);
}

/* ---- `session` ------------------------------------------------------------------------------ */

static const char *const claims[] = {"sid", "gen", "own"};

/* A refresh token has claims of these names, and never the one of the key. */
static void check_claim(struct tree *tree, const struct session *session)
{
    const struct table *table = session->table;
    const struct column *key = table->key < 0 ? NULL : &table->columns.items[table->key];
    const struct name *claim = !key ? NULL : key->claim.text ? &key->claim : &key->name;
    for (size_t i = 0; claim && i < sizeof(claims) / sizeof(*claims); i++) {
        if (!strcmp(claims[i], claim->text))
            diag_error(tree->diags, claim->pos,
                       "with a `session`, `%s` cannot be the claim of the key: tokens of sessions "
                       "have another of that name",
                       claim->text);
    }
}

static void check_times(struct tree *tree, const struct session *session)
{
    const struct duration *access = &session->access, *refresh = &session->refresh;
    const struct duration *longest = &session->longest;
    struct pos pos = session->entity.pos;
    const char *name = session->entity.text;
    if (!access->seconds)
        diag_error(tree->diags, pos,
                   "session `%s` says no `access`: how long an access token lives", name);
    if (!refresh->seconds)
        diag_error(tree->diags, pos,
                   "session `%s` says no `refresh`: how long it lives without being used", name);
    if (!longest->seconds)
        diag_error(tree->diags, pos,
                   "session `%s` says no `longest`: how long it lives however it is used", name);
    if (access->seconds && refresh->seconds && access->seconds >= refresh->seconds)
        diag_error(tree->diags, refresh->pos,
                   "`refresh` must be longer than `access`: its token is what renews the other");
    if (longest->seconds && refresh->seconds > longest->seconds)
        diag_error(tree->diags, longest->pos, "`longest` must not be shorter than `refresh`");
}

static bool is_refreshed(const struct tree *tree, const struct session *session)
{
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->runtime == RUNTIME_REFRESH && route->session_name.text &&
            !strcmp(route->session_name.text, session->entity.text))
            return true;
    }
    return false;
}

static void check_session(struct tree *tree, struct session *session)
{
    struct table *table = tree_table(tree, session->entity.text);
    if (!table || !table->entity) {
        unknown_table(tree, &session->entity, true, "an entity");
        return;
    }
    if (table->session) {
        diag_error(tree->diags, session->entity.pos, "`%s` has a `session` already",
                   table->name.text);
        diag_note(tree->diags, table->session->entity.pos, "the first is here");
        return;
    }
    session->table = table;
    table->session = session;
    check_claim(tree, session);
    if (!session->broken)
        check_times(tree, session);
    if (!is_refreshed(tree, session))
        diag_error(
            tree->diags, session->entity.pos,
            "no route refreshes sessions of `%s`: POST /auth/refresh whitelisted @refresh %s",
            table->name.text, table->name.text);
    else if (session->cookie.text)
        check_session_cookie(tree, session);
}

/* A table of the application's in the place of one of the runtime's. */
static void check_table_names(struct tree *tree)
{
    static const char *const names[] = {"gw_sessions", "gw_schema"};
    for (size_t i = 0; i < tree->tables.n; i++) {
        const struct table *table = tree->tables.items[i];
        for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++) {
            if (!strcasecmp(table->sql_name.text, names[j]))
                diag_error(tree->diags, table->name.pos,
                           "with a `session`, the table %s in SQL is the runtime's own", names[j]);
        }
    }
}

/* ---- Routes --------------------------------------------------------------------------------- */

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

/* The route of a refresh token: no other token is asked for, it names whose sessions are meant. */
static void check_by_token(struct tree *tree, struct route *route)
{
    struct table *table = tree_table(tree, route->session_name.text);
    const char *name = route->handler.text;
    if (!table || !table->entity)
        unknown_table(tree, &route->session_name, true, "an entity");
    else if (!table->session)
        diag_error(tree->diags, route->session_name.pos, "entity `%s` has no `session`",
                   table->name.text);
    else
        route->session = table;
    if (is_gated(route))
        diag_error(tree->diags, route->access_pos,
                   "`%s %s` takes a refresh token and no other: its route is `whitelisted` or "
                   "`ignored`",
                   name, route->session_name.text);
    if (route->method != METHOD_POST)
        diag_error(tree->diags, route->pos, "`%s %s` is a POST: the token is in its body", name,
                   route->session_name.text);
    if (route->params.n)
        diag_error(tree->diags, route->path_pos, "the path of `%s` has no parameters", name);
}

/* The route of a caller with an access token. */
static void check_by_caller(struct tree *tree, const struct route *route)
{
    const char *name = route->handler.text;
    bool ends = route->runtime == RUNTIME_END_SESSION;
    if (!is_gated(route) || route->guest)
        diag_error(tree->diags, route->access_pos,
                   ends ? "`%s` without an entity behind it ends a session of the caller: who may "
                          "call is an entity"
                        : "`%s` is for callers with a token: who may call is an entity",
                   name);
    for (size_t i = 0; i < tree->n_entities && i < 64; i++) {
        const struct table *table = tree->tables.items[i];
        if (route->admits >> i & 1 && !table->session)
            diag_error(tree->diags, route->access_pos, "entity `%s` has no `session`",
                       table->name.text);
    }
    if (ends && route->method != METHOD_POST && route->method != METHOD_DELETE)
        diag_error(tree->diags, route->pos, "`%s` is a DELETE or a POST", name);
    if (!ends && route->method != METHOD_GET)
        diag_error(tree->diags, route->pos, "`%s` is a GET", name);
    if (route->params.n > (ends ? 1 : 0) ||
        (route->params.n && param_kind(route->params.items[0]) != SEGMENT_FREE))
        diag_error(tree->diags, route->path_pos,
                   ends ? "the path of `%s` has one parameter without a type, the session's id, or "
                          "none"
                        : "the path of `%s` has no parameters",
                   name);
}

static void check_document(struct tree *tree, const struct route *route)
{
    const char *name = route->handler.text;
    if (route->session_name.text)
        diag_error(tree->diags, route->session_name.pos, "no entity stands behind `%s`", name);
    if (route->method != METHOD_GET)
        diag_error(tree->diags, route->pos, "`%s` is a GET", name);
    if (route->params.n)
        diag_error(tree->diags, route->path_pos, "the path of `%s` has no parameters", name);
}

void check_sessions(struct tree *tree)
{
    for (size_t i = 0; i < tree->sessions.n; i++)
        check_session(tree, tree->sessions.items[i]);
    if (tree->sessions.n)
        check_table_names(tree);
    for (size_t i = 0; i < tree->routes.n; i++) {
        struct route *route = tree->routes.items[i];
        if (route->runtime == RUNTIME_NONE)
            continue;
        if (is_document(route))
            check_document(tree, route);
        else if (route->session_name.text && route->runtime == RUNTIME_SESSIONS)
            diag_error(tree->diags, route->session_name.pos,
                       "`@sessions` lists those of the caller: no entity stands behind it");
        else if (route->session_name.text)
            check_by_token(tree, route);
        else if (route->runtime == RUNTIME_REFRESH)
            diag_error(tree->diags, route->handler.pos,
                       "whose sessions? `@refresh` has an entity behind it: @refresh users");
        else
            check_by_caller(tree, route);
    }
}
