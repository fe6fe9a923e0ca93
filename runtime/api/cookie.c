/* cookie.c: setting and ending the cookie that holds the caller's token.
 *
 * Only routes that say `sets session` may, since only there the gate asks on every request whether
 * a page of ours has sent it: a log-in that another site forges signs its victim in to the
 * attacker's account. */
#include "json/json.h"
#include "request/context.h"
#include "request/cookie.h"
#include "request/request.h"
#include "token/jwt.h"

#include <errno.h>

static bool may_set(struct gw_request *req)
{
    if (req->app->cookie && req->route->sets_session && !req->response.streaming)
        return true;
    gw_log(req, "the token's cookie is set and ended on routes that say `sets session`, before the "
                "answer begins");
    return false;
}

/* Seconds for which a token of ours is good; a negative errno. */
static int64_t seconds_left(struct gw_request *req, struct gw_str token)
{
    const struct gw_config *config = &req->worker->server->config;
    const struct gw_jwt_policy policy = {
        .now = gw_jwt_now(), .ahead = (int64_t)config->ahead, .issuer = config->issuer};
    const struct gw_json *claims;
    enum gw_reason reason = GW_REASON_NONE;
    int64_t exp;
    int r = gw_jwt_read(gw_worker_trust(req->worker)->own, req->worker->crypto, token, &policy,
                        req->arena, &claims, &reason);
    if (r)
        return r < 0 ? r : -EINVAL;
    if (gw_json_member(claims, "path") || !gw_json_member(claims, "table_name") ||
        !gw_json_i64(gw_json_member(claims, "exp"), &exp))
        return -EINVAL;
    return exp > policy.now ? exp - policy.now : -EINVAL;
}

int gw_set_token_cookie(struct gw_request *req, const char *token)
{
    if (!token || !may_set(req))
        return -EINVAL;
    int64_t left = seconds_left(req, gw_str_from(token));
    if (left == -EINVAL)
        gw_log(req, "gw_set_token_cookie: this is no token of ours that is good everywhere");
    return left < 0 ? (int)left : gw_cookie_put(req, token, left);
}

int gw_end_cookie(struct gw_request *req)
{
    return may_set(req) ? gw_cookie_end_all(req) : -EINVAL;
}
