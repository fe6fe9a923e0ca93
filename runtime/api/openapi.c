/* openapi.c: the runtime's own handler `@openapi`, as in GET /openapi.json ignored @openapi: the
 * document that `gatewright openapi` prints. */
#include "base/text.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>

/* The document, whose server is the path that this program is mounted at. */
static struct gw_str mounted(struct gw_request *req)
{
    const struct gw_app *app = req->app;
    const char *mount = req->worker->server->config.mount;
    struct gw_text text = {.arena = req->arena};
    if (!*mount || !app->openapi_mount)
        return (struct gw_str){app->openapi, app->openapi_len};
    size_t behind = app->openapi_mount + app->openapi_drop;
    gw_text_add(&text, (struct gw_str){app->openapi, app->openapi_mount});
    gw_text_add(&text, gw_str_from(mount));
    gw_text_add(&text, (struct gw_str){app->openapi + behind, app->openapi_len - behind});
    return text.failed ? (struct gw_str){0} : (struct gw_str){text.ptr, text.len};
}

int gw_handle_openapi(struct gw_request *req, const struct gw_args *args)
{
    struct gw_str document = mounted(req);
    (void)args;
    int r = document.ptr ? gw_etag(req, NULL) : -ENOMEM;
    return r ? r : gw_response_json(req, 200, document);
}
