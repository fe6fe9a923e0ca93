/* explain.c: `gatewright explain METHOD PATH`: what becomes of a request, and why. */
#include "command/command.h"

#include "base/output.h"
#include "syntax/parse.h"
#include "match/match.h"
#include "match/path_type.h"
#include "describe/explain.h"

#include <string.h>

#define MAX_NEAR 5 /* routes that nearly match which are shown */

struct explanation {
    struct tree *tree;
    struct request_path path;
    const char *written;
    struct text text;
};

static void add_route(struct explanation *explanation, const struct route *route)
{
    text_printf(&explanation->text, "  %s: %s %s  %s\n",
                pos_where(explanation->tree->arena, route->pos), method_names[route->method],
                route->pattern, route->handler.text);
}

/* Its description, a line each. */
static void add_description(struct explanation *explanation, const struct route *route)
{
    for (const char *line = route->description; line && *line;) {
        size_t len = strcspn(line, "\n");
        text_printf(&explanation->text, "%s%.*s\n", len ? "    " : "", (int)len, line);
        line += len + (line[len] != '\0');
    }
}

static void add_segments(struct explanation *explanation, const struct route *route)
{
    struct arena *arena = explanation->tree->arena;
    struct text *to = &explanation->text;
    for (size_t i = 0; i < route->segments.n; i++) {
        const struct segment *segment = &route->segments.items[i];
        const char *text = explanation->path.segments.items[i];
        if (segment->kind == SEGMENT_LITERAL) {
            text_printf(to, "    `%s` is literal\n", text);
        } else if (segment->kind == SEGMENT_PATH) {
            for (size_t j = i + 1; j < explanation->path.segments.n; j++)
                text = arena_printf(arena, "%s/%s", text, explanation->path.segments.items[j]);
            text_printf(to, "    `%s` is %s\n", text, explain_segment(arena, segment));
        } else {
            text_printf(to, "    `%s` fits %s\n", text, explain_segment(arena, segment));
        }
        if (segment->n_parts && !explain_doubt(arena, route, &explanation->path))
            text_printf(to, "    where %s\n", explain_division(arena, segment, text));
    }
}

/* The first segment that separates the two. */
static size_t first_difference(const struct route *a, const struct route *b)
{
    size_t i = 0;
    while (path_segment_compare(&a->segments.items[i], &b->segments.items[i]) == 0)
        i++;
    return i;
}

static void add_losers(struct explanation *explanation, const struct route *winner)
{
    const struct tree *tree = explanation->tree;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route == winner || route->method != winner->method ||
            !explain_attempt(route, &explanation->path).matches)
            continue;
        size_t at = first_difference(winner, route);
        text_printf(&explanation->text, "It goes before, because %s goes before %s:\n",
                    explain_segment(tree->arena, &winner->segments.items[at]),
                    explain_segment(tree->arena, &route->segments.items[at]));
        add_route(explanation, route);
    }
}

static void explain_match(struct explanation *explanation, const struct route *route)
{
    struct text *to = &explanation->text;
    text_printf(to, "This route answers:\n");
    add_route(explanation, route);
    add_description(explanation, route);
    add_segments(explanation, route);
    add_losers(explanation, route);
    const char *doubt = explain_doubt(explanation->tree->arena, route, &explanation->path);
    const char *refused = explain_separators(explanation->tree, route, false, &explanation->path);
    if (doubt)
        text_printf(to, "But %s: 404.\n", doubt);
    else if (refused)
        text_printf(to, "But %s: 400.\n", refused);
    else
        explain_demands(explanation->tree, route, to);
}

/* Why a route does not match, after `fits` segments. */
static const char *reason(struct explanation *explanation, const struct attempt *attempt)
{
    struct arena *arena = explanation->tree->arena;
    const struct route *route = attempt->route;
    if (attempt->fits >= explanation->path.segments.n)
        return arena_printf(arena, "the path ends where %s should come",
                            explain_segment(arena, &route->segments.items[attempt->fits]));
    const char *text = explanation->path.segments.items[attempt->fits];
    if (attempt->fits >= route->segments.n)
        return arena_printf(
            arena, *text ? "the route ends before `%s`" : "the route has no slash at the end%s",
            text);
    if (!*text)
        return "an empty segment fits nothing";
    return arena_printf(arena, "`%s` does not fit %s", text,
                        explain_segment(arena, &route->segments.items[attempt->fits]));
}

static void explain_no_match(struct explanation *explanation)
{
    const struct tree *tree = explanation->tree;
    struct text *to = &explanation->text;
    size_t best = 0, n = 0, n_near = 0;
    text_printf(to, explanation->path.separators
                        ? "No route has this path, and an encoded separator is in it: 400.\n"
                        : "No route has this path: 404.\n");
    for (size_t i = 0; i < tree->routes.n; i++) {
        size_t fits = explain_attempt(tree->routes.items[i], &explanation->path).fits;
        best = fits > best ? fits : best;
    }
    text_printf(to, "%zu routes were tried. Those that come nearest:\n", tree->routes.n);
    for (size_t i = 0; i < tree->routes.n; i++) {
        struct attempt attempt = explain_attempt(tree->routes.items[i], &explanation->path);
        n_near += attempt.fits == best;
        if (attempt.fits != best || n++ >= MAX_NEAR)
            continue;
        add_route(explanation, attempt.route);
        text_printf(to, "    %s\n", reason(explanation, &attempt));
    }
    if (n_near > MAX_NEAR)
        text_printf(to, "  and %zu more\n", n_near - MAX_NEAR);
}

static bool is_doubted(struct explanation *explanation, const struct route *route)
{
    return explain_doubt(explanation->tree->arena, route, &explanation->path);
}

/* The first route, in the order of the methods, that has the path, and of which it is divided in
 * one way if there is such a one: its {:path} decides about encoded separators where no route has
 * the method. */
static const struct route *any_route(struct explanation *explanation)
{
    const struct route *route = NULL;
    for (int i = 0; i < N_METHODS && (!route || is_doubted(explanation, route)); i++) {
        const struct route *other = explain_winner(explanation->tree, i, &explanation->path);
        route = other ? other : route;
    }
    return route;
}

/* What `Allow` says of a path that is not in doubt; "" where no route has it. */
static const char *allowed(struct explanation *explanation)
{
    const char *list = "";
    for (int i = 0; i < N_METHODS; i++) {
        const struct route *route = explain_winner(explanation->tree, i, &explanation->path);
        if (!route || is_doubted(explanation, route))
            continue;
        list = arena_printf(explanation->tree->arena, "%s%s%s%s", list, *list ? ", " : "",
                            method_names[i], i == METHOD_GET ? ", HEAD" : "");
    }
    return *list ? arena_printf(explanation->tree->arena, "%s, OPTIONS", list) : "";
}

static bool is_known_method(const char *method)
{
    return method_by_name(method) >= 0 || !strcmp(method, "HEAD") || !strcmp(method, "OPTIONS") ||
           !strcmp(method, "TRACE") || !strcmp(method, "CONNECT");
}

static void explain(struct explanation *explanation, const char *method)
{
    struct text *to = &explanation->text;
    bool head = !strcmp(method, "HEAD");
    int number = head ? METHOD_GET : method_by_name(method);
    if (!is_known_method(method)) {
        text_printf(to, "`%s` is a method that nobody knows: 501.\n", method);
        return;
    }
    if (explanation->path.problem) {
        text_printf(to, "This path is refused, %s: 400.\n", explanation->path.problem);
        return;
    }
    const char *allow = allowed(explanation), *refused;
    const struct route *any = any_route(explanation);
    const struct route *route =
        number >= 0 ? explain_winner(explanation->tree, number, &explanation->path) : NULL;
    if (head && route)
        text_printf(to, "HEAD follows the GET route and sends no body.\n");
    if (route)
        explain_match(explanation, route);
    else if (!any)
        explain_no_match(explanation);
    else if ((refused = explain_doubt(explanation->tree->arena, any, &explanation->path)))
        text_printf(to, "Other methods have this path, but %s: 404.\n", refused);
    else if ((refused = explain_separators(explanation->tree, any, true, &explanation->path)))
        text_printf(to, "This path is refused, %s: 400.\n", refused);
    else if (!strcmp(method, "OPTIONS"))
        text_printf(to, "The runtime answers: 204 with `Allow: %s`. No token, no handler.\n",
                    allow);
    else
        text_printf(to, "Other methods have this path: 405 with `Allow: %s`.\n", allow);
}

static bool has_route(struct explanation *explanation)
{
    for (int i = 0; i < N_METHODS; i++)
        if (explain_winner(explanation->tree, i, &explanation->path))
            return true;
    return false;
}

/* A slash at the end of a path that only without it has a route. */
static void leave_slash_out(struct explanation *explanation, const char *method)
{
    struct request_path *path = &explanation->path;
    size_t n = path->segments.n;
    if (explanation->tree->slash == SLASH_EXACT || path->problem || n < 2 ||
        *path->segments.items[n - 1] || has_route(explanation))
        return;
    path->segments.n--;
    if (!has_route(explanation))
        path->segments.n++;
    else if (explanation->tree->slash == SLASH_REDIRECT && strcmp(method, "OPTIONS"))
        text_printf(&explanation->text, "308 to the path without the slash at the end; there:\n");
    else
        text_printf(&explanation->text, "The slash at the end is left out.\n");
}

int command_explain(struct compile *compile)
{
    struct explanation explanation = {
        .tree = compile->tree,
        .written = compile->options->words[1],
        .text = {.arena = compile->arena},
    };
    explain_path(compile->arena, explanation.written, &explanation.path);
    leave_slash_out(&explanation, compile->options->words[0]);
    explain(&explanation, compile->options->words[0]);
    return output_print(&explanation.text);
}
