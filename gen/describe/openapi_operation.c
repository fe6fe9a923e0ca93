/* openapi_operation.c: one route as an operation: what it takes and what it may answer. */
#include "describe/openapi.h"

#include "describe/explain.h"

#include <string.h>

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

/* A list or an object that is not there is empty. */
static bool must_be_there(const struct member *member)
{
    bool empty = !member->count.low || strspn(member->count.low, "0") == strlen(member->count.low);
    if (!member_is_required(member) || (!member_is_single(member) && empty))
        return false;
    bool any = !member->nested;
    for (size_t i = 0; member->nested && i < member->nested->members.n; i++)
        any |= must_be_there(&member->nested->members.items[i]);
    return any;
}

static void add_style(struct json *json, const struct member *member)
{
    if (member_object(member)) {
        json_text(json, "style", "deepObject");
        json_plain(json, "explode", "true");
    }
    if (!member->by.text)
        return;
    json_text(json, "style",
              *member->by.text == ','   ? "form"
              : *member->by.text == '|' ? "pipeDelimited"
                                        : "spaceDelimited");
    json_plain(json, "explode", "false");
}

/* A header that is there is not empty. */
static void fill(struct arena *arena, struct member *io)
{
    size_t n = io->either.n;
    if (io->type == TYPE_TEXT && !io->range.low && !io->one_of.n)
        io->range = (struct range){.low = "1", .high = io->range.high, .pos = io->name.pos};
    if (!n)
        return;
    struct member *items = arena_alloc(arena, n * sizeof(*items));
    memcpy(items, io->either.items, n * sizeof(*items));
    io->either.items = items;
    for (size_t i = 0; i < n; i++)
        fill(arena, &items[i]);
}

/* Members of a query, or headers. A list of these needs no style: it has commas. */
static void add_fields(struct json *json, const struct body *body, const char *where)
{
    bool query = !strcmp(where, "query");
    for (size_t i = 0; body && i < body->members.n; i++) {
        struct member member = body->members.items[i];
        json_open(json, NULL, '{');
        json_text(json, "name", member.outer);
        json_text(json, "in", where);
        if (must_be_there(&member))
            json_plain(json, "required", "true");
        member.optional = false; /* neither has a null */
        if (member.description)
            json_text(json, "description", member.description);
        member.description = NULL;
        if (query)
            add_style(json, &member);
        else
            fill(json->to->arena, &member);
        openapi_member(json, "schema", &member);
        json_close(json, '}');
    }
}

static void add_params(struct json *json, const struct route *route, const char *const *params)
{
    if (!route->params.n && !route->query && !route->headers)
        return;
    json_open(json, "parameters", '[');
    for (size_t i = 0; i < route->params.n; i++) {
        const struct segment *segment = route->params.items[i];
        json_open(json, NULL, '{');
        json_text(json, "name", params[i]);
        json_text(json, "in", "path");
        json_plain(json, "required", "true");
        if (segment->kind == SEGMENT_PATH)
            json_text(json, "description", "One or more segments, to the end of the path.");
        openapi_param_schema(json, segment);
        json_close(json, '}');
    }
    add_fields(json, route->query, "query");
    add_fields(json, route->headers, "header");
    json_close(json, ']');
}

/* A browser need send no body. */
static bool takes_refresh_cookie(const struct route *route)
{
    return route->session && route->session->session->cookie_path;
}

/* The media types that a file may be of. */
static void add_media(struct json *json, const struct member *member)
{
    struct text types = {.arena = json->to->arena};
    for (size_t i = 0; i < member->media.n; i++)
        text_printf(&types, "%s%s", i ? ", " : "", member->media.items[i].text);
    json_text(json, "contentType", types.items);
}

/* How lists are written whose items are not pairs of their own, and what files hold. */
static void add_encoding(struct json *json, const struct body *body)
{
    bool any = false;
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        bool object = member_object(member);
        if (!member->by.text && !member->media.n && !object)
            continue;
        if (!any)
            json_open(json, "encoding", '{');
        any = true;
        json_open(json, member->outer, '{');
        add_style(json, member);
        if (member->media.n)
            add_media(json, member);
        json_close(json, '}');
    }
    if (any)
        json_close(json, '}');
}

static void add_form(struct json *json, const char *type, const struct body *body)
{
    json_open(json, type, '{');
    openapi_reference(json,
                      arena_printf(json->to->arena, "#/components/schemas/%s", body->name.text));
    add_encoding(json, body);
    json_close(json, '}');
}

static void add_content(struct json *json, const struct route *route, const char *type)
{
    if (route->body_kind == BODY_JSON)
        openapi_json(json, type, route->body, route->body_list, &route->body_count);
    else
        openapi_media_type(json, type, NULL);
}

static void add_body_content(struct json *json, const struct route *route)
{
    json_open(json, "content", '{');
    if (route->body_kind == BODY_FORM) {
        if (!body_file(route->body))
            add_form(json, "application/x-www-form-urlencoded", route->body);
        add_form(json, "multipart/form-data", route->body);
    }
    for (size_t i = 0; i < route->accepts.n; i++)
        add_content(json, route, route->accepts.items[i].text);
    if (!route->accepts.n && route->body_kind != BODY_FORM)
        add_content(json, route, route->body_kind == BODY_RAW ? "*/*" : OPENAPI_JSON);
    json_close(json, '}');
}

static void add_body(struct json *json, const struct route *route)
{
    if (route->body_kind == BODY_NONE)
        return;
    json_open(json, "requestBody", '{');
    if (route->limit)
        json_text(
            json, "description",
            arena_printf(json->to->arena, "At most %llu bytes.", (unsigned long long)route->limit));
    if (route->body_optional.source)
        json_plain(json, "required", "false");
    else if (route->body_kind != BODY_RAW && !takes_refresh_cookie(route))
        json_plain(json, "required", "true");
    add_body_content(json, route);
    json_close(json, '}');
}

/* One of them suffices: a token in the header, in the query, in the cookie. */
static void add_security(struct json *json, const struct tree *tree, const struct route *route)
{
    const char *const places[] = {"", route->query_token ? ".query" : NULL,
                                  tree->cookie.text ? ".cookie" : NULL};
    json_open(json, "security", '[');
    for (size_t place = 0; place < 3; place++) {
        for (size_t i = 0; places[place] && i < tree->n_entities; i++) {
            const char *name = tree->tables.items[i]->name.text;
            if (!(route->admits >> i & 1))
                continue;
            json_open(json, NULL, '{');
            json_open(json, arena_printf(json->to->arena, "%s%s", name, places[place]), '[');
            if (route->scope.text)
                json_text(json, NULL, route->scope.text);
            json_close(json, ']');
            json_close(json, '}');
        }
    }
    if (route->guest) {
        json_open(json, NULL, '{');
        json_close(json, '}');
    }
    json_close(json, ']');
}

/* What it is, and which rows of an entity may call; a security requirement has no word for that. */
static void add_description(struct json *json, const struct route *route)
{
    struct text text = {.arena = json->to->arena};
    if (route->description)
        text_printf(&text, "%s", route->description);
    for (size_t i = 0; i < route->roles.n; i++) {
        const char *name = route->roles.items[i].entity.text;
        text_printf(&text, "%sOf %s only those with %s.",
                    i                    ? " "
                    : route->description ? "\n\n"
                                         : "",
                    name, explain_role(json->to->arena, route, name));
    }
    if (text.n)
        json_text(json, "description", text.items);
}

/* Names with gw_ are no handlers of the application. */
static const char *runtime_id(struct arena *arena, const struct tree *tree,
                              const struct route *route)
{
    const char *of = route->session_name.text;
    unsigned n = 1;
    for (size_t i = 0; tree->routes.items[i] != route; i++) {
        const struct route *before = tree->routes.items[i];
        n += before->runtime == route->runtime && before->session == route->session;
    }
    const char *name =
        arena_printf(arena, "gw_%s%s%s", route->handler.text + 1, of ? "_" : "", of ? of : "");
    return n == 1 ? name : arena_printf(arena, "%s.%u", name, n);
}

/* The handler's name; what it serves besides its first route gets a number. */
static const char *operation_id(struct arena *arena, const struct tree *tree,
                                const struct route *route)
{
    unsigned n = 1;
    if (route->runtime)
        return runtime_id(arena, tree, route);
    const struct route *first = map_get(&tree->handler_names, route->handler.text);
    for (; first && first != route; first = first->next)
        n++;
    return n == 1 ? route->handler.text : arena_printf(arena, "%s.%u", route->handler.text, n);
}

void openapi_operation(struct json *json, const char *name, const struct tree *tree,
                       const struct route *route, const char *const *params)
{
    json_open(json, name, '{');
    json_text(json, "operationId", operation_id(json->to->arena, tree, route));
    openapi_words(json, route);
    add_description(json, route);
    add_params(json, route, params);
    add_body(json, route);
    if (is_gated(route)) {
        add_security(json, tree, route);
    } else {
        json_open(json, "security", '[');
        json_close(json, ']');
    }
    openapi_responses(json, tree, route);
    json_close(json, '}');
}
