/* review.c: see review.h.
 *
 * Each cell says in words what its colour says. What a reviewer looks for first stands above the
 * matrix: routes that change something and ask for no token, and tokens in URLs. */
#include "describe/review.h"

#include "describe/explain.h"
#include "describe/html.h"

#include <string.h>

static const char head[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Who may call what</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; --text: #1b1f24; --page: #fff; --line: #767c85; --soft: "
    "#f3f5f7;\n"
    "  --yes: #d7f0dc; --part: #fdf0c4; --open: #fbdcd4; --quiet: #505862; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --text: #e8eaed; --page: #16191d; --line: #868d97; --soft: #22262c; --yes: "
    "#1c4427;\n"
    "    --part: #4a3d0d; --open: #5c2418; --quiet: #b4bbc4; }\n"
    "}\n"
    "body { margin: 0; padding: 1.5rem; background: var(--page); color: var(--text);\n"
    "  font: 1rem/1.5 system-ui, sans-serif; }\n"
    "main { max-width: 80rem; margin: auto; }\n"
    "h1 { font-size: 1.6rem; margin: 0 0 .5rem; }\n"
    "h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; }\n"
    "code, pre { font-family: ui-monospace, monospace; font-size: .9em; }\n"
    "pre { white-space: pre-wrap; margin: .5rem 0; }\n"
    ".scroll { overflow-x: auto; border: 1px solid var(--line); margin-top: 1.5rem; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "caption { text-align: left; padding: .5rem .75rem; color: var(--quiet); }\n"
    "th, td { border-top: 1px solid var(--line); padding: .4rem .75rem; text-align: left;\n"
    "  vertical-align: top; font-weight: normal; }\n"
    "thead th { background: var(--soft); font-weight: 600; white-space: nowrap; }\n"
    "tbody th code { font-weight: 600; overflow-wrap: anywhere; }\n"
    ".method { display: inline-block; min-width: 4.2em; }\n"
    "summary { color: var(--quiet); cursor: pointer; }\n"
    "td { white-space: nowrap; }\n"
    "a { color: inherit; }\n"
    ".yes { background: var(--yes); }\n"
    ".part { background: var(--part); }\n"
    ".open { background: var(--open); }\n"
    ".no { color: var(--quiet); }\n"
    "@media print { .scroll { overflow: visible; } details { display: none; } }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n"
    "<main>\n"
    "<h1>Who may call what</h1>\n";

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

static bool changes(const struct route *route)
{
    return route->method != METHOD_GET;
}

static void put_cell(struct text *to, const char *class, const char *text)
{
    text_printf(to, "<td class=\"%s\">", class);
    html_text(to, text);
    text_printf(to, "</td>");
}

/* What a route asks for in place of an access token; NULL: nothing. */
static const char *asked_instead(const struct route *route)
{
    return route->ticket_name.text    ? "with a ticket"
           : route->session_name.text ? "with a refresh token"
                                      : NULL;
}

/* Without a token. */
static void put_stranger(struct text *to, const struct route *route)
{
    if (asked_instead(route))
        put_cell(to, "part", asked_instead(route));
    else if (!is_gated(route))
        put_cell(to, changes(route) ? "open" : "yes", "yes");
    else
        put_cell(to, route->guest ? "part" : "no", route->guest ? "as a guest" : "no");
}

static void put_caller(struct text *to, const struct route *route, const struct table *entity,
                       size_t bit)
{
    const char *role = explain_role(to->arena, route, entity->name.text);
    if (asked_instead(route))
        put_cell(to, "part", asked_instead(route));
    else if (!is_gated(route))
        put_cell(to, "yes", "yes");
    else if (!(route->admits >> bit & 1))
        put_cell(to, "no", "no");
    else if (*role) /* `(role = "admin")` */
        put_cell(to, "part", arena_printf(to->arena, "if %.*s", (int)strlen(role) - 2, role + 1));
    else
        put_cell(to, "yes", "yes");
}

static void put_line(struct text *to, const char *line)
{
    text_printf(to, "<div>");
    html_text(to, line);
    text_printf(to, "</div>");
}

/* What holds beside the token. */
static void put_conditions(struct text *to, const struct route *route)
{
    text_printf(to, "<td>");
    if (route->own) {
        const char *line = arena_printf(to->arena, "own %s(", route->own->name.text);
        for (size_t i = 0; i < route->own_terms.n; i++) {
            const struct own_term *term = &route->own_terms.items[i];
            line = arena_printf(to->arena, "%s%s%s = %s%s%s", line, i ? ", " : "",
                                term->column.text, term->param_index < 0 ? "me" : "{",
                                term->param_index < 0 ? "" : term->param.text,
                                term->param_index < 0 ? "" : "}");
        }
        put_line(to, arena_printf(to->arena, "%s)", line));
    }
    if (route->ticket_name.text)
        put_line(to, arena_printf(to->arena, "ticket %s", route->ticket_name.text));
    if (route->scope.text)
        put_line(to, arena_printf(to->arena, "scope \"%s\"", route->scope.text));
    for (size_t i = 0; i < route->rates.n; i++)
        put_line(to, explain_rate(to->arena, &route->rates.items[i]));
    if (route->query_token)
        put_line(to, route->query_bound ? "the token may stand in the URL, made for this path"
                                        : "the token may stand in the URL");
    text_printf(to, "</td>");
}

/* `link`: where its path leads; NULL: nowhere. */
static void put_name(struct text *to, const struct route *route, const char *link)
{
    text_printf(to, "<code><span class=\"method\">%s</span> ", method_names[route->method]);
    if (link)
        text_printf(to, "<a href=\"#%s\">", link);
    html_text(to, route->pattern);
    text_printf(to, "%s</code>", link ? "</a>" : "");
}

static void put_route(const struct tree *tree, const struct route *route, struct text *to)
{
    struct text demands = {.arena = to->arena};
    text_printf(to, "<tr id=\"r%u\"><th scope=\"row\">", route->index + 1);
    put_name(to, route, NULL);
    if (route->description)
        put_line(to, description_summary(to->arena, route->description));
    text_printf(to, "<details><summary>");
    html_text(to, route->handler.text);
    text_printf(to, ", ");
    html_text(to, pos_where(to->arena, route->pos));
    text_printf(to, "</summary><pre>");
    explain_demands(tree, route, &demands);
    html_text(to, demands.items);
    text_printf(to, "</pre></details></th>");
    put_stranger(to, route);
    for (size_t i = 0; i < tree->n_entities; i++)
        put_caller(to, route, tree->tables.items[i], i);
    put_conditions(to, route);
    text_printf(to, "</tr>\n");
}

/* Links to the routes of which `test` is true, below a heading. */
static void put_list(const struct tree *tree, const char *heading,
                     bool (*test)(const struct route *), struct text *to)
{
    size_t n = 0;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (!test(route))
            continue;
        if (!n++)
            text_printf(to, "<h2>%s</h2>\n<ul>\n", heading);
        text_printf(to, "<li>");
        put_name(to, route, arena_printf(to->arena, "r%u", route->index + 1));
        text_printf(to, "</li>\n");
    }
    if (n)
        text_printf(to, "</ul>\n");
}

static bool changes_for_all(const struct route *route)
{
    return changes(route) && !is_gated(route) && !asked_instead(route);
}

static bool takes_tokens_in_urls(const struct route *route)
{
    return route->query_token;
}

void review_page(const struct tree *tree, const char *file, struct text *to)
{
    text_printf(to, "%s<p>%zu routes and %zu entities of <code>", head, tree->routes.n,
                (size_t)tree->n_entities);
    html_text(to, file);
    text_printf(
        to, "</code>. Whoever calls without a token is nobody; a deleted or blocked account is "
            "refused as a bad token is. Open a line to see all that it demands, in order.</p>\n");
    put_list(tree, "Changes something and asks for no token", changes_for_all, to);
    put_list(tree, "Takes a token in the URL", takes_tokens_in_urls, to);
    text_printf(to, "<div class=\"scroll\" role=\"region\" aria-label=\"Routes and callers\" "
                    "tabindex=\"0\">\n<table>\n<caption>Each route, and who may call it</caption>\n"
                    "<thead><tr><th scope=\"col\">Route</th><th scope=\"col\">nobody</th>");
    for (size_t i = 0; i < tree->n_entities; i++) {
        text_printf(to, "<th scope=\"col\">");
        html_text(to, tree->tables.items[i]->name.text);
        text_printf(to, "</th>");
    }
    text_printf(to, "<th scope=\"col\">and only if</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < tree->routes.n; i++)
        put_route(tree, tree->routes.items[i], to);
    text_printf(to, "</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>\n");
}
