/* session.c: the runtime's own handlers of sessions.
 *
 *     POST    /auth/refresh        whitelisted  @refresh users
 *     POST    /auth/end            whitelisted  @end_session users    # by the refresh token
 *     DELETE  /auth/session        users        @end_session          # the caller's own
 *     DELETE  /auth/sessions/{id}  users        @end_session          # another of the caller's
 *     GET     /auth/sessions       users        @sessions
 *
 * A refresh token is looked at as an access token is (kinds.h), and only then its session. All that
 * is wrong with one is told by the same 401; why, only the log knows. */
#include "gate/kinds.h"

#include "api/session.h"
#include "base/arena.h"
#include "base/log.h"
#include "json/json.h"
#include "request/context.h"
#include "request/cookie.h"
#include "request/request.h"
#include "token/jwt.h"

#include <errno.h>
#include <string.h>

/* How far `iat` may lie ahead: it is by the database's clock, and judged by its row. */
#define CLOCKS_APART 86400

/* What a refresh token says. */
struct presented {
    const char *sid;
    int64_t generation;
    struct gw_kind_owner owner;
    char owner_id[GW_SESSION_OWNER + 1];
};

/* ---- The token ------------------------------------------------------------------------------ */

/* Only a browser sends none of a body: gw_incoming_has_body() has looked. */
static bool is_in_cookie(const struct gw_args *args)
{
    return !args->body;
}

/* The body of these routes, or the cookie. */
static struct gw_str refresh_token(const struct gw_request *req, const struct gw_args *args)
{
    const struct {
        const char *refresh_token;
    } *body = args->body;
    return body ? gw_str_from(body->refresh_token) : req->refresh_cookie.value;
}

static int read_claims(struct gw_request *req, const struct gw_json *claims, struct presented *ret)
{
    const struct gw_table *table = req->route->session;
    int r = gw_kind_owner(req, claims, table, &ret->owner);
    if (r)
        return r;
    ret->sid = gw_kind_text(claims, "sid", GW_SESSION_ID);
    if (!ret->sid || !gw_kind_number(claims, "gen", &ret->generation))
        return gw_kind_refuse(req, GW_REASON_JWT_CLAIMS);
    return gw_session_owner(table, &ret->owner.key, ret->owner_id);
}

static int read_token(struct gw_request *req, const struct gw_args *args, struct presented *ret)
{
    const struct gw_json *claims;
    if (is_in_cookie(args) && req->refresh_cookie.n != 1)
        return gw_kind_refuse(req, GW_REASON_AUTH_COOKIES);
    int r = gw_kind_read(req, refresh_token(req, args), GW_JWT_REFRESH, GW_SESSION_AUDIENCE,
                         CLOCKS_APART, &claims);
    return r ? r : read_claims(req, claims, ret);
}

/* What is told of a refresh token that is no good. A browser forgets both cookies. */
static int told(struct gw_request *req, const struct gw_args *args, int r)
{
    req->clears_cookies |= r == GW_E_MISMATCH && is_in_cookie(args);
    return r;
}

/* ---- Refreshing ----------------------------------------------------------------------------- */

/* The account is there, is not switched off, and has not revoked its tokens since. */
static int check_owner(struct gw_request *req, const struct presented *token)
{
    const struct gw_table *table = req->route->session;
    const void *row;
    int r = gw_entity_find(req, table, table->key, &token->owner.key, &row);
    if (r == GW_E_NOT_FOUND)
        return gw_kind_refuse(req, GW_REASON_JWT_ROW);
    return r ? r : gw_kind_check_row(req, table, row, token->owner.epoch);
}

/* What the session's row says. */
static int refresh(struct gw_request *req, const struct presented *token,
                   const struct gw_session_row **ret)
{
    struct gw_conn *conn = gw_request_conn(req);
    struct gw_session_client client;
    enum gw_session_step step;
    int r = conn ? gw_session_client(req, &client) : -ENOMEM;
    if (r)
        return r;
    r = gw_sessions_refresh(conn, req->route->session->session, token->sid, token->owner_id,
                            token->generation, &client, req->arena, req->deadline_ns, ret, &step);
    if (r == GW_E_NOT_FOUND)
        return gw_kind_refuse(req, step == GW_SESSION_REUSED ? GW_REASON_SESSION_REUSE
                                                             : GW_REASON_SESSION_GONE);
    if (r == -EBUSY && step == GW_SESSION_AHEAD)
        req->reason = GW_REASON_SESSION_AHEAD;
    if (!r && step == GW_SESSION_REPEAT)
        req->reason = GW_REASON_SESSION_REPEAT;
    return r;
}

/* No script gets to see what came in a cookie. */
static json_t *lifetimes(const struct gw_session *session)
{
    return json_pack("{s:I, s:I}", "expires_in", (json_int_t)session->access_seconds,
                     "refresh_expires_in", (json_int_t)session->refresh_seconds);
}

static int answer(struct gw_request *req, const struct gw_args *args,
                  const struct gw_session *session)
{
    if (!is_in_cookie(args))
        return gw_json(req, 200, gw_session_json(session));
    int r = gw_cookie_put_session(req, req->route->session, session);
    return r ? r : gw_json(req, 200, lifetimes(session));
}

int gw_handle_refresh(struct gw_request *req, const struct gw_args *args)
{
    const struct gw_session_row *row;
    struct presented token = {0};
    struct gw_session session = {0};
    int r = read_token(req, args, &token);
    if (!r)
        r = check_owner(req, &token);
    if (!r)
        r = refresh(req, &token, &row);
    const struct gw_session_grant grant = {req->route->session, &token.owner.key,
                                           token.owner.epoch};
    if (!r)
        r = gw_session_issue(req, &grant, row, &session);
    return r ? told(req, args, r) : answer(req, args, &session);
}

/* ---- Ending --------------------------------------------------------------------------------- */

/* By any of its refresh tokens: whoever gives one away cannot do less harm with it. */
static int end_by_token(struct gw_request *req, const struct gw_args *args)
{
    struct gw_conn *conn = gw_request_conn(req);
    struct presented token;
    int r = conn ? read_token(req, args, &token) : -ENOMEM;
    if (!r)
        r = gw_sessions_end(conn, token.sid, token.owner_id, req->arena, req->deadline_ns);
    if (r && r != GW_E_NOT_FOUND)
        return told(req, args, r);
    r = is_in_cookie(args) ? gw_cookie_end_all(req) : 0;
    return r ? r : gw_empty(req, 204);
}

/* Of the caller's own, where the token was in a cookie. */
static int end_cookies(struct gw_request *req, const char *sid)
{
    const char *own = gw_request_session(req);
    return req->token_in_cookie && own && !strcmp(own, sid) ? gw_cookie_end_all(req) : 0;
}

int gw_handle_end_session(struct gw_request *req, const struct gw_args *args)
{
    struct gw_conn *conn = gw_request_conn(req);
    char owner[GW_SESSION_OWNER + 1];
    if (req->route->session)
        return end_by_token(req, args);
    const char *sid = req->route->n_params ? args->params[0].text : gw_request_session(req);
    if (!sid || strlen(sid) != GW_SESSION_ID)
        return GW_E_NOT_FOUND;
    int r = conn ? gw_session_owner(req->me.table, &req->me.key, owner) : -ENOMEM;
    if (!r)
        r = gw_sessions_end(conn, sid, owner, req->arena, req->deadline_ns);
    if (!r)
        r = end_cookies(req, sid);
    return r ? r : gw_empty(req, 204);
}

/* ---- The caller's list ---------------------------------------------------------------------- */

static void write_session(struct gw_writer *writer, const struct gw_session_row *row,
                          const char *current)
{
    gw_writer_object(writer);
    gw_writer_name(writer, "id");
    gw_writer_text(writer, row->sid);
    gw_writer_name(writer, "created");
    gw_writer_time(writer, row->created * 1000000);
    gw_writer_name(writer, "used");
    gw_writer_time(writer, row->used * 1000000);
    gw_writer_name(writer, "expires");
    gw_writer_time(writer, row->expires * 1000000);
    gw_writer_name(writer, "agent");
    gw_writer_text(writer, row->agent);
    gw_writer_name(writer, "address");
    gw_writer_text(writer, row->address);
    gw_writer_name(writer, "current");
    gw_writer_bool(writer, current && !strcmp(current, row->sid));
    gw_writer_end(writer);
}

int gw_handle_sessions(struct gw_request *req, const struct gw_args *args)
{
    struct gw_conn *conn = gw_request_conn(req);
    const char *current = gw_request_session(req);
    const struct gw_session_row *rows;
    char owner[GW_SESSION_OWNER + 1];
    size_t n;
    (void)args;
    int r = conn ? gw_session_owner(req->me.table, &req->me.key, owner) : -ENOMEM;
    if (!r)
        r = gw_sessions_list(conn, owner, req->arena, req->deadline_ns, &rows, &n);
    if (r)
        return r;
    struct gw_writer *writer = gw_writer_new(req);
    gw_writer_object(writer);
    gw_writer_name(writer, "sessions");
    gw_writer_array(writer);
    for (size_t i = 0; i < n; i++)
        write_session(writer, &rows[i], current);
    gw_writer_end(writer);
    gw_writer_end(writer);
    return gw_writer_send(req, 200, writer);
}
