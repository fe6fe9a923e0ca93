/* openapi_info.c: what a document says about the whole: name, version, servers, tags. */
#include "describe/openapi.h"

#include <string.h>

/* An identifier of SPDX; other texts are names. */
static bool is_spdx(const char *text)
{
    return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-+") ==
           strlen(text);
}

static void add_license(struct json *json, const char *license)
{
    if (!license)
        return;
    json_open(json, "license", '{');
    json_text(json, "name", license);
    if (is_spdx(license))
        json_text(json, "identifier", license);
    json_close(json, '}');
}

void openapi_info(struct json *json, const struct tree *tree, const char *title)
{
    const struct api *api = &tree->api;
    json_open(json, "info", '{');
    json_text(json, "title", title ? title : api->title.text ? api->title.text : "API");
    if (api->description)
        json_text(json, "description", api->description);
    json_text(json, "version", api->version.text ? api->version.text : "1");
    add_license(json, api->license.text);
    json_close(json, '}');
}

/* Whether the mount belongs behind it: it has no path of its own. */
static bool takes_mount(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? !strchr(host + 3, '/') : !strcmp(url, "/");
}

struct mount_place openapi_servers(struct json *json, const struct tree *tree, const char *url)
{
    struct mount_place place = {0};
    if (!url)
        url = tree->api.server.text ? tree->api.server.text : "/";
    json_open(json, "servers", '[');
    json_open(json, NULL, '{');
    json_text(json, "url", url);
    if (takes_mount(url)) {
        place.drop = !strcmp(url, "/");
        place.at = json->to->n - 1 - place.drop; /* in front of the quote */
    }
    json_close(json, '}');
    json_close(json, ']');
    return place;
}

static bool is_listed(const struct name *const *tags, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(tags[i]->text, name))
            return true;
    return false;
}

size_t tags_in_order(const struct tree *tree, const struct name **ret)
{
    size_t n = 0;
    for (size_t i = 0; i < tree->tags.n; i++)
        ret[n++] = &tree->tags.items[i].name;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        for (size_t j = 0; j < route->tags.n; j++)
            if (!is_listed(ret, n, route->tags.items[j].text))
                ret[n++] = &route->tags.items[j];
    }
    return n;
}

size_t tags_at_most(const struct tree *tree)
{
    size_t n = tree->tags.n;
    for (size_t i = 0; i < tree->routes.n; i++)
        n += tree->routes.items[i]->tags.n;
    return n;
}

const char *tag_description(const struct tree *tree, const char *name)
{
    for (size_t i = 0; i < tree->tags.n; i++)
        if (!strcmp(tree->tags.items[i].name.text, name))
            return tree->tags.items[i].description;
    return NULL;
}

void openapi_tags(struct json *json, const struct tree *tree)
{
    const struct name **tags = arena_alloc(tree->arena, (tags_at_most(tree) + 1) * sizeof(*tags));
    size_t n = tags_in_order(tree, tags);
    if (!n)
        return;
    json_open(json, "tags", '[');
    for (size_t i = 0; i < n; i++) {
        const char *description = tag_description(tree, tags[i]->text);
        json_open(json, NULL, '{');
        json_text(json, "name", tags[i]->text);
        if (description)
            json_text(json, "description", description);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void openapi_words(struct json *json, const struct route *route)
{
    if (route->tags.n) {
        json_open(json, "tags", '[');
        for (size_t i = 0; i < route->tags.n; i++)
            json_text(json, NULL, route->tags.items[i].text);
        json_close(json, ']');
    }
    if (route->description)
        json_text(json, "summary", description_summary(json->to->arena, route->description));
    if (route->deprecated.pos.source)
        json_plain(json, "deprecated", "true");
}

static void use(const struct body *body, bool *used)
{
    if (!body || used[body->index])
        return;
    used[body->index] = true;
    for (size_t i = 0; i < body->members.n; i++) {
        const struct body *nested;
        for (size_t j = 0; (nested = member_body(&body->members.items[i], j)); j++)
            use(nested, used);
    }
}

/* What members of a query hold; its own declaration is of no interest. */
static void use_members(const struct body *query, bool *used)
{
    const struct body *nested;
    for (size_t i = 0; query && i < query->members.n; i++)
        for (size_t j = 0; (nested = member_body(&query->members.items[i], j)); j++)
            use(nested, used);
}

const bool *openapi_bodies(const struct tree *tree)
{
    bool *used = arena_alloc(tree->arena, tree->bodies.n + 1);
    memset(used, 0, tree->bodies.n);
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        use(route->body, used);
        use_members(route->query, used);
        for (size_t j = 0; j < route->returns.n; j++)
            use(route->returns.items[j].shape, used);
    }
    return used;
}
