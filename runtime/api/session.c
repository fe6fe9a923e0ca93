/* session.c: sessions: opened at log-in, ended by the account that they are of. */
#include "api/own.h"

#include "api/session.h"
#include "base/arena.h"
#include "request/request.h"
#include "request/context.h"
#include "request/cookie.h"
#include "store/column.h"
#include "store/sessions.h"
#include "token/jwt.h"

#include <errno.h>
#include <string.h>

/* As long as a column takes it, cut between characters; what is not UTF-8 is left out. */
static const char *bounded(struct gw_request *req, const char *text, size_t max)
{
    size_t chars, len = text ? strlen(text) : 0;
    while (len && (len > max || !gw_utf8_valid(text, len, &chars)))
        len--;
    return len ? gw_arena_copy(req->arena, text, len) : "";
}

int gw_session_client(struct gw_request *req, struct gw_session_client *ret)
{
    ret->agent = bounded(req, gw_header(req, "User-Agent"), 200);
    ret->address = bounded(req, gw_remote_address(req), 64);
    return ret->agent && ret->address ? 0 : -ENOMEM;
}

/* The owner does not stand where an access token has it: whoever looks at neither `typ` nor `aud`
 * finds no account in this one. */
static json_t *refresh_claims(struct gw_request *req, const struct gw_session_grant *grant,
                              const struct gw_session_row *row)
{
    const struct gw_config *config = &req->worker->server->config;
    const struct gw_value *key = grant->key;
    json_t *own = json_pack("{s:s, s:o}", "entity", grant->table->sql_name, "key",
                            gw_type_is_text(key->type) ? json_string(key->as.text)
                                                       : json_integer(key->as.i64));
    json_t *claims = json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:I}", "aud", GW_SESSION_AUDIENCE,
                               "sid", row->sid, "gen", (json_int_t)row->generation, "own", own,
                               "epoch", (json_int_t)grant->epoch, "iat", (json_int_t)row->replaced,
                               "exp", (json_int_t)row->expires);
    if (claims && config->issuer &&
        json_object_set_new(claims, "iss", json_string(config->issuer))) {
        json_decref(claims);
        claims = NULL;
    }
    return claims;
}

int gw_session_issue(struct gw_request *req, const struct gw_session_grant *grant,
                     const struct gw_session_row *row, struct gw_session *ret)
{
    const struct gw_session_terms *terms = grant->table->session;
    const struct gw_server *server = req->worker->server;
    struct gw_worker *worker = req->worker;
    json_t *claims = refresh_claims(req, grant, row);
    int r = claims ? gw_jwt_sign_as(gw_worker_trust(worker)->own, worker->crypto, GW_JWT_REFRESH,
                                    claims, req->arena, &ret->refresh_token)
                   : -ENOMEM;
    json_decref(claims);
    if (!r)
        r = gw_issue_access(req, grant->table, grant->key, grant->epoch, row->sid,
                            &ret->access_token);
    ret->access_seconds =
        terms->access < server->expire_seconds ? terms->access : server->expire_seconds;
    ret->refresh_seconds = (uint64_t)(row->expires - row->now);
    return r;
}

int gw_entity_open_session(struct gw_request *req, const struct gw_table *table, const void *row,
                           struct gw_session *ret)
{
    struct gw_value key = gw_row_value(table, table->key, row);
    const struct gw_session_grant grant = {table, &key, gw_row_epoch(table, row)};
    const struct gw_session_row *session;
    struct gw_session_client client;
    struct gw_conn *conn = gw_request_conn(req);
    char owner[GW_SESSION_OWNER + 1];
    *ret = (struct gw_session){0};
    if (gw_row_is_blocked(table, row))
        return GW_E_BLOCKED;
    if (!conn)
        return -ENOMEM;
    if (gw_conn_in_transaction(conn)) { /* as no token is made there */
        gw_log(req, "no session is opened within a transaction: commit it first");
        return -EINVAL;
    }
    int r = gw_session_client(req, &client);
    if (!r)
        r = gw_session_owner(table, &key, owner);
    if (!r)
        r = gw_sessions_open(conn, table->session, owner, &client, req->arena, req->deadline_ns,
                             &session);
    if (!r)
        r = gw_session_issue(req, &grant, session, ret);
    return !r && table->session->cookie_path && req->route->sets_session
               ? gw_cookie_put_session(req, table, ret)
               : r;
}

json_t *gw_session_json(const struct gw_session *session)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:I}", "access_token", session->access_token,
                     "token_type", "Bearer", "expires_in", (json_int_t)session->access_seconds,
                     "refresh_token", session->refresh_token, "refresh_expires_in",
                     (json_int_t)session->refresh_seconds);
}

int gw_end_sessions(struct gw_request *req)
{
    struct gw_conn *conn = gw_request_conn(req);
    char owner[GW_SESSION_OWNER + 1];
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    if (!req->me.table->session)
        return -ENOTSUP;
    int r = conn ? gw_session_owner(req->me.table, &req->me.key, owner) : -ENOMEM;
    if (!r)
        r = gw_sessions_end(conn, NULL, owner, req->arena, req->deadline_ns);
    return r == GW_E_NOT_FOUND ? 0 : r;
}
