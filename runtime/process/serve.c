/* serve.c: workers, signals and the end of the process.
 *
 * Every signal is blocked in every thread. The main thread waits for them with sigtimedwait and
 * wakes the workers through an eventfd, so that an idle process leaves at once and a busy one
 * finishes what it holds. The listening socket is never shut down: other processes may share it. */
#include "process/serve.h"

#include "process/beside.h"
#include "process/command.h"
#include "process/scrape.h"

#include "base/clock.h"
#include "gate/dispatch.h"
#include "gate/sameness.h"
#include "gate/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* ---- Workers -------------------------------------------------------------------------------- */

int gw_worker_open(struct gw_worker *worker, struct gw_server *server, unsigned number)
{
    memset(worker, 0, sizeof(*worker));
    worker->server = server;
    worker->number = number;
    uint64_t random;
    int r = gw_crypto_new(&worker->crypto);
    if (!r && getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        r = -EIO;
    if (!r)
        snprintf(worker->id_prefix, sizeof(worker->id_prefix), "%016" PRIx64 "-", random);
    if (!r && (server->config.status_path || server->config.status_listen)) {
        worker->stats = gw_stats_new(gw_server_place(server, GW_N_PLACES));
        atomic_store_explicit(&server->stats[number], worker->stats, memory_order_release);
        r = worker->stats ? 0 : -ENOMEM;
    }
    const struct gw_hooks *hooks = server->hooks;
    if (!r && hooks && hooks->worker_start && hooks->worker_start(server->hook_data, number))
        r = -ECANCELED;
    if (r)
        gw_worker_close(worker);
    return r;
}

void gw_worker_close(struct gw_worker *worker)
{
    if (worker->conn)
        gw_conn_free(worker->conn);
    if (worker->crypto)
        gw_crypto_free(worker->crypto);
    memset(worker, 0, sizeof(*worker));
}

/* GW_MAX_REQUESTS: the one that reaches the number is still served, as are those under way. */
static void count(struct gw_server *server, struct gw_exchange *const *exchanges, size_t n)
{
    uint64_t most = server->config.max_requests, new = 0;
    for (size_t i = 0; most && i < n; i++)
        new += exchanges[i]->stage == GW_STAGE_NEW;
    if (!new)
        return;
    uint64_t before = atomic_fetch_add_explicit(&server->n_begun, new, memory_order_relaxed);
    if (before < most && before + new >= most)
        gw_serve_stop(server);
}

static void serve_until_stopped(struct gw_worker *worker, void *transport_worker)
{
    const struct gw_transport *transport = worker->server->transport;
    struct gw_exchange *exchanges[GW_BATCH_MAX];
    size_t n;
    worker->transport_worker = transport_worker;
    while (!transport->next(transport_worker, exchanges, GW_BATCH_MAX, &n)) {
        count(worker->server, exchanges, n);
        gw_dispatch(worker, exchanges, n);
    }
}

/* What a thread is told, and what it tells. */
struct start {
    struct gw_server *server;
    unsigned number;
    pthread_t thread;
    bool running;
    int result;
    _Atomic bool done;
};

static void *worker_main(void *data)
{
    struct start *start = data;
    struct gw_worker worker;
    void *transport_worker;
    const struct gw_transport *transport = start->server->transport;
    start->result = gw_worker_open(&worker, start->server, start->number);
    if (!start->result) {
        start->result = transport->worker_open(start->server->transport_state, start->number,
                                               &transport_worker);
        if (!start->result) {
            serve_until_stopped(&worker, transport_worker);
            transport->worker_close(transport_worker);
        }
        gw_worker_close(&worker);
    }
    if (start->result)
        gw_log_line(start->server->log, "worker %u could not start: %s", start->number,
                    strerror(-start->result));
    atomic_store(&start->done, true);
    kill(getpid(), SIGURG); /* wakes the main thread, which waits for signals */
    return NULL;
}

/* ---- Signals -------------------------------------------------------------------------------- */

static void block_signals(sigset_t *set)
{
    static const int waited_for[] = {SIGTERM, SIGUSR1, SIGINT, SIGHUP, SIGURG};
    sigset_t all;
    sigemptyset(set);
    for (size_t i = 0; i < sizeof(waited_for) / sizeof(waited_for[0]); i++)
        sigaddset(set, waited_for[i]);
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void gw_serve_stop(struct gw_server *server)
{
    uint64_t one = 1;
    if (atomic_exchange(&server->stopping, true))
        return;
    while (write(server->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;                   /* an eventfd that holds 0 takes a 1 */
    kill(getpid(), SIGURG); /* the main thread measures the time from here on */
}

static bool all_done(struct start *starts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (starts[i].running && !atomic_load(&starts[i].done))
            return false;
    return true;
}

static void reload(struct gw_server *server)
{
    char text[64];
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)(gw_now_ns() / 1000));
    gw_notify(text);
    gw_log_reopen(server->log);
    gw_trust_reload(&server->trust);
    gw_sameness_log(server);
    gw_notify("READY=1");
}

/* The end has begun: the time (CLOCK_MONOTONIC) until which it may last. */
static uint64_t begin_to_end(struct gw_server *server)
{
    char text[64];
    uint64_t ms = server->config.stop_timeout_ms;
    snprintf(text, sizeof(text), "STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu",
             (unsigned long long)(ms + 1000) * 1000);
    gw_notify(text);
    return gw_now_ns() + ms * 1000000;
}

static bool tells_to_stop(int signal)
{
    return signal == SIGTERM || signal == SIGUSR1 || signal == SIGINT;
}

/* Waits until all workers have left. Returns false when the deadline, or a second signal, came
 * first: the reason is logged. */
static bool wait_for_workers(struct gw_server *server, struct start *starts, size_t n,
                             const sigset_t *signals, struct gw_beside *beside)
{
    uint64_t deadline = 0;
    while (!all_done(starts, n)) {
        struct timespec tick = {0, 200 * 1000000L};
        int number = sigtimedwait(signals, NULL, &tick);
        if (number == SIGHUP)
            reload(server);
        else
            gw_trust_watch(&server->trust);
        gw_beside_tick(beside);
        if (atomic_load(&beside->differs))
            gw_serve_stop(server);
        if (tells_to_stop(number) && deadline) {
            gw_log_line(server->log,
                        "stopped before all requests were answered: a second signal came. Whoever "
                        "supervises this program should wait for GW_STOP_TIMEOUT (%llu ms)",
                        (unsigned long long)server->config.stop_timeout_ms);
            return false;
        }
        if (tells_to_stop(number))
            gw_serve_stop(server);
        if (!deadline && atomic_load(&server->stopping))
            deadline = begin_to_end(server);
        if (deadline && gw_now_ns() > deadline) {
            gw_log_line(server->log,
                        "stopped before all requests were answered: GW_STOP_TIMEOUT (%llu ms) is "
                        "over",
                        (unsigned long long)server->config.stop_timeout_ms);
            return false;
        }
    }
    return true;
}

static size_t start_workers(struct gw_server *server, struct start *starts, size_t n)
{
    size_t started = 0;
    for (size_t i = 0; i < n; i++) {
        starts[i].server = server;
        starts[i].number = (unsigned)i;
        starts[i].running = !pthread_create(&starts[i].thread, NULL, worker_main, &starts[i]);
        started += starts[i].running;
    }
    return started;
}

static int run_workers(struct gw_server *server, size_t n, const sigset_t *signals)
{
    struct start *starts = calloc(n, sizeof(*starts));
    if (!starts || !start_workers(server, starts, n)) {
        free(starts);
        gw_log_line(server->log, "no worker could be started");
        return 1;
    }
    struct gw_beside beside;
    gw_beside_begin(&beside, server);
    gw_sameness_log(server);
    gw_notify("READY=1");
    if (!wait_for_workers(server, starts, n, signals, &beside))
        _exit(1); /* workers still use what would be freed */
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (starts[i].running)
            pthread_join(starts[i].thread, NULL);
        any |= starts[i].running && !starts[i].result;
    }
    free(starts);
    int status = atomic_load(&beside.differs) ? GW_EX_CONFIG : any ? 0 : 1;
    if (!gw_beside_end(&beside))
        _exit(status);
    return status;
}

/* CGI: one request, on this thread. */
static int run_here(struct gw_server *server)
{
    struct gw_worker worker;
    void *transport_worker;
    int r = gw_worker_open(&worker, server, 0);
    if (r)
        return 1;
    r = server->transport->worker_open(server->transport_state, 0, &transport_worker);
    if (!r) {
        serve_until_stopped(&worker, transport_worker);
        server->transport->worker_close(transport_worker);
    }
    gw_worker_close(&worker);
    return r ? 1 : 0;
}

/* What large requests took goes back to the system: glibc would otherwise learn to keep it, in an
 * arena for each of many threads, and a process grow for days. */
static void bound_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
    mallopt(M_ARENA_MAX, 2);
#endif
}

int gw_serve(struct gw_server *server, int listen_fd, int status_fd)
{
    bound_memory();
    sigset_t signals;
    bool cgi = server->transport->single;
    signal(SIGPIPE, SIG_IGN);
    if (!cgi)
        block_signals(&signals);
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = server->stop_fd < 0 ? -errno : 0;
    if (!r)
        r = server->transport->open(server, listen_fd, &server->transport_state);
    struct gw_scrape scrape;
    if (!r)
        r = gw_scrape_begin(&scrape, server, status_fd);
    if (r) {
        gw_log_line(server->log, "the transport could not start: %s", strerror(-r));
        return 1;
    }
    int status =
        cgi ? run_here(server) : run_workers(server, (size_t)server->config.workers, &signals);
    gw_scrape_end(&scrape);
    server->transport->close(server->transport_state);
    close(server->stop_fd);
    return status;
}
