/* url.c: URLs of routes, for the generated url_<handler> functions. */
#include "input/path.h"
#include "request/request.h"
#include "request/context.h"

#include <inttypes.h>

/* The value as text, percent-encoded; NULL where it cannot stand in a path. */
static const char *part_text(struct gw_request *req, const struct gw_url_part *part)
{
    const struct gw_value *value = &part->value;
    const char *encoded;
    if (part->literal)
        return part->literal;
    if (value->type == GW_TYPE_INT)
        return gw_printf(req, "%" PRId64, value->as.i64);
    if (value->type == GW_TYPE_UINT)
        return gw_printf(req, "%" PRIu64, value->as.u64);
    if (!value->as.text || gw_path_encode(req->arena, value->as.text, part->slashes, &encoded))
        return NULL;
    return encoded;
}

/* Whether the router takes the URL for one of the route: read as a request's target is. */
static bool leads_to(struct gw_request *req, const char *url, const struct gw_route *route)
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
    leaf = req->app->match(decoded, segments);
    return leaf && leaf->route[route->method] == index;
}

const char *gw_url_build(struct gw_request *req, size_t route, const struct gw_url_part *parts,
                         size_t n_parts)
{
    const struct gw_route *of = &req->app->routes[route];
    const char *url = req->worker->server->config.mount;
    for (size_t i = 0; url && i < n_parts; i++) {
        const char *text = part_text(req, &parts[i]);
        url = text ? gw_printf(req, "%s%s", url, text) : NULL;
    }
    if (url && leads_to(req, url, of))
        return url;
    gw_log(req, "url_%s: these values make no path of %s", of->handler, of->pattern);
    return NULL;
}
