/* route.c: the matched route, held against what its handler is given.
 *
 * The matcher sees a path in which `%2F` and `%5C` are still encoded, a handler sees its parameters
 * decoded, and UUIDs in lower case. Both must mean the same: so the parameters are written back
 * into the path, which is matched again. Where nothing separates in encoded form and no UUID is
 * spelled otherwise the two paths are one and the same, which is asserted of every request that has
 * parameters. */
#include "gate/route.h"

#include "input/path.h"
#include "request/request.h"

#include <assert.h>
#include <errno.h>

const struct gw_route *gw_route_of(const struct gw_request *req, enum gw_method method)
{
    uint16_t index = req->leaf->route[method];
    return index ? &req->app->routes[index - 1] : NULL;
}

static int leads_back(struct gw_request *req, const struct gw_route *route, bool whole,
                      bool backslashes)
{
    struct gw_span segments[GW_MAX_SEGMENTS];
    const struct gw_leaf *leaf = req->leaf, *other;
    const char *path;
    int r = gw_path_rebuild(route, req->path, req->segments, req->params, backslashes, req->arena,
                            &path);
    if (r)
        return r;
    other = req->app->match(path, segments);
    if (!other || other->route[route->method] != leaf->route[route->method])
        return GW_E_MISMATCH;
    return whole && memcmp(other->route, leaf->route, sizeof(leaf->route)) ? GW_E_MISMATCH : 0;
}

/* Whether a parameter is given to the handler in another spelling than the path's. */
static bool is_respelled(const struct gw_request *req, const struct gw_route *route)
{
    for (size_t i = 0; i < route->n_params; i++)
        if (route->params[i].type == GW_TYPE_UUID)
            for (size_t at = 0; at < req->path.len; at++)
                if (req->path.ptr[at] >= 'A' && req->path.ptr[at] <= 'F')
                    return true;
    return false;
}

int gw_route_confirm(struct gw_request *req, const struct gw_route *route, bool whole)
{
    if (!gw_path_has_encoded_separator(req->path)) {
        if (is_respelled(req, route))
            return leads_back(req, route, whole, false);
        assert(!route->n_params || leads_back(req, route, whole, false) != GW_E_MISMATCH);
        return 0;
    }
    int r = leads_back(req, route, whole, false);
    return r ? r : leads_back(req, route, whole, true);
}
