/* revoke.c: makes all earlier tokens of the caller's account invalid. */
#include "api/own.h"
#include "base/clock.h"
#include "request/context.h"
#include "request/request.h"
#include "store/column.h"
#include "store/epoch.h"

#include <errno.h>

/* A token that this request issues after the revocation is good: the row in memory follows the one
 * in the store. */
static void advance_epoch(struct gw_request *req, uint64_t least, bool in_transaction)
{
    const struct gw_column *column = &req->me.table->columns[req->me.table->revokes];
    struct gw_value epoch = gw_column_get(column, req->me.row);
    if (in_transaction && !req->me.revoking) {
        req->me.revoking = true;
        req->me.epoch_before = epoch.as.u64;
    }
    epoch.as.u64 = req->me.epoch = gw_epoch_next(epoch.as.u64, least);
    gw_column_put(column, req->me.row, &epoch);
}

int gw_account_revoke(struct gw_request *req, const struct gw_table *table,
                      const struct gw_value *key, uint64_t *ret_least)
{
    struct gw_conn *conn = gw_request_conn(req);
    if (!conn)
        return -ENOMEM;
    *ret_least = gw_epoch_revoked(gw_now_us());
    int r = gw_entity_revoke(conn, gw_request_sql(req), table, key, *ret_least, req->deadline_ns);
    if (r == GW_E_RANGE) { /* a narrow column, which holds no times: it counts */
        *ret_least = 0;
        r = gw_entity_revoke(conn, gw_request_sql(req), table, key, 0, req->deadline_ns);
    }
    return r;
}

int gw_revoke_tokens(struct gw_request *req)
{
    struct gw_conn *conn = gw_request_conn(req);
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    if (req->me.table->revokes < 0)
        return -ENOTSUP;
    uint64_t least;
    int r = gw_account_revoke(req, req->me.table, &req->me.key, &least);
    if (!r)
        advance_epoch(req, least, gw_conn_in_transaction(conn));
    return r || !req->me.table->session ? r : gw_end_sessions(req);
}
