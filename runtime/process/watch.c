/* watch.c: the live schema held against the declared one: at the start, and where that could not
 * be, before anything is run on the database.
 *
 * A database that is away when the program starts ends nothing: requests that need it get 503. What
 * comes back may be another than the one that was meant, and so may a SQLite file that was put in
 * the place of another. So the store is suspended, and a thread of the process looks until it can
 * compare; no request waits for that. What differs ends the program, as it would have at the
 * start. */
#include "process/watch.h"

#include "process/serve.h"

#include <errno.h>
#include <poll.h>

#define INTERVAL_MS 200
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
        return 0;
    if (gw_store_is_away(r))
        return -EHOSTDOWN;
    say_why(server, r);
    return -EINVAL;
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

/* ---- Later ---------------------------------------------------------------------------------- */

static void *look(void *data)
{
    struct gw_store_watch *watch = data;
    struct gw_server *server = watch->server;
    struct pollfd stop = {.fd = server->stop_fd, .events = POLLIN};
    int r;
    while ((r = compare(server)) == -EHOSTDOWN && !atomic_load(&server->stopping))
        poll(&stop, 1, INTERVAL_MS);
    if (r == 0) {
        gw_log_line(server->log, "the database is there, and as the program needs it");
        gw_store_resume(server->store);
    } else if (r == -EINVAL) {
        atomic_store(&watch->differs, true);
        gw_serve_stop(server);
    }
    atomic_store(&watch->done, true);
    return NULL;
}

void gw_store_watch_begin(struct gw_store_watch *watch, struct gw_server *server)
{
    *watch = (struct gw_store_watch){.server = server};
    if (server->store)
        gw_store_watch(server->store);
}

void gw_store_watch_tick(struct gw_store_watch *watch)
{
    const struct gw_server *server = watch->server;
    if (watch->running && atomic_load(&watch->done)) {
        pthread_join(watch->thread, NULL);
        watch->running = false;
    }
    if (watch->running || !server->store || !gw_store_is_suspended(server->store) ||
        atomic_load(&server->stopping))
        return;
    atomic_store(&watch->done, false);
    watch->running = !pthread_create(&watch->thread, NULL, look, watch);
}

bool gw_store_watch_end(struct gw_store_watch *watch)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (until.tv_nsec + END_NS) / 1000000000;
    until.tv_nsec = (until.tv_nsec + END_NS) % 1000000000;
    return !watch->running || !pthread_timedjoin_np(watch->thread, NULL, &until);
}
