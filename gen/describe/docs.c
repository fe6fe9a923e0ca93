/* docs.c: see docs.h. The routes stand under their first tag, in the order of the tags. */
#include "describe/docs.h"

#include "describe/html.h"
#include "describe/openapi.h"

#include <string.h>

/* What routes without a tag stand under. */
static const char none[] = "Other routes";

static bool stands_under(const struct route *route, const char *tag)
{
    return tag ? route->tags.n && !strcmp(route->tags.items[0].text, tag) : !route->tags.n;
}

static bool is_empty(const struct tree *tree, const char *tag)
{
    for (size_t i = 0; i < tree->routes.n; i++)
        if (stands_under(tree->routes.items[i], tag))
            return false;
    return true;
}

static void put_nav(const struct tree *tree, const char *tag, const char *heading, size_t n,
                    struct text *to)
{
    text_printf(to, "<li><a href=\"#tag-%zu\">", n);
    html_text(to, heading);
    text_printf(to, "</a>\n<ul>\n");
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (!stands_under(route, tag))
            continue;
        text_printf(to, "<li><a href=\"#route-%u\"><span class=\"method %s\">%s</span> ",
                    route->index + 1, method_names[route->method], method_names[route->method]);
        html_text(to, docs_path(to->arena, route));
        text_printf(to, "</a></li>\n");
    }
    text_printf(to, "</ul></li>\n");
}

static void put_section(const struct tree *tree, const char *tag, const char *heading, size_t n,
                        struct text *to)
{
    const char *description = tag ? tag_description(tree, tag) : NULL;
    text_printf(to, "<section class=\"tag\" aria-labelledby=\"tag-%zu\">\n<h2 id=\"tag-%zu\">", n,
                n);
    html_text(to, heading);
    text_printf(to, "</h2>\n");
    if (description)
        html_description(to, description);
    for (size_t i = 0; i < tree->routes.n; i++)
        if (stands_under(tree->routes.items[i], tag))
            docs_route(tree, tree->routes.items[i], to);
    text_printf(to, "</section>\n");
}

typedef void put_tag(const struct tree *tree, const char *tag, const char *heading, size_t n,
                     struct text *to);

/* For each tag that routes stand under, and last for those without one. */
static void each_tag(const struct tree *tree, put_tag *put, struct text *to)
{
    const struct name **tags = arena_alloc(to->arena, (tags_at_most(tree) + 1) * sizeof(*tags));
    size_t n = tags_in_order(tree, tags);
    for (size_t i = 0; i < n; i++)
        if (!is_empty(tree, tags[i]->text))
            put(tree, tags[i]->text, tags[i]->text, i + 1, to);
    if (!is_empty(tree, NULL))
        put(tree, NULL, n ? none : "Routes", n + 1, to);
}

static void put_bodies(const struct tree *tree, struct text *to)
{
    const bool *used = openapi_bodies(tree);
    if (!tree->bodies.n || !memchr(used, true, tree->bodies.n))
        return;
    text_printf(
        to,
        "<section class=\"bodies\" aria-labelledby=\"bodies\">\n<h2 id=\"bodies\">Bodies</h2>\n");
    for (size_t i = 0; i < tree->bodies.n; i++) {
        const struct body *body = tree->bodies.items[i];
        if (!used[i])
            continue;
        text_printf(to, "<div class=\"body\" id=\"body-%s\">\n<h3>%s</h3>\n", body->name.text,
                    body->name.text);
        if (body->description)
            html_description(to, body->description);
        docs_members(body, "", to);
        text_printf(to, "</div>\n");
    }
    text_printf(to, "</section>\n");
}

static void put_token(const struct tree *tree, struct text *to)
{
    if (!tree->n_entities)
        return;
    text_printf(
        to,
        "<form id=\"signed\" class=\"signed\">\n<label for=\"token\">Token</label>\n"
        "<input id=\"token\" type=\"password\" autocomplete=\"off\" spellcheck=\"false\" "
        "aria-describedby=\"token-hint\">\n<p class=\"hint\" id=\"token-hint\">Sent as "
        "<code>Authorization: Bearer</code> with what you try. It stays in this page, and is "
        "gone with it.%s</p>\n</form>\n",
        tree->cookie.text ? " Without one, the browser's cookie is sent." : "");
}

static void put_head(const struct tree *tree, const char *title, struct text *to)
{
    text_printf(to, "<title>");
    html_text(to, title);
    text_printf(to,
                "</title>\n</head>\n<body>\n<a class=\"skip\" href=\"#routes\">To the routes</a>\n"
                "<header>\n<h1>");
    html_text(to, title);
    if (tree->api.version.text) {
        text_printf(to, " <span class=\"version\">");
        html_text(to, tree->api.version.text);
        text_printf(to, "</span>");
    }
    text_printf(to, "</h1>\n");
    if (tree->api.description)
        html_description(to, tree->api.description);
    text_printf(to, "</header>\n");
}

/* Of the first route that has the page: what is in front of it in the browser's address is the
 * mount. */
static const char *own_path(const struct tree *tree)
{
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->runtime == RUNTIME_DOCS)
            return docs_path(tree->arena, tree->routes.items[i]);
    return "";
}

void docs_page(const struct tree *tree, struct text *to)
{
    put_head(tree, tree->api.title.text ? tree->api.title.text : "API", to);
    text_printf(to,
                "<div class=\"frame\">\n<nav aria-label=\"Routes\">\n<div class=\"find\" hidden>\n"
                "<label for=\"find\">Find a route</label>\n<input id=\"find\" type=\"search\" "
                "autocomplete=\"off\" spellcheck=\"false\">\n<p class=\"hint\" id=\"found\" "
                "role=\"status\"></p>\n"
                "</div>\n<ul class=\"list\">\n");
    each_tag(tree, put_nav, to);
    text_printf(to, "</ul>\n</nav>\n<main id=\"routes\" data-docs=\"");
    html_text(to, own_path(tree));
    text_printf(to, "\" tabindex=\"-1\">\n");
    put_token(tree, to);
    each_tag(tree, put_section, to);
    put_bodies(tree, to);
    text_printf(to, "</main>\n</div>\n");
}
