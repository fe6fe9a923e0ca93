/* handler.c: the last step: the application's handler, and which status its result is. */
#include "gate/returns.h"
#include "gate/steps.h"
#include "gate/ticket.h"
#include "request/context.h"
#include "request/refuse.h"
#include "request/request.h"

#include <errno.h>
#include <string.h>

/* A handler's result as a status; 0 where the handler has answered. */
static int status_of_result(struct gw_request *req, int r)
{
    static const short statuses[] = {
        [0] = 0,
        [GW_E_NOT_FOUND] = 404,
        [GW_E_DUPLICATE] = 409,
        [GW_E_MISMATCH] = 401,
        [GW_E_NO_TOKEN] = 401,
        [GW_E_REFERENCED] = 409,
        [GW_E_RANGE] = 422,
        [GW_E_TOO_LARGE] = 413,
        [GW_E_CONFLICT] = 503,
        [GW_E_BLOCKED] = 401,
    };
    if (r >= 400 && r <= 599)
        return r;
    if (gw_store_is_away(r))
        return 503;
    if (r == -ENOSPC || r == -EDQUOT) {
        gw_log(req, "%s failed: %s", req->route->handler, strerror(-r));
        return 503;
    }
    if (r >= 0 && (size_t)r < sizeof(statuses) / sizeof(statuses[0]))
        return statuses[r];
    if (r < 0)
        gw_log(req, "%s failed: %s", req->route->handler, strerror(-r));
    else
        gw_log(req, "%s returned %d, which means nothing", req->route->handler, r);
    return 500;
}

static void end_stream(struct gw_request *req, int r)
{
    if (r == 0)
        return;
    gw_log(req, "%s failed (%d) after it had begun to answer", req->route->handler, r);
    req->response.cut = true;
}

static bool left_transaction_open(struct gw_request *req)
{
    struct gw_conn *conn = req->worker->conn;
    if (!conn || !gw_conn_in_transaction(conn) || req->spends_ticket)
        return false;
    gw_conn_rollback(conn);
    return true;
}

/* Why the answer is 503, where that is the store's doing, whether the handler has made the answer
 * or not. */
static enum gw_reason reason_of_store(const struct gw_request *req,
                                      const struct gw_conn_counts *before, int r)
{
    const struct gw_conn *conn = req->worker->conn;
    bool unavailable = gw_store_is_away(r) || r == GW_E_CONFLICT || r == 503 ||
                       (!r && req->response.status == 503);
    if (!unavailable || !conn)
        return GW_REASON_NONE;
    const struct gw_conn_counts *now = gw_conn_counts(conn);
    bool away = now->away + now->late + now->busy > before->away + before->late + before->busy;
    return away                 ? GW_REASON_STORE_AWAY
           : r == GW_E_CONFLICT ? GW_REASON_STORE_CONFLICT
                                : GW_REASON_NONE;
}

/* A form was shown again, with another status than one of success. */
static bool has_shown_faults(const struct gw_request *req, int r)
{
    return req->form_faults &&
           (r ? r >= 400 && r < 500 : req->response.status >= 400 && req->response.status < 500);
}

/* A handler's own statements count as the store's time. */
static int call_handler(struct gw_request *req, const struct gw_args *args)
{
    struct gw_worker *worker = req->worker;
    struct gw_conn_counts before = {0};
    if (worker->conn)
        before = *gw_conn_counts(worker->conn);
    req->statement_ms = req->route->timeout_ms;
    int r = req->route->call(req, args);
    req->statement_ms = 0;
    if (!req->reason)
        req->reason = reason_of_store(req, &before, r);
    if (!req->reason && has_shown_faults(req, r))
        req->reason = GW_REASON_INPUT_INVALID;
    if (req->marked_ns && worker->conn) {
        uint64_t spent = gw_conn_counts(worker->conn)->busy_ns - before.busy_ns;
        req->phase_ns[GW_PHASE_STORE] += spent;
        req->marked_ns += spent;
    }
    return r;
}

void gw_step_handler(struct gw_request *req)
{
    struct gw_args args = {
        .me = req->route->passes_me ? req->me.row : NULL,
        .params = req->params,
        .owned = req->owned,
        .owner = req->owner,
        .query = req->query,
        .headers = req->headers,
        .body = req->body,
        .form = req->form,
    };
    int r = call_handler(req, &args);
    bool open = left_transaction_open(req);
    req->answered = true;
    if (req->response.streaming) {
        end_stream(req, open ? 500 : r);
        gw_returns_check(req);
        return;
    }
    int status = status_of_result(req, r);
    if (!status && open) {
        gw_log(req, "%s left its transaction open", req->route->handler);
        status = 500;
    } else if (!status && req->response.broken) {
        status = 500;
    } else if (!status && !req->response.status) {
        gw_log(req, "%s returned 0 without a response", req->route->handler);
        status = 500;
    }
    if (req->spends_ticket)
        status = gw_ticket_end(req, status);
    if (status)
        gw_refuse(req, status, status == 500 ? GW_REASON_HANDLER : GW_REASON_NONE);
    else
        gw_returns_check(req);
}
