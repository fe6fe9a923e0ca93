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

int gw_native_loop_open(struct gw_native_loop *loop, int listen_fd, int stop_fd,
                        struct gw_fcgi_rules *rules)
{
    loop->listen_fd = listen_fd;
    loop->stop_fd = stop_fd;
    loop->rules = rules;
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
    gw_fcgi_conn_clear(&conn->fcgi);
    free(conn);
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

/* ---- Registration --------------------------------------------------------------------------- */

static bool listen_to(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    uint32_t wanted = (gw_fcgi_conn_reads(&conn->fcgi) ? EPOLLIN : 0) |
                      (gw_fcgi_conn_writes(&conn->fcgi) ? EPOLLOUT : 0);
    if (conn->registered == wanted)
        return true;
    struct epoll_event event = {.events = wanted, .data.ptr = conn};
    int how = conn->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(loop->epoll_fd, how, conn->fcgi.fd, &event))
        return false;
    conn->registered = wanted;
    return true;
}

static void stop_listening_to(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, conn->fcgi.fd, NULL);
    conn->registered = 0;
}

void gw_native_loop_take_out(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    if (conn->registered)
        stop_listening_to(loop, conn);
    unlink_conn(loop, conn);
}

/* ---- What a connection wants ---------------------------------------------------------------- */

/* The exchanges that a run has brought together. */
struct batch {
    struct gw_exchange **exchanges;
    size_t n, max;
};

/* True: the exchange is to be served. */
static bool act(struct gw_native_loop *loop, struct gw_native_conn *conn, enum gw_fcgi_want want)
{
    if (want == GW_FCGI_WANT_SERVE)
        return true;
    if (want == GW_FCGI_WANT_CLOSE || (loop->stopping && gw_fcgi_conn_is_idle(&conn->fcgi)) ||
        !listen_to(loop, conn))
        close_conn(loop, conn);
    return false;
}

static void put(struct batch *batch, struct gw_native_conn *conn)
{
    batch->exchanges[batch->n++] = &conn->fcgi.exchange;
}

bool gw_native_loop_resume(struct gw_native_loop *loop, struct gw_native_conn *conn,
                           uint64_t now_ns)
{
    return act(loop, conn, gw_fcgi_conn_resume(&conn->fcgi, now_ns));
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
        if (gw_native_loop_resume(loop, conn, gw_now_ns()))
            put(batch, conn);
        pthread_mutex_lock(&loop->lock);
    }
    bool more = loop->back;
    pthread_mutex_unlock(&loop->lock);
    count = 1;
    if (more && write(loop->wake_fd, &count, sizeof(count)) < 0)
        gw_log_line(loop->rules->log, "native: the loop could not wake itself");
}

/* ---- Events --------------------------------------------------------------------------------- */

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

static bool has_input(const struct gw_native_conn *conn)
{
    char byte;
    return recv(conn->fcgi.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* The connection between two requests that has been so for longest. */
static struct gw_native_conn *longest_idle(const struct gw_native_loop *loop)
{
    struct gw_native_conn *found = NULL;
    for (struct gw_native_conn *conn = loop->conns; conn; conn = conn->next)
        if (gw_fcgi_conn_is_idle(&conn->fcgi) &&
            (!found || conn->fcgi.active_ns < found->fcgi.active_ns) && !has_input(conn))
            found = conn;
    return found;
}

/* There is room for one more, if need be in place of one that is idle. */
static bool make_room(struct gw_native_loop *loop, uint64_t now)
{
    if (loop->n_conns < loop->max_conns)
        return true;
    struct gw_native_conn *idle = longest_idle(loop);
    if (!idle) {
        gw_log_line(loop->rules->log,
                    "native: all %zu connections of a loop have a request under way: a new one was "
                    "closed",
                    loop->n_conns);
        return false;
    }
    gw_log_line(loop->rules->log,
                "native: all %zu connections of a loop are taken: the one that was idle for "
                "longest, %llu ms, was closed",
                loop->n_conns, (unsigned long long)((now - idle->fcgi.active_ns) / 1000000));
    close_conn(loop, idle);
    return true;
}

static void add_conn(struct gw_native_loop *loop, int fd)
{
    uint64_t now = gw_now_ns();
    struct gw_native_conn *conn = make_room(loop, now) ? calloc(1, sizeof(*conn)) : NULL;
    if (!conn) {
        close(fd);
        return;
    }
    gw_fcgi_conn_init(&conn->fcgi, fd, loop->rules);
    conn->fcgi.active_ns = now;
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
            gw_log_line(loop->rules->log, "cannot accept: %s", strerror(errno));
            look_away(loop);
        }
        return;
    }
}

/* Whether a connection between two requests may be closed now. One that has just been opened is
 * given a moment: the peer is about to send its first request, and could not repeat a POST. On the
 * others nothing more can be sent once the receiving half is shut (unix(7)); what came before that
 * is still served. */
static bool may_close(struct gw_native_conn *conn)
{
    if (has_input(conn))
        return false;
    if (conn->fcgi.served) {
        shutdown(conn->fcgi.fd, SHUT_RD);
        return !has_input(conn);
    }
    conn->fcgi.head_ns = gw_now_ns() + STOP_GRACE_NS;
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
        if (gw_fcgi_conn_is_idle(&conn->fcgi) && may_close(conn))
            close_conn(loop, conn);
    }
}

void gw_native_loop_take_in(struct gw_native_loop *loop, struct gw_native_conn *conn)
{
    link_conn(loop, conn);
    loop->timed = true;
    if (!listen_to(loop, conn) ||
        (loop->stopping && gw_fcgi_conn_is_idle(&conn->fcgi) && may_close(conn)))
        close_conn(loop, conn);
}

static enum gw_fcgi_want read_some(struct gw_native_loop *loop, struct gw_native_conn *conn,
                                   uint64_t now)
{
    ssize_t n = recv(conn->fcgi.fd, loop->buffer, sizeof(loop->buffer), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return GW_FCGI_WANT_NOTHING;
    if (n <= 0)
        return gw_fcgi_conn_gone(&conn->fcgi, now);
    enum gw_fcgi_want want = gw_fcgi_conn_take(&conn->fcgi, loop->buffer, (size_t)n, now);
    explicit_bzero(loop->buffer, (size_t)n); /* it may have held a password */
    return want;
}

static void on_event(struct gw_native_loop *loop, struct gw_native_conn *conn, uint32_t events,
                     uint64_t now, struct batch *batch)
{
    enum gw_fcgi_want want = GW_FCGI_WANT_NOTHING;
    if (!gw_fcgi_conn_reads(&conn->fcgi) && !gw_fcgi_conn_writes(&conn->fcgi)) {
        stop_listening_to(loop, conn); /* somebody has the exchange */
        return;
    }
    if (gw_fcgi_conn_writes(&conn->fcgi))
        want = gw_fcgi_conn_write(&conn->fcgi, now);
    if (want == GW_FCGI_WANT_NOTHING && events & ~(uint32_t)EPOLLOUT &&
        gw_fcgi_conn_reads(&conn->fcgi))
        want = read_some(loop, conn, now);
    if (act(loop, conn, want))
        put(batch, conn);
}

/* ---- Deadlines ------------------------------------------------------------------------------ */

/* Between events a slow reader is tried again: unix(7) calls a socket writable only once most of
 * what lies in it was read. */
static enum gw_fcgi_want look_after(struct gw_native_conn *conn, uint64_t now)
{
    enum gw_fcgi_want want = GW_FCGI_WANT_NOTHING;
    if (gw_fcgi_conn_writes(&conn->fcgi))
        want = gw_fcgi_conn_write(&conn->fcgi, now);
    uint64_t deadline = gw_fcgi_conn_deadline(&conn->fcgi);
    if (want == GW_FCGI_WANT_NOTHING && deadline && deadline <= now)
        want = gw_fcgi_conn_late(&conn->fcgi, now);
    return want;
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
        if (!gw_fcgi_conn_deadline(&conn->fcgi))
            continue;
        loop->timed = true;
        if (batch->n < batch->max && act(loop, conn, look_after(conn, now)))
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
            on_event(loop, ptr, events[i].events, now, batch);
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
    uint64_t now = loop->woken_ns = gw_now_ns();
    deal_with(loop, loop->events, n, now, &batch);
    if (now - loop->swept_ns > SWEEP_NS)
        sweep(loop, now, &batch);
    *ret_n = batch.n;
    return loop->stopping && !loop->n_conns ? -ESHUTDOWN : 0;
}
