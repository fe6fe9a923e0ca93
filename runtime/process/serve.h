/* serve.h: the process: what all workers share, what each has for itself, and how they start and
 * stop. */
#ifndef GW_SERVE_H
#define GW_SERVE_H

#include "config/config.h"
#include "store/entity.h"
#include "token/keys.h"
#include "base/log.h"
#include "token/password.h"
#include "request/request.h"
#include "gate/stats.h"
#include "transport/transport.h"
#include "token/trust.h"

#include <pthread.h>
#include <stdatomic.h>

#define GW_WORKERS_MAX 256 /* as GW_WORKERS may say */
#define GW_BATCH_MAX   64  /* requests that one worker walks through together */

/* Shared, read-only once the workers run (but for the two flags of stopping). */
struct gw_server {
    const struct gw_app *app;
    struct gw_arena arena; /* configuration texts */
    struct gw_config config;
    uint64_t expire_seconds;
    struct gw_log *log;
    struct gw_trust_ring trust;
    struct gw_store *store; /* NULL: the application declares no table */
    struct gw_sql *sql;
    struct gw_hashers *hashers;
    _Atomic unsigned char *long_runs; /* of each route, lately: see pace.c */
    const struct gw_hooks *hooks;
    void *hook_data;
    const struct gw_transport *transport;
    void *transport_state;
    int stop_fd; /* an eventfd: readable once the process is to stop */
    _Atomic bool stopping;
    _Atomic uint64_t n_begun;   /* requests, counted only where GW_MAX_REQUESTS is set */
    uint64_t started_ns;        /* CLOCK_MONOTONIC */
    int64_t started_us;         /* since 1970 */
    const char *status_pattern; /* what the log calls the status pages */
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
    struct gw_request request;
};
void gw_slot_free(struct gw_slot *slot); /* NULL is fine */

struct gw_worker {
    struct gw_server *server;
    unsigned number;
    pthread_t thread;
    struct gw_crypto *crypto;
    struct gw_trust *trust; /* during a batch: the keys that it goes by */
    struct gw_conn *conn;   /* NULL until first used */
    uint64_t id_prefix, id_next;
    void *transport_worker;
    struct gw_stats *stats; /* in server->stats; NULL without status pages */
};

/* Builds what all workers share from its sources. `transport` NULL: as GW_TRANSPORT says. -EINVAL:
 * *ret_why (in server->arena or static) is one line that says what to change. Contacts no store. */
int gw_server_open(struct gw_server *server, const struct gw_app *app,
                   const struct gw_config_sources *sources, const struct gw_transport *transport,
                   const char **ret_why);
void gw_server_close(struct gw_server *server);

/* Compares the store's schema with the declared one, creating SQLite tables that are missing. 0:
 * good; -EHOSTDOWN: away; -EINVAL: refused or different, each reason logged. */
int gw_server_check_store(struct gw_server *server);

/* Runs the application's start hook; its hooks hold from here on. `hooks` may be NULL. */
int gw_server_start(struct gw_server *server, const struct gw_hooks *hooks);

int gw_worker_open(struct gw_worker *worker, struct gw_server *server, unsigned number);
void gw_worker_close(struct gw_worker *worker);

/* Runs the workers until SIGTERM or SIGUSR1 (or until a CGI request is answered). Returns the exit
 * status. */
int gw_serve(struct gw_server *server, int listen_fd);

/* Tells systemd something ("READY=1") where it wants to know (sd_notify(3)); otherwise nothing
 * happens. */
void gw_notify(const char *state);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t gw_now_ns(void);

/* Begins to stop, as on SIGTERM; any thread may ask for it, more than once. */
void gw_serve_stop(struct gw_server *server);

/* The socket to listen on: GW_LISTEN, the one that systemd hands over, or file descriptor 0.
 * -EINVAL with *ret_why, a sentence that says what to do. */
int gw_listen_open(const char *listen, struct gw_arena *arena, int *ret_fd, const char **ret_why);

#endif
