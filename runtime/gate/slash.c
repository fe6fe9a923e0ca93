/* slash.c: a slash behind the path of a route, where `slash either` or `slash redirect` says what
 * becomes of it.
 *
 * No route's path ends with one, so it is only ever left out. What remains is matched and confirmed
 * as any path is, and a redirect leads there and nowhere else: to a path that a route of this
 * program has. */
#include "gate/slash.h"

#include "request/context.h"
#include "request/refuse.h"
#include "request/request.h"

#include <errno.h>

bool gw_slash_leave_out(struct gw_request *req)
{
    size_t len = req->path.len;
    if (req->app->slash == GW_SLASH_EXACT || len < 2 || req->path.ptr[len - 1] != '/')
        return false;
    char *path = gw_arena_copy(req->arena, req->path.ptr, len - 1);
    const struct gw_leaf *leaf = path ? req->app->match(path, req->segments) : NULL;
    if (!leaf)
        return false;
    req->path = (struct gw_str){path, len - 1};
    req->leaf = leaf;
    return true;
}

void gw_slash_redirect(struct gw_request *req)
{
    const char *query = req->query_string.ptr ? "?" : "";
    const char *location = gw_arena_printf(
        req->arena, "%s%s%s%.*s", req->worker->server->config.mount, req->path.ptr, query,
        (int)req->query_string.len, req->query_string.len ? req->query_string.ptr : "");
    int r = location ? gw_redirect(req, 308, location) : -ENOMEM;
    req->answered = true;
    if (r)
        gw_refuse(req, r == -EINVAL ? 404 : 500, r == -EINVAL ? GW_REASON_NONE : GW_REASON_MEMORY);
}
