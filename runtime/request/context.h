/* context.h: what a request's stages reach through it: the process that all workers share, and the
 * worker that has it in hand. */
#ifndef GW_CONTEXT_H
#define GW_CONTEXT_H

#include "base/log.h"
#include "config/config.h"
#include "request/request.h"
#include "store/entity.h"
#include "token/keys.h"
#include "token/password.h"
#include "token/seal.h"
#include "token/trust.h"

#include <pthread.h>
#include <stdatomic.h>

struct gw_stats;
struct gw_uploads;

#define GW_WORKERS_MAX 256 /* as GW_WORKERS may say */
#define GW_BATCH_MAX   64  /* requests that one worker walks through together */

/* How long a route takes, or the loads of rows do: see gate/pace.c. */
struct gw_pace {
    _Atomic unsigned char long_runs; /* lately */
#define GW_LONG_RUN       50         /* what one adds, */
#define GW_LONG_RUNS_MOST 100        /* up to this */
#define GW_LONG_RUNS      60         /* so many: the next is likely to be long */
    _Atomic unsigned char waits;     /* for the store, since one that was short */
};

static inline bool gw_pace_has_long_runs(const struct gw_pace *pace)
{
    return atomic_load_explicit(&pace->long_runs, memory_order_relaxed) >= GW_LONG_RUNS;
}

/* A run is long. */
static inline void gw_pace_is_long(struct gw_pace *pace)
{
    unsigned n = atomic_load_explicit(&pace->long_runs, memory_order_relaxed) + GW_LONG_RUN;
    atomic_store_explicit(&pace->long_runs,
                          (unsigned char)(n < GW_LONG_RUNS_MOST ? n : GW_LONG_RUNS_MOST),
                          memory_order_relaxed);
}

/* Shared, read-only once the workers run (but for the two flags of stopping). */
struct gw_server {
    const struct gw_app *app;
    struct gw_arena arena; /* configuration texts */
    struct gw_config config;
    uint64_t expire_seconds;
    struct gw_log *log;
    struct gw_trust_ring trust;
    struct gw_seal seal;    /* of tickets, where there are any */
    struct gw_store *store; /* NULL: the application declares no table */
    struct gw_sql *sql;
    struct gw_hashers *hashers;
    struct gw_rates *rates;     /* NULL: no route has one */
    struct gw_pace *paces;      /* of each route */
    struct gw_pace loads;       /* of rows, for many requests at once */
    struct gw_uploads *uploads; /* NULL: no route takes files */
    const struct gw_hooks *hooks;
    void *hook_data;
    const struct gw_transport *transport;
    void *transport_state;
    int stop_fd; /* an eventfd: readable once the process is to stop */
    _Atomic bool stopping;
    _Atomic uint64_t n_begun;   /* requests, counted only where GW_MAX_REQUESTS is set */
    uint64_t started_ns;        /* CLOCK_MONOTONIC */
    int64_t started_us;         /* since 1970 */
    const char *status_pattern; /* what the log calls the status pages and probes */
    struct gw_stats *_Atomic stats[GW_WORKERS_MAX]; /* each worker's; NULL without status pages */
};

/* Places of the counters behind those of the routes. */
enum gw_place {
    GW_PLACE_NONE,   /* no route had the path */
    GW_PLACE_STATUS, /* a status page */
    GW_N_PLACES,
};

static inline size_t gw_server_place(const struct gw_server *server, enum gw_place place)
{
    return server->app->n_routes + place;
}

/* The memory of one request in flight. It belongs to the place that exchanges come from, so that it
 * is warm for the next one; the dispatcher makes it. */
struct gw_slot {
    struct gw_arena arena;
    struct gw_arena returned; /* what a handler gives back before its end: see request/mark.c */
    struct gw_request request;
};
void gw_slot_free(struct gw_slot *slot); /* NULL is fine */

struct gw_worker {
    struct gw_server *server;
    unsigned number;
    pthread_t thread;
    struct gw_crypto *crypto;
    struct gw_trust *trust;                   /* of a batch, once it has asked for keys */
    struct gw_conn *conn;                     /* NULL until first used */
    char id_prefix[GW_REQUEST_ID_PREFIX + 1]; /* what the ids of its requests begin with */
    uint64_t id_next;
    void *transport_worker;
    bool is_last;           /* the request in hand is the last of its batch */
    struct gw_stats *stats; /* in server->stats; NULL without status pages */
    struct gw_log_second log_second;
};

/* The keys that the requests in hand go by: the same for all of a batch. Its first request that
 * asks takes them, so that those without a token pay nothing for them. */
static inline const struct gw_trust *gw_worker_trust(struct gw_worker *worker)
{
    if (!worker->trust)
        worker->trust = gw_trust_take(&worker->server->trust);
    return worker->trust;
}

/* At the end of the batch. */
static inline void gw_worker_give_trust(struct gw_worker *worker)
{
    gw_trust_give(worker->trust);
    worker->trust = NULL;
}

#endif
