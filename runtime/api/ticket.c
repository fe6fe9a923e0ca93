/* ticket.c: tickets for e-mailed links.
 *
 * A ticket is a token of its own kind. It names its owner and holds a MAC over the columns that it
 * vouches for, so that it is void as soon as one of them holds something else; the table gw_tickets
 * sees to it that it is spent once even where none does. */
#include "api/ticket.h"

#include "api/own.h"
#include "base/base64.h"
#include "base/clock.h"
#include "request/context.h"
#include "request/request.h"
#include "store/column.h"
#include "store/epoch.h"
#include "store/sessions.h"
#include "store/tickets.h"
#include "token/jwt.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/random.h>

/* ---- The seal ------------------------------------------------------------------------------- */

static struct gw_value text(const char *value)
{
    return (struct gw_value){.type = GW_TYPE_TEXT, .as.text = value};
}

/* Over the ticket's name and id, the owner and the columns. */
static int seal_row(struct gw_request *req, const struct gw_ticket *ticket, const char *jti,
                    const void *whole, size_t which, char ret[GW_TICKET_SEAL + 1])
{
    struct gw_value values[4 + GW_MAX_COLUMNS] = {
        text(ticket->name),
        text(ticket->table->sql_name),
        text(jti),
        gw_row_value(ticket->table, ticket->table->key, whole),
    };
    unsigned char mac[GW_SEAL_SIZE];
    for (size_t i = 0; i < ticket->n_columns; i++)
        values[4 + i] = gw_row_value(ticket->table, ticket->columns[i], whole);
    int r = gw_seal_values(&req->worker->server->seal, which, values, 4 + ticket->n_columns, mac);
    _Static_assert(GW_BASE64URL_ENCODED(GW_SEAL_SIZE) == GW_TICKET_SEAL, "its characters");
    if (!r)
        ret[gw_base64url_encode(mac, sizeof(mac), ret)] = 0;
    return r;
}

int gw_ticket_check_row(struct gw_request *req, const struct gw_ticket *ticket,
                        const struct gw_value *key, const char *jti, const char *seal,
                        const void **ret_row)
{
    char expected[GW_TICKET_SEAL + 1];
    const void *whole;
    bool same = false;
    int r = gw_entity_find_whole(req, ticket->table, key, &whole);
    for (size_t i = 0; !r && !same && i < req->worker->server->seal.n; i++) {
        r = seal_row(req, ticket, jti, whole, i, expected);
        same = !r && !CRYPTO_memcmp(expected, seal, GW_TICKET_SEAL);
    }
    if (r)
        return r;
    *ret_row = gw_row_copy(ticket->table, whole, req->arena);
    return !*ret_row ? -ENOMEM : same ? 0 : GW_E_MISMATCH;
}

/* ---- Making one ----------------------------------------------------------------------------- */

static int new_id(char ret[GW_TICKET_ID + 1])
{
    unsigned char random[16];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    ret[gw_base64url_encode(random, sizeof(random), ret)] = 0;
    return 0;
}

static json_t *claims_of(struct gw_request *req, const struct gw_ticket *ticket, const char *jti,
                         const void *whole, const char *seal)
{
    const struct gw_table *table = ticket->table;
    const struct gw_config *config = &req->worker->server->config;
    struct gw_value key = gw_row_value(table, table->key, whole);
    json_int_t now = gw_jwt_now();
    json_t *own =
        json_pack("{s:s, s:o}", "entity", table->sql_name, "key",
                  gw_type_is_text(key.type) ? json_string(key.as.text) : json_integer(key.as.i64));
    json_t *claims = json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:I, s:I}", "aud",
                               GW_TICKET_AUDIENCE, "ticket", ticket->name, "jti", jti, "own", own,
                               "epoch", (json_int_t)gw_row_epoch(table, whole), "seal", seal, "iat",
                               now, "exp", now + (json_int_t)ticket->seconds);
    if (claims && config->issuer &&
        json_object_set_new(claims, "iss", json_string(config->issuer))) {
        json_decref(claims);
        claims = NULL;
    }
    return claims;
}

int gw_entity_new_ticket(struct gw_request *req, const struct gw_ticket *ticket, const void *row,
                         const char **ret)
{
    struct gw_worker *worker = req->worker;
    struct gw_value key = gw_row_value(ticket->table, ticket->table->key, row);
    char jti[GW_TICKET_ID + 1], seal[GW_TICKET_SEAL + 1];
    const void *whole;
    if (worker->conn && gw_conn_in_transaction(worker->conn)) { /* as no token is made there */
        gw_log(req, "no ticket is made within a transaction: commit it first");
        return -EINVAL;
    }
    int r = gw_entity_find_whole(req, ticket->table, &key, &whole);
    if (!r && gw_row_is_blocked(ticket->table, whole))
        r = GW_E_BLOCKED;
    if (!r)
        r = new_id(jti);
    if (!r)
        r = seal_row(req, ticket, jti, whole, 0, seal);
    if (r)
        return r;
    json_t *claims = claims_of(req, ticket, jti, whole, seal);
    r = claims ? gw_jwt_sign_as(gw_worker_trust(worker)->own, worker->crypto, GW_JWT_TICKET, claims,
                                req->arena, ret)
               : -ENOMEM;
    json_decref(claims);
    req->response.issued_token = true;
    return r;
}

/* ---- What a spent one ends ------------------------------------------------------------------ */

int gw_ticket_end_account(struct gw_request *req, const struct gw_table *table,
                          const struct gw_value *key)
{
    struct gw_conn *conn = gw_request_conn(req);
    char owner[GW_SESSION_OWNER + 1];
    uint64_t epoch;
    int r = conn ? 0 : -ENOMEM;
    if (!r && table->revokes >= 0)
        r = gw_account_revoke(req, table, key, &epoch);
    if (r || !table->session)
        return r;
    r = gw_session_owner(table, key, owner);
    if (!r)
        r = gw_sessions_end(conn, NULL, owner, req->arena, req->deadline_ns);
    return r == GW_E_NOT_FOUND ? 0 : r;
}
