/* prober.c: the thread that looks after hosts, so that no request has to.
 *
 * It begins with the first host that is marked or read-only, or when connections left a host that
 * is to be home again, and ends when there is nothing to look for. A process that was forked begins
 * its own. */
#include "store/mysql/hosts.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MS          UINT64_C(1000000)
#define INTERVAL_MS 200
#define END_NS      (500 * MS) /* how long the end waits for the thread */

/* The prober's own connection. It logs nothing: a host that is away would fill the log. */
struct probe {
    struct gw_store quiet;
    struct mysql_conn conn;
};

static void say(const struct mysql_store *store, size_t host, const char *what)
{
    if (store->base.options.log)
        gw_log_line(store->base.options.log, "store: mysql: %s %s", gw_mysql_label(store, host),
                    what);
}

/* What a host says of itself, on a connection of its own. */
static int look(struct mysql_store *store, size_t host, struct mysql_state *ret)
{
    struct probe probe = {.quiet = {.driver = store->base.driver, .options = store->base.options}};
    uint64_t deadline = gw_now_ns() + store->base.options.connect_timeout_ms * MS;
    probe.quiet.options.log = NULL;
    probe.conn.base.store = &probe.quiet;
    int r = gw_mysql_attempt(store, host, NULL, deadline, &probe.conn.mysql);
    if (!r)
        r = gw_mysql_ask_state(&probe.conn, deadline, ret);
    if (!r) /* with a goodbye: five aborted connections a second would fill the server's log */
        mysql_close(probe.conn.mysql);
    else
        gw_mysql_drop(&probe.conn);
    return r;
}

/* Whether another host, asked now, takes writes and does not hold the same rows. One that cannot be
 * asked is left alone itself. */
static bool rivals(struct mysql_store *store, const struct mysql_state *state, size_t other)
{
    struct mysql_state is;
    int r = look(store, other, &is);
    if (r == -EBUSY || r == -ENOMEM)
        return true; /* it is there, and nobody can tell */
    if (r)
        gw_mysql_mark(store, other, "cannot be reached");
    return !r && is.ready && !is.read_only && !gw_mysql_are_alike(state, &is);
}

/* A host that is back and takes writes, while another does too: the rows that it has and the
 * other has not, or the reverse, would come and go with the connections. It may be the current one
 * that is back, and the other one that was read-only a moment ago. */
static bool is_a_rival(struct mysql_store *store, size_t host, const struct mysql_state *state)
{
    for (size_t i = 0; !state->read_only && i < store->n_hosts; i++)
        if (i != host && !gw_mysql_is_marked(store, i) && rivals(store, state, i))
            return true;
    return false;
}

static void look_after(struct mysql_store *store, size_t host)
{
    struct mysql_host *is = &store->hosts[host];
    struct mysql_state state;
    bool marked = gw_mysql_is_marked(store, host);
    int r = look(store, host, &state);
    if (r || !state.ready) {
        if (!marked && r != -EBUSY && r != -ENOMEM)
            gw_mysql_mark(store, host, r ? "cannot be reached" : "has no quorum");
        return;
    }
    if (marked && is_a_rival(store, host, &state)) {
        if (!is->rival)
            say(store, host,
                "takes writes again, and does not hold the rows of the host in use: it "
                "is left alone. Set it read_only, or let it catch up");
        is->rival = true;
        return;
    }
    is->rival = false;
    if (atomic_exchange(&is->read_only, state.read_only) && !state.read_only)
        say(store, host, "takes writes again");
    if (atomic_exchange(&is->marked, false))
        say(store, host, state.read_only ? "is back, read-only" : "is back");
}

/* With `home=yes`: back to an earlier host that holds the same rows. */
static void look_home(struct mysql_store *store)
{
    size_t at = atomic_load(&store->current);
    struct mysql_state here, there;
    for (size_t i = 0; store->home && i < at; i++) {
        if (gw_mysql_is_marked(store, i) || atomic_load(&store->hosts[i].read_only) ||
            look(store, at, &here) || look(store, i, &there) || there.read_only ||
            !gw_mysql_are_alike(&here, &there))
            continue;
        say(store, i, "is home: connections go there again");
        atomic_store(&store->current, i);
        return;
    }
}

static bool has_work(const struct mysql_store *store)
{
    for (size_t i = 0; i < store->n_hosts; i++)
        if (gw_mysql_is_marked(store, i) || atomic_load(&store->hosts[i].read_only))
            return true;
    return store->home && atomic_load(&store->current) > 0;
}

static bool may_go_on(struct mysql_store *store)
{
    struct mysql_prober *prober = &store->prober;
    pthread_mutex_lock(&prober->lock);
    prober->running = !prober->stopping && has_work(store);
    bool go_on = prober->running;
    pthread_cond_broadcast(&prober->ended);
    pthread_mutex_unlock(&prober->lock);
    return go_on;
}

/* Who is told to end must not touch the store behind may_go_on. */
static void *run(void *data)
{
    struct mysql_store *store = data;
    struct pollfd stop = {.fd = store->prober.stop_fd, .events = POLLIN};
    gw_mysql_stop_waiting_at(stop.fd);
    while (may_go_on(store)) {
        for (size_t i = 0; i < store->n_hosts; i++)
            if (gw_mysql_is_marked(store, i) || atomic_load(&store->hosts[i].read_only))
                look_after(store, i);
        look_home(store);
        poll(&stop, 1, INTERVAL_MS);
    }
    return NULL;
}

/* With no signal for it: those are for the thread that waits for them. */
static bool begin_thread(struct mysql_store *store)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool begun = pthread_create(&thread, &attributes, run, store) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return begun;
}

int gw_mysql_prober_new(struct mysql_store *store)
{
    pthread_condattr_t attributes;
    struct mysql_prober *prober = &store->prober;
    prober->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (prober->stop_fd < 0)
        return -errno;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&prober->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&prober->lock, NULL);
    prober->pid = getpid();
    return 0;
}

bool gw_mysql_prober_want(struct mysql_store *store)
{
    struct mysql_prober *prober = &store->prober;
    pthread_mutex_lock(&prober->lock);
    if (prober->pid != getpid()) { /* the thread stayed with the parent, and listens there */
        close(prober->stop_fd);
        prober->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        prober->pid = getpid();
        prober->running = false;
    }
    if (!prober->running && !prober->stopping && prober->stop_fd >= 0)
        prober->running = begin_thread(store);
    bool runs = prober->running;
    pthread_mutex_unlock(&prober->lock);
    return runs;
}

bool gw_mysql_prober_end(struct mysql_store *store)
{
    struct mysql_prober *prober = &store->prober;
    uint64_t until = gw_now_ns() + END_NS;
    struct timespec deadline = {(time_t)(until / (1000 * MS)), (long)(until % (1000 * MS))};
    int late = 0;
    if (prober->stop_fd < 0)
        return true;
    if (prober->pid != getpid()) { /* a word to the descriptor would end the parent's */
        close(prober->stop_fd);
        return true;
    }
    pthread_mutex_lock(&prober->lock);
    prober->stopping = true;
    eventfd_write(prober->stop_fd, 1);
    while (prober->running && !late)
        late = pthread_cond_timedwait(&prober->ended, &prober->lock, &deadline);
    pthread_mutex_unlock(&prober->lock);
    if (late)
        return false;
    close(prober->stop_fd);
    pthread_cond_destroy(&prober->ended);
    pthread_mutex_destroy(&prober->lock);
    return true;
}
