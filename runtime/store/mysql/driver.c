/* driver.c: MariaDB and MySQL as a store, through libmariadb.
 *
 * A statement that only reads may be run again, once, when the connection breaks under it; so may
 * any statement that the server cannot have seen. A write that broke off has an unknown outcome
 * and is reported as that: -EHOSTDOWN. What a host refuses since it cannot serve, or takes no
 * writes, had no effect there and is run on another; what was rolled back for another transaction's
 * sake is run again while there is time. Nothing is repeated within a transaction. */
#include "store/mysql/driver.h"

#include "base/clock.h"
#include "store/mysql/hosts.h"

#include "base/log.h"
#include "base/pid.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int library = -1; /* the result of mysql_library_init */

static void init_library(void)
{
    library = mysql_library_init(0, NULL, NULL);
}

static void store_free(struct gw_store *base)
{
    struct mysql_store *store = (struct mysql_store *)base;
    if (!gw_mysql_prober_end(store))
        return; /* at the end of the process */
    gw_mysql_url_free(store);
    free(store);
}

static bool is_local(const char *name)
{
    return !strcasecmp(name, "localhost") || !strncmp(name, "127.", 4) || !strcmp(name, "::1");
}

static int store_new(const char *url, const struct gw_store_options *options,
                     struct gw_arena *arena, struct gw_store **ret, const char **ret_why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct mysql_store *store;
    int r;
    pthread_once(&once, init_library);
    store = calloc(1, sizeof(*store));
    if (store)
        store->prober.stop_fd = -1;
    r = !store || library ? -ENOMEM : gw_mysql_prober_new(store);
    if (!r)
        r = gw_mysql_url(url, store, arena, ret_why);
    if (r) {
        if (store)
            store_free(&store->base);
        return r;
    }
    store->base.driver = &gw_store_mysql;
    store->base.options = *options;
    for (size_t i = 0; !store->socket && i < store->n_hosts; i++)
        store->base.remote |= !is_local(store->hosts[i].name);
    if (store->connect_timeout_ms)
        store->base.options.connect_timeout_ms = store->connect_timeout_ms;
    *ret = &store->base;
    return 0;
}

static int conn_new(struct gw_store *store, struct gw_conn **ret)
{
    struct mysql_conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return -ENOMEM;
    conn->base.store = store;
    conn->cache.close = gw_mysql_statement_close;
    *ret = &conn->base;
    return 0;
}

static void conn_free(struct gw_conn *base)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    if (conn->mysql && conn->pid == gw_pid()) {
        mysql_close(conn->mysql); /* with a goodbye: the server logs no aborted connection */
        conn->mysql = NULL;
        gw_cache_clear(&conn->cache);
    }
    gw_mysql_drop(conn);
    free(conn);
}

/* To the caller of the driver. */
static int outward(int r)
{
    switch (r) {
    case GW_MYSQL_CONFLICT:
        return GW_E_CONFLICT;
    case GW_MYSQL_LOST:
    case GW_MYSQL_NOT_HERE:
    case GW_MYSQL_READ_ONLY:
    case GW_MYSQL_UNKNOWN:
    case -EACCES:
        return -EHOSTDOWN;
    default:
        return r;
    }
}

/* Behind a statement: what it said of its host. True: another host may do it, for it had no effect
 * here. */
static bool moves_on(struct mysql_conn *conn, int r)
{
    struct mysql_store *store = (struct mysql_store *)conn->base.store;
    if (r != GW_MYSQL_NOT_HERE && r != GW_MYSQL_READ_ONLY)
        return false;
    if (store->n_hosts > 1 && r == GW_MYSQL_NOT_HERE)
        gw_mysql_leave(store, conn->host, "cannot serve");
    else if (store->n_hosts > 1)
        gw_mysql_leave_writes(store, conn->host);
    if (!conn->base.in_transaction)
        gw_mysql_drop(conn);
    return !conn->base.in_transaction;
}

/* Behind a statement or a commit. A Galera node that loses the others while it commits says 1180:
 * they may have the rows or not, so nothing is run again; but nothing more is asked of it. */
static void leave_if_unknown(struct mysql_conn *conn, int r)
{
    struct mysql_store *store = (struct mysql_store *)conn->base.store;
    if (r != GW_MYSQL_UNKNOWN)
        return;
    if (store->n_hosts > 1)
        gw_mysql_leave(store, conn->host, "could not commit");
    gw_mysql_drop(conn);
}

/* A read that waited in vain for the rows of other nodes (wsrep_sync_wait): this one is behind. */
static bool waited_in_vain(const struct mysql_conn *conn, const struct gw_query *query, int r)
{
    return r == -EBUSY && query->read_only && conn->mysql && mysql_errno(conn->mysql) == 1205 &&
           ((const struct mysql_store *)conn->base.store)->sync_wait > 0;
}

/* Lets the other transaction go first, for a moment that is not everybody's. False: no time is
 * left for another attempt. */
static bool gives_way(const struct gw_query *query, unsigned attempt)
{
    uint64_t now = gw_now_ns(), ms = 1 + now % (2u << (attempt < 4 ? attempt : 4));
    struct timespec pause = {.tv_nsec = (long)(ms * 1000000)};
    if (now + ms * 1000000 >= query->deadline_ns)
        return false;
    nanosleep(&pause, NULL);
    return true;
}

/* What may happen to one statement, and how often. */
struct attempts {
    size_t moves; /* to other hosts */
    unsigned breaks, conflicts;
};

/* Whether the statement may be run again, after `r`. */
static bool may_repeat(struct mysql_conn *conn, const struct gw_query *query, int r, bool sent,
                       struct attempts *so_far)
{
    const struct mysql_store *store = (const struct mysql_store *)conn->base.store;
    if (moves_on(conn, waited_in_vain(conn, query, r) ? GW_MYSQL_NOT_HERE : r))
        return so_far->moves++ < store->n_hosts;
    if (conn->base.in_transaction)
        return false;
    if (r == GW_MYSQL_CONFLICT) { /* rolled back: it had no effect */
        bool again = gives_way(query, so_far->conflicts++);
        conn->base.counts.conflicts += again;
        return again;
    }
    return r == GW_MYSQL_LOST && (!sent || query->read_only) && so_far->breaks++ == 0;
}

/* Behind one attempt. */
static void after(struct mysql_conn *conn, const struct gw_query *query, int r)
{
    struct gw_log *log = conn->base.store->options.log;
    if (r == -ETIMEDOUT && log)
        gw_log_line(log, "store: mysql: no answer in time: %s", query->sql);
    if (r == GW_MYSQL_LOST || r == -ETIMEDOUT || conn->out_of_step)
        gw_mysql_drop(conn);
    leave_if_unknown(conn, r);
}

static int run_once(struct mysql_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                    struct gw_result *ret, bool *ret_sent)
{
    int r = gw_mysql_execute(conn, query, arena, ret, ret_sent);
    after(conn, query, r);
    if (r == GW_E_TOO_LARGE && *ret_sent) /* then the server has closed it */
        gw_mysql_drop(conn);
    return r;
}

static int run(struct gw_conn *base, const struct gw_query *query, struct gw_arena *arena,
               struct gw_result *ret)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    struct attempts so_far = {0};
    for (;;) {
        bool sent = false;
        int r = gw_mysql_ready(conn, !query->read_only || query->newest, query->deadline_ns);
        if (r)
            return outward(r);
        r = run_once(conn, query, arena, ret, &sent);
        if (!may_repeat(conn, query, r, sent, &so_far))
            return r == GW_MYSQL_CONFLICT && !base->in_transaction ? -EBUSY : outward(r);
        *ret = (struct gw_result){.duplicate = -1};
    }
}

static int cursor_open(struct gw_conn *base, const struct gw_query *query, bool aside,
                       struct gw_cursor **ret)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    struct attempts so_far = {0};
    (void)aside; /* a cursor stands beside everything else */
    for (;;) {
        bool sent = false;
        int r = gw_mysql_ready(conn, query->newest, query->deadline_ns);
        if (r)
            return outward(r);
        r = gw_mysql_cursor_open(conn, query, ret, &sent);
        after(conn, query, r);
        if (!may_repeat(conn, query, r, sent, &so_far))
            return r == GW_MYSQL_CONFLICT && !base->in_transaction ? -EBUSY : outward(r);
    }
}

static int cursor_next(struct gw_cursor *cursor, struct gw_arena *arena, struct gw_result *ret)
{
    int r = gw_mysql_cursor_next(cursor, arena, ret);
    after((struct mysql_conn *)cursor->conn, &cursor->query, r);
    return outward(r);
}

static int cursor_close(struct gw_cursor *cursor, int r)
{
    return outward(gw_mysql_cursor_close(cursor, r));
}

static int limits(struct gw_conn *base, const struct gw_table *table, uint64_t deadline_ns,
                  struct gw_table_limits *ret)
{
    return outward(gw_mysql_limits(base, table, deadline_ns, ret));
}

static int lock(struct gw_store *store, const char *name, struct gw_store_lock *ret)
{
    return outward(gw_mysql_lock(store, name, ret));
}

static int begin(struct gw_conn *base, uint64_t deadline_ns)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    int r = GW_MYSQL_LOST;
    for (int attempts = 0; attempts < 2 && (r == GW_MYSQL_LOST || moves_on(conn, r)); attempts++) {
        r = gw_mysql_ready(conn, true, deadline_ns);
        if (!r)
            r = gw_mysql_text(conn, "START TRANSACTION", deadline_ns, NULL);
    }
    return outward(r);
}

static int commit(struct gw_conn *base, uint64_t deadline_ns)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    int r = gw_mysql_ready(conn, true, deadline_ns);
    if (!r)
        r = gw_mysql_text(conn, "COMMIT", deadline_ns, NULL);
    leave_if_unknown(conn, r);
    return outward(r);
}

static void rollback(struct gw_conn *base)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    uint64_t deadline =
        gw_now_ns() + (uint64_t)base->store->options.query_timeout_ms * UINT64_C(1000000);
    if (conn->mysql && conn->pid == gw_pid() &&
        gw_mysql_text(conn, "ROLLBACK", deadline, NULL) == 0)
        return;
    gw_mysql_drop(conn); /* then the server rolls back */
}

static bool host(const struct gw_store *base, size_t i, struct gw_store_host *ret)
{
    const struct mysql_store *store = (const struct mysql_store *)base;
    if (i >= store->n_hosts)
        return false;
    *ret = (struct gw_store_host){.name = gw_mysql_label(store, i),
                                  .in_use = atomic_load(&store->current) == i,
                                  .left = gw_mysql_is_marked(store, i),
                                  .read_only = atomic_load(&store->hosts[i].read_only)};
    return true;
}

const struct gw_store_driver gw_store_mysql = {
    .scheme = "mysql",
    .uint_max = UINT64_MAX,
    .seconds = "UNIX_TIMESTAMP()",
    .locking = " FOR UPDATE",
    .same_bytes = "CAST(CONVERT(%s USING utf8mb4) AS BINARY) = CAST(? AS BINARY)",
    .store_new = store_new,
    .store_free = store_free,
    .compare = gw_mysql_compare,
    .migrate = gw_mysql_migrate,
    .limits = limits,
    .lock = lock,
    .conn_new = conn_new,
    .conn_free = conn_free,
    .run = run,
    .cursor_open = cursor_open,
    .cursor_next = cursor_next,
    .cursor_close = cursor_close,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .host = host,
};
