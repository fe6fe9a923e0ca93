/* libfcgi.c: FastCGI through libfcgi, which never reads what a peer sends.
 *
 * libfcgi is old and trusting: four times one variable in a FCGI_GET_VALUES overwrite its stack,
 * parameters have no bound, each management record that it does not know leaks, and STDIN may go on
 * as the next request. So everything that comes is read by our own codec and its states
 * (fcgi_conn.h), as in the native transport, and libfcgi is handed a request of 24 bytes that we
 * have made, in a file in memory, and that has no parameters. From there on its id and its
 * descriptor are the peer's, and it does what it does well: frames the response, buffers it and
 * ends it.
 *
 * It writes in blocking calls, and so a worker has one connection at a time and waits for a slow
 * reader. A watchdog thread shuts the socket down once less has moved than the rule of progress
 * wants, or the route's own time is over. */
#include "request/context.h"
#include "base/clock.h"
#include "transport/fcgi_conn.h"
#include "transport/transport.h"
#include "transport/fastcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_NS   2000000000ULL /* for a body that nobody wants: it holds a worker */
#define PIECE      4096
#define BUFFER     8192 /* libfcgi's */
#define TICK_MS    100
#define INPUT_SIZE (64 * 1024)

struct worker;

struct state {
    int listen_fd, stop_fd;
    struct gw_fcgi_rules rules;
    pthread_t watchdog;
    _Atomic bool closing;
    pthread_mutex_t lock; /* of every worker's watched_fd and deadline_ns */
    struct worker *workers;
};

struct worker {
    struct gw_fcgi_conn conn; /* first, and in it the exchange that the dispatcher sees */
    struct state *state;
    struct worker *next;
    FCGX_Request request;
    bool responding;  /* libfcgi has the request */
    int request_file; /* the request that libfcgi reads */
    int epoll_fd;
    int watched_fd; /* -1: nothing to watch */
    uint64_t deadline_ns;
    char input[INPUT_SIZE];
};

/* ---- The watchdog --------------------------------------------------------------------------- */

static void watch(struct worker *worker, int fd, uint64_t deadline_ns)
{
    pthread_mutex_lock(&worker->state->lock);
    worker->watched_fd = fd;
    worker->deadline_ns = deadline_ns;
    pthread_mutex_unlock(&worker->state->lock);
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
            if (worker->watched_fd >= 0 && worker->deadline_ns < now)
                shutdown(worker->watched_fd, SHUT_RDWR);
        pthread_mutex_unlock(&state->lock);
    }
    return NULL;
}

/* ---- Process and workers -------------------------------------------------------------------- */

static int open_transport(struct gw_server *server, int listen_fd, void **ret_state)
{
    struct state *state = calloc(1, sizeof(*state));
    if (!state)
        return -ENOMEM;
    state->listen_fd = listen_fd;
    state->stop_fd = server->stop_fd;
    state->rules.progress_bytes = server->config.progress.bytes;
    state->rules.progress_ns = server->config.progress.ms * 1000000;
    state->rules.log = server->log;
    state->rules.folder = server->config.spool_dir;
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

/* The request that libfcgi sees: BEGIN_REQUEST, and the end of no parameters. */
static int open_request_file(struct worker *worker)
{
    unsigned char text[24] = {0};
    gw_fcgi_header(text, FCGI_BEGIN_REQUEST, 1, 8);
    text[9] = FCGI_RESPONDER;
    gw_fcgi_header(text + 16, FCGI_PARAMS, 1, 0);
    worker->request_file = memfd_create("request", MFD_CLOEXEC);
    if (worker->request_file < 0)
        return -errno;
    ssize_t n = write(worker->request_file, text, sizeof(text));
    return n < 0 ? -errno : n == sizeof(text) ? 0 : -EIO;
}

static void free_worker(struct worker *worker)
{
    if (worker->epoll_fd >= 0)
        close(worker->epoll_fd);
    if (worker->request_file >= 0)
        close(worker->request_file);
    gw_fcgi_conn_clear(&worker->conn);
    free(worker);
}

static int open_worker(void *data, unsigned number, void **ret_worker)
{
    struct state *state = data;
    struct worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return -ENOMEM;
    worker->state = state;
    worker->watched_fd = worker->epoll_fd = -1;
    gw_fcgi_conn_init(&worker->conn, -1, &state->rules);
    int r = open_request_file(worker);
    if (!r && (worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
        r = -errno;
    if (!r)
        r = epoll_add(worker->epoll_fd, state->listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
    if (!r)
        r = epoll_add(worker->epoll_fd, state->stop_fd, EPOLLIN);
    if (r) {
        free_worker(worker);
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
    free_worker(worker);
}

/* ---- The connection ------------------------------------------------------------------------- */

static void open_conn(struct worker *worker, int fd)
{
    gw_fcgi_conn_init(&worker->conn, fd, &worker->state->rules);
    worker->conn.active_ns = gw_now_ns();
    worker->conn.head_ns = worker->conn.active_ns + GW_FCGI_HEAD_NS;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return !a || (b && b < a) ? b : a;
}

/* A request that is late is answered with nothing, so that the watchdog may end the wait for it
 * with its socket: one system call. */
static ssize_t receive_head(struct worker *worker, uint64_t deadline_ns)
{
    watch(worker, worker->conn.fd, deadline_ns);
    ssize_t n = recv(worker->conn.fd, worker->input, sizeof(worker->input), 0);
    watch(worker, -1, 0);
    return n;
}

/* A body that is late still has an answer. */
static ssize_t receive_body(struct worker *worker, uint64_t wait_ns)
{
    struct pollfd event = {.fd = worker->conn.fd, .events = POLLIN};
    ssize_t n = recv(worker->conn.fd, worker->input, sizeof(worker->input), MSG_DONTWAIT);
    if (n >= 0 || errno != EAGAIN)
        return n;
    poll(&event, 1, (int)(wait_ns / 1000000) + 1);
    return recv(worker->conn.fd, worker->input, sizeof(worker->input), MSG_DONTWAIT);
}

/* Waits for input until `latest_ns` (0: no such time) or the connection's own deadline. */
static enum gw_fcgi_want read_some(struct worker *worker, uint64_t latest_ns)
{
    struct gw_fcgi_conn *conn = &worker->conn;
    uint64_t deadline = earlier(gw_fcgi_conn_deadline(conn), latest_ns), now = gw_now_ns();
    bool head = conn->state == GW_FCGI_IDLE || conn->state == GW_FCGI_HEAD;
    if (deadline <= now)
        return gw_fcgi_conn_late(conn, now);
    ssize_t n = head ? receive_head(worker, deadline) : receive_body(worker, deadline - now);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return GW_FCGI_WANT_NOTHING;
    now = gw_now_ns();
    if (n <= 0 && head && deadline <= now)
        return gw_fcgi_conn_late(conn, now);
    if (n <= 0)
        return gw_fcgi_conn_gone(conn, now);
    enum gw_fcgi_want want = gw_fcgi_conn_take(conn, worker->input, (size_t)n, now);
    explicit_bzero(worker->input, (size_t)n); /* it may have held a password */
    return want;
}

/* Answers to management records go out before libfcgi writes to the same socket. */
static int send_replies(struct gw_fcgi_conn *conn)
{
    int r;
    if (gw_fcgi_out_is_empty(&conn->out))
        return 0;
    conn->moved = 0;
    conn->moved_ns = gw_now_ns();
    while ((r = gw_fcgi_conn_pump(conn, gw_now_ns())) == -EAGAIN) {
        struct pollfd event = {.fd = conn->fd, .events = POLLOUT};
        poll(&event, 1, TICK_MS);
    }
    return r;
}

/* ---- Taking a request ----------------------------------------------------------------------- */

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
        gw_log_line(worker->state->rules.log, "cannot accept: %s", strerror(errno));
        back_off();
    }
    return -EAGAIN;
}

static bool begin_response(struct worker *worker)
{
    FCGX_Request *request = &worker->request;
    if (worker->request_file < 0 && open_request_file(worker))
        return false;
    if (lseek(worker->request_file, 0, SEEK_SET) || FCGX_InitRequest(request, -1, 0))
        return false;
    request->ipcFd = worker->request_file;
    request->keepConnection = 1;      /* keeps FCGX_Accept_r from closing our file first */
    if (FCGX_Accept_r(request) < 0) { /* and it has closed the file on failure */
        worker->request_file = -1;
        return false;
    }
    request->keepConnection = 0;
    request->requestId = worker->conn.fcgi.id;
    request->ipcFd = worker->conn.fd;
    worker->responding = true;
    return true;
}

/* Reads a request from a new connection. False: there is none, and the connection is closed. */
static bool read_request(struct worker *worker, int fd)
{
    enum gw_fcgi_want want = GW_FCGI_WANT_NOTHING;
    open_conn(worker, fd);
    uint64_t latest = worker->conn.head_ns; /* whatever comes before the request */
    while (want == GW_FCGI_WANT_NOTHING && gw_fcgi_conn_reads(&worker->conn))
        want = read_some(worker, latest);
    if (want == GW_FCGI_WANT_SERVE && !worker->conn.mute &&
        (send_replies(&worker->conn) || !begin_response(worker)))
        worker->conn.mute = worker->conn.cut = true;
    if (want == GW_FCGI_WANT_SERVE)
        return true;
    gw_fcgi_conn_end(&worker->conn);
    return false;
}

static int next(void *data, struct gw_exchange **ret, size_t max, size_t *ret_n)
{
    struct worker *worker = data;
    for (;;) {
        int fd = accept_one(worker);
        if (fd == -ESHUTDOWN)
            return fd;
        if (fd < 0 || !read_request(worker, fd))
            continue;
        worker->conn.exchange.body_waits = false; /* `body` waits for it */
        ret[0] = &worker->conn.exchange;
        *ret_n = 1;
        return 0;
    }
}

/* ---- Body and response ---------------------------------------------------------------------- */

static int body(struct gw_exchange *exchange, uint64_t *ret_len)
{
    struct worker *worker = (struct worker *)exchange;
    struct gw_fcgi_conn *conn = &worker->conn;
    enum gw_fcgi_want want = GW_FCGI_WANT_SERVE;
    if (conn->state == GW_FCGI_BUSY && !conn->spoilt)
        want = gw_fcgi_conn_resume(conn, gw_now_ns()); /* as if it had been parked */
    while (want == GW_FCGI_WANT_NOTHING)
        want = read_some(worker, 0);
    return gw_fcgi_exchange_body(exchange, ret_len);
}

/* What libfcgi may write at once, as the rule of progress counts it. */
static void watch_writing(struct worker *worker)
{
    const struct gw_fcgi_rules *rules = &worker->state->rules;
    uint64_t times = (BUFFER + rules->progress_bytes - 1) / rules->progress_bytes;
    uint64_t deadline = gw_now_ns() + times * rules->progress_ns;
    uint64_t until = worker->conn.exchange.until_ns;
    watch(worker, worker->conn.fd, until && until < deadline ? until : deadline);
}

/* Whether libfcgi only keeps so much, and writes nothing. */
static bool has_room(const FCGX_Stream *out, int n)
{
    return out->stop - out->wrNext >= n;
}

static int write_out(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    struct worker *worker = (struct worker *)exchange;
    int r = 0;
    if (worker->conn.mute)
        return 0;
    for (const char *at = ptr; !r && len;) {
        int n = len > PIECE ? PIECE : (int)len;
        if (!has_room(worker->request.out, n))
            watch_writing(worker);
        if (FCGX_PutStr(at, n, worker->request.out) != n)
            r = -EPIPE;
        at += n;
        len -= (size_t)n;
    }
    if (worker->watched_fd >= 0)
        watch(worker, -1, 0);
    return r;
}

/* What is left of the answer, and the end of the request; of one that was aborted, nothing. */
static void end_response(struct worker *worker, bool cut)
{
    FCGX_Request *request = &worker->request;
    watch_writing(worker);
    if (cut)
        shutdown(worker->conn.fd, SHUT_RDWR);
    if (!worker->conn.mute) {
        FCGX_FClose(request->err);
        FCGX_FClose(request->out);
    }
    FCGX_Free(request, 0);
    worker->responding = false;
    watch(worker, -1, 0);
}

/* After the answer the rest of the body is read: the web server may only look at the answer once it
 * could send all of it. */
static void finish(struct gw_exchange *exchange, bool cut)
{
    struct worker *worker = (struct worker *)exchange;
    struct gw_fcgi_conn *conn = &worker->conn;
    bool ended = worker->responding && !conn->mute;
    if (worker->responding)
        end_response(worker, cut || conn->cut);
    gw_fcgi_conn_complete(conn, cut, ended);
    uint64_t now = gw_now_ns();
    enum gw_fcgi_want want = gw_fcgi_conn_resume(conn, now);
    while (want == GW_FCGI_WANT_NOTHING && gw_fcgi_conn_reads(conn))
        want = read_some(worker, now + DRAIN_NS);
    gw_fcgi_conn_end(conn);
}

const struct gw_transport gw_transport_libfcgi = {
    .name = "libfcgi",
    .open = open_transport,
    .close = close_transport,
    .worker_open = open_worker,
    .worker_close = close_worker,
    .next = next,
    .body = body,
    .kept = gw_fcgi_exchange_kept,
    .read = gw_fcgi_exchange_read,
    .write = write_out,
    .finish = finish,
};
