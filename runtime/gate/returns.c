/* returns.c: a handler's answer against what its route's `returns` promises.
 *
 * routes.def says it to the readers of openapi.json; in a debug build it is held to. The answer is
 * read back by the reader of request bodies, with the declared shape. */
#include "gate/returns.h"

#include "request/refuse.h"
#include "request/request.h"
#include "gate/steps.h"

#ifdef GW_CHECK_RETURNS

static const struct gw_return *find(const struct gw_route *route, int status)
{
    for (size_t i = 0; i < route->n_returns; i++)
        if (route->returns[i].status == status)
            return &route->returns[i];
    return NULL;
}

/* The media type without its parameters (RFC 9110, 8.3.1). */
static bool has_type(const struct gw_response *response, const char *type)
{
    struct gw_str given = response->type;
    const char *end = given.ptr ? memchr(given.ptr, ';', given.len) : NULL;
    if (end)
        given.len = (size_t)(end - given.ptr);
    return gw_str_equal_nocase(given, gw_str_from(type));
}

/* What is wrong with the body, NULL if nothing is. */
static const char *body_fault(struct gw_request *req, const struct gw_shape *shape)
{
    struct gw_response *response = &req->response;
    struct gw_faults faults = {.n = 0};
    const void *body;
    json_t *trees = NULL;
    if (!has_type(response, "application/json"))
        return "it is not JSON";
    if (response->streaming)
        return NULL; /* it is gone */
    int r = gw_body_json(response->body, shape, req->arena, &trees, &faults, &body);
    json_decref(trees);
    if (!r)
        return NULL;
    if (!faults.n)
        return "it could not be read again";
    const char *why =
        gw_arena_printf(req->arena, "`%s` %s", faults.items[0].pointer, faults.items[0].detail);
    return why ? why : "it could not be read again";
}

static const char *answer_fault(struct gw_request *req)
{
    const struct gw_response *response = &req->response;
    const struct gw_return *declared = find(req->route, response->status);
    /* Problem documents may come from anywhere; openapi.json has them all. */
    if (response->status >= 400 && has_type(response, "application/problem+json"))
        return NULL;
    if (!declared && response->status == 422 && req->form_faults)
        return NULL; /* `faults` says so */
    if (!declared)
        return "its status is not declared";
    return declared->shape ? body_fault(req, declared->shape) : NULL;
}

void gw_returns_check(struct gw_request *req)
{
    int status = req->response.status;
    const char *fault = req->route->n_returns ? answer_fault(req) : NULL;
    if (!fault)
        return;
    gw_log(req, "%s answered %d, but not as `returns` in %s says: %s", req->route->handler, status,
           req->route->where, fault);
    if (req->response.streaming)
        req->response.cut = true;
    else
        gw_refuse(req, 500, GW_REASON_RETURNS);
}

#else

void gw_returns_check(struct gw_request *req)
{
}

#endif
