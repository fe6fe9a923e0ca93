/* deny.c: the deny-list.
 *
 * Off unless GW_DENY_LIST is on: `revokes` columns end all tokens of an account without a query,
 * and are enough for most. This ends one token and leaves the others. It costs a statement for each
 * batch of requests, and a random `jti` in each token.
 *
 * The list is a table like any other, gw_denied_tokens: the token's jti and when it expires. A
 * token whose time has come is refused anyway: its line is swept away, in pieces, by a thread
 * beside the workers (process/beside.c), so that no log-out waits for it. A list that cannot be
 * read lets nobody in. */
#include "gate/deny.h"

#include "store/entity.h"
#include "json/json.h"
#include "request/request.h"
#include "request/context.h"
#include "store/runtime_tables.h"

#include <assert.h>
#include <errno.h>

#define ID_MAX 64 /* as the table has it */

/* The token's jti where it can be on the list: it is ours and has one. */
static const char *token_id(const struct gw_request *req)
{
    const struct gw_json *jti = req->me.issuer ? NULL : gw_json_member(req->me.claims, "jti");
    bool good = jti && jti->kind == GW_JSON_STRING && jti->text.len && jti->text.len <= ID_MAX;
    return good ? jti->text.ptr : NULL;
}

static int64_t expiry(const struct gw_request *req)
{
    uint64_t seconds = 0; /* verified tokens have it, below 2^53 */
    bool negative, more = false;
    gw_json_split(gw_json_member(req->me.claims, "exp"), &negative, &seconds, &more);
    return (int64_t)seconds + more;
}

void gw_deny_check(struct gw_worker *worker, struct gw_request *const *waiting, size_t n,
                   int *results)
{
    struct gw_load loads[GW_BATCH_MAX];
    size_t asking[GW_BATCH_MAX], n_loads = 0;
    uint64_t deadline = 0;
    assert(n <= GW_BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        const char *jti = token_id(waiting[i]);
        results[i] = GW_E_NOT_FOUND;
        if (!jti)
            continue;
        asking[n_loads] = i;
        loads[n_loads++] = (struct gw_load){.key = {.type = GW_TYPE_TEXT, .as.text = jti},
                                            .arena = waiting[i]->arena};
        uint64_t own = waiting[i]->deadline_ns;
        deadline = own > deadline ? own : deadline;
    }
    if (!n_loads)
        return;
    struct gw_conn *conn = gw_request_conn(waiting[asking[0]]);
    for (size_t i = 0; !conn && i < n_loads; i++)
        loads[i].result = -ENOMEM;
    if (conn)
        gw_entity_load(conn, worker->server->sql, &gw_denied_table, loads, n_loads, deadline);
    for (size_t i = 0; i < n_loads; i++)
        results[asking[i]] = loads[i].result;
}

/* ---- Denying -------------------------------------------------------------------------------- */

/* A CGI process has no thread beside its worker: a piece goes with each line that is written. A
 * failure leaves the lines for the next time. */
static void sweep_here(struct gw_request *req)
{
    struct gw_conn *conn = gw_request_conn(req);
    uint64_t n;
    if (req->transport->single && conn && !gw_conn_in_transaction(conn))
        gw_runtime_tables_sweep(conn, req->app, req->arena, &n);
}

int gw_deny_token(struct gw_request *req)
{
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    struct gw_denied_row row = {
        .jti = token_id(req),
        .expires = expiry(req),
    };
    if (!req->worker->server->config.deny_list || !row.jti)
        return -ENOTSUP;
    sweep_here(req);
    int r = gw_entity_insert(req, &gw_denied_table, &row, NULL);
    return r == GW_E_DUPLICATE ? 0 : r;
}
