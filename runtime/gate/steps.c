/* steps.c: the steps of docs/design.md, "Request semantics", and, with handler.c, the only
 * place that turns a failure into an HTTP status.
 *
 * The tables at the end give the order. Up to the verified token (the first half) a request needs
 * no store; then the dispatcher loads the rows of all requests in hand together; then the second
 * half runs for each, up to its body. Where that was long in coming, the gate is asked again. A
 * step knows its own check and nothing of the others. */
#include "gate/steps.h"

#include "gate/auth.h"
#include "gate/browser.h"
#include "gate/incoming.h"
#include "gate/rate.h"
#include "gate/media.h"
#include "gate/options.h"
#include "gate/input.h"
#include "input/path.h"
#include "base/clock.h"
#include "request/phrase.h"
#include "request/refuse.h"
#include "request/request.h"
#include "gate/returns.h"
#include "gate/route.h"
#include "gate/slash.h"
#include "request/context.h"
#include "gate/status.h"
#include "gate/ticket.h"
#include "gate/uploads.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

/* A check has failed: for what the request holds, or (`r` below 0) for a fault of ours. */
static void refuse_failed(struct gw_request *req, int r, int status, enum gw_reason reason)
{
    gw_refuse(req, r < 0 ? 500 : status, r < 0 ? GW_REASON_MEMORY : reason);
}

static void refuse_with_challenge(struct gw_request *req, int status, const char *challenge)
{
    gw_refuse(req, status, GW_REASON_NONE);
    if (gw_set_header(req, "WWW-Authenticate", challenge))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

/* ---- 1: framing ----------------------------------------------------------------------------- */

static void step_framing(struct gw_request *req)
{
    int r = gw_incoming_read(req);
    if (r)
        refuse_failed(req, r, 400, req->reason);
}

/* ---- Probes --------------------------------------------------------------------------------- */

/* Why the program would not serve; NULL: it would. What the store's hosts are like, requests and
 * the thread that looks after failed hosts have learned: a probe asks no database. */
static const char *not_ready(const struct gw_server *server)
{
    struct gw_store_host host;
    bool any = false;
    if (atomic_load(&server->stopping))
        return "it stops";
    if (!server->store ||
        (!gw_store_is_suspended(server->store) && !gw_store_host(server->store, 0, &host)))
        return NULL;
    for (size_t i = 0; gw_store_host(server->store, i, &host); i++)
        any |= !host.left;
    return gw_store_is_suspended(server->store) || !any ? "the database is away" : NULL;
}

/* The web server's peers ask so, no client can: before anything else of a request is looked at. */
static void step_probe(struct gw_request *req)
{
    const char *why;
    if (req->role != GW_ROLE_PING && req->role != GW_ROLE_READY)
        return;
    why = req->role == GW_ROLE_READY ? not_ready(req->worker->server) : NULL;
    req->answered = true;
    req->status_page = true;
    if (why)
        req->reason = GW_REASON_STORE_AWAY;
    if (gw_text(req, why ? 503 : 200, why ? why : "pong\n"))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

/* ---- 2: method ------------------------------------------------------------------------------ */

static bool is_method(const struct gw_request *req, const char *name)
{
    return gw_str_equal(req->in.method, gw_str_from(name));
}

static void step_method(struct gw_request *req)
{
    static const char *const others[] = {"HEAD", "OPTIONS", "TRACE", "CONNECT"};
    for (size_t i = 0; i < GW_N_METHODS; i++)
        if (gw_str_equal(req->in.method, gw_method_names[i]))
            return;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (is_method(req, others[i]))
            return;
    gw_refuse(req, 501, GW_REASON_METHOD_UNKNOWN);
}

/* ---- 3: path -------------------------------------------------------------------------------- */

/* `OPTIONS *` asks the whole server (RFC 9110, 9.3.7): what some route may take. */
static void answer_asterisk(struct gw_request *req)
{
    req->answered = true;
    if (gw_empty(req, 204) ||
        gw_set_header(req, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

static void step_path(struct gw_request *req)
{
    if (gw_str_equal(req->in.target, GW_STR("*")) && is_method(req, "OPTIONS") &&
        req->role == GW_ROLE_RESPONDER) {
        answer_asterisk(req);
        return;
    }
    enum gw_reason reason = GW_REASON_NONE;
    int r = gw_path_canonical(req->in.target, req->arena, &req->path, &req->query_string, &reason);
    if (r) {
        refuse_failed(req, r, 400, reason);
        return;
    }
    /* A guard is not who serves the file, and who does decodes in ways of its own. */
    bool separator = gw_path_has_encoded_separator(req->path);
    if (separator && req->role != GW_ROLE_RESPONDER)
        gw_refuse(req, 400, GW_REASON_PATH_SEPARATOR);
    else if (!gw_path_unmount(&req->path, req->worker->server->config.mount))
        gw_refuse(req, separator ? 400 : 404,
                  separator ? GW_REASON_PATH_SEPARATOR : GW_REASON_PATH_MOUNT);
}

/* The status pages lie where no route does. Whoever has not the token sees no sign of them: the
 * answer is made by the next step, as of any path. */
static void step_status(struct gw_request *req)
{
    if (!req->worker->stats || req->role != GW_ROLE_RESPONDER || !gw_status_has(req))
        return;
    int r = gw_status_answer(req);
    if (r == GW_E_MISMATCH) {
        req->reason = GW_REASON_STATUS_TOKEN;
        return;
    }
    req->head = is_method(req, "HEAD");
    req->answered = true;
    req->status_page = r == 0;
    if (r)
        gw_refuse(req, 500, GW_REASON_MEMORY);
    else if (!req->head && !is_method(req, "GET"))
        gw_refuse(req, 405, GW_REASON_METHOD_STATUS);
    if (req->response.status == 405 && gw_set_header(req, "Allow", "GET, HEAD"))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

/* ---- 4: route ------------------------------------------------------------------------------- */

/* The parameters of the first route of another method for which no segment of the path can be
 * divided in two ways. As gw_path_params. */
static int params_of_any(struct gw_request *req, const struct gw_route **ret,
                         enum gw_reason *ret_reason)
{
    int r = GW_E_NOT_FOUND;
    for (size_t m = 0; m < GW_N_METHODS && r == GW_E_NOT_FOUND; m++) {
        if (!req->leaf->route[m])
            continue;
        *ret = gw_route_of(req, m);
        r = gw_path_params(*ret, req->path, req->segments, req->arena, req->params, ret_reason);
    }
    return r;
}

static const struct gw_route *route_for_method(struct gw_request *req)
{
    req->head = is_method(req, "HEAD");
    if (req->head)
        return gw_route_of(req, GW_GET);
    for (size_t m = 0; m < GW_N_METHODS; m++)
        if (gw_str_equal(req->in.method, gw_method_names[m]))
            return gw_route_of(req, m);
    return NULL;
}

static void step_route(struct gw_request *req)
{
    req->leaf = req->app->match(req->path.ptr, req->segments);
    bool slash = !req->leaf && gw_slash_leave_out(req);
    if (!req->leaf) {
        bool separator = gw_path_has_encoded_separator(req->path);
        gw_refuse(req, separator ? 400 : 404,
                  separator ? GW_REASON_PATH_SEPARATOR : GW_REASON_NONE);
        return;
    }
    const struct gw_route *route = route_for_method(req);
    const struct gw_route *shown = route;
    enum gw_reason reason = GW_REASON_NONE;
    int r = route
                ? gw_path_params(route, req->path, req->segments, req->arena, req->params, &reason)
                : params_of_any(req, &shown, &reason);
    if (!r && (r = gw_route_confirm(req, shown, !route)) == GW_E_MISMATCH)
        reason = GW_REASON_PATH_SEPARATOR;
    if (r)
        refuse_failed(req, r, r == GW_E_NOT_FOUND ? 404 : 400, reason);
    else if (is_method(req, "OPTIONS"))
        gw_options_answer(req);
    else if (slash && req->app->slash == GW_SLASH_REDIRECT)
        gw_slash_redirect(req);
    else if (!route)
        gw_options_refuse(req);
    else
        req->route = route;
}

static void step_deadline(struct gw_request *req)
{
    assert(req->route); /* whoever comes here unanswered has one */
    if (req->route->timeout_ms)
        req->deadline_ns = req->started_ns + req->route->timeout_ms * 1000000ULL;
    req->exchange->until_ns = req->route->timeout_ms ? req->deadline_ns : 0;
}

/* ---- 5: length ------------------------------------------------------------------------------ */

static uint64_t body_limit(const struct gw_request *req)
{
    if (req->route->body_kind == GW_BODY_NONE)
        return 0;
    return req->route->limit ? req->route->limit : req->worker->server->config.body_limit;
}

static void step_length(struct gw_request *req)
{
    req->exchange->body_limit = body_limit(req);
    req->arena->limit = GW_REQUEST_MEMORY + (size_t)body_limit(req);
    if (gw_incoming_length(req))
        gw_refuse(req, 400, req->reason);
    else if (req->content_length > body_limit(req))
        gw_refuse_saying(req, 413, GW_REASON_BODY_LONG,
                         body_limit(req)
                             ? gw_arena_printf(req->arena, "the body is longer than %llu bytes",
                                               (unsigned long long)body_limit(req))
                             : "this route takes no body");
}

/* ---- 6: gate -------------------------------------------------------------------------------- */

static void refuse_scope(struct gw_request *req)
{
    const char *challenge = gw_arena_printf(
        req->arena, "Bearer error=\"insufficient_scope\", scope=\"%s\"", req->route->scope);
    if (challenge)
        refuse_with_challenge(req, 403, challenge);
    else
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

/* A bad cookie keeps nobody out who need not be known: browsers send it unasked. */
static bool becomes_guest(struct gw_request *req)
{
    if (!req->token_in_cookie || !req->route->guest)
        return false;
    req->me = (struct gw_caller){.table = NULL};
    req->needs_row = false;
    req->clears_cookie = true;
    req->clears_cookies |= req->access_cookie.n > 1;
    return true;
}

/* `challenge` is for whoever is not sent to sign in. */
static void refuse_token(struct gw_request *req, const char *challenge)
{
    bool sent = gw_browser_is_sent(req);
    req->clears_cookie |= req->token_in_cookie && sent;
    req->clears_cookies |= req->token_in_cookie && req->access_cookie.n > 1;
    if (!sent)
        refuse_with_challenge(req, 401, challenge);
}

/* RFC 6750, 3: what the caller is told. Why, only the log knows. */
static void act_on(struct gw_request *req, enum gw_verdict verdict)
{
    switch (verdict) {
    case GW_ADMIT:
        return;
    case GW_NEED_ROW:
        req->needs_row = true;
        return;
    case GW_NO_CREDENTIALS:
        refuse_token(req, GW_CHALLENGE);
        return;
    case GW_BAD_REQUEST:
        refuse_with_challenge(req, 400, "Bearer error=\"invalid_request\"");
        return;
    case GW_BAD_TOKEN:
        if (!becomes_guest(req))
            refuse_token(req, "Bearer error=\"invalid_token\"");
        return;
    case GW_FORBIDDEN:
        gw_refuse(req, 403, GW_REASON_NONE);
        return;
    case GW_NO_SCOPE:
        refuse_scope(req);
        return;
    case GW_UNAVAILABLE:
        gw_refuse(req, 503, GW_REASON_NONE);
        return;
    case GW_FAILED:
        break;
    }
    gw_refuse(req, 500, GW_REASON_NONE);
}

static void step_token(struct gw_request *req)
{
    int r = gw_input_query(req);
    if (r < 0)
        gw_refuse(req, 500, GW_REASON_MEMORY);
    else
        act_on(req, gw_auth_token(req));
}

#define IS_LATE_NS 5000000000ULL

bool gw_step_token_again(struct gw_request *req)
{
    if (req->answered || req->route->access != GW_ACCESS_GATED ||
        req->route->body_kind == GW_BODY_NONE || gw_now_ns() - req->started_ns < IS_LATE_NS)
        return false;
    req->me = (struct gw_caller){.table = NULL};
    act_on(req, gw_auth_token(req));
    return true;
}

void gw_step_row(struct gw_request *req, int result, void *row)
{
    act_on(req, gw_auth_row(req, result, row));
}

void gw_step_denied(struct gw_request *req, int result)
{
    act_on(req, gw_auth_denied(req, result));
    req->needs_row &= !req->answered;
}

/* ---- 8: own --------------------------------------------------------------------------------- */

static struct gw_value param_value(const struct gw_request *req, int param)
{
    assert(param >= 0 && (size_t)param < req->route->n_params);
    struct gw_value value = {.type = req->route->params[param].type};
    if (value.type == GW_TYPE_INT)
        value.as.i64 = req->params[param].i64;
    else if (value.type == GW_TYPE_UINT)
        value.as.u64 = req->params[param].u64;
    else
        value.as.text = req->params[param].text;
    if (value.type != GW_TYPE_INT && value.type != GW_TYPE_UINT)
        value.type = GW_TYPE_TEXT;
    return value;
}

void gw_step_owned(struct gw_request *req)
{
    const struct gw_own *own = req->route->own;
    if (!own)
        return;
    struct gw_conn *conn = gw_request_conn(req);
    struct gw_value values[GW_MAX_COLUMNS];
    assert(own->n_terms <= GW_MAX_COLUMNS);
    if (!conn) {
        gw_refuse(req, 500, GW_REASON_MEMORY);
        return;
    }
    for (size_t i = 0; i < own->n_terms; i++)
        values[i] = own->terms[i].param < 0 ? req->me.key : param_value(req, own->terms[i].param);
    int r = gw_entity_owned(conn, gw_request_sql(req), own, values, req->arena, req->deadline_ns,
                            &req->owned);
    if (r == GW_E_NOT_FOUND)
        gw_refuse(req, 404, GW_REASON_OWN);
    else if (r)
        gw_refuse(req, gw_store_is_away(r) ? 503 : 500,
                  gw_store_is_away(r) ? GW_REASON_STORE_AWAY : GW_REASON_OWN_FAILED);
}

/* ---- 10 and 11: body and query -------------------------------------------------------------- */

static void step_body(struct gw_request *req)
{
    if (req->route->body_kind == GW_BODY_FORM && gw_incoming_has_body(req))
        gw_uploads_enter(req);
    if (req->answered)
        return;
    int r = gw_input_read(req);
    if (r)
        gw_refuse_body(req, r);
    else if (!req->transport->park) /* it was waited for here */
        gw_request_renew_deadline(req);
}

static void refuse_faults(struct gw_request *req, int status, const struct gw_faults *faults)
{
    req->answered = true;
    req->reason = status == 400 ? GW_REASON_INPUT_SYNTAX : GW_REASON_INPUT_INVALID;
    gw_response_reset(req);
    if (gw_response_problem(req, status, faults, NULL))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

static void step_input(struct gw_request *req)
{
    if (!gw_input_has_shape(req->route))
        return;
    struct gw_faults *faults = gw_arena_alloc(req->arena, sizeof(*faults));
    int r = faults ? gw_input_parse(req, faults) : -ENOMEM;
    if (r == GW_E_SYNTAX)
        refuse_faults(req, 400, faults);
    else if (r == GW_E_INVALID)
        refuse_faults(req, 422, faults);
    else if (r)
        gw_refuse_body(req, r);
}

/* ---- The order ------------------------------------------------------------------------------ */

const struct gw_timed_step gw_first_half[] = {
    {step_framing, GW_PHASE_PARSE},  {step_probe, GW_PHASE_PARSE},
    {step_method, GW_PHASE_PARSE},   {step_path, GW_PHASE_PARSE},
    {step_status, GW_PHASE_HANDLER}, {step_route, GW_PHASE_PARSE},
    {step_deadline, GW_PHASE_PARSE}, {gw_step_rate_address, GW_PHASE_GATE},
    {gw_step_csrf, GW_PHASE_PARSE},  {step_length, GW_PHASE_PARSE},
    {step_token, GW_PHASE_GATE},     {gw_step_rate_caller, GW_PHASE_GATE},
};
const size_t gw_n_first_half = sizeof(gw_first_half) / sizeof(gw_first_half[0]);

const struct gw_timed_step gw_second_half[] = {
    {gw_step_owned, GW_PHASE_STORE},
    {gw_media_check, GW_PHASE_PARSE},
    {step_body, GW_PHASE_WAIT},
};
const size_t gw_n_second_half = sizeof(gw_second_half) / sizeof(gw_second_half[0]);

const struct gw_timed_step gw_last_steps[] = {
    {step_input, GW_PHASE_PARSE},
    {gw_step_rate_body, GW_PHASE_GATE},
    {gw_step_ticket, GW_PHASE_GATE},
    {gw_step_handler, GW_PHASE_HANDLER},
};
const size_t gw_n_last_steps = sizeof(gw_last_steps) / sizeof(gw_last_steps[0]);

const struct gw_timed_step gw_second_half_admit[] = {
    {gw_step_owned, GW_PHASE_STORE},
    {gw_step_admit, GW_PHASE_HANDLER},
};
const size_t gw_n_second_half_admit =
    sizeof(gw_second_half_admit) / sizeof(gw_second_half_admit[0]);
