/* ticket.c: see ticket.h. All that is wrong with a ticket is told by the same 401; why, only the
 * log knows. */
#include "gate/ticket.h"

#include "gate/kinds.h"

#include "api/ticket.h"
#include "base/arena.h"
#include "base/log.h"
#include "json/json.h"
#include "request/context.h"
#include "request/refuse.h"
#include "request/request.h"
#include "store/tickets.h"
#include "token/jwt.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* ---- Where it stands ------------------------------------------------------------------------ */

/* `Authorization: Ticket ...`; a header with anything else is none. */
static bool in_header(const struct gw_request *req, struct gw_str *ret)
{
    struct gw_str value = req->in.authorization, scheme = {value.ptr, strlen("Ticket ")};
    if (!req->in.has_authorization || value.len <= scheme.len ||
        !gw_str_equal_nocase(scheme, GW_STR("Ticket ")))
        return false;
    size_t at = scheme.len;
    while (at < value.len && value.ptr[at] == ' ')
        at++;
    *ret = (struct gw_str){value.ptr + at, value.len - at};
    return true;
}

static bool in_body(const struct gw_request *req, struct gw_str *ret)
{
    int at = req->route->ticket_member;
    const char *text = NULL;
    if (at >= 0 && req->body)
        memcpy(&text, (const char *)req->body + req->route->body->members[at].offset, sizeof(text));
    if (text)
        *ret = gw_str_from(text);
    return text;
}

/* ---- What it says --------------------------------------------------------------------------- */

struct presented {
    struct gw_kind_owner owner;
    const char *jti, *seal;
    int64_t exp;
};

static int read_ticket(struct gw_request *req, struct gw_str token, struct presented *ret)
{
    const struct gw_ticket *ticket = req->route->ticket;
    const struct gw_config *config = &req->worker->server->config;
    const struct gw_json *claims;
    int r = gw_kind_read(req, token, GW_JWT_TICKET, GW_TICKET_AUDIENCE, (int64_t)config->ahead,
                         &claims);
    if (r)
        return r;
    if (!gw_json_is(gw_json_member(claims, "ticket"), ticket->name))
        return gw_kind_refuse(req, GW_REASON_TICKET_OTHER);
    ret->jti = gw_kind_text(claims, "jti", GW_TICKET_ID);
    ret->seal = gw_kind_text(claims, "seal", GW_TICKET_SEAL);
    if (!ret->jti || !ret->seal || !gw_kind_number(claims, "exp", &ret->exp))
        return gw_kind_refuse(req, GW_REASON_JWT_CLAIMS);
    return gw_kind_owner(req, claims, ticket->table, &ret->owner);
}

/* ---- Spending it ---------------------------------------------------------------------------- */

/* Within the transaction: the row is read after it was locked, so that of two tickets for one
 * password the second finds it changed. */
static int spend(struct gw_request *req, const struct presented *token)
{
    const struct gw_table *table = req->route->ticket->table;
    int r = gw_tickets_spend(req->worker->conn, token->jti, token->exp, table, &token->owner.key,
                             req->arena, req->deadline_ns);
    if (r == GW_E_DUPLICATE)
        return gw_kind_refuse(req, GW_REASON_TICKET_SPENT);
    if (!r)
        r = gw_ticket_check_row(req, req->route->ticket, &token->owner.key, token->jti, token->seal,
                                &req->owner);
    if (r == GW_E_NOT_FOUND)
        return gw_kind_refuse(req, GW_REASON_JWT_ROW);
    if (r == GW_E_MISMATCH)
        return gw_kind_refuse(req, GW_REASON_TICKET_VOID);
    return r ? r : gw_kind_check_row(req, table, req->owner, token->owner.epoch);
}

static int take(struct gw_request *req, struct gw_str text)
{
    struct presented *token = gw_arena_alloc(req->arena, sizeof(*token));
    struct gw_conn *conn = gw_request_conn(req);
    int r = token && conn ? read_ticket(req, text, token) : -ENOMEM;
    if (!r)
        r = gw_conn_begin(conn, req->deadline_ns);
    if (r)
        return r;
    req->owner_key = token->owner.key;
    r = spend(req, token);
    req->spends_ticket = !r;
    if (r)
        gw_conn_rollback(conn);
    return r;
}

static void refuse(struct gw_request *req, int status, const char *challenge)
{
    gw_refuse(req, status, GW_REASON_NONE);
    if (challenge && gw_set_header(req, "WWW-Authenticate", challenge))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

static void refuse_result(struct gw_request *req, int r)
{
    bool away = gw_store_is_away(r) || r == GW_E_CONFLICT;
    if (r == GW_E_MISMATCH) {
        refuse(req, 401, "Ticket error=\"invalid_token\"");
        return;
    }
    if (!req->reason)
        req->reason = r == GW_E_CONFLICT ? GW_REASON_STORE_CONFLICT
                      : away             ? GW_REASON_STORE_AWAY
                                         : GW_REASON_AUTH_FAILED;
    refuse(req, away ? 503 : 500, NULL);
}

void gw_step_ticket(struct gw_request *req)
{
    struct gw_str header, body;
    if (!req->route->ticket)
        return;
    bool by_header = in_header(req, &header), by_body = in_body(req, &body);
    if (by_header && by_body) {
        req->reason = GW_REASON_AUTH_BOTH;
        refuse(req, 400, NULL);
        return;
    }
    if (!by_header && !by_body) {
        req->reason = GW_REASON_AUTH_NONE;
        refuse(req, 401, "Ticket");
        return;
    }
    int r = take(req, by_header ? header : body);
    if (r)
        refuse_result(req, r);
}

/* ---- After the handler ---------------------------------------------------------------------- */

/* Who had the old password, or the session of somebody who had, is out. */
static int end_and_commit(struct gw_request *req)
{
    const struct gw_ticket *ticket = req->route->ticket;
    int r = ticket->ends_sessions ? gw_ticket_end_account(req, ticket->table, &req->owner_key) : 0;
    if (r == GW_E_NOT_FOUND) /* the handler has deleted it */
        r = 0;
    return r ? r : gw_conn_commit(req->worker->conn, req->deadline_ns);
}

int gw_ticket_end(struct gw_request *req, int status)
{
    const struct gw_response *response = &req->response;
    bool good = !status && !response->broken && response->status >= 200 && response->status < 300;
    int r = good ? end_and_commit(req) : 0;
    req->spends_ticket = false;
    if (!good || r)
        gw_conn_rollback(req->worker->conn);
    if (!r)
        return status;
    gw_log(req, "the ticket's transaction failed: %s",
           r < 0 ? strerror(-r) : "another one was in its way");
    if (r == GW_E_CONFLICT)
        req->reason = GW_REASON_STORE_CONFLICT;
    else if (gw_store_is_away(r))
        req->reason = GW_REASON_STORE_AWAY;
    return r == GW_E_CONFLICT || gw_store_is_away(r) ? 503 : 500;
}
