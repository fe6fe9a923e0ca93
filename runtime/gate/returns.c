/* returns.c: a handler's answer against what its route's `returns` promises.
 *
 * routes.def says it to the readers of openapi.json; in a debug build it is held to. The answer is
 * read back by the reader of request bodies, with the declared shape. */
#include "gate/returns.h"

#include "request/refuse.h"
#include "request/request.h"
#include "gate/steps.h"

#ifdef GW_CHECK_RETURNS

/* The media type without its parameters, in whatever case (RFC 9110, 8.3.1); `type` may be all of a
 * family, as "image/" and a star. */
static bool has_type(const struct gw_response *response, const char *type)
{
    struct gw_str given = response->type, wanted = gw_str_from(type);
    const char *end = given.ptr ? memchr(given.ptr, ';', given.len) : NULL;
    if (end)
        given.len = (size_t)(end - given.ptr);
    while (given.len && (given.ptr[given.len - 1] == ' ' || given.ptr[given.len - 1] == '\t'))
        given.len--;
    if (wanted.ptr[wanted.len - 1] != '*')
        return gw_str_equal_nocase(given, wanted);
    wanted.len--;
    return given.len > wanted.len &&
           gw_str_equal_nocase((struct gw_str){given.ptr, wanted.len}, wanted);
}

/* Of a file that the web server is told to send by a header, without a type, it chooses one. */
static bool is_chosen_by_server(const struct gw_response *response)
{
    return !response->type.ptr && (gw_response_header(response, GW_STR("X-Accel-Redirect")) ||
                                   gw_response_header(response, GW_STR("X-Sendfile")));
}

static bool has_declared_type(const struct gw_response *response, const struct gw_return *declared)
{
    if (!declared->types)
        return !declared->shape || has_type(response, "application/json");
    for (const char *const *type = declared->types; *type; type++)
        if (has_type(response, *type))
            return true;
    return !declared->shape && is_chosen_by_server(response);
}

/* The one of the answer's status and type; *ret_misfit: one of its status alone. Both NULL: there
 * is neither. */
static const struct gw_return *find(const struct gw_request *req,
                                    const struct gw_return **ret_misfit)
{
    *ret_misfit = NULL;
    for (size_t i = 0; i < req->route->n_returns; i++) {
        const struct gw_return *declared = &req->route->returns[i];
        if (declared->status != req->response.status)
            continue;
        if (has_declared_type(&req->response, declared))
            return declared;
        *ret_misfit = declared;
    }
    return NULL;
}

/* What is wrong with the body, NULL if nothing is. */
static const char *body_fault(struct gw_request *req, const struct gw_shape *shape)
{
    struct gw_response *response = &req->response;
    struct gw_faults faults = {.n = 0};
    const void *body;
    json_t *trees = NULL;
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
    const struct gw_return *misfit, *declared = find(req, &misfit);
    /* Problem documents may come from anywhere; openapi.json has them all. */
    if (response->status >= 400 && has_type(response, "application/problem+json"))
        return NULL;
    if (!declared && !misfit && response->status == 422 && req->form_faults)
        return NULL; /* `faults` says so */
    if (!declared && misfit)
        return misfit->types ? "its media type is not declared" : "it is not JSON";
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
