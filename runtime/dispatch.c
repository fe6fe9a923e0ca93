/* dispatch.c: walks requests through their steps in two halves around the row load.
 *
 * A worker brings all requests that it holds as far as their verified tokens, loads the rows of
 * each entity with as few statements as that takes, and then finishes each. A batch of one is the
 * common case, and takes the same way. */
#include "dispatch.h"

#include "request.h"
#include "serve.h"
#include "steps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define ARENA_LIMIT ((size_t)64 << 20) /* beside the body */

static void begin_request(struct gw_worker *worker, struct gw_slot *slot,
                          struct gw_exchange *exchange)
{
    struct gw_server *server = worker->server;
    struct gw_request *req = &slot->request;
    memset(req, 0, sizeof(*req));
    slot->arena.limit = ARENA_LIMIT + (size_t)server->config.body_limit;
    req->worker = worker;
    req->app = server->app;
    req->arena = &slot->arena;
    req->exchange = exchange;
    req->transport = server->transport;
    req->started_ns = gw_now_ns();
    req->deadline_ns = req->started_ns + server->config.request_timeout_ms * 1000000;
    snprintf(req->id, sizeof(req->id), "%016" PRIx64 "-%08" PRIx64, worker->id_prefix,
             worker->id_next++);
    gw_response_init(req);
}

static void run(struct gw_request *req, gw_step *const *steps, size_t n)
{
    for (size_t i = 0; i < n && !req->answered; i++)
        steps[i](req);
}

/* ---- Rows -------------------------------------------------------------------------------- */

/* Loads the rows of all requests that wait for one of `table`. */
static void load_table(struct gw_worker *worker, size_t n, const struct gw_table *table)
{
    struct gw_load loads[GW_BATCH_MAX];
    struct gw_request *waiting[GW_BATCH_MAX];
    size_t n_loads = 0;
    uint64_t deadline = 0;
    for (size_t i = 0; i < n; i++) {
        struct gw_request *req = &worker->slots[i].request;
        if (!req->needs_row || req->me.table != table)
            continue;
        waiting[n_loads] = req;
        loads[n_loads++] = (struct gw_load){.key = req->me.key, .arena = req->arena};
        uint64_t own = gw_request_store_deadline(req);
        deadline = own > deadline ? own : deadline;
    }
    if (!n_loads)
        return;
    struct gw_conn *conn = gw_request_conn(waiting[0]);
    for (size_t i = 0; !conn && i < n_loads; i++)
        loads[i].result = -ENOMEM;
    if (conn)
        gw_entity_load(conn, worker->server->sql, table, loads, n_loads, deadline);
    for (size_t i = 0; i < n_loads; i++)
        gw_step_row(waiting[i], loads[i].result, loads[i].ret_row);
}

static void load_rows(struct gw_worker *worker, size_t n)
{
    const struct gw_app *app = worker->server->app;
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= worker->slots[i].request.needs_row;
    for (size_t t = 0; any && t < app->n_entities; t++)
        load_table(worker, n, app->tables[t]);
}

/* ---- The end of a request ---------------------------------------------------------------- */

static const char *key_text(const struct gw_request *req, char buffer[24])
{
    if (req->me.key.type == GW_TYPE_TEXT)
        return req->me.key.as.text;
    if (req->me.key.type == GW_TYPE_UINT)
        snprintf(buffer, 24, "%" PRIu64, req->me.key.as.u64);
    else
        snprintf(buffer, 24, "%" PRId64, req->me.key.as.i64);
    return buffer;
}

static void log_request(const struct gw_request *req)
{
    char key[24], method[16];
    size_t len = req->in.method.len < sizeof(method) ? req->in.method.len : sizeof(method) - 1;
    memcpy(method, req->in.method.ptr ? req->in.method.ptr : "", req->in.method.ptr ? len : 0);
    method[len] = 0;
    gw_log_request(req->worker->server->log,
                   &(struct gw_log_request){
                       .id = req->id,
                       .method = method,
                       .pattern = req->route ? req->route->pattern : NULL,
                       .status = req->response.status,
                       .bytes = req->response.bytes,
                       .microseconds = (gw_now_ns() - req->started_ns) / 1000,
                       .entity = req->me.row ? req->me.table->sql_name : NULL,
                       .key = req->me.row ? key_text(req, key) : NULL,
                       .reason = req->reason,
                   });
}

/* Headers that belong to a status whoever chose it. */
static void complete(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    const char *name = response->status == 401   ? "WWW-Authenticate"
                       : response->status == 503 ? "Retry-After"
                                                 : NULL;
    if (!name || response->streaming)
        return;
    for (size_t i = 0; i < response->n_headers; i++)
        if (gw_str_equal_nocase(response->headers[i].name, gw_str_from(name)))
            return;
    if (gw_set_header(req, name, response->status == 401 ? "Bearer" : "1"))
        gw_refuse(req, 500, "memory");
}

static void end_request(struct gw_slot *slot)
{
    struct gw_request *req = &slot->request;
    complete(req);
    gw_response_send(req);
    log_request(req);
    json_decref(req->me.claims);
    req->transport->finish(req->exchange, req->response.cut);
    gw_arena_reset(&slot->arena);
}

void gw_dispatch(struct gw_worker *worker, struct gw_exchange *const *exchanges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        begin_request(worker, &worker->slots[i], exchanges[i]);
        run(&worker->slots[i].request, gw_first_half, gw_n_first_half);
    }
    load_rows(worker, n);
    for (size_t i = 0; i < n; i++) {
        run(&worker->slots[i].request, gw_second_half, gw_n_second_half);
        end_request(&worker->slots[i]);
    }
}
