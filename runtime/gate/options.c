/* options.c: what a path can do: the methods of its routes, and what these take. */
#include "gate/options.h"

#include "gate/media.h"
#include "gate/route.h"
#include "input/path.h"
#include "request/phrase.h"
#include "request/refuse.h"
#include "request/request.h"

#include <errno.h>
#include <stdio.h>

/* The route that has the path, unless the path's segments can be divided in two ways for it; NULL:
 * there is none. */
static const struct gw_route *allowed_route(const struct gw_request *req, enum gw_method method)
{
    union gw_param_value params[GW_MAX_PARAMS];
    enum gw_reason reason;
    const struct gw_route *route = gw_route_of(req, method);
    bool doubted = route && gw_path_params(route, req->path, req->segments, req->arena, params,
                                           &reason) == GW_E_NOT_FOUND;
    return doubted ? NULL : route;
}

/* RFC 9110, 10.2.1: the methods of all routes that have the path. */
static int set_allow(struct gw_request *req, const char *header)
{
    char text[sizeof("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")] = "";
    size_t n = 0;
    _Static_assert(GW_N_METHODS == 5, "room for each method");
    for (size_t m = 0; m < GW_N_METHODS; m++)
        if (allowed_route(req, m))
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s, ", gw_method_names[m].ptr,
                                  m == GW_GET ? ", HEAD" : "");
    snprintf(text + n, sizeof(text) - n, "OPTIONS");
    return gw_set_header(req, header, text);
}

/* Those that the runtime reads, and those that the path's routes take. */
static int set_allowed_headers(struct gw_request *req)
{
    const char *text = "Authorization, Content-Type, If-None-Match";
    for (size_t m = 0; m < GW_N_METHODS; m++) {
        const struct gw_route *route = allowed_route(req, m);
        for (size_t i = 0; route && route->headers && i < route->headers->n_members; i++)
            text = gw_arena_printf(req->arena, "%s, %s", text ? text : "",
                                   route->headers->members[i].name);
    }
    return text ? gw_set_header(req, "Access-Control-Allow-Headers", text) : -ENOMEM;
}

/* RFC 5789, 3.1. */
static int set_accept_patch(struct gw_request *req)
{
    const struct gw_route *route = allowed_route(req, GW_PATCH);
    const char *types = route ? gw_media_accepted(req, route) : "";
    if (!types)
        return -ENOMEM;
    return *types ? gw_set_header(req, "Accept-Patch", types) : 0;
}

void gw_options_answer(struct gw_request *req)
{
    req->answered = true;
    int r = gw_empty(req, 204);
    if (!r)
        r = set_allow(req, "Allow");
    if (!r)
        r = set_accept_patch(req);
    if (!r && req->app->cors && gw_header(req, "Access-Control-Request-Method")) {
        r = set_allow(req, "Access-Control-Allow-Methods");
        if (!r)
            r = set_allowed_headers(req);
        if (!r)
            r = gw_set_header(req, "Access-Control-Max-Age", "600");
    }
    if (r)
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

void gw_options_refuse(struct gw_request *req)
{
    gw_refuse(req, 405, GW_REASON_METHOD_ROUTE);
    if (set_allow(req, "Allow"))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}
