/* url.c: URLs of routes, for the generated url_<handler> functions. */
#include "input/path.h"
#include "request/request.h"
#include "request/context.h"

#include <inttypes.h>
#include <strings.h>

/* "." and "..", which are no segments: with text beside them they are part of one. */
static bool is_dots_beside(const struct gw_param *param, const char *text)
{
    bool beside = param->skip || param->drop || param->segment & GW_DIVIDED;
    return beside && *text && text[strspn(text, ".")] == '\0';
}

/* The value as text, percent-encoded; NULL where it cannot stand in a path. */
static const char *value_text(struct gw_request *req, const struct gw_param *param,
                              const union gw_param_value *value)
{
    enum gw_type type = param->type;
    const char *encoded;
    if (type == GW_TYPE_INT)
        return gw_printf(req, "%" PRId64, value->i64);
    if (type == GW_TYPE_UINT)
        return gw_printf(req, "%" PRIu64, value->u64);
    if (value->text && is_dots_beside(param, value->text))
        return value->text;
    if (!value->text || gw_path_encode(req->arena, value->text, type == GW_TYPE_PATH, &encoded))
        return NULL;
    return encoded;
}

/* Behind the `}` of the parameter whose `{` is here. Braces may stand in an expression:
 * `{code:like "[A-Z]{3}"}`. */
static const char *behind_param(const char *at)
{
    static const char like[] = ":like \"";
    at += strcspn(at, ":}");
    if (!strncmp(at, like, sizeof(like) - 1))
        for (at += sizeof(like) - 1; *at && *at != '"'; at++)
            at += *at == '\\' && at[1];
    return at + strcspn(at, "}") + 1;
}

/* The mount point and the pattern, its `{...}` replaced in their order. */
static const char *fill(struct gw_request *req, const struct gw_route *route,
                        const union gw_param_value *values)
{
    const char *url = req->worker->server->config.mount, *at = route->pattern;
    for (size_t i = 0; url && i < route->n_params; i++) {
        size_t n = strcspn(at, "{");
        const char *text = value_text(req, &route->params[i], &values[i]);
        url = text ? gw_printf(req, "%s%.*s%s", url, (int)n, at, text) : NULL;
        at = behind_param(at + n);
    }
    return url ? gw_printf(req, "%s%s", url, at) : NULL;
}

/* A UUID has one spelling behind the router, whatever the handler gave. */
static bool is_value(const struct gw_param *param, const union gw_param_value *a,
                     const union gw_param_value *b)
{
    switch (param->type) {
    case GW_TYPE_INT:
        return a->i64 == b->i64;
    case GW_TYPE_UINT:
        return a->u64 == b->u64;
    case GW_TYPE_UUID:
        return !strcasecmp(a->text, b->text);
    default:
        return !strcmp(a->text, b->text);
    }
}

/* Whether the router takes the URL for the one of the route with these values: read as a request's
 * target is. */
static bool leads_to(struct gw_request *req, const char *url, const struct gw_route *route,
                     const union gw_param_value *values)
{
    struct gw_span segments[GW_MAX_SEGMENTS];
    union gw_param_value params[GW_MAX_PARAMS];
    struct gw_str path, query;
    const char *decoded;
    enum gw_reason reason;
    const struct gw_leaf *leaf;
    size_t index = (size_t)(route - req->app->routes) + 1;
    if (gw_path_canonical(gw_str_from(url), req->arena, &path, &query, &reason) || query.ptr ||
        !gw_path_unmount(&path, req->worker->server->config.mount))
        return false;
    leaf = req->app->match(path.ptr, segments);
    if (!leaf || leaf->route[route->method] != index ||
        gw_path_params(route, path, segments, req->arena, params, &reason) ||
        gw_path_rebuild(route, path, segments, params, true, req->arena, &decoded))
        return false;
    for (size_t i = 0; i < route->n_params; i++)
        if (!is_value(&route->params[i], &params[i], &values[i]))
            return false;
    leaf = req->app->match(decoded, segments);
    return leaf && leaf->route[route->method] == index;
}

const char *gw_url_build(struct gw_request *req, size_t route, const union gw_param_value *values)
{
    const struct gw_route *of = &req->app->routes[route];
    const char *url = fill(req, of, values);
    if (url && leads_to(req, url, of, values))
        return url;
    gw_log(req, "url_%s: these values make no path of %s", of->handler, of->pattern);
    return NULL;
}
