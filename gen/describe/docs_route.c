/* docs_route.c: one route on the page of `@docs`. */
#include "describe/docs.h"

#include "describe/explain.h"
#include "describe/html.h"
#include "describe/openapi.h"

#include <string.h>

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

/* A few words beside the path. */
static const char *callers(const struct tree *tree, const struct route *route)
{
    if (route->ticket_name.text)
        return "with a ticket";
    if (route->session_name.text)
        return "with a refresh token";
    if (!is_gated(route))
        return "anybody";
    const char *list = "";
    for (size_t i = 0; i < tree->n_entities; i++) {
        const char *name = tree->tables.items[i]->name.text;
        if (route->admits >> i & 1)
            list = arena_printf(tree->arena, "%s%s%s%s", list, *list ? ", " : "", name,
                                explain_role(tree->arena, route, name));
    }
    return route->guest ? arena_printf(tree->arena, "anybody, or %s", list) : list;
}

static void put_item(const char *text, struct text *to)
{
    text_printf(to, "<li>");
    html_text(to, text);
    text_printf(to, "</li>\n");
}

static void put_gate(const struct tree *tree, const struct route *route, struct text *to)
{
    struct arena *arena = to->arena;
    put_item(arena_printf(arena, "A token of %s%s", explain_callers(tree, route),
                          route->guest ? ", or none at all." : "."),
             to);
    for (size_t i = 0; i < route->roles.n; i++) {
        const char *name = route->roles.items[i].entity.text;
        const char *role = explain_role(arena, route, name);
        put_item(arena_printf(arena, "Of %s only those with %.*s.", name, (int)strlen(role) - 2,
                              role + 1),
                 to);
    }
    if (route->scope.text)
        put_item(arena_printf(arena, "The token has the scope %s.", route->scope.text), to);
    if (route->query_token)
        put_item(route->query_bound
                     ? "The token may stand in the URL, as auth=, if it was made for it."
                     : "The token may stand in the URL, as auth=.",
                 to);
    if (route->otherwise.text)
        put_item(
            arena_printf(arena, "A browser without a token is sent to %s.", route->otherwise.text),
            to);
}

static void put_callers(const struct tree *tree, const struct route *route, struct text *to)
{
    text_printf(to, "<h4>Who may call</h4>\n<ul>\n");
    if (is_gated(route))
        put_gate(tree, route, to);
    else if (route->ticket_name.text)
        put_item("Whoever has the ticket, unspent, in the body or as Authorization: Ticket.", to);
    else if (route->session_name.text)
        put_item("Whoever has the refresh token, in the body or its cookie.", to);
    else
        put_item("Anybody, without a token.", to);
    if (route->own)
        put_item("What it is about must be the caller's own; else it is not found.", to);
    if (tree->cookie.text && route->method != METHOD_GET)
        put_item(route->sets_pos.source ? "A browser may send it from a page of this program."
                                        : "A browser may send it with the cookie from a page of "
                                          "this program.",
                 to);
    for (size_t i = 0; i < route->rates.n; i++)
        put_item(arena_printf(to->arena, "No more than %s.",
                              explain_rate(to->arena, &route->rates.items[i]) + strlen("rate ")),
                 to);
    text_printf(to, "</ul>\n");
}

static void put_params(const struct route *route, struct text *to)
{
    if (!route->params.n && !route->query && !route->headers)
        return;
    text_printf(
        to,
        "<h4>Parameters</h4>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Name</th>"
        "<th scope=\"col\">In</th><th scope=\"col\">Holds</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < route->params.n; i++)
        docs_param_row(route->params.items[i], to);
    for (size_t i = 0; route->query && i < route->query->members.n; i++) {
        const struct member *member = &route->query->members.items[i];
        docs_member_row(member, "query", member_is_required(member) && !member->list, to);
    }
    for (size_t i = 0; route->headers && i < route->headers->members.n; i++) {
        const struct member *member = &route->headers->members.items[i];
        docs_member_row(member, "header", member_is_required(member) && !member->list, to);
    }
    text_printf(to, "</tbody></table></div>\n");
}

static void put_body(const struct route *route, struct text *to)
{
    if (route->body_kind == BODY_NONE)
        return;
    text_printf(to, "<h4>Body</h4>\n<p>");
    if (!route->body) {
        text_printf(to, route->accepts.n ? "Bytes" : "Bytes of any kind");
    } else {
        text_printf(to, route->body_kind == BODY_JSON ? "JSON: " : "A form: ");
        docs_body_link(route->body_name.text, route->body_list, &route->body_count, to);
    }
    if (route->body_optional.source)
        text_printf(to, ", or none");
    for (size_t i = 0; i < route->accepts.n; i++) {
        text_printf(to, i ? " or <code>" : ", as <code>");
        html_text(to, route->accepts.items[i].text);
        text_printf(to, "</code>");
    }
    if (route->limit)
        text_printf(to, ", at most %llu bytes", (unsigned long long)route->limit);
    text_printf(to, "</p>\n");
    if (route->body)
        docs_members(route->body, "", to);
}

/* The body and the media types; false: nothing is said of them. */
static bool put_declared(const struct returned *returned, struct text *to)
{
    if (returned->shape)
        docs_body_link(returned->body.text, returned->list, &returned->count, to);
    for (size_t i = 0; i < returned->types.n; i++) {
        text_printf(to, i ? " or <code>" : returned->shape ? ", as <code>" : "<code>");
        html_text(to, returned->types.items[i].text);
        text_printf(to, "</code>");
    }
    return returned->shape || returned->types.n;
}

static void put_answer(const struct returned *returned, struct text *to)
{
    int status = returned->status;
    text_printf(to, "<tr><th scope=\"row\">%d</th><td>", status);
    if (put_declared(returned, to))
        text_printf(to, "</td></tr>\n");
    else if (status >= 400)
        text_printf(to, "a problem document</td></tr>\n");
    else
        text_printf(to, status == 204 || status == 205 || status == 304 ? "nothing</td></tr>\n"
                                                                        : "what it is</td></tr>\n");
}

static void put_answers(const struct tree *tree, const struct route *route, struct text *to)
{
    int refusals[OPENAPI_REFUSALS];
    size_t n = openapi_refusals(tree, route, refusals);
    text_printf(
        to,
        "<h4>Answers</h4>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Status</th>"
        "<th scope=\"col\">Holds</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < route->returns.n; i++)
        put_answer(&route->returns.items[i], to);
    if (route->faults_pos.source)
        text_printf(to, "<tr><th scope=\"row\">422</th><td>the form again, with what is wrong in "
                        "it</td></tr>\n");
    text_printf(to, "<tr><th scope=\"row\">");
    for (size_t i = 0, shown = 0; i < n; i++)
        if (refusals[i] != 422 || !route->faults_pos.source)
            text_printf(to, "%s%d", shown++ ? ", <wbr>" : "", refusals[i]);
    text_printf(to, "</th><td>a problem document (RFC 9457)</td></tr>\n</tbody></table></div>\n");
}

static void put_summary(const struct tree *tree, const struct route *route, struct text *to)
{
    const char *method = method_names[route->method];
    text_printf(to, "<summary><h3><span class=\"method %s\">%s</span> <code class=\"path\">",
                method, method);
    html_text(to, docs_path(to->arena, route));
    text_printf(to, "</code></h3>");
    if (route->deprecated.pos.source)
        text_printf(to, "<span class=\"old\">deprecated</span>");
    text_printf(to, "<span class=\"who\">");
    html_text(to, callers(tree, route));
    text_printf(to, "</span>");
    if (route->description) {
        text_printf(to, "<span class=\"what\">");
        html_text(to, description_summary(to->arena, route->description));
        text_printf(to, "</span>");
    }
    text_printf(to, "</summary>\n");
}

static void put_lifetime(const struct route *route, struct text *to)
{
    const struct calendar_day *from = &route->deprecated, *to_day = &route->sunset;
    if (!from->pos.source)
        return;
    text_printf(to, "<p class=\"note\">Not to be used any more from %04d-%02d-%02d.", from->year,
                from->month, from->day);
    if (to_day->pos.source)
        text_printf(to, " It may be gone from %04d-%02d-%02d.", to_day->year, to_day->month,
                    to_day->day);
    text_printf(to, "</p>\n");
}

/* What there is behind the summary, which stands above; "": nothing. */
static const char *more_of(const struct route *route, struct arena *arena)
{
    if (!route->description)
        return "";
    const char *more = route->description + strlen(description_summary(arena, route->description));
    return more + strspn(more, " \n");
}

void docs_route(const struct tree *tree, const struct route *route, struct text *to)
{
    const char *more = more_of(route, to->arena);
    text_printf(to, "<details class=\"route\" id=\"route-%u\">\n", route->index + 1);
    put_summary(tree, route, to);
    text_printf(to, "<div class=\"inside\">\n<div class=\"told\">\n");
    put_lifetime(route, to);
    if (*more)
        html_description(to, more);
    put_callers(tree, route, to);
    put_params(route, to);
    put_body(route, to);
    put_answers(tree, route, to);
    text_printf(to, "</div>\n");
    docs_try(tree, route, to);
    text_printf(to, "</div>\n</details>\n");
}
