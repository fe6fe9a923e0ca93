/* dispatch.c: walks requests through their steps in two halves around the row load.
 *
 * A worker brings all requests that it holds as far as their verified tokens, loads the rows of
 * each entity with as few statements as that takes, and then finishes each. A batch of one is the
 * common case, and takes the same way. */
#include "gate/dispatch.h"

#include "base/clock.h"
#include "gate/deny.h"
#include "gate/pace.h"
#include "gate/rate.h"
#include "request/refuse.h"
#include "request/request.h"
#include "request/context.h"
#include "gate/steps.h"
#include "gate/stats.h"
#include "gate/uploads.h"
#include "store/column.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* "0123456789abcdef-00000001" */
static void set_id(char id[GW_REQUEST_ID_SIZE], const char prefix[GW_REQUEST_ID_PREFIX],
                   uint64_t number)
{
    _Static_assert(GW_REQUEST_ID_SIZE > GW_REQUEST_ID_PREFIX + 8, "an id and its NUL");
    static const char digits[] = "0123456789abcdef";
    memcpy(id, prefix, GW_REQUEST_ID_PREFIX);
    for (int i = 0; i < 8; i++)
        id[GW_REQUEST_ID_PREFIX + i] = digits[number >> (28 - 4 * i) & 15];
    id[GW_REQUEST_ID_PREFIX + 8] = 0;
}

static void start(struct gw_worker *worker, struct gw_exchange *exchange, uint64_t now_ns)
{
    struct gw_server *server = worker->server;
    struct gw_slot *slot = exchange->slot;
    struct gw_request *req = &slot->request;
    memset(req, 0, GW_REQUEST_CLEARED);
    slot->arena.limit = GW_REQUEST_MEMORY + (size_t)server->config.body_limit;
    req->worker = worker;
    req->app = server->app;
    req->arena = &slot->arena;
    req->exchange = exchange;
    req->transport = server->transport;
    req->started_ns = now_ns;
    req->deadline_ns = now_ns + server->config.request_timeout_ms * 1000000;
    req->marked_ns = server->config.slow_ms ? gw_now_ns() : 0;
    set_id(req->id, worker->id_prefix, worker->id_next++);
    gw_response_init(req);
}

static void run(struct gw_request *req, const struct gw_timed_step *steps, size_t n)
{
    for (size_t i = 0; i < n && !req->answered; i++) {
        steps[i].run(req);
        gw_request_end_phase(req, steps[i].phase);
    }
}

/* The first half from where it stands, to its end or, if it pauses, to what asks the store. */
static void first_steps(struct gw_request *req, bool pauses)
{
    req->is_halfway = false;
    for (unsigned i = req->next_step; i < gw_n_first_half && !req->answered; i++) {
        const struct gw_timed_step *step = &gw_first_half[i];
        if (pauses && step->phase == GW_PHASE_GATE && gw_rate_asks(req, step->run)) {
            req->is_halfway = true;
            req->next_step = i;
            return;
        }
        step->run(req);
        gw_request_end_phase(req, step->phase);
    }
}

/* What has a slot is taken as far as its verified token, or to what it alone asks the store.
 * Without memory for a slot an exchange is cut off, and *ret_exchange becomes NULL. */
static void first_half(struct gw_worker *worker, struct gw_exchange **ret_exchange, uint64_t now_ns)
{
    struct gw_exchange *exchange = *ret_exchange;
    if (!exchange->slot)
        exchange->slot = calloc(1, sizeof(*exchange->slot));
    if (!exchange->slot) {
        worker->server->transport->finish(exchange, true);
        *ret_exchange = NULL;
        return;
    }
    start(worker, exchange, now_ns);
    if (worker->stats)
        gw_stats_begin(worker->stats);
    first_steps(&exchange->slot->request, true);
    exchange->stage = GW_STAGE_GATED;
}

/* ---- Rows ----------------------------------------------------------------------------------- */

/* Loads the rows of `table` that the exchanges wait for, all with one statement. */
static void load_table(struct gw_worker *worker, struct gw_exchange *const *exchanges, size_t n,
                       const struct gw_table *table)
{
    struct gw_load loads[GW_BATCH_MAX];
    struct gw_request *loading[GW_BATCH_MAX];
    size_t n_loads = 0;
    uint64_t deadline = 0;
    assert(n <= GW_BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        struct gw_request *req = &exchanges[i]->slot->request;
        if (!req->needs_row || req->me.issuer)
            continue;
        loading[n_loads] = req;
        loads[n_loads++] = (struct gw_load){
            .key = req->me.key, .arena = req->arena, .sid = gw_request_session(req)};
        uint64_t own = req->deadline_ns;
        deadline = own > deadline ? own : deadline;
    }
    if (!n_loads)
        return;
    struct gw_conn *conn = gw_request_conn(loading[0]);
    for (size_t i = 0; !conn && i < n_loads; i++)
        loads[i].result = -ENOMEM;
    if (conn)
        gw_entity_load(conn, worker->server->sql, table, loads, n_loads, deadline);
    for (size_t i = 0; i < n_loads; i++)
        gw_step_row(loading[i], loads[i].result, loads[i].ret_row);
}

/* The row that an issuer's token speaks of, by a statement of its own: such a token is there once,
 * to be exchanged for one of ours. */
static void load_issued(struct gw_request *req)
{
    struct gw_own_term term = {req->me.issuer->column, -1};
    struct gw_own own = {req->me.table, &term, 1};
    struct gw_conn *conn = gw_request_conn(req);
    const void *row = NULL;
    int r = conn ? gw_entity_owned(conn, req->worker->server->sql, &own, &req->me.key, req->arena,
                                   req->deadline_ns, &row)
                 : -ENOMEM;
    gw_step_row(req, r, (void *)row);
}

/* The table whose row an exchange waits for; NULL: it waits for none. */
static const struct gw_table halfway = {.name = "(none: the first half is to go on)"};
static const struct gw_table *waits_for(const struct gw_exchange *exchange)
{
    const struct gw_request *req = &exchange->slot->request;
    if (req->is_halfway)
        return &halfway;
    return req->needs_row ? req->me.table : NULL;
}

static void check_denied(struct gw_worker *worker, struct gw_exchange *const *exchanges, size_t n)
{
    struct gw_request *waiting[GW_BATCH_MAX] = {NULL};
    int results[GW_BATCH_MAX];
    for (size_t i = 0; i < n; i++)
        waiting[i] = &exchanges[i]->slot->request;
    gw_deny_check(worker, waiting, n, results);
    for (size_t i = 0; i < n; i++)
        gw_step_denied(waiting[i], results[i]);
}

/* All of them wait for a row of `table`. */
static void load_group(struct gw_worker *worker, struct gw_exchange *const *exchanges, size_t n,
                       const struct gw_table *table)
{
    if (worker->server->config.deny_list)
        check_denied(worker, exchanges, n);
    for (size_t i = 0; i < n; i++) {
        struct gw_request *req = &exchanges[i]->slot->request;
        gw_request_end_phase(req, GW_PHASE_WAIT);
        if (req->needs_row && req->me.issuer)
            load_issued(req);
    }
    load_table(worker, exchanges, n, table);
    for (size_t i = 0; i < n; i++) {
        struct gw_request *req = &exchanges[i]->slot->request;
        req->needs_row = false;
        gw_request_end_phase(req, GW_PHASE_STORE);
    }
}

/* ---- The end of a request ------------------------------------------------------------------- */

static size_t place_of(const struct gw_request *req)
{
    const struct gw_server *server = req->worker->server;
    return req->route ? (size_t)(req->route - req->app->routes)
                      : gw_server_place(server, req->status_page ? GW_PLACE_STATUS : GW_PLACE_NONE);
}

static void log_slow(const struct gw_request *req, const struct gw_log_request *entry)
{
    const uint64_t *ns = req->phase_ns;
    gw_log_slow(req->worker->server->log, entry,
                &(struct gw_log_phases){
                    .parse = ns[GW_PHASE_PARSE] / 1000,
                    .gate = ns[GW_PHASE_GATE] / 1000,
                    .store = ns[GW_PHASE_STORE] / 1000,
                    .wait = ns[GW_PHASE_WAIT] / 1000,
                    .handler = ns[GW_PHASE_HANDLER] / 1000,
                    .write = ns[GW_PHASE_WRITE] / 1000,
                });
}

static void log_request(const struct gw_request *req, uint64_t now_ns)
{
    uint64_t took = now_ns - req->started_ns;
    const struct gw_server *server = req->worker->server;
    if (req->worker->stats)
        gw_stats_end(req->worker->stats, place_of(req), req->response.status, took, req->reason);
    if (req->worker->stats && req->worker->conn)
        gw_stats_store(req->worker->stats, gw_conn_counts(req->worker->conn));
    bool probe = req->role == GW_ROLE_PING || req->role == GW_ROLE_READY;
    if (probe && req->response.status == 200) /* one a second, from each balancer */
        return;
    char key[GW_KEY_TEXT], method[16];
    size_t len = req->in.method.len < sizeof(method) ? req->in.method.len : sizeof(method) - 1;
    memcpy(method, req->in.method.ptr ? req->in.method.ptr : "", req->in.method.ptr ? len : 0);
    method[len] = 0;
    const struct gw_log_request entry = {
        .second = &req->worker->log_second,
        .id = req->id,
        .method = method,
        .pattern = req->route         ? req->route->pattern
                   : req->status_page ? server->status_pattern
                                      : NULL,
        .status = req->response.status,
        .bytes = req->response.bytes,
        .microseconds = took / 1000,
        .entity = req->me.row ? req->me.table->sql_name : NULL,
        .key = req->me.row ? gw_key_text(&req->me.key, key) : NULL,
        .reason = gw_reason_name(req->reason),
        .is_last = req->worker->is_last,
    };
    gw_log_request(server->log, &entry);
    if (req->marked_ns && took >= server->config.slow_ms * 1000000)
        log_slow(req, &entry);
}

/* Headers that belong to a status whoever chose it. */
static void complete(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    const char *name = response->status == 401   ? "WWW-Authenticate"
                       : response->status == 503 ? "Retry-After"
                                                 : NULL;
    if (!name || response->streaming || gw_response_header(response, gw_str_from(name)))
        return;
    if (gw_set_header(req, name, response->status == 401 ? GW_CHALLENGE : "1"))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

/* Whether the request's memory holds a password: one was hashed, or the body declares a secret. */
static bool holds_secret(const struct gw_request *req)
{
    return req->holds_secret || (req->route && req->route->body && req->route->body->secret);
}

/* Gives the time at which the response was sent. */
static uint64_t end_request(struct gw_slot *slot)
{
    struct gw_request *req = &slot->request;
    assert(req->answered && req->response.status);
    if (req->role == GW_ROLE_AUTH_REQUEST)
        gw_step_auth_request(req);
    bool password =
        req->reason >= GW_REASON_PASSWORD_UNKNOWN && req->reason <= GW_REASON_PASSWORD_BUSY;
    if (password && req->response.status < 400) /* the handler has found another way */
        req->reason = GW_REASON_NONE;
    complete(req);
    gw_response_send(req);
    gw_request_end_phase(req, GW_PHASE_WRITE);
    uint64_t now = gw_now_ns();
    log_request(req, now);
    if (req->worker->is_last) /* whoever has its answer finds its line in the log */
        gw_log_flush(req->worker->server->log);
    json_decref(req->me.claims_tree);
    json_decref(req->trees);
    gw_spool_free(&req->spool);
    if (req->upload_place)
        gw_uploads_leave(req);
    void (*end)(struct gw_arena * arena) = holds_secret(req) ? gw_arena_wipe : gw_arena_reset;
    end(&slot->arena);
    end(&slot->returned);
    req->exchange->stage = GW_STAGE_NEW;
    req->transport->finish(req->exchange, req->response.cut);
    return now;
}

/* True if the exchange has to wait: for its body, or, on a route that is known to take long, for a
 * spare worker. The quick ones are never kept waiting for the slow. */
static bool waits(struct gw_worker *worker, struct gw_exchange *exchange)
{
    const struct gw_transport *transport = worker->server->transport;
    struct gw_request *req = &exchange->slot->request;
    bool full = false;
    if (req->answered || !transport->park)
        return false;
    if (exchange->body_waits && req->role == GW_ROLE_RESPONDER &&
        req->route->body_kind != GW_BODY_NONE) {
        gw_uploads_enter(req);
        if (req->answered)
            return false;
        transport->park(exchange);
        return true;
    }
    if (gw_pace_is_slow(req) &&
        transport->queue(worker->transport_worker, exchange, req->route->method != GW_GET, &full))
        return true;
    if (full)
        gw_refuse(req, 503, GW_REASON_QUEUE_FULL);
    else if (exchange->queued && gw_now_ns() > req->deadline_ns)
        gw_refuse(req, 503, GW_REASON_QUEUE_LATE);
    exchange->queued = false;
    return false;
}

static uint64_t store_ns(const struct gw_worker *worker)
{
    return worker->conn ? gw_conn_counts(worker->conn)->busy_ns : 0;
}

/* While the body was waited for the account, or the row, may have become somebody else's. */
static void ask_again(struct gw_request *req)
{
    if (!gw_step_token_again(req))
        return;
    if (req->needs_row)
        load_group(req->worker, &req->exchange, 1, req->me.table);
    if (!req->answered)
        gw_step_owned(req);
}

/* How long it took since *now_ns, in nanoseconds; 0 without a handler. *now_ns becomes its end. */
static uint64_t second_half(struct gw_slot *slot, uint64_t *now_ns)
{
    struct gw_request *req = &slot->request;
    gw_request_end_phase(req, GW_PHASE_WAIT);
    if (req->answered) {
        *now_ns = end_request(slot);
        return 0;
    }
    uint64_t begun = *now_ns, waited = store_ns(req->worker);
    if (req->role == GW_ROLE_RESPONDER) {
        run(req, gw_second_half, gw_n_second_half);
        ask_again(req);
        run(req, gw_last_steps, gw_n_last_steps);
    } else
        run(req, gw_second_half_admit, gw_n_second_half_admit);
    const struct gw_worker *worker = req->worker;
    const struct gw_route *route = req->route;
    *now_ns = end_request(slot);
    uint64_t took = *now_ns - begun;
    gw_pace_remember(worker, route, took, store_ns(worker) - waited);
    return took;
}

/* ---- The batch ------------------------------------------------------------------------------ */

/* What a worker has taken at once, in the order in which it is finished. */
struct batch {
    struct gw_worker *worker;
    struct gw_exchange **exchanges;
    size_t next;     /* the first that has not been begun with */
    size_t n;        /* less than at first where another worker has taken over the rest */
    uint64_t now_ns; /* when it last came to an end of something: the next one begins there */
};

/* What follows may take long: as `pace` tells, if it is not NULL. Meanwhile the exchanges from
 * `begun` on may be taken over. */
static void hold(struct batch *batch, size_t begun, struct gw_pace *pace)
{
    const struct gw_transport *transport = batch->worker->server->transport;
    assert(begun <= batch->n);
    if (transport->hold)
        transport->hold(batch->worker->transport_worker, batch->exchanges + begun, batch->n - begun,
                        pace);
}

/* It is over; what has been taken over is no longer of this batch. */
static void release(struct batch *batch, size_t begun, uint64_t in_handler_ns)
{
    const struct gw_transport *transport = batch->worker->server->transport;
    if (transport->release &&
        !transport->release(batch->worker->transport_worker, batch->now_ns, in_handler_ns))
        batch->n = begun;
}

/* Moves those that wait for `table` to the front of what is left, in their order. Where they
 * end. */
static size_t group(struct batch *batch, const struct gw_table *table)
{
    struct gw_exchange *others[GW_BATCH_MAX], **exchanges = batch->exchanges;
    size_t end = batch->next, n_others = 0;
    for (size_t i = batch->next; i < batch->n; i++)
        if (waits_for(exchanges[i]) == table)
            exchanges[end++] = exchanges[i];
        else
            others[n_others++] = exchanges[i];
    memcpy(exchanges + end, others, n_others * sizeof(others[0]));
    return end;
}

/* The second halves of those before `end`, as far as they stay this worker's. */
static void finish(struct batch *batch, size_t end)
{
    while (batch->next < end && batch->next < batch->n) {
        struct gw_exchange *exchange = batch->exchanges[batch->next++];
        if (waits(batch->worker, exchange))
            continue;
        size_t begun = batch->next;
        const struct gw_route *route = exchange->slot->request.route;
        hold(batch, begun, route ? gw_pace_of(batch->worker, route) : NULL);
        batch->worker->is_last = begun == batch->n;
        uint64_t took = second_half(exchange->slot, &batch->now_ns);
        release(batch, begun, took);
    }
}

/* Those that ask the store each for itself; then they wait as others do. */
static void go_on(struct batch *batch, size_t end)
{
    for (size_t i = batch->next; i < end && i < batch->n; i++) {
        struct gw_request *req = &batch->exchanges[i]->slot->request;
        hold(batch, i + 1, NULL);
        gw_request_end_phase(req, GW_PHASE_WAIT);
        first_steps(req, false);
        batch->now_ns = gw_now_ns();
        release(batch, i + 1, 0);
    }
}

/* Loads the rows of those that wait for the same table as the next one, and finishes these. */
static void finish_group(struct batch *batch)
{
    const struct gw_table *table = waits_for(batch->exchanges[batch->next]);
    size_t end = group(batch, table);
    if (table == &halfway) {
        go_on(batch, end);
        return;
    }
    if (!table) {
        finish(batch, end);
        return;
    }
    struct gw_pace *loads = &batch->worker->server->loads;
    uint64_t waited = store_ns(batch->worker);
    hold(batch, end, loads);
    load_group(batch->worker, batch->exchanges + batch->next, end - batch->next, table);
    batch->now_ns = gw_now_ns();
    gw_pace_remember_run(loads, store_ns(batch->worker) - waited);
    release(batch, end, 0);
    finish(batch, end);
}

/* Those that need no row come first, then table by table: a table that is slow to answer holds up
 * only those who wait for it. */
void gw_dispatch(struct gw_worker *worker, struct gw_exchange **exchanges, size_t n)
{
    struct batch batch = {.worker = worker, .exchanges = exchanges, .now_ns = gw_now_ns()};
    assert(n <= GW_BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        struct gw_exchange *exchange = exchanges[i];
        if (exchange->stage == GW_STAGE_NEW)
            first_half(worker, &exchange, batch.now_ns);
        else if (!exchange->queued) /* it was parked */
            gw_request_renew_deadline(&exchange->slot->request);
        if (!exchange)
            continue;
        exchange->slot->request.worker = worker;
        exchanges[batch.n++] = exchange;
    }
    finish(&batch, group(&batch, NULL));
    while (batch.next < batch.n)
        finish_group(&batch);
    gw_worker_give_trust(worker);
    gw_log_flush(worker->server->log);
}
