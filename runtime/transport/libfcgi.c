/* libfcgi.c: FastCGI through libfcgi, hardened.
 *
 * libfcgi is old and trusting. What this file does about it:
 * - each worker accepts by itself, from a poll on the listener and the stop event, and hands
 * libfcgi a connected socket (its own accept can neither be woken nor bounded);
 * - keepConnection is switched off right after the request was read, because libfcgi would parse
 * the rest of an unread body as the next request;
 * - total deadlines: a watchdog thread shuts a socket down when its phase has lasted too long
 * (per-read timeouts do not stop a peer that dribbles). It works on a duplicate of the descriptor,
 * because libfcgi closes its own on failure and another thread may own the number by then. Whenever
 * libfcgi may touch the socket a deadline is set;
 * - truncated parameters are noticed (FCGX_GetError), and bounded in number and size by incoming.c;
 * - an unread body is drained, bounded in bytes and time, or the web server would drop the answer;
 * - the socket is closed here: all input has been taken by then, so that libfcgi's lingering close,
 * with three system calls more, is not needed, and answer and end of request are one write.
 */
#include "request/context.h"
#include "base/clock.h"
#include "transport/transport.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fastcgi.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADER_SECONDS 5
#define BODY_SECONDS   30
#define WRITE_SECONDS  10
#define DRAIN_SECONDS  2
#define DRAIN_BYTES    ((size_t)16 << 20)
#define META_MAX       (GW_META_MAX + 1)
#define TICK_MS        100

struct worker;

struct state {
    int listen_fd, stop_fd;
    struct gw_log *log;
    pthread_t watchdog;
    bool watching;
    _Atomic bool closing;
    pthread_mutex_t lock; /* of every worker's watched_fd and deadline_ns */
    struct worker *workers;
};

struct worker {
    struct gw_exchange exchange; /* first: the dispatcher sees this */
    struct state *state;
    struct worker *next;
    FCGX_Request request;
    struct gw_meta meta[META_MAX];
    int epoll_fd;
    int watched_fd; /* -1: nothing to watch */
    uint64_t deadline_ns;
};

/* ---- The watchdog ------------------------------------------------------------------------ */

static void watch(struct worker *worker, int fd, uint64_t deadline_ns)
{
    pthread_mutex_lock(&worker->state->lock);
    worker->watched_fd = fd;
    worker->deadline_ns = deadline_ns;
    pthread_mutex_unlock(&worker->state->lock);
}

static void set_deadline(struct worker *worker, uint64_t deadline_ns)
{
    watch(worker, worker->watched_fd, deadline_ns);
}

static uint64_t in_seconds(uint64_t seconds)
{
    return gw_now_ns() + seconds * 1000000000;
}

static void *watchdog_main(void *data)
{
    struct state *state = data;
    while (!atomic_load(&state->closing)) {
        struct timespec tick = {0, TICK_MS * 1000000L};
        nanosleep(&tick, NULL);
        uint64_t now = gw_now_ns();
        pthread_mutex_lock(&state->lock);
        for (struct worker *worker = state->workers; worker; worker = worker->next)
            if (worker->watched_fd >= 0 && worker->deadline_ns && worker->deadline_ns < now)
                shutdown(worker->watched_fd, SHUT_RDWR);
        pthread_mutex_unlock(&state->lock);
    }
    return NULL;
}

/* ---- Process and workers ----------------------------------------------------------------- */

static int open_transport(struct gw_server *server, int listen_fd, void **ret_state)
{
    struct state *state = calloc(1, sizeof(*state));
    if (!state)
        return -ENOMEM;
    state->listen_fd = listen_fd;
    state->stop_fd = server->stop_fd;
    state->log = server->log;
    pthread_mutex_init(&state->lock, NULL);
    /* Several workers may be told of one connection: the slower ones must not block in accept. */
    int flags = fcntl(listen_fd, F_GETFL);
    if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) || FCGX_Init()) {
        free(state);
        return -EIO;
    }
    int r = pthread_create(&state->watchdog, NULL, watchdog_main, state);
    if (r) {
        free(state);
        return -r;
    }
    state->watching = true;
    *ret_state = state;
    return 0;
}

static void close_transport(void *data)
{
    struct state *state = data;
    atomic_store(&state->closing, true);
    pthread_join(state->watchdog, NULL);
    pthread_mutex_destroy(&state->lock);
    free(state);
}

static int epoll_add(int epoll_fd, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_worker(void *data, unsigned number, void **ret_worker)
{
    struct state *state = data;
    struct worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return -ENOMEM;
    worker->state = state;
    worker->watched_fd = -1;
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int r = worker->epoll_fd < 0 ? -errno : 0;
    if (!r)
        r = epoll_add(worker->epoll_fd, state->listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
    if (!r)
        r = epoll_add(worker->epoll_fd, state->stop_fd, EPOLLIN);
    if (r) {
        if (worker->epoll_fd >= 0)
            close(worker->epoll_fd);
        free(worker);
        return r;
    }
    pthread_mutex_lock(&state->lock);
    worker->next = state->workers;
    state->workers = worker;
    pthread_mutex_unlock(&state->lock);
    *ret_worker = worker;
    return 0;
}

static void close_worker(void *data)
{
    struct worker *worker = data, **link = &worker->state->workers;
    pthread_mutex_lock(&worker->state->lock);
    while (*link != worker)
        link = &(*link)->next;
    *link = worker->next;
    pthread_mutex_unlock(&worker->state->lock);
    gw_slot_free(worker->exchange.slot);
    close(worker->epoll_fd);
    free(worker);
}

/* ---- Taking a request -------------------------------------------------------------------- */

static void back_off(void)
{
    struct timespec pause = {0, 50 * 1000000L};
    nanosleep(&pause, NULL);
}

/* A connected socket; -ESHUTDOWN, or -EAGAIN to try again. */
static int accept_one(struct worker *worker)
{
    struct epoll_event events[2]; /* the listener and the stop event */
    int n = epoll_wait(worker->epoll_fd, events, 2, -1);
    for (int i = 0; i < n; i++)
        if (events[i].data.fd == worker->state->stop_fd)
            return -ESHUTDOWN;
    if (n <= 0)
        return -EAGAIN;
    int fd = accept4(worker->state->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        return fd;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        gw_log_line(worker->state->log, "cannot accept: %s", strerror(errno));
        back_off();
    }
    return -EAGAIN;
}

static void unwatch(struct worker *worker)
{
    int fd = worker->watched_fd;
    watch(worker, -1, 0);
    if (fd >= 0)
        close(fd);
}

static void read_meta(struct worker *worker)
{
    size_t n = 0;
    for (char **entry = worker->request.envp; *entry && n < META_MAX; entry++) {
        const char *equals = strchr(*entry, '=');
        if (!equals)
            continue;
        worker->meta[n].name = (struct gw_str){*entry, (size_t)(equals - *entry)};
        worker->meta[n].value = gw_str_from(equals + 1);
        n++;
    }
    worker->exchange.meta = worker->meta;
    worker->exchange.n_meta = n;
    worker->exchange.truncated = FCGX_GetError(worker->request.in) != 0;
    worker->exchange.authorizer = worker->request.role == FCGI_AUTHORIZER;
    if (worker->request.role != FCGI_RESPONDER && !worker->exchange.authorizer) {
        gw_log_line(worker->state->log, "a FastCGI role is not supported: filter");
        worker->exchange.truncated = true;
    }
}

/* Reads a request's parameters from the socket, which is libfcgi's from here on. */
static int read_request(struct worker *worker, int fd)
{
    int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0 || FCGX_InitRequest(&worker->request, -1, 0)) {
        if (duplicate >= 0)
            close(duplicate);
        close(fd);
        back_off();
        return -EAGAIN;
    }
    watch(worker, duplicate, in_seconds(HEADER_SECONDS));
    worker->request.ipcFd = fd;
    worker->request.keepConnection = 1; /* keeps FCGX_Accept_r from closing our socket first */
    if (FCGX_Accept_r(&worker->request) < 0) { /* and it has closed the socket on failure */
        unwatch(worker);
        return -EAGAIN;
    }
    worker->request.keepConnection = 0;
    set_deadline(worker, 0);
    read_meta(worker);
    return 0;
}

static int next(void *data, struct gw_exchange **ret, size_t max, size_t *ret_n)
{
    struct worker *worker = data;
    for (;;) {
        int fd = accept_one(worker);
        if (fd == -ESHUTDOWN)
            return fd;
        if (fd < 0 || read_request(worker, fd))
            continue;
        ret[0] = &worker->exchange;
        *ret_n = 1;
        return 0;
    }
}

/* ---- Body and response ------------------------------------------------------------------- */

static ssize_t read_body(struct gw_exchange *exchange, void *buffer, size_t size,
                         uint64_t deadline_ns)
{
    struct worker *worker = (struct worker *)exchange;
    uint64_t latest = in_seconds(BODY_SECONDS);
    set_deadline(worker, deadline_ns < latest ? deadline_ns : latest);
    int want = size > (1 << 20) ? 1 << 20 : (int)size;
    int n = FCGX_GetStr(buffer, want, worker->request.in);
    bool late = gw_now_ns() > worker->deadline_ns;
    set_deadline(worker, 0);
    if (n > 0)
        return n;
    return late ? -ETIMEDOUT : -EPIPE;
}

static int write_out(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    struct worker *worker = (struct worker *)exchange;
    set_deadline(worker, in_seconds(WRITE_SECONDS));
    int r = 0;
    for (const char *at = ptr; !r && len;) {
        int n = len > (1 << 20) ? 1 << 20 : (int)len;
        if (FCGX_PutStr(at, n, worker->request.out) != n)
            r = -EPIPE;
        at += n;
        len -= (size_t)n;
    }
    set_deadline(worker, 0);
    return r;
}

/* What is left of the body: the web server only reads our answer once it could send all of it. */
static void drain(struct worker *worker)
{
    char buffer[8192];
    size_t total = 0;
    set_deadline(worker, in_seconds(DRAIN_SECONDS));
    while (total < DRAIN_BYTES) {
        int n = FCGX_GetStr(buffer, sizeof(buffer), worker->request.in);
        if (n <= 0)
            return;
        total += (size_t)n;
    }
}

static bool has_body(const struct worker *worker)
{
    const char *length = FCGX_GetParam("CONTENT_LENGTH", worker->request.envp);
    return length && *length && strcmp(length, "0") != 0;
}

static void finish(struct gw_exchange *exchange, bool cut)
{
    struct worker *worker = (struct worker *)exchange;
    FCGX_Request *request = &worker->request;
    bool body = !cut && !exchange->authorizer && has_body(worker);
    int fd = request->ipcFd;
    set_deadline(worker, in_seconds(WRITE_SECONDS));
    if (cut)
        shutdown(worker->watched_fd, SHUT_RDWR);
    if (body) {
        FCGX_FFlush(request->out);
        drain(worker);
        set_deadline(worker, in_seconds(WRITE_SECONDS));
    }
    FCGX_FClose(request->err);
    FCGX_FClose(request->out); /* what is left of the answer, and the end of the request */
    if (!cut && !body && !exchange->authorizer)
        drain(worker); /* the end of an empty body, which mostly came with the parameters */
    FCGX_Free(request, 0);
    unwatch(worker);
    close(fd);
}

const struct gw_transport gw_transport_libfcgi = {
    .name = "libfcgi",
    .open = open_transport,
    .close = close_transport,
    .worker_open = open_worker,
    .worker_close = close_worker,
    .next = next,
    .read = read_body,
    .write = write_out,
    .finish = finish,
};
