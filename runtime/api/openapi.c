/* openapi.c: the runtime's own handler `@openapi`, as in GET /openapi.json ignored @openapi: the
 * document that `gatewright openapi` prints. */
#include "request/context.h"
#include "request/request.h"

int gw_handle_openapi(struct gw_request *req, const struct gw_args *args)
{
    int r = gw_etag(req, NULL);
    (void)args;
    return r ? r
             : gw_response_json(req, 200,
                                (struct gw_str){req->app->openapi, req->app->openapi_len});
}
