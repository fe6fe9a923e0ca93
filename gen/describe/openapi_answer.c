/* openapi_answer.c: what one route may answer. */
#include "describe/openapi.h"

#include <stdio.h>
#include <string.h>

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

/* OpenAPI 3.1, 4.8.14.2: bytes have no schema. */
static void add_bytes(struct json *json, const char *type)
{
    json_open(json, type, '{');
    if (!strncmp(type, "text/", 5)) {
        json_open(json, "schema", '{');
        json_text(json, "type", "string");
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void add_returned(struct json *json, const struct returned *returned)
{
    if (returned->shape && !returned->types.n)
        openapi_json(json, OPENAPI_JSON, returned->shape, returned->list, &returned->count);
    for (size_t i = 0; i < returned->types.n; i++)
        if (returned->shape)
            openapi_json(json, returned->types.items[i].text, returned->shape, returned->list,
                         &returned->count);
        else
            add_bytes(json, returned->types.items[i].text);
}

/* All that is declared for a status; of an error also a problem document, which gw_problem and the
 * runtime send. */
static void add_declared_content(struct json *json, const struct route *route, int status)
{
    json_open(json, "content", '{');
    for (size_t i = 0; i < route->returns.n; i++)
        if (route->returns.items[i].status == status)
            add_returned(json, &route->returns.items[i]);
    if (status >= 400)
        openapi_media_type(json, "application/problem+json", "Problem");
    json_close(json, '}');
}

/* The names of its bodies. */
static const char *answer_description(struct arena *arena, const struct route *route, int status)
{
    struct text text = {.arena = arena};
    for (size_t i = 0; i < route->returns.n; i++) {
        const struct returned *returned = &route->returns.items[i];
        if (returned->status == status && returned->shape)
            text_printf(&text, "%s%s", text.n ? "; or " : "", returned->shape->name.text);
    }
    return text.n ? text.items : "The handler's answer.";
}

static void add_any_content(struct json *json)
{
    json_open(json, "content", '{');
    openapi_media_type(json, "*/*", NULL);
    json_close(json, '}');
}

static bool declares(const struct route *route, int status)
{
    for (size_t i = 0; i < route->problems.n; i++)
        if (route->problems.items[i]->status == status)
            return true;
    for (size_t i = 0; i < route->returns.n; i++) {
        if (route->returns.items[i].status == status)
            return true;
    }
    return false;
}

static void add_problem(struct json *json, int status)
{
    static const char *const shared = "#/components/responses/";
    char name[16];
    snprintf(name, sizeof(name), "%d", status);
    json_open(json, name, '{');
    json_text(
        json, "$ref",
        arena_printf(json->to->arena, "%s%s", shared, status == 401 ? "Unauthorized" : "Problem"));
    json_close(json, '}');
}

/* A page, with what is wrong; a query's faults are told as ever. */
static void add_form_again(struct json *json, const struct route *route)
{
    json_text(json, "description", "The form with what is wrong in it.");
    json_open(json, "content", '{');
    json_open(json, "text/html", '{');
    json_open(json, "schema", '{');
    json_text(json, "type", "string");
    json_close(json, '}');
    json_close(json, '}');
    if (route->query)
        openapi_media_type(json, "application/problem+json", "Problem");
    json_close(json, '}');
}

/* Whether none before it is of its status. */
static bool is_first_of_status(const struct route *route, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (route->returns.items[i].status == route->returns.items[at].status)
            return false;
    return true;
}

/* Without a body's name nothing is said about what the answer holds; only 204, 205 and 304 never
 * hold anything (RFC 9110, 15). */
static void add_answer(struct json *json, const struct route *route,
                       const struct returned *returned)
{
    int status = returned->status;
    bool says = returned->shape || returned->types.n;
    char name[16];
    snprintf(name, sizeof(name), "%d", status);
    json_open(json, name, '{');
    if (!says && status == 422 && route->faults_pos.source) {
        add_form_again(json, route);
    } else if (!says && status >= 400) {
        json_text(json, "$ref", "#/components/responses/Problem");
    } else if (says) {
        json_text(json, "description", answer_description(json->to->arena, route, status));
        add_declared_content(json, route, status);
    } else {
        bool empty = status == 204 || status == 205 || status == 304;
        json_text(json, "description", empty ? "No content." : "The handler's answer.");
        if (!empty)
            add_any_content(json);
    }
    json_close(json, '}');
}

static void add_example(struct json *json, const struct problem *problem)
{
    json_open(json, problem->name.text, '{');
    json_open(json, "value", '{');
    json_text(json, "type", problem->type.text);
    json_text(json, "title", problem->sentence.text);
    json_plain(json, "status", arena_printf(json->to->arena, "%d", problem->status));
    json_text(json, "detail", problem->sentence.text);
    if (problem->pointer.text) {
        json_open(json, "errors", '[');
        json_open(json, NULL, '{');
        json_text(json, "pointer", problem->pointer.text);
        json_text(json, "detail", problem->sentence.text);
        json_close(json, '}');
        json_close(json, ']');
    }
    json_close(json, '}');
    json_close(json, '}');
}

/* All declared problems of one status, the first of which is the i-th. */
static void add_problems_of(struct json *json, const struct route *route, size_t i)
{
    int status = route->problems.items[i]->status;
    struct text sentences = {.arena = json->to->arena};
    for (size_t j = i; j < route->problems.n; j++)
        if (route->problems.items[j]->status == status)
            text_printf(&sentences, "%s%s", sentences.n ? "; or " : "",
                        route->problems.items[j]->sentence.text);
    json_open(json, arena_printf(json->to->arena, "%d", status), '{');
    json_text(json, "description", sentences.items);
    json_open(json, "content", '{');
    json_open(json, "application/problem+json", '{');
    openapi_reference(json, "#/components/schemas/Problem");
    json_open(json, "examples", '{');
    for (size_t j = i; j < route->problems.n; j++)
        if (route->problems.items[j]->status == status)
            add_example(json, route->problems.items[j]);
    for (int depth = 0; depth < 4; depth++)
        json_close(json, '}');
}

static void add_problems(struct json *json, const struct route *route)
{
    for (size_t i = 0; i < route->problems.n; i++) {
        bool first = true;
        for (size_t j = 0; j < i && first; j++)
            first = route->problems.items[j]->status != route->problems.items[i]->status;
        if (first)
            add_problems_of(json, route, i);
    }
}

static void add_declared(struct json *json, const struct route *route)
{
    for (size_t i = 0; i < route->returns.n; i++)
        if (is_first_of_status(route, i))
            add_answer(json, route, &route->returns.items[i]);
    add_problems(json, route);
    if (route->returns.n)
        return;
    json_open(json, "2XX", '{');
    json_text(json, "description", "The handler's answer.");
    json_close(json, '}');
}

static void add_elsewhere(struct json *json, const struct route *route)
{
    if (declares(route, 303))
        return;
    json_open(json, "303", '{');
    json_text(json, "description",
              arena_printf(json->to->arena, "A browser without a token is sent to %s.",
                           route->otherwise.text));
    json_close(json, '}');
}

static void add_faults(struct json *json, const struct route *route)
{
    json_open(json, "422", '{');
    add_form_again(json, route);
    json_close(json, '}');
}

size_t openapi_refusals(const struct tree *tree, const struct route *route,
                        int ret[OPENAPI_REFUSALS])
{
    bool some = route->admits != tree_all_entities(tree) || route->roles.n || route->scope.text;
    const struct {
        int status;
        bool may;
    } all[OPENAPI_REFUSALS] = {
        {400, true},
        {401, is_gated(route) || route->ticket},
        {403, (is_gated(route) && some) || (tree->cookie.text && route->method != METHOD_GET)},
        {404, route->own || route->params.n},
        {413, true},
        {415, route->body || route->accepts.n},
        {422, route->body || route->query || route->headers},
        {429, route->rates.n},
        {500, true},
        {503, true},
    };
    size_t n = 0;
    for (size_t i = 0; i < OPENAPI_REFUSALS; i++)
        if (all[i].may && !declares(route, all[i].status))
            ret[n++] = all[i].status;
    return n;
}

void openapi_responses(struct json *json, const struct tree *tree, const struct route *route)
{
    int refusals[OPENAPI_REFUSALS];
    size_t n = openapi_refusals(tree, route, refusals);
    json_open(json, "responses", '{');
    add_declared(json, route);
    if (route->otherwise.text)
        add_elsewhere(json, route);
    for (size_t i = 0; i < n; i++)
        if (refusals[i] == 422 && route->faults_pos.source)
            add_faults(json, route);
        else
            add_problem(json, refusals[i]);
    json_close(json, '}');
}
