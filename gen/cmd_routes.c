/* cmd_routes.c: `gatewright routes`: who may call what, as a table or as JSON. */
#include "command.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static const char *access_text(struct arena *arena, const struct route *route)
{
    static const char *const words[] = {"ignored", "whitelisted", "authorized"};
    if (route->access != ACCESS_ENTITIES)
        return words[route->access];
    const char *text = route->guest ? "guest" : "";
    for (size_t i = 0; i < route->entities.n; i++)
        text = arena_printf(arena, "%s%s%s", text, *text ? "|" : "", route->entities.items[i].text);
    return text;
}

static int wider(size_t width, const char *text)
{
    size_t len = strlen(text);
    return (int)(len > width ? len : width);
}

static void add_table(struct compile *compile, struct text *text)
{
    const struct tree *tree = compile->tree;
    int path = 0, access = 0, handler = 0;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        path = wider((size_t)path, route->pattern);
        access = wider((size_t)access, access_text(compile->arena, route));
        handler = wider((size_t)handler, route->handler.text);
    }
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        text_printf(text, "%-6s  %-*s  %-*s  %-*s  %s\n", method_names[route->method], path,
                    route->pattern, access, access_text(compile->arena, route), handler,
                    route->handler.text, pos_where(compile->arena, route->pos));
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
    if (compile->options->json)
        add_json(compile, &text);
    else
        add_table(compile, &text);
    if (fwrite(text.items, 1, text.n, stdout) != text.n || fflush(stdout) != 0) {
        perror("gatewright: standard output");
        return 1;
    }
    return 0;
}
