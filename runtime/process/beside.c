/* beside.c: the live schema held against the declared one: at the start, and where that could not
 * be, before anything is run on the database.
 *
 * A database that is away when the program starts ends nothing: requests that need it get 503. What
 * comes back may be another than the one that was meant, and so may a SQLite file that was put in
 * the place of another. So the store is suspended, and a thread of the process looks until it can
 * compare; no request waits for that. What differs ends the program, as it would have at the
 * start.
 *
 * Once a minute what has expired is swept from the tables of the runtime's own. */
#include "process/beside.h"

#include "base/clock.h"
#include "store/runtime_tables.h"

#include "process/serve.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define INTERVAL_MS 200
#define SWEEP_NS    60000000000ULL
#define END_NS      500000000 /* how long the end waits for the thread */

/* ---- The comparison ------------------------------------------------------------------------- */

static void report_difference(void *data, const char *line)
{
    gw_log_line(data, "schema: %s", line);
}

static void say_why(struct gw_server *server, int r)
{
    if (r == -EACCES)
        gw_log_line(server->log, "the database refused the user, the password or the database of "
                                 "GW_DATABASE_URL");
    else if (r == 1)
        gw_log_line(server->log, "the database is not as the program needs it (see above); "
                                 "`gatewright schema` prints the declared schema");
    else
        gw_log_line(server->log, "the database's schema could not be read: %s", strerror(-r));
}

/* 1: a table of the runtime's own is of another version. */
static int check_versions(struct gw_server *server, bool write)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_conn *conn;
    int r = gw_conn_new(server->store, &conn);
    if (r)
        return r;
    conn->watches = true;
    r = gw_runtime_tables_check(conn, server->app, write, &arena, report_difference, server->log);
    gw_conn_free(conn);
    gw_arena_free(&arena);
    return r == -EINVAL ? 1 : r;
}

/* What came of a comparison. */
static int judge(struct gw_server *server, int r)
{
    if (r && gw_store_is_away(r))
        return -EHOSTDOWN;
    if (r)
        say_why(server, r);
    return r ? -EINVAL : 0;
}

/* 0: good; -EHOSTDOWN: away, of which nothing is said; -EINVAL: refused or different, logged. */
static int compare(struct gw_server *server)
{
    int r = gw_store_create(server->store, server->app);
    if (r && r != -ENOTSUP && !gw_store_is_away(r)) {
        gw_log_line(server->log, "the tables could not be created: %s", strerror(-r));
        return -EINVAL;
    }
    if (!r || r == -ENOTSUP)
        r = gw_store_compare(server->store, server->app, report_difference, server->log);
    if (!r)
        r = check_versions(server, true);
    return judge(server, r);
}

int gw_server_try_store(struct gw_server *server)
{
    bool whole = false;
    int r = server->store
                ? gw_store_try(server->store, server->app, report_difference, server->log, &whole)
                : 0;
    if (!r && whole)
        r = check_versions(server, false);
    r = judge(server, r);
    if (r == -EHOSTDOWN)
        gw_log_line(server->log, "the database cannot be reached");
    return r;
}

int gw_server_check_store(struct gw_server *server)
{
    int r = server->store ? compare(server) : 0;
    if (r == -EHOSTDOWN) {
        gw_store_suspend(server->store);
        gw_log_line(server->log, "the database cannot be reached; requests that need it will be "
                                 "answered with 503 until it can");
    }
    return r;
}

/* ---- The thread ----------------------------------------------------------------------------- */

static bool is_stopping(const struct gw_beside *beside, int wait_ms)
{
    struct pollfd stop = {.fd = beside->server->stop_fd, .events = POLLIN};
    return poll(&stop, 1, wait_ms) > 0 || atomic_load(&beside->server->stopping);
}

static void *look(void *data)
{
    struct gw_beside *beside = data;
    struct gw_server *server = beside->server;
    int r;
    while ((r = compare(server)) == -EHOSTDOWN && !is_stopping(beside, INTERVAL_MS))
        ;
    if (r == 0) {
        gw_log_line(server->log, "the database is there, and as the program needs it");
        gw_store_resume(server->store);
    }
    atomic_store(&beside->differs, r == -EINVAL);
    atomic_store(&beside->done, true);
    return NULL;
}

/* What fails is left for the next minute. */
static void *sweep(void *data)
{
    struct gw_beside *beside = data;
    struct gw_arena arena = {.limit = 0};
    struct gw_conn *conn;
    uint64_t n = 1;
    if (!gw_conn_new(beside->server->store, &conn)) {
        while (n && !is_stopping(beside, 0) &&
               !gw_runtime_tables_sweep(conn, beside->server->app, &arena, &n))
            gw_arena_reset(&arena);
        gw_conn_free(conn);
    }
    gw_arena_free(&arena);
    atomic_store(&beside->done, true);
    return NULL;
}

/* ---- The main thread's ---------------------------------------------------------------------- */

void gw_beside_begin(struct gw_beside *beside, struct gw_server *server)
{
    *beside = (struct gw_beside){.server = server};
    if (server->store)
        gw_store_watch(server->store);
}

/* What is to be done now; NULL: nothing. */
static void *(*next(struct gw_beside *beside))(void *)
{
    const struct gw_server *server = beside->server;
    uint64_t now = gw_now_ns();
    if (!server->store || atomic_load(&server->stopping))
        return NULL;
    if (gw_store_is_suspended(server->store))
        return look;
    if (!gw_runtime_tables_expire(server->app) || now < beside->sweep_ns)
        return NULL;
    beside->sweep_ns = now + SWEEP_NS;
    return sweep;
}

void gw_beside_tick(struct gw_beside *beside)
{
    if (beside->running && atomic_load(&beside->done)) {
        pthread_join(beside->thread, NULL);
        beside->running = false;
    }
    void *(*what)(void *) = beside->running ? NULL : next(beside);
    if (!what)
        return;
    atomic_store(&beside->done, false);
    beside->running = !pthread_create(&beside->thread, NULL, what, beside);
}

bool gw_beside_end(struct gw_beside *beside)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (until.tv_nsec + END_NS) / 1000000000;
    until.tv_nsec = (until.tv_nsec + END_NS) % 1000000000;
    return !beside->running || !pthread_timedjoin_np(beside->thread, NULL, &until);
}
