/* native_loop.c: see native_loop.h.
 *
 * Level-triggered epoll, each connection registered once: a request costs one read and one write
 * beside the epoll_wait that a whole batch shares. A connection that is busy while the loop runs on
 * (its worker is held, or it waits in the queue) leaves the set only if the peer says something
 * meanwhile. */
#include "transport/native_loop.h"

#include "base/clock.h"
#include "request/context.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWEEP_NS       250000000ULL
#define ACCEPT_AT_ONCE 16
#define STOP_GRACE_NS  400000000ULL

static int add_fd(struct gw_native_loop *loop, int fd, uint32_t events, void *ptr)
{
    struct epoll_event event = {.events = events, .data.ptr = ptr};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static size_t connections_at_most(void)
{
    struct rlimit limit;
    size_t most = 4096;
    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < 2 * most)
        most = limit.rlim_cur > 128 ? (size_t)(limit.rlim_cur - 64) / 2 : 32;
    return most;
}

int gw_native_loop_open(struct gw_native_loop *loop, int listen_fd, int stop_fd, struct gw_log *log)
{
    loop->listen_fd = listen_fd;
    loop->stop_fd = stop_fd;
    loop->log = log;
    loop->max_conns = connections_at_most();
    pthread_mutex_init(&loop->lock, NULL);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd < 0 || loop->wake_fd < 0)
        return -errno;
    int r = add_fd(loop, stop_fd, EPOLLIN, &loop->stop_fd);
    return r ? r : add_fd(loop, loop->wake_fd, EPOLLIN, &loop->wake_fd);
}

static void look_at_listener(struct gw_native_loop *loop)
{
    if (!loop->accepting)
        loop->accepting =
            !add_fd(loop, loop->listen_fd, EPOLLIN | EPOLLEXCLUSIVE, &loop->listen_fd);
}

static void look_away(struct gw_native_loop *loop)
{
    if (loop->accepting)
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->listen_fd, NULL);
    loop->accepting = false;
}

void gw_native_loop_want_conns(struct gw_native_loop *loop, bool want)
{
    loop->wants_conns = want;
    if (!want)
        look_away(loop);
    else if (!loop->stopping)
        look_at_listener(loop);
}

static void unlink_conn(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    loop->n_conns--;
}

static void close_conn(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    unlink_conn(loop, conn);
    gw_native_conn_free(conn);
}

void gw_native_loop_close(struct gw_native_loop *loop)
{
    while (loop->conns)
        close_conn(loop, loop->conns);
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    pthread_mutex_destroy(&loop->lock);
}

/* ---- Registration ------------------------------------------------------------------------ */

static bool listen_to(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    bool out = conn->phase == GW_NATIVE_WRITING;
    if (conn->registered && conn->wants_out == out)
        return true;
    struct epoll_event event = {.events = out ? EPOLLOUT : EPOLLIN, .data.ptr = conn};
    int how = conn->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(loop->epoll_fd, how, conn->fd, &event))
        return false;
    conn->registered = true;
    conn->wants_out = out;
    return true;
}

static void stop_listening_to(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
    conn->registered = false;
}

void gw_native_loop_take_out(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    if (conn->registered)
        stop_listening_to(loop, conn);
    unlink_conn(loop, conn);
}

/* ---- What a connection wants ------------------------------------------------------------- */

/* The exchanges that a run has brought together. */
struct batch {
    struct gw_exchange **exchanges;
    size_t n, max;
};

/* True: the exchange is to be served. */
static bool act(struct gw_native_loop *loop, struct gw_native_conn *conn, enum gw_native_want want)
{
    if (want == GW_NATIVE_SERVE)
        return true;
    bool idle = conn->phase == GW_NATIVE_IDLE;
    if (want == GW_NATIVE_NOTHING && conn->phase != GW_NATIVE_WRITING && conn->out_len &&
        gw_native_flush(conn))
        want = GW_NATIVE_CLOSE; /* it asked for values and does not read them */
    if (want == GW_NATIVE_CLOSE || (loop->stopping && idle) || !listen_to(loop, conn))
        close_conn(loop, conn);
    return false;
}

static void put(struct batch *batch, struct gw_native_conn *conn)
{
    batch->exchanges[batch->n++] = &conn->exchange;
}

bool gw_native_loop_resume(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    return act(loop, conn, gw_native_resume(conn));
}

void gw_native_loop_wake(struct gw_native_loop *loop)
{
    uint64_t one = 1;
    ssize_t ignored = write(loop->wake_fd, &one, sizeof(one));
    (void)ignored; /* a full eventfd is readable all the same */
}

void gw_native_loop_give_back(struct gw_native_conn *conn)
{
    struct gw_native_loop *loop = conn->loop;
    pthread_mutex_lock(&loop->lock);
    conn->next_waiting = loop->back;
    loop->back = conn;
    pthread_mutex_unlock(&loop->lock);
    gw_native_loop_wake(loop);
}

static void take_back(struct gw_native_loop *loop, struct batch *batch)
{
    uint64_t count;
    ssize_t ignored = read(loop->wake_fd, &count, sizeof(count));
    (void)ignored;
    pthread_mutex_lock(&loop->lock);
    while (loop->back && batch->n < batch->max / 2) {
        struct gw_native_conn *conn = loop->back;
        loop->back = conn->next_waiting;
        pthread_mutex_unlock(&loop->lock);
        if (gw_native_loop_resume(loop, conn))
            put(batch, conn);
        pthread_mutex_lock(&loop->lock);
    }
    bool more = loop->back;
    pthread_mutex_unlock(&loop->lock);
    count = 1;
    if (more && write(loop->wake_fd, &count, sizeof(count)) < 0)
        gw_log_line(loop->log, "native: the loop could not wake itself");
}

/* ---- Events ------------------------------------------------------------------------------ */

static void link_conn(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    conn->loop = loop;
    conn->next = loop->conns;
    conn->link = &loop->conns;
    if (loop->conns)
        loop->conns->link = &conn->next;
    loop->conns = conn;
    loop->n_conns++;
}

static void add_conn(struct gw_native_loop *loop, int fd)
{
    struct gw_native_conn *conn = loop->n_conns < loop->max_conns ? gw_native_conn_new(fd) : NULL;
    if (!conn) {
        close(fd);
        return;
    }
    link_conn(loop, conn);
    if (!listen_to(loop, conn))
        close_conn(loop, conn);
}

static void accept_some(struct gw_native_loop *loop)
{
    for (int i = 0; i < ACCEPT_AT_ONCE && loop->accepting; i++) {
        int fd = accept4(loop->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            add_conn(loop, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            /* The listener stays readable: look away until the next sweep. */
            gw_log_line(loop->log, "cannot accept: %s", strerror(errno));
            look_away(loop);
        }
        return;
    }
}

static bool has_input(const struct gw_native_conn *conn)
{
    char byte;
    return recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Whether a connection between two requests may be closed now. One that has just been opened is
 * given a moment: the peer is about to send its first request, and could not repeat a POST. On the
 * others nothing more can be sent once the receiving half is shut (unix(7)); what came before that
 * is still served. */
static bool may_close(struct gw_native_conn *conn)
{
    if (has_input(conn))
        return false;
    if (conn->served) {
        shutdown(conn->fd, SHUT_RD);
        return !has_input(conn);
    }
    conn->phase = GW_NATIVE_HEAD;
    conn->deadline_ns = gw_now_ns() + STOP_GRACE_NS;
    return false;
}

/* What is in the listener's queue is still taken: nobody else may be there to answer it. */
static void begin_to_stop(struct gw_native_loop *loop)
{
    struct gw_native_conn *next;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->stop_fd, NULL);
    accept_some(loop);
    look_away(loop);
    loop->stopping = loop->timed = true;
    for (struct gw_native_conn *conn = loop->conns; conn; conn = next) {
        next = conn->next;
        if (conn->phase == GW_NATIVE_IDLE && may_close(conn))
            close_conn(loop, conn);
    }
}

void gw_native_loop_take_in(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    link_conn(loop, conn);
    loop->timed = true;
    if (!listen_to(loop, conn) ||
        (loop->stopping && conn->phase == GW_NATIVE_IDLE && may_close(conn)))
        close_conn(loop, conn);
}

static void on_readable(struct gw_native_loop *loop, struct gw_native_conn *conn, uint64_t now,
                        struct batch *batch)
{
    ssize_t n = recv(conn->fd, loop->buffer, sizeof(loop->buffer), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    enum gw_native_want want =
        n > 0 ? gw_native_take(conn, loop->buffer, (size_t)n, now) : gw_native_end(conn);
    if (n > 0)
        explicit_bzero(loop->buffer, (size_t)n); /* it may have held a password */
    if (act(loop, conn, want))
        put(batch, conn);
}

static void on_event(struct gw_native_loop *loop, struct gw_native_conn *conn, uint64_t now,
                     struct batch *batch)
{
    if (conn->phase == GW_NATIVE_BUSY)
        stop_listening_to(loop, conn);
    else if (conn->phase != GW_NATIVE_WRITING)
        on_readable(loop, conn, now, batch);
    else if (gw_native_loop_resume(loop, conn))
        put(batch, conn);
}

/* ---- Deadlines --------------------------------------------------------------------------- */

static bool has_deadline(const struct gw_native_conn *conn)
{
    return conn->phase != GW_NATIVE_BUSY && conn->deadline_ns;
}

static void sweep(struct gw_native_loop *loop, uint64_t now, struct batch *batch)
{
    struct gw_native_conn *next;
    loop->swept_ns = now;
    loop->timed = false;
    if (loop->wants_conns && !loop->stopping)
        look_at_listener(loop);
    for (struct gw_native_conn *conn = loop->conns; conn; conn = next) {
        next = conn->next;
        loop->timed |= has_deadline(conn);
        if (!has_deadline(conn) || conn->deadline_ns > now || batch->n == batch->max)
            continue;
        if (act(loop, conn, gw_native_expire(conn)))
            put(batch, conn);
    }
}

/* Milliseconds that epoll_wait may sleep: for ever if nothing has a deadline. */
static int patience(const struct gw_native_loop *loop)
{
    bool looking_away = loop->wants_conns && !loop->accepting && !loop->stopping;
    return looking_away || loop->timed ? (int)(SWEEP_NS / 1000000) : -1;
}

/* Connections first: what comes back or is closed afterwards may be one that has an event here. */
static void deal_with(struct gw_native_loop *loop, const struct epoll_event *events, int n,
                      uint64_t now, struct batch *batch)
{
    bool stop = false, wake = false, connect = false;
    for (int i = 0; i < n; i++) {
        void *ptr = events[i].data.ptr;
        if (ptr == &loop->listen_fd)
            connect = true;
        else if (ptr == &loop->stop_fd)
            stop = true;
        else if (ptr == &loop->wake_fd)
            wake = true;
        else
            on_event(loop, ptr, now, batch);
    }
    loop->timed = loop->timed || n > 0;
    if (wake)
        take_back(loop, batch);
    if (connect)
        accept_some(loop);
    if (stop)
        begin_to_stop(loop);
}

int gw_native_loop_wait(struct gw_native_loop *loop)
{
    if (loop->stopping && !loop->n_conns)
        return 0;
    int n = epoll_wait(loop->epoll_fd, loop->events, GW_NATIVE_EVENTS_MAX, patience(loop));
    return n > 0 ? n : 0;
}

int gw_native_loop_run(struct gw_native_loop *loop, int n, struct gw_exchange **ret, size_t max,
                       size_t *ret_n)
{
    struct batch batch = {ret, 0, max};
    uint64_t now = gw_now_ns();
    deal_with(loop, loop->events, n, now, &batch);
    if (now - loop->swept_ns > SWEEP_NS)
        sweep(loop, now, &batch);
    *ret_n = batch.n;
    return loop->stopping && !loop->n_conns ? -ESHUTDOWN : 0;
}
