/* native.c: FastCGI by our own codec: kept connections, batches, and no slow handler that
 * holds up others.
 *
 * There is one loop per core, for at most half of the workers, each run by one worker, its owner:
 * it reads all that is readable, and the dispatcher walks through the batch on the same thread.
 * Nothing is handed from thread to thread while handlers are quick. As many loops have connections
 * as the load demands (native_share.c).
 *
 * A handler that is known to take long is given to a spare worker at once. While an owner is in any
 * other handler or in the store, its loop says so (`hold`). A monitor ticks every few milliseconds;
 * when it sees an owner in the same place as at the last tick, it gives the loop, and the rest of
 * the batch, to a spare worker. The held worker writes its answer when it returns, gives its
 * connection back to the loop and becomes a spare. The fast path pays two atomic writes for that.
 * An owner gives its loop away by itself before loads of rows that take long: the store is far.
 *
 * When no worker is spare, or only those that are kept for reads, requests for what takes long wait
 * in a bounded queue (native_queue.c) for the next one that returns, while the loops go on with
 * what is quick; beyond the bound they are answered with 503. */
#include "transport/native_queue.h"
#include "transport/native_share.h"

#include "base/clock.h"
#include "request/context.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LOOPS_MAX     64
#define TICK_NS       5000000L
#define QUIET_TICKS   20 /* after so many without anything to do the monitor sleeps */
#define WAIT_MS       50
#define WAIT_ALONE_NS 1000000000ULL

struct pool;

struct gw_native_worker {
    struct pool *pool;
    struct gw_native_loop *loop;    /* NULL: it owns none */
    uint64_t holding;               /* what loop->doing was set to by `hold` */
    struct gw_native_conn *settled; /* exchanges that the dispatcher is done with, or has parked */
    struct gw_exchange *given[GW_BATCH_MAX]; /* to be served next */
    size_t n_given;
    struct gw_native_worker *next_spare;
    pthread_cond_t woken;
};

struct pool {
    struct gw_server *server;
    struct gw_fcgi_rules rules;
    struct gw_native_loop *loops[LOOPS_MAX];
    size_t n_loops;
    size_t n_workers;
    pthread_mutex_t lock; /* of all below, and of every loop's change of owner */
    size_t n_taken;       /* loops that have an owner from the start */
    size_t n_open;        /* loops that have not shut down */
    struct gw_native_worker *spares;
    size_t n_spares;
    struct gw_native_queue queue;
    pthread_t monitor;
    pthread_cond_t monitor_woken;
    _Atomic bool monitor_sleeps, closing;
    _Atomic unsigned n_waiting; /* workers that wait for a slow reader */
};

/* ---- Who has the loop ----------------------------------------------------------------------- */

static uint64_t next_doing(uint64_t doing, uint64_t what)
{
    return ((doing >> 2) + 1) << 2 | what;
}

static void set_doing(struct gw_native_loop *loop, uint64_t what)
{
    uint64_t doing = atomic_load_explicit(&loop->doing, memory_order_relaxed);
    atomic_store(&loop->doing, next_doing(doing, what));
}

/* With the lock. */
static struct gw_native_worker *pop_spare(struct pool *pool)
{
    struct gw_native_worker *spare = pool->spares;
    if (spare) {
        pool->spares = spare->next_spare;
        pool->n_spares--;
        pthread_cond_signal(&spare->woken);
    }
    return spare;
}

/* With the lock: a worker that is still where it was loses its loop to a spare. */
static bool take_over(struct pool *pool, struct gw_native_loop *loop, uint64_t doing)
{
    if (!pool->spares ||
        !atomic_compare_exchange_strong(&loop->doing, &doing, doing | GW_NATIVE_TAKEN))
        return false;
    struct gw_native_worker *spare = pop_spare(pool);
    spare->n_given = loop->n_rest;
    for (size_t i = 0; i < loop->n_rest; i++) {
        spare->given[i] = loop->rest[i];
        ((struct gw_native_conn *)loop->rest[i])->worker = spare;
    }
    spare->loop = loop;
    set_doing(loop, GW_NATIVE_RUNNING);
    return true;
}

static void hold(void *data, struct gw_exchange *const *rest, size_t n, struct gw_pace *pace)
{
    struct gw_native_worker *worker = data;
    struct gw_native_loop *loop = worker->loop;
    if (!loop)
        return;
    loop->rest = rest;
    loop->n_rest = n;
    loop->pace = pace;
    uint64_t doing = atomic_load_explicit(&loop->doing, memory_order_relaxed);
    worker->holding = next_doing(doing, GW_NATIVE_HOLDING);
    atomic_store_explicit(&loop->doing, worker->holding, memory_order_release);
    struct pool *pool = worker->pool;
    if (!pace || !gw_pace_has_long_runs(pace))
        return;
    /* The monitor need not see it. Half of the spares are left: what comes then gathers. */
    pthread_mutex_lock(&pool->lock);
    if (pool->n_spares > (pool->n_workers - pool->n_loops) / 2)
        take_over(pool, loop, worker->holding);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- The monitor ---------------------------------------------------------------------------- */

/* What holds the owner up is known as long at once: else it would hold up one after the other. */
static void relieve(struct pool *pool, struct gw_native_loop *loop, uint64_t doing)
{
    pthread_mutex_lock(&pool->lock);
    if (take_over(pool, loop, doing)) {
        if (loop->pace)
            gw_pace_is_long(loop->pace);
        gw_log_flush(pool->server->log); /* its owner may not come to it for long */
    }
    pthread_mutex_unlock(&pool->lock);
}

static bool look_at_loops(struct pool *pool)
{
    bool any = false;
    for (size_t i = 0; i < pool->n_loops; i++) {
        struct gw_native_loop *loop = pool->loops[i];
        uint64_t doing = atomic_load(&loop->doing), what = doing & GW_NATIVE_DOING;
        any |= what != GW_NATIVE_WAITING || doing != loop->seen;
        if (what == GW_NATIVE_HOLDING && doing == loop->seen)
            relieve(pool, loop, doing);
        loop->seen = doing;
    }
    return any;
}

static bool all_wait(const struct pool *pool)
{
    for (size_t i = 0; i < pool->n_loops; i++)
        if ((atomic_load(&pool->loops[i]->doing) & GW_NATIVE_DOING) != GW_NATIVE_WAITING)
            return false;
    return true;
}

static void sleep_until_woken(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->monitor_sleeps, true);
    /* Looked at again: an owner that came out of epoll_wait before saw no sleeper. */
    if (all_wait(pool))
        while (atomic_load(&pool->monitor_sleeps) && !atomic_load(&pool->closing))
            pthread_cond_wait(&pool->monitor_woken, &pool->lock);
    atomic_store(&pool->monitor_sleeps, false);
    pthread_mutex_unlock(&pool->lock);
}

static void *monitor_main(void *data)
{
    struct pool *pool = data;
    unsigned quiet = 0;
    while (!atomic_load(&pool->closing)) {
        struct timespec tick = {0, TICK_NS};
        nanosleep(&tick, NULL);
        quiet = look_at_loops(pool) ? 0 : quiet + 1;
        if (quiet > QUIET_TICKS)
            sleep_until_woken(pool);
    }
    return NULL;
}

/* The owner comes out of epoll_wait: a sleeping monitor must see that. */
static void wake_monitor(struct pool *pool)
{
    if (!atomic_load(&pool->monitor_sleeps))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->monitor_sleeps, false);
    pthread_cond_signal(&pool->monitor_woken);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- Process and workers -------------------------------------------------------------------- */

/* One per core, but for each a spare worker: without one, what is held up stays held up. */
static size_t choose_loops(const struct gw_server *server)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = (size_t)server->config.workers / 2, n = cores > 0 ? (size_t)cores : 1;
    n = n < LOOPS_MAX ? n : LOOPS_MAX;
    n = n < most ? n : most;
    return n ? n : 1;
}

static void close_transport(void *state)
{
    struct pool *pool = state;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->closing, true);
    pthread_cond_signal(&pool->monitor_woken);
    pthread_mutex_unlock(&pool->lock);
    if (pool->monitor)
        pthread_join(pool->monitor, NULL);
    for (size_t i = 0; i < pool->n_loops; i++) {
        gw_native_loop_close(pool->loops[i]);
        free(pool->loops[i]);
    }
    pthread_cond_destroy(&pool->monitor_woken);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static int open_loops(struct pool *pool, int listen_fd)
{
    size_t wanted = choose_loops(pool->server);
    for (size_t i = 0; i < wanted; i++) {
        struct gw_native_loop *loop = calloc(1, sizeof(*loop));
        if (!loop)
            return -ENOMEM;
        pool->loops[pool->n_loops++] = loop;
        int r = gw_native_loop_open(loop, listen_fd, pool->server->stop_fd, &pool->rules);
        if (r)
            return r;
    }
    pool->n_open = pool->n_loops;
    gw_native_queue_init(&pool->queue, pool->n_workers - pool->n_loops);
    return gw_native_share_join(pool->loops, pool->n_loops);
}

static int open_transport(struct gw_server *server, int listen_fd, void **ret_state)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    int flags = fcntl(listen_fd, F_GETFL);
    if (!pool)
        return -ENOMEM;
    pool->server = server;
    pool->n_workers = (size_t)server->config.workers;
    pool->rules.progress_bytes = server->config.progress.bytes;
    pool->rules.progress_ns = server->config.progress.ms * 1000000;
    pool->rules.keep = true;
    pool->rules.log = server->log;
    pool->rules.folder = server->config.spool_dir;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->monitor_woken, NULL);
    int r = flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) ? -EIO : 0;
    if (!r)
        r = open_loops(pool, listen_fd);
    if (!r && server->config.workers > pool->n_loops)
        r = -pthread_create(&pool->monitor, NULL, monitor_main, pool);
    if (r) {
        close_transport(pool);
        return r;
    }
    *ret_state = pool;
    return 0;
}

static int open_worker(void *state, unsigned number, void **ret_worker)
{
    struct pool *pool = state;
    struct gw_native_worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return -ENOMEM;
    worker->pool = pool;
    pthread_cond_init(&worker->woken, NULL);
    pthread_mutex_lock(&pool->lock);
    if (pool->n_taken < pool->n_loops)
        worker->loop = pool->loops[pool->n_taken++];
    pthread_mutex_unlock(&pool->lock);
    *ret_worker = worker;
    return 0;
}

static void close_worker(void *data)
{
    struct gw_native_worker *worker = data;
    pthread_cond_destroy(&worker->woken);
    free(worker);
}

/* ---- The queue ------------------------------------------------------------------------------ */

static bool queue(void *data, struct gw_exchange *exchange, bool writes, bool *ret_full)
{
    struct gw_native_worker *worker = data;
    struct pool *pool = worker->pool;
    struct gw_native_conn *conn = (struct gw_native_conn *)exchange;
    if (!worker->loop || !pool->monitor)
        return false;
    pthread_mutex_lock(&pool->lock);
    bool now = pool->n_spares && gw_native_queue_admits(&pool->queue, writes, pool->n_spares - 1);
    struct gw_native_worker *spare = now ? pop_spare(pool) : NULL;
    if (spare)
        spare->given[spare->n_given++] = exchange;
    bool full = !spare && !gw_native_queue_put(&pool->queue, conn, writes);
    pthread_mutex_unlock(&pool->lock);
    *ret_full = full;
    return !full;
}

/* ---- Exchanges ------------------------------------------------------------------------------ */

/* The connections that the dispatcher has let go of go on with their lives. */
static void settle(struct gw_native_worker *worker, uint64_t now_ns)
{
    while (worker->settled) {
        struct gw_native_conn *conn = worker->settled;
        worker->settled = conn->next_waiting;
        if (conn->loop != worker->loop)
            gw_native_loop_give_back(conn);
        else if (gw_native_loop_resume(conn->loop, conn, now_ns))
            worker->given[worker->n_given++] = &conn->fcgi.exchange;
    }
}

static bool release(void *data, uint64_t now_ns, uint64_t in_handler_ns)
{
    struct gw_native_worker *worker = data;
    bool mine = true;
    if (worker->loop) {
        uint64_t expected = worker->holding;
        mine = atomic_compare_exchange_strong(&worker->loop->doing, &expected,
                                              next_doing(expected, GW_NATIVE_RUNNING));
        if (mine)
            worker->loop->share.held_ns += in_handler_ns;
        else
            worker->loop = NULL;
    }
    settle(worker, now_ns);
    return mine;
}

/* ---- Slow readers --------------------------------------------------------------------------- */

/* Whether a worker may wait for a reader: not if it keeps a loop from all others. */
static bool may_wait(const struct gw_native_worker *worker, uint64_t waited_ns)
{
    const struct pool *pool = worker->pool;
    size_t spares = pool->n_workers - pool->n_loops;
    bool holds = worker->loop && atomic_load(&worker->loop->doing) == worker->holding;
    return atomic_load(&pool->n_waiting) <= (spares + 1) / 2 &&
           (!holds || waited_ns < WAIT_ALONE_NS);
}

/* More is left unread than is kept of a response: until the peer has read that. */
static int wait_for_reader(struct gw_native_conn *conn)
{
    struct gw_native_worker *worker = conn->worker;
    uint64_t begun = conn->fcgi.moved_ns = gw_now_ns();
    int r = -EAGAIN;
    conn->fcgi.moved = 0;
    atomic_fetch_add(&worker->pool->n_waiting, 1);
    while (r == -EAGAIN) {
        struct pollfd event = {.fd = conn->fcgi.fd, .events = POLLOUT};
        poll(&event, 1, WAIT_MS);
        r = may_wait(worker, gw_now_ns() - begun) ? gw_fcgi_conn_pump(&conn->fcgi, gw_now_ns())
                                                  : -ENOBUFS;
    }
    atomic_fetch_sub(&worker->pool->n_waiting, 1);
    return r;
}

static int write_out(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    struct gw_native_conn *conn = (struct gw_native_conn *)exchange;
    int r = 0;
    while (!r && len) {
        size_t n = len < GW_FCGI_PIECE ? len : GW_FCGI_PIECE;
        r = gw_fcgi_conn_put(&conn->fcgi, ptr, n);
        if (r == -ENOBUFS) {
            r = wait_for_reader(conn);
            continue;
        }
        ptr = (const char *)ptr + n;
        len -= n;
    }
    return r;
}

static void park(struct gw_exchange *exchange)
{
    struct gw_native_conn *conn = (struct gw_native_conn *)exchange;
    conn->next_waiting = conn->worker->settled;
    conn->worker->settled = conn;
}

static void finish(struct gw_exchange *exchange, bool cut)
{
    gw_fcgi_conn_complete(&((struct gw_native_conn *)exchange)->fcgi, cut, false);
    park(exchange);
}

/* Waits without a loop. False: the transport is at its end. */
static bool wait_as_spare(struct gw_native_worker *worker)
{
    struct pool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    struct gw_native_conn *conn = gw_native_queue_take(&pool->queue, pool->n_spares);
    bool over = !conn && !pool->n_open;
    if (conn) {
        worker->given[worker->n_given++] = &conn->fcgi.exchange;
    } else if (!over) {
        worker->next_spare = pool->spares;
        pool->spares = worker;
        pool->n_spares++;
        while (!worker->loop && !worker->n_given && pool->n_open)
            pthread_cond_wait(&worker->woken, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return !over;
}

static void loop_has_shut_down(struct gw_native_worker *worker)
{
    struct pool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    worker->loop = NULL;
    if (!--pool->n_open)
        while (pop_spare(pool))
            ;
    pthread_mutex_unlock(&pool->lock);
}

static void run_loop(struct gw_native_worker *worker)
{
    struct gw_native_loop *loop = worker->loop;
    set_doing(loop, GW_NATIVE_WAITING);
    int n = gw_native_loop_wait(loop);
    set_doing(loop, GW_NATIVE_RUNNING);
    wake_monitor(worker->pool);
    gw_native_share_take(loop);
    int r = gw_native_loop_run(loop, n, worker->given, GW_BATCH_MAX, &worker->n_given);
    if (r && gw_native_share_end(loop))
        loop_has_shut_down(worker);
    else
        gw_native_share_balance(loop);
}

static int next(void *data, struct gw_exchange **ret, size_t max, size_t *ret_n)
{
    struct gw_native_worker *worker = data;
    if (worker->settled) /* parked, with nothing served behind them */
        settle(worker, gw_now_ns());
    while (!worker->n_given) {
        if (worker->loop)
            run_loop(worker);
        else if (!wait_as_spare(worker))
            return -ESHUTDOWN;
    }
    for (size_t i = 0; i < worker->n_given; i++) {
        ret[i] = worker->given[i];
        ((struct gw_native_conn *)ret[i])->worker = worker;
    }
    *ret_n = worker->n_given;
    worker->n_given = 0;
    return 0;
}

const struct gw_transport gw_transport_native = {
    .name = "native",
    .open = open_transport,
    .close = close_transport,
    .worker_open = open_worker,
    .worker_close = close_worker,
    .next = next,
    .body = gw_fcgi_exchange_body,
    .kept = gw_fcgi_exchange_kept,
    .read = gw_fcgi_exchange_read,
    .write = write_out,
    .file = gw_fcgi_exchange_file,
    .finish = finish,
    .park = park,
    .hold = hold,
    .release = release,
    .queue = queue,
};
