/* driver.c: SQLite as a store: URL, connections and transactions.
 *
 * The embedded default: the first run needs no server. A database file may come from anywhere, so
 * it is opened defensively: its schema is not trusted, and its bytes cannot be written around the
 * SQL layer. WAL lets readers and one writer work at once; every acknowledged write is synced,
 * because a token that was revoked must stay revoked when the power fails.
 *
 * Waiting is bounded twice: a busy handler sleeps until the deadline and no longer, and a progress
 * handler interrupts a statement that runs beyond it.
 *
 * A database in memory lives in SQLite's own "memdb" file system under a name that only this store
 * knows, so that several connections of one process see the same tables. */
#include "store/sqlite/driver.h"

#include "store/sqlite/own.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/pid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A path that SQLite would not take as a URI or as "in memory". */
static char *plain_path(const char *path)
{
    char *copy = NULL;
    if (path[0] == '/' || path[0] == '.')
        return strdup(path);
    return asprintf(&copy, "./%s", path) < 0 ? NULL : copy;
}

static int open_anchor(struct sqlite_store *store)
{
    if (asprintf(&store->path, "file:/gatewright-%d-%p?vfs=memdb", (int)getpid(), (void *)store) <
        0) {
        store->path = NULL;
        return -ENOMEM;
    }
    return gw_sqlite_open(store, &store->anchor);
}

static int store_new(const char *url, const struct gw_store_options *options,
                     struct gw_arena *arena, struct gw_store **ret, const char **ret_why)
{
    const char *path = url + strlen("sqlite:");
    struct sqlite_store *store;
    int r = 0;
    if (!*path || !strncmp(path, "//", 2)) {
        *ret_why = "sqlite: is followed by a path: sqlite:school.db or sqlite:/srv/school.db";
        return -EINVAL;
    }
    if (strchr(path, '?')) {
        *ret_why = "a sqlite: URL takes no options";
        return -EINVAL;
    }
    store = calloc(1, sizeof(*store));
    if (!store)
        return -ENOMEM;
    store->base = (struct gw_store){.driver = &gw_store_sqlite, .options = *options};
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->turns.lock, NULL);
    if (!strcmp(path, ":memory:"))
        r = open_anchor(store);
    else
        store->path = plain_path(path);
    if (!r && !store->path)
        r = -ENOMEM;
    if (r) {
        gw_store_free(&store->base);
        return r;
    }
    *ret = &store->base;
    return 0;
}

static void store_free(struct gw_store *base)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    sqlite3_close(store->anchor);
    pthread_mutex_destroy(&store->turns.lock);
    pthread_mutex_destroy(&store->lock);
    free(store->log_path);
    free(store->index_path);
    free(store->path);
    free(store);
}

static void close_statement(void *statement)
{
    sqlite3_finalize(statement);
}

static int conn_new(struct gw_store *store, struct gw_conn **ret)
{
    struct sqlite_conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return -ENOMEM;
    conn->base.store = store;
    conn->cache.close = close_statement;
    gw_sqlite_turn_init(conn);
    *ret = &conn->base;
    return 0;
}

static void conn_free(struct gw_conn *base)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    if (conn->db && conn->pid == gw_pid()) /* a parent's must not be touched */
        gw_sqlite_close(conn);
    gw_sqlite_end_turn(conn);
    pthread_cond_destroy(&conn->woken);
    free(conn);
}

static int begin_ready(struct sqlite_conn *conn, uint64_t deadline_ns)
{
    int r = gw_sqlite_ready(conn, true, deadline_ns);
    if (r)
        return r;
    /* IMMEDIATE takes the write lock now: a later upgrade could fail without a chance to wait. */
    r = sqlite3_exec(conn->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (r != SQLITE_OK)
        return gw_sqlite_failed(conn->base.store, conn->db, r, "BEGIN");
    gw_sqlite_unlocked(conn);
    return 0;
}

static int begin(struct gw_conn *base, uint64_t deadline_ns)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    conn->deadline_ns = deadline_ns;
    int r = gw_sqlite_take_turn(conn);
    if (!r)
        r = begin_ready(conn, deadline_ns);
    if (r)
        gw_sqlite_end_turn(conn);
    return r;
}

static int commit(struct gw_conn *base, uint64_t deadline_ns)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    int r = gw_sqlite_ready(conn, true, deadline_ns);
    if (!r)
        r = gw_sqlite_look(conn); /* a file that was removed would keep nothing */
    if (r)
        return r == -ESTALE ? -EHOSTDOWN : r;
    r = sqlite3_exec(conn->db, "COMMIT", NULL, NULL, NULL);
    if (r != SQLITE_OK)
        return gw_sqlite_failed(base->store, conn->db, r, "COMMIT");
    gw_sqlite_end_turn(conn);
    return 0;
}

static void end_transaction(struct sqlite_conn *conn)
{
    if (!conn->db || conn->pid != gw_pid() || sqlite3_get_autocommit(conn->db))
        return;
    conn->deadline_ns = UINT64_MAX; /* nothing to wait for, and it must not be interrupted */
    if (sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK)
        return;
    gw_sqlite_close(conn);
}

static void rollback(struct gw_conn *base)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    end_transaction(conn);
    gw_sqlite_end_turn(conn);
}

const struct gw_store_driver gw_store_sqlite = {
    .scheme = "sqlite",
    .uint_max = INT64_MAX,
    .returning = true,
    .seconds = "CAST(strftime('%s', 'now') AS INTEGER)",
    .locking = "", /* whoever has written is alone */
    .same_bytes = "%s = ? COLLATE BINARY",
    .store_new = store_new,
    .store_free = store_free,
    .compare = gw_sqlite_compare,
    .migrate = gw_sqlite_migrate,
    .create = gw_sqlite_create,
    .attempt = gw_sqlite_try,
    .limits = gw_sqlite_limits,
    .lock = gw_sqlite_lock,
    .conn_new = conn_new,
    .conn_free = conn_free,
    .run = gw_sqlite_run,
    .cursor_open = gw_sqlite_cursor_open,
    .cursor_next = gw_sqlite_cursor_next,
    .cursor_close = gw_sqlite_cursor_close,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
};
