/* docs_try.c: the form with which the page of `@docs` sends a request.
 *
 * It is inert without the page's script, which reads where each field goes from `data-in`. */
#include "describe/docs.h"

#include "describe/fields.h"
#include "describe/html.h"
#include "describe/sample.h"

#include <string.h>

/* A label and the beginning of its field, whose id is made of the route and `n`. */
static void put_label(const struct route *route, size_t n, const char *label, bool needed,
                      struct text *to)
{
    text_printf(to, "<p class=\"field\"><label for=\"field-%u-%zu\">", route->index + 1, n);
    html_text(to, label);
    text_printf(to, "%s</label>", needed ? " <em>needed</em>" : "");
}

static void put_input(const struct route *route, size_t n, const char *place, const char *name,
                      bool needed, struct text *to)
{
    put_label(route, n, name, needed, to);
    text_printf(to, "<input id=\"field-%u-%zu\" data-in=\"%s\" data-name=\"", route->index + 1, n,
                place);
    html_text(to, name);
    text_printf(to, "\"%s autocomplete=\"off\" spellcheck=\"false\"></p>\n",
                needed ? " required" : "");
}

static size_t put_params(const struct route *route, struct text *to)
{
    size_t n = 0;
    for (size_t i = 0; i < route->params.n; i++)
        put_input(route, n++, param_kind(route->params.items[i]) == SEGMENT_PATH ? "rest" : "path",
                  route->params.items[i]->param.text, true, to);
    struct fields fields = {0};
    if (route->query)
        fields = fields_of(to->arena, route->query);
    for (size_t i = 0; i < fields.list.n; i++) {
        const struct field *field = &fields.list.items[i];
        bool repeated = field->member->list && !field->member->by.text;
        put_input(route, n++, repeated ? "repeated" : "query", field->name,
                  field->needed && !field->member->list, to);
    }
    for (size_t i = 0; route->headers && i < route->headers->members.n; i++) {
        const struct member *member = &route->headers->members.items[i];
        put_input(route, n++, "header", member->outer, member_is_required(member) && !member->list,
                  to);
    }
    return n;
}

/* A field for each member: what holds files comes in parts. */
static void put_parts(const struct route *route, size_t n, struct text *to)
{
    struct fields fields = fields_of(to->arena, route->body);
    for (size_t i = 0; i < fields.list.n; i++) {
        const struct member *member = fields.list.items[i].member;
        bool repeated = member->list && !member->by.text;
        bool needed = fields.list.items[i].needed && !member->list && !route->body_optional.source;
        if (member->type != TYPE_FILE) {
            put_input(route, n + i, repeated ? "parts" : "part", fields.list.items[i].name, needed,
                      to);
            continue;
        }
        put_label(route, n + i, member->outer, needed, to);
        text_printf(to, "<input id=\"field-%u-%zu\" data-in=\"upload\" data-name=\"",
                    route->index + 1, n + i);
        html_text(to, member->outer);
        text_printf(to, "\" type=\"file\"%s></p>\n", needed ? " required" : "");
    }
}

static const char *type_of(const struct route *route)
{
    if (route->body_kind == BODY_FORM)
        return "application/x-www-form-urlencoded";
    return route->accepts.n ? route->accepts.items[0].text : "application/json";
}

static void put_text_body(const struct route *route, size_t n, struct text *to)
{
    struct text sample = {.arena = to->arena};
    if (route->body_kind == BODY_FORM)
        sample_form(route->body, &sample);
    else if (route->body_list)
        sample_list(route->body, &route->body_count, &sample);
    else
        sample_body(route->body, &sample);
    put_label(route, n, route->body_optional.source ? "Body; empty: none" : "Body", false, to);
    text_printf(to, "<textarea id=\"field-%u-%zu\" data-in=\"body\" data-type=\"", route->index + 1,
                n);
    html_text(to, type_of(route));
    text_printf(to, "\" rows=\"6\" spellcheck=\"false\">");
    html_text(to, sample.n && sample.n <= SAMPLE_MAX ? sample.items : "");
    text_printf(to, "</textarea></p>\n");
}

static void put_body(const struct route *route, size_t n, struct text *to)
{
    if (route->body_kind == BODY_RAW) {
        put_label(route, n, "Body, a file", false, to);
        text_printf(to, "<input id=\"field-%u-%zu\" data-in=\"file\" type=\"file\"></p>\n",
                    route->index + 1, n);
    } else if (route->body && body_file(route->body)) {
        put_parts(route, n, to);
    } else if (route->body) {
        put_text_body(route, n, to);
    }
}

void docs_try(const struct tree *tree, const struct route *route, struct text *to)
{
    text_printf(to, "<form class=\"try\" data-method=\"%s\" data-path=\"",
                method_names[route->method]);
    html_text(to, docs_path(to->arena, route));
    text_printf(to, "\"%s%s>\n<h4>Try it</h4>\n", tree->cookie.text ? " data-cookies" : "",
                route->body_optional.source ? " data-optional" : "");
    put_body(route, put_params(route, to), to);
    text_printf(to, "<p class=\"row\"><button>Send <span class=\"hide\">%s ",
                method_names[route->method]);
    html_text(to, docs_path(to->arena, route));
    text_printf(
        to, "</span></button></p>\n<div class=\"answer\" aria-live=\"polite\"></div>\n</form>\n");
}
