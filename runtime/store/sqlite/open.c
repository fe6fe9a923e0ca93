/* open.c: opens a database of SQLite, with every safeguard and both bounds of waiting set. */
#include "store/sqlite/own.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pid.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS        10000000ULL
#define PROGRESS_STEPS 4000 /* of the virtual machine between two looks at the clock */

/* What the schema forbids; 0: it is no such thing. ON DELETE RESTRICT is told as a trigger's. */
static int condition(sqlite3 *db, int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return GW_E_DUPLICATE;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return GW_E_REFERENCED;
    case SQLITE_CONSTRAINT_TRIGGER:
        return strcmp(sqlite3_errmsg(db), "FOREIGN KEY constraint failed") ? 0 : GW_E_REFERENCED;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL: /* of a column that is not declared, too */
        return GW_E_RANGE;
    case SQLITE_TOOBIG:
        return GW_E_TOO_LARGE;
    default:
        return 0;
    }
}

/* The disk has no room left: SQLITE_FULL, or another failed call of the file's. */
static bool is_full(sqlite3 *db, int code)
{
    int error = db ? sqlite3_system_errno(db) : 0;
    return (code & 0xff) == SQLITE_FULL ||
           ((code & 0xff) == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT));
}

int gw_sqlite_failed(const struct gw_store *store, sqlite3 *db, int code, const char *what)
{
    int r = db ? condition(db, code) : 0;
    if (r == GW_E_DUPLICATE || r == GW_E_REFERENCED)
        return r;
    if (store->options.log)
        gw_log_line(store->options.log, "store: sqlite %d %s: %s", code,
                    db ? sqlite3_errmsg(db) : sqlite3_errstr(code), what);
    if (r)
        return r;
    if (is_full(db, code))
        return -EBUSY;
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

/* Accounts lie in it: nobody else may read the file from its first byte on. SQLite gives its -wal
 * and -shm the same mode. What is there already keeps its own. */
static void make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
}

/* The same failure is told once, until the file could be opened. */
static int failed_to_open(struct sqlite_store *store, sqlite3 *db, int code)
{
    const struct gw_store quiet = {.driver = store->base.driver};
    int error = db ? sqlite3_system_errno(db) : 0, what = code << 8 | (error & 0xff);
    bool again = atomic_exchange(&store->said, what) == what;
    int r = gw_sqlite_failed(again ? &quiet : &store->base, db, code, "opening the database");
    if (!again && r == -EHOSTDOWN && error && store->base.options.log)
        gw_log_line(store->base.options.log, "store: %s: %s", store->path, strerror(error));
    return r;
}

static int open_with(struct sqlite_store *store, int flags, sqlite3 **ret)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(store->path, &db, flags, NULL);
    if (code == SQLITE_OK)
        code = configure(db);
    if (code != SQLITE_OK) {
        int r = failed_to_open(store, db, code);
        sqlite3_close(db);
        return r;
    }
    atomic_store(&store->said, 0);
    *ret = db;
    return 0;
}

/* One after the other: which file it is must not change between a look at it and its opening. */
static int open_file(struct sqlite_store *store, int flags, sqlite3 **ret)
{
    pthread_mutex_lock(&store->lock);
    int r = gw_sqlite_make_way(store);
    if (!r)
        make_private(store->path);
    if (!r)
        r = open_with(store, flags, ret);
    if (!r && !gw_sqlite_note(store, *ret)) {
        sqlite3_close(*ret);
        r = -EBUSY;
    }
    pthread_mutex_unlock(&store->lock);
    return r;
}

int gw_sqlite_open(struct sqlite_store *store, sqlite3 **ret)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (!strncmp(store->path, "file:", 5)) /* in memory (driver.c) */
        return open_with(store, flags | SQLITE_OPEN_URI, ret);
    return open_file(store, flags, ret);
}

/* Whether there is no file at the path, but a folder in which one can be made. */
static bool can_be_made(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    int n = slash ? (int)(slash - path) + 1 : 0;
    if (!strncmp(path, "file:", 5) || n >= PATH_MAX || !access(path, F_OK) || errno != ENOENT)
        return false;
    snprintf(folder, sizeof(folder), "%.*s.", n, path);
    return !access(folder, W_OK | X_OK);
}

int gw_sqlite_open_or_empty(struct sqlite_store *store, sqlite3 **ret)
{
    char memory[] = "file::memory:";
    struct sqlite_store empty = {.base = store->base, .path = memory};
    return can_be_made(store->path)
               ? open_with(&empty, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
                           ret)
               : gw_sqlite_open(store, ret);
}

/* The statement's deadline, and no longer than one statement may
 * take since somebody first found the database locked. Otherwise those who stand in line behind
 * waiting workers would each wait anew, one after the other. A moment they wait all the same: the
 * lock may be another by now, of a writer that is done at once. */
#define MOMENT_NS 25000000ULL

uint64_t gw_sqlite_patience(struct sqlite_conn *conn, uint64_t now)
{
    struct sqlite_store *store = (struct sqlite_store *)conn->base.store;
    uint64_t limit = store->base.options.query_timeout_ms * UINT64_C(1000000), since = 0;
    if (atomic_compare_exchange_strong(&store->locked_since_ns, &since, now))
        since = now;
    uint64_t until = since + limit, moment = conn->waits_since_ns + MOMENT_NS;
    until = until > moment ? until : moment;
    return until < conn->deadline_ns ? until : conn->deadline_ns;
}

void gw_sqlite_unlocked(struct sqlite_conn *conn)
{
    struct sqlite_store *store = (struct sqlite_store *)conn->base.store;
    if (atomic_load_explicit(&store->locked_since_ns, memory_order_relaxed))
        atomic_store(&store->locked_since_ns, 0);
}

/* SQLite is locked: sleeps a little and says whether to try again. */
static int on_busy(void *data, int n)
{
    static const unsigned char milliseconds[] = {1, 1, 2, 2, 5, 5, 10, 10, 20};
    struct sqlite_conn *conn = data;
    size_t last = sizeof(milliseconds) - 1, i = (size_t)n < last ? (size_t)n : last;
    uint64_t now = gw_now_ns(), wait = milliseconds[i] * UINT64_C(1000000);
    if (n == 0)
        conn->waits_since_ns = now;
    uint64_t until = gw_sqlite_patience(conn, now);
    if (now >= until)
        return 0;
    if (wait > until - now)
        wait = until - now;
    nanosleep(&(struct timespec){.tv_nsec = (long)wait}, NULL);
    return 1;
}

static int on_progress(void *data)
{
    const struct sqlite_conn *conn = data;
    return gw_now_ns() >= conn->deadline_ns;
}

/* Closes what is open where the file is another by now. Before each write, and now and then before
 * a read: a look costs as much as a tenth of a short one. */
static int leave_what_moved(struct sqlite_conn *conn, bool writes)
{
    uint64_t now = gw_now_ns();
    if (conn->base.in_transaction || (!writes && now - conn->looked_ns < LOOK_NS))
        return 0;
    int r = gw_sqlite_look(conn);
    conn->looked_ns = r ? 0 : now;
    if (r != -ESTALE)
        return r;
    gw_sqlite_leave(conn);
    return gw_store_is_suspended(conn->base.store) ? -EHOSTDOWN : 0;
}

static int open_conn(struct sqlite_conn *conn)
{
    struct sqlite_store *store = (struct sqlite_store *)conn->base.store;
    int moved = 0, r = gw_sqlite_open(store, &conn->db);
    if (r)
        return r;
    pthread_mutex_lock(&store->lock);
    conn->file = store->file;
    conn->log = store->log;
    store->n_open++;
    pthread_mutex_unlock(&store->lock);
    sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved) { /* then what was kept is another's */
        gw_sqlite_close(conn);
        return -EBUSY;
    }
    if (gw_store_is_suspended(conn->base.store) && !conn->base.watches) {
        gw_sqlite_close(conn);
        return -EHOSTDOWN;
    }
    conn->pid = gw_pid();
    conn->base.counts.connects++;
    sqlite3_busy_handler(conn->db, on_busy, conn);
    sqlite3_progress_handler(conn->db, PROGRESS_STEPS, on_progress, conn);
    return 0;
}

int gw_sqlite_ready(struct sqlite_conn *conn, bool writes, uint64_t deadline_ns)
{
    conn->deadline_ns = deadline_ns;
    if (conn->db && conn->pid != gw_pid()) {
        if (conn->base.store->options.log)
            gw_log_line(conn->base.store->options.log,
                        "store: sqlite: a connection was carried across a fork");
        return -EIO;
    }
    int r = conn->db ? leave_what_moved(conn, writes) : 0;
    return r || conn->db ? r : open_conn(conn);
}
