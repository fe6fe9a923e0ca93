/* driver.c: MariaDB and MySQL as a store, through libmariadb.
 *
 * A statement that only reads may be run again, once, when the connection breaks under it; so may
 * any statement that the server cannot have seen. A write that broke off has an unknown outcome
 * and is reported as that: -EHOSTDOWN. Nothing is repeated within a transaction. */
#include "store/mysql/driver.h"

#include "base/clock.h"
#include "store/mysql/own.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static int library = -1; /* the result of mysql_library_init */

static void init_library(void)
{
    library = mysql_library_init(0, NULL, NULL);
}

static void store_free(struct gw_store *base)
{
    struct mysql_store *store = (struct mysql_store *)base;
    gw_mysql_url_free(store);
    free(store);
}

static int store_new(const char *url, const struct gw_store_options *options,
                     struct gw_arena *arena, struct gw_store **ret, const char **ret_why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct mysql_store *store;
    int r;
    pthread_once(&once, init_library);
    store = calloc(1, sizeof(*store));
    if (!store || library)
        r = -ENOMEM;
    else
        r = gw_mysql_url(url, store, arena, ret_why);
    if (r) {
        if (store)
            store_free(&store->base);
        return r;
    }
    store->base = (struct gw_store){.driver = &gw_store_mysql, .options = *options};
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
    if (conn->mysql && conn->pid == getpid()) {
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
    return r == GW_MYSQL_LOST || r == -EACCES ? -EHOSTDOWN : r;
}

static int run(struct gw_conn *base, const struct gw_query *query, struct gw_arena *arena,
               struct gw_result *ret)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    int r = GW_MYSQL_LOST;
    for (int attempts = 0; attempts < 2; attempts++) {
        bool sent = false;
        r = gw_mysql_ready(conn, query->deadline_ns);
        if (r)
            break;
        r = gw_mysql_execute(conn, query, arena, ret, &sent);
        if (r == -ETIMEDOUT && base->store->options.log)
            gw_log_line(base->store->options.log, "store: mysql: no answer in time: %s",
                        query->sql);
        if (r == GW_MYSQL_LOST || r == -ETIMEDOUT || conn->out_of_step ||
            (r == GW_E_TOO_LARGE && sent)) /* then the server has closed it */
            gw_mysql_drop(conn);
        if (r != GW_MYSQL_LOST || base->in_transaction || (sent && !query->read_only))
            break;
        *ret = (struct gw_result){.duplicate = -1};
    }
    return outward(r);
}

static int begin(struct gw_conn *base, uint64_t deadline_ns)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    int r = GW_MYSQL_LOST;
    for (int attempts = 0; attempts < 2 && r == GW_MYSQL_LOST; attempts++) {
        r = gw_mysql_ready(conn, deadline_ns);
        if (!r)
            r = gw_mysql_text(conn, "START TRANSACTION", deadline_ns, NULL);
    }
    return outward(r);
}

static int commit(struct gw_conn *base, uint64_t deadline_ns)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    int r = gw_mysql_ready(conn, deadline_ns);
    if (!r)
        r = gw_mysql_text(conn, "COMMIT", deadline_ns, NULL);
    return outward(r);
}

static void rollback(struct gw_conn *base)
{
    struct mysql_conn *conn = (struct mysql_conn *)base;
    uint64_t deadline =
        gw_now_ns() + (uint64_t)base->store->options.query_timeout_ms * UINT64_C(1000000);
    if (conn->mysql && conn->pid == getpid() &&
        gw_mysql_text(conn, "ROLLBACK", deadline, NULL) == 0)
        return;
    gw_mysql_drop(conn); /* then the server rolls back */
}

const struct gw_store_driver gw_store_mysql = {
    .scheme = "mysql",
    .uint_max = UINT64_MAX,
    .same_bytes = "CAST(CONVERT(%s USING utf8mb4) AS BINARY) = CAST(? AS BINARY)",
    .store_new = store_new,
    .store_free = store_free,
    .compare = gw_mysql_compare,
    .diff = gw_mysql_diff,
    .limits = gw_mysql_limits,
    .conn_new = conn_new,
    .conn_free = conn_free,
    .run = run,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
};
