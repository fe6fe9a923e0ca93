/* alone.c: see alone.h. */
#include "process/alone.h"

#include "base/clock.h"
#include "transport/transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LONGEST_MS UINT64_C(4000000000) /* of a statement, where there is no time */

static int run_with(struct gw_worker *worker, struct gw_slot *slot, const struct gw_errand *errand)
{
    const struct gw_route route = {.handler = errand->name,
                                   .pattern = "(none)",
                                   .where = errand->where,
                                   .timeout_ms = errand->timeout_ms};
    uint32_t ms = errand->timeout_ms;
    uint64_t now = gw_now_ns(), until = ms ? now + ms * UINT64_C(1000000) : UINT64_MAX;
    struct gw_exchange exchange = {.slot = slot, .until_ns = until};
    struct gw_request *req = &slot->request;
    *req = (struct gw_request){.worker = worker,
                               .app = worker->server->app,
                               .arena = &slot->arena,
                               .exchange = &exchange,
                               .transport = worker->server->transport,
                               .started_ns = now,
                               .statement_ms = ms ? ms : LONGEST_MS,
                               .deadline_ns = until,
                               .route = &route,
                               .answers_nobody = true};
    slot->arena.limit = GW_REQUEST_MEMORY;
    gw_response_init(req);
    snprintf(req->id, sizeof(req->id), "%s", errand->name);
    int r = errand->run(req, errand->data);
    gw_worker_give_trust(worker);
    if (!r && worker->conn && gw_conn_in_transaction(worker->conn)) {
        gw_log(req, "%s left its transaction open", errand->name);
        r = -EINVAL;
    }
    if (worker->conn)
        gw_conn_rollback(worker->conn);
    json_decref(req->me.claims_tree);
    gw_arena_wipe(&slot->arena);
    gw_arena_wipe(&slot->returned);
    return r;
}

int gw_errand_run(struct gw_worker *worker, const struct gw_errand *errand)
{
    struct gw_slot *slot = calloc(1, sizeof(*slot));
    if (!slot)
        return -ENOMEM;
    int r = run_with(worker, slot, errand);
    gw_slot_free(slot);
    return r;
}
