/* openapi.c: `gatewright openapi`: an OpenAPI 3.1 document of the routes.
 *
 * OpenAPI has no types in its path templates: paths that differ only in those are one path there.
 * Of several routes for one method the first by precedence is the operation; the others are in its
 * `x-alternatives`. */
#include "command/command.h"

#include "base/output.h"
#include "match/match.h"
#include "describe/openapi.h"

#include <string.h>

/* Routes whose templates are the same but for the names. */
struct group {
    const char *template;
    const char *params[MAX_PARAMS];
    VEC(const struct route *) routes;
};

static const char *template_of(struct arena *arena, const struct route *route, bool names)
{
    const char *text = "";
    for (size_t i = 0; i < route->segments.n; i++) {
        const char *segment = segment_template(arena, &route->segments.items[i], names);
        text = arena_printf(arena, "%s/%s", text, segment);
    }
    return *text ? text : "/";
}

static void add_to_group(struct group *group, struct arena *arena, const struct route *route)
{
    size_t at = group->routes.n;
    *vec_add(arena, &group->routes) = route;
    const struct route **routes = group->routes.items;
    for (; at && match_compare_rank(route, routes[at - 1]) < 0; at--)
        routes[at] = routes[at - 1];
    routes[at] = route;
}

static void warn_of_alternative(const struct tree *tree, const struct route *first,
                                const struct route *route)
{
    diag_warning(
        tree->diags, route->path_pos,
        "readers of OpenAPI do not see this route: its path differs from another's only in "
        "the types of parameters; the document has it beside that one, in "
        "`x-alternatives-...`");
    diag_note(tree->diags, first->path_pos, "the other one is here");
}

static void add_operations(struct json *json, const struct tree *tree, const struct group *group)
{
    static const char *const names[N_METHODS] = {"get", "post", "put", "patch", "delete"};
    for (int i = 0; i < N_METHODS; i++) {
        const struct route *first = NULL;
        bool others = false;
        for (size_t j = 0; j < group->routes.n; j++) {
            const struct route *route = group->routes.items[j];
            if ((int)route->method != i)
                continue;
            if (!first) {
                first = route;
                openapi_operation(json, names[i], tree, route, group->params);
                continue;
            }
            if (!others)
                json_open(json, arena_printf(tree->arena, "x-alternatives-%s", names[i]), '[');
            others = true;
            warn_of_alternative(tree, first, route);
            openapi_operation(json, NULL, tree, route, group->params);
        }
        if (others)
            json_close(json, ']');
    }
}

static void add_paths(struct json *json, const struct tree *tree)
{
    struct map groups = {0};
    VEC(struct group *) list = {0};
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        const char *key = template_of(tree->arena, route, false);
        struct group *group = map_get(&groups, key);
        if (!group) {
            group = arena_alloc(tree->arena, sizeof(*group));
            group->template = template_of(tree->arena, route, true);
            for (size_t j = 0; j < route->params.n; j++)
                group->params[j] = route->params.items[j]->param.text;
            map_put(tree->arena, &groups, key, group);
            *vec_add(tree->arena, &list) = group;
        }
        add_to_group(group, tree->arena, route);
    }
    json_open(json, "paths", '{');
    for (size_t i = 0; i < list.n; i++) {
        json_open(json, list.items[i]->template, '{');
        add_operations(json, tree, list.items[i]);
        json_close(json, '}');
    }
    json_close(json, '}');
}

static const char *const shared_parts =
    "{\n"
    "      \"Problem\": {\n"
    "        \"description\": \"A problem document (RFC 9457).\",\n"
    "        \"content\": {\"application/problem+json\": {\"schema\": {\"$ref\": "
    "\"#/components/schemas/Problem\"}}}\n"
    "      },\n"
    "      \"Unauthorized\": {\n"
    "        \"description\": \"No token, or one that is not accepted.\",\n"
    "        \"headers\": {\"WWW-Authenticate\": {\"schema\": {\"type\": \"string\"}}},\n"
    "        \"content\": {\"application/problem+json\": {\"schema\": {\"$ref\": "
    "\"#/components/schemas/Problem\"}}}\n"
    "      }\n"
    "    }";

static const char *const problem_schema =
    "{\n"
    "        \"type\": \"object\",\n"
    "        \"properties\": {\n"
    "          \"type\": {\"type\": \"string\"},\n"
    "          \"title\": {\"type\": \"string\"},\n"
    "          \"status\": {\"type\": \"integer\"},\n"
    "          \"detail\": {\"type\": \"string\"},\n"
    "          \"instance\": {\"type\": \"string\"},\n"
    "          \"errors\": {\n"
    "            \"type\": \"array\",\n"
    "            \"items\": {\n"
    "              \"type\": \"object\",\n"
    "              \"properties\": {\"pointer\": {\"type\": \"string\"}, \"detail\": {\"type\": "
    "\"string\"}}\n"
    "            }\n"
    "          }\n"
    "        },\n"
    "        \"required\": [\"type\", \"title\", \"status\"]\n"
    "      }";

static bool takes_tokens_in_queries(const struct tree *tree)
{
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->query_token)
            return true;
    return false;
}

static void add_query_scheme(struct json *json, const struct tree *tree, const char *name)
{
    json_open(json, arena_printf(tree->arena, "%s.query", name), '{');
    json_text(json, "type", "apiKey");
    json_text(json, "in", "query");
    json_text(json, "name", "auth");
    json_text(json, "description", arena_printf(tree->arena, "A token of %s in the query.", name));
    json_close(json, '}');
}

static void add_schemes(struct json *json, const struct tree *tree)
{
    bool queries = takes_tokens_in_queries(tree);
    json_open(json, "securitySchemes", '{');
    for (size_t i = 0; i < tree->n_entities; i++) {
        const char *name = tree->tables.items[i]->name.text;
        json_open(json, name, '{');
        json_text(json, "type", "http");
        json_text(json, "scheme", "bearer");
        json_text(json, "bearerFormat", "JWT");
        const char *description = tree->tables.items[i]->description;
        json_text(json, "description",
                  arena_printf(tree->arena, "A token of %s.%s%s", name, description ? "\n\n" : "",
                               description ? description : ""));
        json_close(json, '}');
        if (queries)
            add_query_scheme(json, tree, name);
        if (!tree->cookie.text)
            continue;
        json_open(json, arena_printf(tree->arena, "%s.cookie", name), '{');
        json_text(json, "type", "apiKey");
        json_text(json, "in", "cookie");
        json_text(json, "name", tree->cookie.text);
        json_text(json, "description",
                  arena_printf(tree->arena, "A token of %s in the cookie.", name));
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void add_components(struct json *json, const struct tree *tree)
{
    const bool *used = openapi_bodies(tree);
    json_open(json, "components", '{');
    add_schemes(json, tree);
    json_open(json, "schemas", '{');
    for (size_t i = 0; i < tree->bodies.n; i++)
        if (used[i])
            openapi_body(json, tree->bodies.items[i]);
    json_plain(json, "Problem", problem_schema);
    json_close(json, '}');
    json_plain(json, "responses", shared_parts);
    json_close(json, '}');
}

struct mount_place openapi_document(struct compile *compile, struct text *to)
{
    const struct options *options = compile->options;
    struct json json = {.to = to};
    json_open(&json, NULL, '{');
    json_text(&json, "openapi", "3.1.0");
    openapi_info(&json, compile->tree, options->title);
    struct mount_place place = openapi_servers(&json, compile->tree, options->url);
    openapi_tags(&json, compile->tree);
    add_paths(&json, compile->tree);
    add_components(&json, compile->tree);
    json_close(&json, '}');
    return place;
}

int command_openapi(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    struct diags diags = {.arena = compile->arena,
                          .warnings_are_errors = compile->options->warnings_are_errors};
    compile->tree->diags = &diags;
    openapi_document(compile, &text);
    diag_print(&diags);
    return diags.n_errors ? 1 : output_print(&text);
}
