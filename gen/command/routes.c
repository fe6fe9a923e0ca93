/* routes.c: `gatewright routes`: who may call what, as a table or as JSON. */
#include "command/command.h"

#include "base/output.h"
#include "base/text.h"
#include "base/utf8.h"
#include "describe/explain.h"
#include "describe/review.h"

#include <string.h>

static const char *access_text(struct arena *arena, const struct route *route)
{
    static const char *const words[] = {"ignored", "whitelisted", "authorized"};
    if (route->access != ACCESS_ENTITIES)
        return words[route->access];
    const char *text = route->guest ? "guest" : "";
    for (size_t i = 0; i < route->entities.n; i++) {
        const char *name = route->entities.items[i].text;
        text = arena_printf(arena, "%s%s%s%s", text, *text ? "|" : "", name,
                            explain_role(arena, route, name));
    }
    return text;
}

#define N_CELLS 5

static void route_cells(struct compile *compile, const struct route *route,
                        const char *cells[N_CELLS])
{
    cells[0] = method_names[route->method];
    cells[1] = route->pattern;
    cells[2] = access_text(compile->arena, route);
    cells[3] = route->handler.text;
    cells[4] = pos_where(compile->arena, route->pos);
}

static void add_table(struct compile *compile, struct text *text)
{
    const struct tree *tree = compile->tree;
    const char *cells[N_CELLS];
    size_t widths[N_CELLS] = {0};
    for (size_t i = 0; i < tree->routes.n; i++) {
        route_cells(compile, tree->routes.items[i], cells);
        for (int j = 0; j < N_CELLS; j++) {
            size_t n = utf8_characters(cells[j]);
            widths[j] = n > widths[j] ? n : widths[j];
        }
    }
    for (size_t i = 0; i < tree->routes.n; i++) {
        route_cells(compile, tree->routes.items[i], cells);
        for (int j = 0; j < N_CELLS - 1; j++)
            text_printf(text, "%s%*s  ", cells[j], (int)(widths[j] - utf8_characters(cells[j])),
                        "");
        text_printf(text, "%s\n", cells[N_CELLS - 1]);
    }
}

static void add_json_member(struct text *text, const char *name, const char *value)
{
    text_printf(text, "\"%s\": ", name);
    text_json_string(text, value);
    text_printf(text, ", ");
}

static void add_json_route(struct compile *compile, const struct route *route, struct text *text)
{
    text_printf(text, "{");
    add_json_member(text, "method", method_names[route->method]);
    add_json_member(text, "path", route->pattern);
    add_json_member(text, "access", access_text(compile->arena, route));
    add_json_member(text, "handler", route->handler.text);
    if (route->description)
        add_json_member(text, "description", route->description);
    add_json_member(text, "file", route->pos.source->label);
    text_printf(text, "\"line\": %u}", pos_line(route->pos));
}

static void add_json(struct compile *compile, struct text *text)
{
    const struct tree *tree = compile->tree;
    text_printf(text, "[");
    for (size_t i = 0; i < tree->routes.n; i++) {
        text_printf(text, "%s\n  ", i ? "," : "");
        add_json_route(compile, tree->routes.items[i], text);
    }
    text_printf(text, "%s]\n", tree->routes.n ? "\n" : "");
}

int command_routes(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    text_add(&text, "", 0);
    if (compile->options->html)
        review_page(compile->tree, compile->tree->sources.items[0]->label, &text);
    else if (compile->options->json)
        add_json(compile, &text);
    else
        add_table(compile, &text);
    return output_print(&text);
}
