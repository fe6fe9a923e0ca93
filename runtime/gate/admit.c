/* admit.c: the last step of the roles that only ask whether a request is admitted.
 *
 * nginx's auth_request knows 401, 403 and what admits; everything else becomes an error of its own.
 * OPTIONS, which the runtime answers itself in the other roles, is refused there: nobody behind the
 * web server shall see it without a token. */
#include "request/refuse.h"
#include "request/request.h"
#include "gate/steps.h"

#include <errno.h>

/* Who is admitted, for the web server to hand on: as variables (FastCGI 1.0, 6.3), or as headers
 * that nginx's auth_request_set can read. */
static int name_caller(struct gw_request *req)
{
    bool variables = req->role == GW_ROLE_AUTHORIZER;
    if (!req->me.row)
        return 0;
    const char *key = gw_request_key(req);
    if (!key)
        return -ENOMEM;
    int r = gw_set_header(req, variables ? "Variable-REMOTE_USER" : "X-Gatewright-Key", key);
    return r ? r
             : gw_set_header(req, variables ? "Variable-GATEWRIGHT_TABLE" : "X-Gatewright-Table",
                             req->me.table->sql_name);
}

void gw_step_admit(struct gw_request *req)
{
    if (req->route->ticket) { /* which is in the body, and spent by the handler's answer */
        gw_refuse(req, 403, GW_REASON_AUTH_NONE);
        return;
    }
    req->answered = true;
    int r = gw_empty(req, 200);
    if (!r)
        r = name_caller(req);
    if (r)
        gw_refuse(req, 500, r == -ENOMEM ? GW_REASON_MEMORY : GW_REASON_AUTH_FAILED);
}

void gw_step_auth_request(struct gw_request *req)
{
    int status = req->response.status;
    if (status == 200 || status == 401 || (status >= 500 && status != 501))
        return;
    gw_refuse(req, 403,
              req->reason     ? req->reason
              : status == 204 ? GW_REASON_METHOD_OPTIONS
                              : GW_REASON_PATH_ROUTE);
}
