/* status.c: see status.h. */
#include "gate/status.h"

#include "gate/pages.h"
#include "request/context.h"
#include "request/request.h"
#include "token/bearer.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

int gw_status_check(struct gw_server *server, const char **ret_why)
{
    const char *path = server->config.status_path, *why = NULL;
    struct gw_span segments[GW_MAX_SEGMENTS];
    for (size_t i = 0; !why && gw_pages[i].name; i++) {
        const char *page = gw_arena_printf(&server->arena, "%s/%s", path, gw_pages[i].name);
        const struct gw_leaf *leaf = page ? server->app->match(page, segments) : NULL;
        const struct gw_route *route = NULL;
        for (size_t m = 0; leaf && m < GW_N_METHODS; m++)
            if (leaf->route[m])
                route = &server->app->routes[leaf->route[m] - 1];
        if (!page)
            why = "out of memory";
        else if (route)
            why = gw_arena_printf(&server->arena,
                                  "GW_STATUS_PATH is \"%s\": the route %s of %s has %s already; "
                                  "choose another path, like /-",
                                  path, route->pattern, route->where, page);
    }
    *ret_why = why;
    return why ? -EINVAL : 0;
}

/* The page that the path names, or NULL. */
static const struct gw_page *page_of(const struct gw_request *req)
{
    const char *status_path = req->worker->server->config.status_path;
    struct gw_str path = gw_str_from(status_path ? status_path : "");
    if (!path.len || req->path.len <= path.len || req->path.ptr[path.len] != '/' ||
        memcmp(req->path.ptr, path.ptr, path.len))
        return NULL;
    return gw_page_find(req->path.ptr + path.len + 1, req->query_string);
}

bool gw_status_has(const struct gw_request *req)
{
    return page_of(req);
}

static bool may_see(const struct gw_request *req)
{
    const char *wanted = req->worker->server->config.status_token;
    struct gw_str shown;
    if (!req->in.has_authorization || gw_bearer_read(req->in.authorization, &shown))
        return false;
    return shown.len == strlen(wanted) && !CRYPTO_memcmp(shown.ptr, wanted, shown.len);
}

int gw_status_answer(struct gw_request *req)
{
    struct gw_text text = {.arena = req->arena};
    const struct gw_page *page = page_of(req);
    if (!may_see(req))
        return GW_E_MISMATCH;
    page->print(req->worker->server, &text);
    int r = text.failed ? -ENOMEM : gw_bytes(req, 200, page->type, text.ptr, text.len);
    return r ? r : gw_set_header(req, "Cache-Control", "no-store");
}
