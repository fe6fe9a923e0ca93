/* tests.c: `gatewright tests`: requests for every route, and the statuses they must get.
 *
 * Data for a runner that knows only how to send requests and to make tokens. `token` is null,
 * "bad", or an entity's name (of one that is `strict`: a token of a session), with `expired` true
 * for one that is past its time; it goes into the header Authorization, or into the cookie that
 * `cookie` names. `headers` are further fields, in which "ORIGIN" stands for the first of
 * GW_ORIGIN. `where` says what a column of that account's row holds, by its name in SQL ("now": any
 * time). `expect` lists the statuses that are right; where that is for the handler to say,
 * `expect_not` lists those that are wrong. */
#include "command/command.h"

#include "base/json.h"
#include "base/output.h"
#include "describe/explain.h"
#include "describe/sample.h"

#include <stdio.h>
#include <string.h>

struct request {
    const char *name, *method, *path, *token, *type, *body;
    bool expired;
    const char *cookie; /* the token comes in it; NULL: in the header */
    const char *fields; /* JSON; NULL: no further ones */
    int expect;         /* 0: the request is good */
    bool too_long;      /* no body that is short enough is good */
    const char *where;  /* JSON; NULL: it does not matter */
};

struct suite {
    const struct tree *tree;
    struct json json;
};

/* The statuses that `returns` declares, and 404 where a row may be missing. */
static const char *declared(struct arena *arena, const struct route *route)
{
    struct text list = {.arena = arena};
    bool missing = route->params.n || route->own;
    for (size_t i = 0; i < route->returns.n; i++) {
        bool before = false;
        for (size_t j = 0; j < i && !before; j++)
            before = route->returns.items[j].status == route->returns.items[i].status;
        if (!before)
            text_printf(&list, "%s%d", i ? ", " : "", route->returns.items[i].status);
        missing &= route->returns.items[i].status != 404;
    }
    for (size_t i = 0; i < route->problems.n; i++)
        text_printf(&list, ", %d", route->problems.items[i]->status);
    return arena_printf(arena, "[%s%s%s]", list.items, missing ? ", 404" : "",
                        route->rates.n ? ", 429" : "");
}

/* What is wrong with a body is told behind `own`, of a row that may not be there; and a runner may
 * ask more often than a limit allows. */
static const char *expected(struct arena *arena, const struct route *route, int status)
{
    bool behind_own = status == 415 || status == 400 || status == 422;
    return arena_printf(arena, "[%d%s%s]", status, route->own && behind_own ? ", 404" : "",
                        route->rates.n ? ", 429" : "");
}

static void add_request(struct suite *suite, const struct route *route,
                        const struct request *request)
{
    /* What a good request must not get: all that the runtime answers by itself. */
    static const char *const refusals = "[400, 401, 403, 405, 413, 415, 422, 500, 501, 503]";
    static const char *const with_query = "[405, 413, 415, 500, 501, 503]";
    struct json *json = &suite->json;
    json_open(json, NULL, '{');
    json_text(json, "name",
              arena_printf(suite->tree->arena, "%s: %s", route->handler.text, request->name));
    json_text(json, "route", pos_where(suite->tree->arena, route->pos));
    json_text(json, "method", request->method ? request->method : method_names[route->method]);
    json_text(json, "path", request->path);
    if (request->token)
        json_text(json, "token", request->token);
    else
        json_plain(json, "token", "null");
    if (request->expired)
        json_plain(json, "expired", "true");
    if (request->cookie)
        json_text(json, "cookie", request->cookie);
    if (request->fields)
        json_plain(json, "headers", request->fields);
    if (request->where)
        json_plain(json, "where", request->where);
    if (request->type)
        json_text(json, "content_type", request->type);
    if (request->body)
        json_text(json, "body", request->body);
    if (request->expect)
        json_plain(json, "expect", expected(suite->tree->arena, route, request->expect));
    else if (route->returns.n)
        json_plain(json, "expect", declared(suite->tree->arena, route));
    else
        json_plain(json, "expect_not", route->body_kind == BODY_RAW ? with_query : refusals);
    json_close(json, '}');
}

static const char *first_admitted(const struct tree *tree, const struct route *route, bool admitted)
{
    for (size_t i = 0; i < tree->n_entities; i++) {
        if ((route->admits >> i & 1) == admitted)
            return tree->tables.items[i]->name.text;
    }
    return NULL;
}

static const char *holds(struct arena *arena, const struct column *column, const char *value)
{
    struct text text = {.arena = arena};
    text_printf(&text, "{\"column\": ");
    text_json_string(&text, column->sql_name.text);
    text_printf(&text, ", \"value\": ");
    if (column->type == TYPE_BOOL)
        text_printf(&text, "%s", value);
    else
        text_json_string(&text, value);
    text_printf(&text, "}");
    return text.items;
}

/* A word of the entity's role that the route admits, or one that it does not. NULL: there is no
 * such word, or no role is asked for. */
static const char *in_role(struct arena *arena, const struct route *route, const char *entity,
                           bool admitted)
{
    const struct role *role = entity ? route_role(route, entity) : NULL;
    const struct column *column = role ? &role->table->columns.items[role->column_index] : NULL;
    for (size_t i = 0; column && i < column->one_of.n; i++) {
        const char *word = column->one_of.items[i].text;
        bool named = false;
        for (size_t j = 0; j < role->words.n; j++)
            named |= !strcmp(role->words.items[j].text, word);
        if (named == admitted)
            return holds(arena, column, word);
    }
    return NULL;
}

static void add_blocked(struct suite *suite, const struct route *route, const struct request *good)
{
    static const char *const values[] = {
        [BLOCKS_TRUE] = "true", [BLOCKS_FALSE] = "false", [BLOCKS_SET] = "now"};
    const struct table *table = tree_table(suite->tree, good->token);
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *column = &table->columns.items[i];
        struct request request = *good;
        if (!column->blocks)
            continue;
        request.name = "an account that is switched off";
        request.where = holds(suite->tree->arena, column, values[column->blocks]);
        request.expect = 401;
        add_request(suite, route, &request);
    }
}

/* Those that the route demands, and where it sets a session the page that asks. NULL: none. */
static const char *good_headers(struct suite *suite, const struct route *route)
{
    struct text fields = {.arena = suite->tree->arena};
    if (suite->tree->cookie.text && route->sets_pos.source)
        text_printf(&fields, "\"Origin\": \"ORIGIN\"");
    if (route->headers)
        sample_headers(route->headers, &fields);
    return fields.n ? arena_printf(suite->tree->arena, "{%s}", fields.items) : NULL;
}

/* Everything that is right about a request to the route. */
static struct request good_request(struct suite *suite, const struct route *route, const char *path)
{
    static const char *const types[] = {
        [BODY_JSON] = "application/json",
        [BODY_FORM] = "application/x-www-form-urlencoded",
        [BODY_RAW] = "application/octet-stream",
    };
    struct text body = {.arena = suite->tree->arena}, query = {.arena = suite->tree->arena};
    struct request request = {.name = "good", .path = path};
    request.token = route->admits ? first_admitted(suite->tree, route, true) : NULL;
    request.where = in_role(suite->tree->arena, route, request.token, true);
    if (route->body_kind != BODY_NONE)
        request.type = route->accepts.n ? route->accepts.items[0].text : types[route->body_kind];
    if (route->body_list)
        sample_list(route->body, &route->body_count, &body);
    else if (route->body_kind == BODY_JSON)
        sample_body(route->body, &body);
    else if (route->body_kind == BODY_FORM && body_file(route->body))
        sample_multipart(route->body, &body);
    else if (route->body_kind == BODY_FORM)
        sample_form(route->body, &body);
    if (body_file(route->body))
        request.type = "multipart/form-data; boundary=" SAMPLE_BOUNDARY;
    request.too_long = body.n > SAMPLE_MAX || (route->limit && body.n > route->limit);
    request.body = route->body_kind == BODY_RAW ? "x" : request.too_long ? "{}" : body.items;
    if (route->query)
        sample_form(route->query, &query);
    request.fields = good_headers(suite, route);
    if (query.n)
        request.path = arena_printf(suite->tree->arena, "%s?%s", path, query.items);
    return request;
}

static void add_gate(struct suite *suite, const struct route *route, const struct request *good)
{
    const char *other = first_admitted(suite->tree, route, false);
    struct request request = *good;
    if (!route->admits)
        return;
    if (!route->guest) {
        request.name = "no token";
        request.token = request.where = NULL;
        request.expect = 401;
        add_request(suite, route, &request);
    }
    request = *good;
    request.name = "a bad token";
    request.token = "bad";
    request.where = NULL;
    request.expect = 401;
    add_request(suite, route, &request);
    request = *good;
    request.name = "an expired token";
    request.where = NULL;
    request.expired = true;
    request.expect = 401;
    add_request(suite, route, &request);
    add_blocked(suite, route, good);
    request = *good;
    request.name = "another role";
    request.where = in_role(suite->tree->arena, route, good->token, false);
    request.expect = 403;
    if (request.where)
        add_request(suite, route, &request);
    if (!other)
        return;
    request = *good;
    request.where = NULL;
    request.name = "another entity's token";
    request.token = other;
    request.expect = 403;
    add_request(suite, route, &request);
}

/* What a page of another site makes a browser send, and what the cookie alone does. */
static void add_cookies(struct suite *suite, const struct route *route, const struct request *good)
{
    const char *cookie = suite->tree->cookie.text;
    bool unsafe = route->method != METHOD_GET, asked = unsafe && route->sets_pos.source;
    struct request request = *good;
    if (!cookie)
        return;
    request.name = "a page of another site";
    request.fields = "{\"Origin\": \"https://other.invalid\", \"Sec-Fetch-Site\": \"cross-site\"}";
    request.cookie = cookie;
    request.token = request.token ? request.token : "bad";
    request.expect = 403;
    if (unsafe)
        add_request(suite, route, &request);
    request.name = "nothing says whose page it is";
    request.fields = NULL;
    if (unsafe)
        add_request(suite, route, &request);
    request.name = "a forged log-in";
    request.token = request.cookie = NULL;
    request.fields = "{\"Origin\": \"null\"}";
    if (asked)
        add_request(suite, route, &request);
    request = *good;
    request.name = "a browser without a token";
    request.token = request.where = NULL;
    request.fields = "{\"Accept\": \"text/html\"}";
    request.expect = 303;
    if (route->otherwise.text)
        add_request(suite, route, &request);
}

static bool demands_members(const struct body *body)
{
    for (size_t i = 0; body && i < body->members.n; i++) {
        if (member_is_required(&body->members.items[i]))
            return true;
    }
    return false;
}

static bool demands_file(const struct body *body)
{
    for (size_t i = 0; body && i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        if (member->type == TYPE_FILE && member_is_required(member))
            return true;
    }
    return false;
}

static void add_bodies(struct suite *suite, const struct route *route, const struct request *good)
{
    struct request request = *good;
    if (route->body_kind == BODY_NONE) {
        request.name = "a body where none is declared";
        request.body = "x";
        request.type = "application/json";
        request.expect = 413;
        if (route->method != METHOD_GET)
            add_request(suite, route, &request);
    }
    if (!route->body)
        return;
    request = *good;
    request.name = "no body";
    request.body = request.type = NULL;
    if (route->body_optional.source && !route->ticket)
        add_request(suite, route, &request);
    request = *good;
    request.name = "another media type";
    request.type = "text/plain";
    request.expect = 415;
    add_request(suite, route, &request);
    request = *good;
    request.name = "a body that is not well-formed";
    request.body = "{";
    request.expect = 400;
    if (route->body_kind == BODY_JSON)
        add_request(suite, route, &request);
    request = *good;
    request.name = "a body without its members";
    request.body = route->body_kind == BODY_JSON ? "{}"
                   : body_file(route->body)      ? "--" SAMPLE_BOUNDARY "--\r\n"
                                                 : "";
    request.expect = 422;
    bool none = route->body_optional.source && !*request.body;
    bool whole = body_value(route->body) && !route->body_list;
    if (!none && !whole && (route->body_list || demands_members(route->body)))
        add_request(suite, route, &request);
}

static void add_headers(struct suite *suite, const struct route *route, const struct request *good)
{
    struct request request = *good;
    request.name = "without the headers that it takes";
    request.fields =
        suite->tree->cookie.text && route->sets_pos.source ? "{\"Origin\": \"ORIGIN\"}" : NULL;
    request.expect = 422;
    if (demands_members(route->headers))
        add_request(suite, route, &request);
}

/* A method that no route has for this path. */
static void add_wrong_method(struct suite *suite, const struct route *route, const char *path)
{
    struct request_path parsed;
    explain_path(suite->tree->arena, path, &parsed);
    for (int i = 0; i < N_METHODS; i++) {
        if (explain_winner(suite->tree, i, &parsed))
            continue;
        struct request request = {
            .name = "a wrong method", .method = method_names[i], .path = path, .expect = 405};
        add_request(suite, route, &request);
        return;
    }
}

static void add_route(struct suite *suite, const struct route *route)
{
    const char *path = sample_path(suite->tree, route);
    if (!path)
        return;
    struct request good = good_request(suite, route, path);
    add_gate(suite, route, &good);
    add_cookies(suite, route, &good);
    add_wrong_method(suite, route, path);
    /* A token made for the tests has no scope. */
    if (route->scope.text) {
        good.name = "a token without the scope";
        good.expect = 403;
        add_request(suite, route, &good);
        return;
    }
    add_bodies(suite, route, &good);
    add_headers(suite, route, &good);
    if (good.too_long || (demands_file(route->body) && !route->ticket))
        return;          /* a good one is for people to choose */
    if (route->ticket) { /* one is made by a handler alone */
        good.name = "a bad ticket";
        good.expect = 401;
    }
    add_request(suite, route, &good);
}

static void add_entities(struct suite *suite)
{
    json_open(&suite->json, "entities", '{');
    for (size_t i = 0; i < suite->tree->n_entities; i++) {
        const struct table *table = suite->tree->tables.items[i];
        const struct column *key = &table->columns.items[table->key];
        json_open(&suite->json, table->name.text, '{');
        json_text(&suite->json, "table_name", table->sql_name.text);
        json_text(&suite->json, "key_claim", key->claim.text ? key->claim.text : key->name.text);
        json_text(&suite->json, "key_type", type_infos[key->type].name);
        if (table->session && table->session->strict)
            json_plain(&suite->json, "strict", "true");
        json_close(&suite->json, '}');
    }
    json_close(&suite->json, '}');
}

int command_tests(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    struct suite suite = {.tree = compile->tree, .json = {.to = &text}};
    json_open(&suite.json, NULL, '{');
    add_entities(&suite);
    json_open(&suite.json, "requests", '[');
    for (size_t i = 0; i < compile->tree->routes.n; i++)
        add_route(&suite, compile->tree->routes.items[i]);
    json_close(&suite.json, ']');
    json_close(&suite.json, '}');
    return output_print(&text);
}
