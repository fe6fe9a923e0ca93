/* route.c: the matched route, held against what its handler is given.
 *
 * The matcher sees a path in which `%2F` and `%5C` are still encoded, a handler sees its parameters
 * decoded. Both must mean the same: so the parameters are written back into the path, which is
 * matched again. Where nothing separates in encoded form the two paths are one and the same, which
 * is asserted of every request that has parameters. */
#include "gate/route.h"

#include "input/path.h"
#include "request/request.h"

#include <assert.h>
#include <errno.h>

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

int gw_route_confirm(struct gw_request *req, const struct gw_route *route, bool whole)
{
    if (!gw_path_has_encoded_separator(req->path)) {
        assert(!route->n_params || leads_back(req, route, whole, false) != GW_E_MISMATCH);
        return 0;
    }
    int r = leads_back(req, route, whole, false);
    return r ? r : leads_back(req, route, whole, true);
}
