/* refuse.c: a problem document in place of whatever had been set. */
#include "request/refuse.h"

#include "request/request.h"

#include <errno.h>
#include <string.h>

void gw_refuse(struct gw_request *req, int status, enum gw_reason reason)
{
    gw_refuse_saying(req, status, reason, NULL);
}

void gw_refuse_saying(struct gw_request *req, int status, enum gw_reason reason, const char *detail)
{
    if (reason)
        req->reason = reason;
    req->answered = true;
    gw_response_reset(req);
    if (gw_response_problem(req, status, NULL, detail)) {
        gw_response_reset(req);
        req->response.status = status; /* no memory for a body: the status alone */
    }
}

void gw_refuse_body(struct gw_request *req, int r)
{
    switch (r) {
    case -ETIMEDOUT:
        gw_refuse(req, 408, GW_REASON_BODY_LATE);
        return;
    case -EFBIG:
        gw_refuse(req, 413, GW_REASON_BODY_LONG);
        return;
    case -EPIPE:
    case -EPROTO:
        req->response.cut = true;
        gw_refuse(req, 400, GW_REASON_BODY_INCOMPLETE);
        return;
    case -ECONNABORTED:
        gw_refuse(req, 400, GW_REASON_BODY_ABORTED);
        return;
    case -ENOMEM:
        gw_refuse(req, 500, GW_REASON_MEMORY);
        return;
    }
    gw_log(req, "the body could not be kept: %s", strerror(-r));
    gw_refuse(req, 503, GW_REASON_BODY_SPOOL);
}
