/* route.c: each route by itself: who may call, what it takes, what it owns. */
#include "check/check.h"

#include "match/cut.h"
#include "match/path_like.h"
#include "syntax/hint.h"

#include <string.h>

/* Prefix and mount as literal segments in front of the route's own. */
static void mount_route(struct tree *tree, struct route *route)
{
    const char *front =
        arena_printf(tree->arena, "%s%s", route->access == ACCESS_IGNORED ? "" : tree->prefix.text,
                     route->mount);
    bool root = !strcmp(route->written, "/");
    VEC(struct segment) all = {0};
    route->pattern = arena_printf(tree->arena, "%s%s", front, root && *front ? "" : route->written);
    while (*front) {
        size_t len = strcspn(front + 1, "/");
        *vec_add(tree->arena, &all) = (struct segment){
            .kind = SEGMENT_LITERAL, .literal = arena_copy(tree->arena, front + 1, len)};
        front += len + 1;
    }
    for (size_t i = 0; i < route->segments.n; i++)
        *vec_add(tree->arena, &all) = route->segments.items[i];
    route->segments.items = all.items;
    route->segments.n = all.n;
    route->segments.cap = all.cap;
}

static void collect_param(struct tree *tree, struct route *route, const struct segment *param)
{
    for (size_t i = 0; i < route->params.n; i++) {
        const struct name *before = &route->params.items[i]->param;
        if (param->param.text && before->text && !strcmp(before->text, param->param.text)) {
            diag_error(tree->diags, param->param.pos, "parameter `%s` is there twice",
                       before->text);
            diag_note(tree->diags, before->pos, "the first is here");
        }
    }
    *vec_add(tree->arena, &route->params) = param;
}

static void collect_params(struct tree *tree, struct route *route)
{
    if (route->segments.n > MAX_SEGMENTS) {
        diag_error(tree->diags, route->path_pos, "this path has %zu segments; %d is the most",
                   route->segments.n, MAX_SEGMENTS);
        route->broken = true;
        return;
    }
    for (size_t i = 0; i < route->segments.n; i++) {
        const struct segment *segment = &route->segments.items[i];
        for (size_t j = 0; j < segment_params(segment); j++)
            collect_param(tree, route, segment_param(segment, j));
    }
    if (route->params.n > MAX_PARAMS)
        diag_error(tree->diags, route->path_pos, "this path has %zu parameters; %d is the most",
                   route->params.n, MAX_PARAMS);
}

/* `GET /users show_users users`, or a word of another framework. */
static void unknown_caller(struct tree *tree, const struct route *route, const struct name *name)
{
    const struct table *behind = tree_table(tree, route->handler.text);
    struct suggestion suggestion = {.wanted = name->text};
    if (behind && behind->entity) {
        diag_error(tree->diags, route->access_pos,
                   "`%s` is not an entity: who may call stands before the handler, as in `%s %s`",
                   name->text, route->handler.text, name->text);
        return;
    }
    for (size_t i = 0; i < tree->n_entities; i++)
        suggest(&suggestion, tree->tables.items[i]->name.text);
    diag_error(tree->diags, name->pos, "`%s` is not an entity%s", name->text,
               hint_text(tree->arena, HINT_ACCESS, &suggestion));
}

static void resolve_callers(struct tree *tree, struct route *route)
{
    if (route->access == ACCESS_AUTHORIZED) {
        if (!tree->n_entities)
            diag_error(tree->diags, route->access_pos,
                       "`authorized` admits any entity, but none is declared");
        route->admits = tree_all_entities(tree);
    }
    for (size_t i = 0; i < route->entities.n; i++) {
        const struct name *name = &route->entities.items[i];
        const struct table *table = tree_table(tree, name->text);
        if (!table) {
            unknown_caller(tree, route, name);
        } else if (!table->entity) {
            diag_error(tree->diags, name->pos, "`%s` is a table: its rows hold no tokens",
                       name->text);
            diag_note(tree->diags, table->name.pos, "declared here; an account is an `entity`");
        } else if (table->index < 64) {
            route->admits |= 1ull << table->index;
        }
    }
    for (size_t i = 0; i < tree->n_entities && i < 64; i++) {
        if (!(route->admits >> i & 1))
            continue;
        tree->tables.items[i]->admitted = true;
        if ((route->admits & (route->admits - 1)) == 0)
            route->me = tree->tables.items[i];
    }
}

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

static const char *access_word(const struct route *route)
{
    return route->access == ACCESS_IGNORED ? "ignored" : "whitelisted";
}

static void check_attributes(struct tree *tree, const struct route *route)
{
    if (route->query_token && !is_gated(route))
        diag_error(tree->diags, route->query_token_pos,
                   "`query_token` on a route that takes no token (`%s`)", access_word(route));
    if (route->scope.text && !is_gated(route))
        diag_error(tree->diags, route->scope.pos, "`scope` on a route that takes no token (`%s`)",
                   access_word(route));
    if (route->scope.text && route->guest)
        diag_error(tree->diags, route->scope.pos,
                   "`scope` on a route that guests may call: a guest has none and would get in");
    if (route->limit && route->body_kind == BODY_NONE)
        diag_error(tree->diags, route->limit_pos,
                   "`limit` on a route without a body: none is accepted there");
}

/* On a route that takes a token from the query, `auth` is that token. */
static void check_auth_member(struct tree *tree, const struct route *route)
{
    for (size_t i = 0; route->query_token && route->query && i < route->query->members.n; i++) {
        const struct member *member = &route->query->members.items[i];
        if (strcmp(member->outer, "auth"))
            continue;
        diag_error(tree->diags, route->query_token_pos,
                   "with `query_token`, `auth` is the token: the query cannot have that member");
        diag_note(tree->diags, member->name.pos, "`auth` of `%s`", route->query->name.text);
    }
}

/* `show_user(id)` on /users/{id}, where no body is called `id`. */
static bool is_param(const struct route *route, const struct name *body)
{
    for (size_t i = 0; body->text && i < route->params.n; i++) {
        const char *param = route->params.items[i]->param.text;
        if (param && !strcmp(param, body->text))
            return true;
    }
    return false;
}

/* `add_note(faults)`, where no body is called so. */
static bool is_faults_alone(const struct tree *tree, const struct route *route)
{
    const char *name = route->body_name.text;
    return name && route->body_kind == BODY_JSON && !strcmp(name, "faults") &&
           !tree_body(tree, name);
}

/* `add_note(note?)`: its handler gets NULL where there is none. */
static void check_optional(struct tree *tree, const struct route *route)
{
    if (!route->body_optional.source)
        return;
    if (route->body_kind == BODY_RAW)
        diag_error(tree->diags, route->body_optional,
                   "a raw body may be empty in any case: without `?`");
    else if (route->faults_pos.source)
        diag_error(tree->diags, route->body_optional,
                   "with `faults` a form that is not there is one without its fields: without `?`");
}

static void check_inputs(struct tree *tree, struct route *route)
{
    if (is_faults_alone(tree, route)) {
        diag_error(tree->diags, route->body_name.pos, "%s", FAULTS_BEHIND_A_FORM);
        return;
    }
    if (!tree_body(tree, route->body_name.text ? route->body_name.text : "") &&
        is_param(route, &route->body_name)) {
        diag_error(tree->diags, route->body_name.pos,
                   "`{%s}` of the path reaches the handler by itself: leave `(%s)` out",
                   route->body_name.text, route->body_name.text);
        return;
    }
    check_count(tree, &route->body_count);
    if (route->body_name.text)
        route->body = check_body_name(tree, &route->body_name);
    if (route->query_name.text)
        route->query = check_body_name(tree, &route->query_name);
    if (route->body_kind == BODY_FORM)
        check_pairs(tree, &route->body_name, route->body, PAIRS_FORM);
    else
        check_json_body(tree, &route->body_name, route->body);
    if (check_no_file(tree, &route->query_name, route->query))
        check_pairs(tree, &route->query_name, route->query, PAIRS_QUERY);
    check_fields_alone(tree, route);
    check_file_sizes(tree, route);
    check_optional(tree, route);
    check_auth_member(tree, route);
    check_headers(tree, route);
    if (route->body_kind != BODY_NONE && route->method == METHOD_GET)
        diag_error(tree->diags, route->body_pos,
                   "a GET request has no body; for its query write (query %s)",
                   route->body_name.text ? route->body_name.text : "NAME");
    check_returns(tree, route);
}

static void check_entities_admitted(struct tree *tree)
{
    for (size_t i = 0; i < tree->n_entities && !tree->diags->n_errors; i++) {
        const struct table *table = tree->tables.items[i];
        if (!table->admitted)
            diag_warning(tree->diags, table->name.pos, "no route admits entity `%s`",
                         table->name.text);
    }
}

void check_routes(struct tree *tree)
{
    for (size_t i = 0; i < tree->routes.n; i++) {
        struct route *route = tree->routes.items[i];
        route->index = (unsigned)i;
        mount_route(tree, route);
        collect_params(tree, route);
        path_like_compile(tree, route);
        cut_compile(tree, route);
        resolve_callers(tree, route);
        check_roles(tree, route);
        check_attributes(tree, route);
        check_inputs(tree, route);
        check_accept(tree, route);
        check_own(tree, route);
        check_rates(tree, route);
    }
    if (tree->routes.n > MAX_ROUTES)
        diag_error(tree->diags, tree->routes.items[MAX_ROUTES]->pos, "more than %d routes",
                   MAX_ROUTES);
    if (tree->routes.n)
        check_entities_admitted(tree);
}

void check_any_route(struct tree *tree)
{
    if (!tree->routes.n && !tree->diags->n_errors)
        diag_error(tree->diags, (struct pos){.source = tree->sources.items[0], .len = 1},
                   "there are no routes");
}
