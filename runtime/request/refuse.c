/* refuse.c: a problem document in place of whatever had been set. */
#include "request/refuse.h"

#include "request/request.h"

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
