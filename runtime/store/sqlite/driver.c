/* store_sqlite.c: SQLite as a store: URL, connections and transactions.
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
#include "store/sqlite/own.h"

#include "base/arena.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_STEPS 4000 /* of the virtual machine between two looks at the clock */

int gw_sqlite_failed(const struct gw_store *store, sqlite3 *db, int code, const char *what)
{
    if (store->options.log)
        gw_log_line(store->options.log, "store: sqlite %d %s: %s", code,
                    db ? sqlite3_errmsg(db) : sqlite3_errstr(code), what);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_INTERRUPT:
        return -ETIMEDOUT;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return -EHOSTDOWN;
    default:
        return -EIO;
    }
}

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

    if (!*path || strncmp(path, "//", 2) == 0) {
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
    if (strcmp(path, ":memory:") == 0)
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
    free(store->path);
    free(store);
}

static int configure(sqlite3 *db)
{
    int off = 0, on = 1;

    sqlite3_extended_result_codes(db, on);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, on, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, off, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, off, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, off, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, off, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout(db, 1000); /* for the pragmas; a statement's deadline replaces it */
    return sqlite3_exec(db,
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                        "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;",
                        NULL, NULL, NULL);
}

int gw_sqlite_open(const struct sqlite_store *store, sqlite3 **ret)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *db = NULL;
    int code;

    if (strncmp(store->path, "file:", 5) == 0)
        flags |= SQLITE_OPEN_URI;
    code = sqlite3_open_v2(store->path, &db, flags, NULL);
    if (code == SQLITE_OK)
        code = configure(db);
    if (code != SQLITE_OK) {
        int r = gw_sqlite_failed(&store->base, db, code, "opening the database");
        sqlite3_close(db);
        return r;
    }
    *ret = db;
    return 0;
}

/* SQLite is locked: sleeps a little and says whether to try again. */
static int on_busy(void *data, int n)
{
    static const unsigned char milliseconds[] = {1, 1, 2, 2, 5, 5, 10, 10, 20};
    const struct sqlite_conn *conn = data;
    size_t last = sizeof(milliseconds) - 1, i = (size_t)n < last ? (size_t)n : last;
    uint64_t now = gw_store_now(), wait = milliseconds[i] * UINT64_C(1000000);

    if (now >= conn->deadline_ns)
        return 0;
    if (wait > conn->deadline_ns - now)
        wait = conn->deadline_ns - now;
    nanosleep(&(struct timespec){.tv_nsec = (long)wait}, NULL);
    return 1;
}

static int on_progress(void *data)
{
    const struct sqlite_conn *conn = data;

    return gw_store_now() >= conn->deadline_ns;
}

int gw_sqlite_ready(struct sqlite_conn *conn, uint64_t deadline_ns)
{
    int r;

    conn->deadline_ns = deadline_ns;
    if (conn->db && conn->pid != getpid()) {
        if (conn->base.store->options.log)
            gw_log_line(conn->base.store->options.log,
                        "store: sqlite: a connection was carried across a fork");
        return -EIO;
    }
    if (conn->db)
        return 0;
    r = gw_sqlite_open((struct sqlite_store *)conn->base.store, &conn->db);
    if (r)
        return r;
    conn->pid = getpid();
    sqlite3_busy_handler(conn->db, on_busy, conn);
    sqlite3_progress_handler(conn->db, PROGRESS_STEPS, on_progress, conn);
    return 0;
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
    *ret = &conn->base;
    return 0;
}

static void conn_free(struct gw_conn *base)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;

    if (!conn->db || conn->pid == getpid()) { /* a parent's must not be touched */
        gw_cache_clear(&conn->cache);
        sqlite3_close(conn->db);
    }
    free(conn);
}

static int begin(struct gw_conn *base, uint64_t deadline_ns)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    int r = gw_sqlite_ready(conn, deadline_ns);

    if (r)
        return r;
    /* IMMEDIATE takes the write lock now: a later upgrade could fail without a chance to wait. */
    r = sqlite3_exec(conn->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    return r == SQLITE_OK ? 0 : gw_sqlite_failed(base->store, conn->db, r, "BEGIN");
}

static int commit(struct gw_conn *base, uint64_t deadline_ns)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    int r = gw_sqlite_ready(conn, deadline_ns);

    if (r)
        return r;
    r = sqlite3_exec(conn->db, "COMMIT", NULL, NULL, NULL);
    return r == SQLITE_OK ? 0 : gw_sqlite_failed(base->store, conn->db, r, "COMMIT");
}

static void rollback(struct gw_conn *base)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;

    if (!conn->db || conn->pid != getpid() || sqlite3_get_autocommit(conn->db))
        return;
    conn->deadline_ns = UINT64_MAX; /* nothing to wait for, and it must not be interrupted */
    if (sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK)
        return;
    gw_cache_clear(&conn->cache);
    sqlite3_close(conn->db);
    conn->db = NULL;
}

const struct gw_store_driver gw_store_sqlite = {
    .scheme = "sqlite",
    .uint_max = INT64_MAX,
    .store_new = store_new,
    .store_free = store_free,
    .compare = gw_sqlite_compare,
    .diff = gw_sqlite_diff,
    .create = gw_sqlite_create,
    .conn_new = conn_new,
    .conn_free = conn_free,
    .run = gw_sqlite_run,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
};
