/* native_conn.c: see native_conn.h. */
#include "transport/native_conn.h"

#include "base/clock.h"
#include "request/context.h"

#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SMALLEST_OUT 4096
#define KEPT_OUT     32768
#define RECORD_MAX   32768 /* bytes of a STDOUT record */

struct gw_native_conn *gw_native_conn_new(int fd)
{
    struct gw_native_conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return NULL;
    conn->fd = fd;
    return conn;
}

void gw_native_conn_free(struct gw_native_conn *conn)
{
    close(conn->fd);
    gw_fcgi_free(&conn->fcgi);
    gw_slot_free(conn->exchange.slot);
    gw_spool_free(&conn->body);
    free(conn->in);
    free(conn->out);
    free(conn);
}

/* ---- The body ---------------------------------------------------------------------------- */

static int keep_body(struct gw_native_conn *conn, const void *ptr, size_t len)
{
    if (len > conn->expected - conn->body.len)
        return -EPROTO; /* more than was announced: it could be taken for something else */
    return gw_spool_write(&conn->body, ptr, len);
}

static int on_body(void *data, const void *ptr, size_t len)
{
    struct gw_native_conn *conn = data;
    if (conn->phase != GW_NATIVE_DRAIN)
        return keep_body(conn, ptr, len);
    conn->drained += len;
    return conn->drained > GW_NATIVE_DRAIN_MAX ? -EPROTO : 0;
}

/* ---- Output ------------------------------------------------------------------------------ */

int gw_native_flush(struct gw_native_conn *conn)
{
    while (conn->out_at < conn->out_len) {
        ssize_t n = send(conn->fd, conn->out + conn->out_at, conn->out_len - conn->out_at,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? -EAGAIN : -EPIPE;
        conn->out_at += (size_t)n;
    }
    conn->out_at = conn->out_len = 0;
    return 0;
}

/* Sends everything, waiting for the peer up to the write deadline. */
static int flush_all(struct gw_native_conn *conn)
{
    uint64_t deadline = gw_now_ns() + GW_NATIVE_WRITE_NS;
    int r;
    while ((r = gw_native_flush(conn)) == -EAGAIN) {
        uint64_t now = gw_now_ns();
        struct pollfd event = {.fd = conn->fd, .events = POLLOUT};
        if (now >= deadline)
            return -ETIMEDOUT;
        poll(&event, 1, (int)((deadline - now) / 1000000) + 1);
    }
    return r;
}

static int put(struct gw_native_conn *conn, const void *ptr, size_t len)
{
    if (conn->out_size - conn->out_len < len) {
        size_t size = conn->out_size ? conn->out_size : SMALLEST_OUT;
        while (size - conn->out_len < len)
            size *= 2;
        char *larger = realloc(conn->out, size);
        if (!larger)
            return -ENOMEM;
        conn->out = larger;
        conn->out_size = size;
    }
    memcpy(conn->out + conn->out_len, ptr, len);
    conn->out_len += len;
    return 0;
}

static int on_reply(void *data, const void *ptr, size_t len)
{
    struct gw_native_conn *conn = data;
    if (conn->out_len > GW_FCGI_STRAY_MAX)
        return -EPROTO; /* it asks and does not read the answers */
    return put(conn, ptr, len);
}

int gw_native_write(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    struct gw_native_conn *conn = (struct gw_native_conn *)exchange;
    unsigned char header[8];
    while (len) {
        size_t n = len < RECORD_MAX ? len : RECORD_MAX;
        gw_fcgi_header(header, FCGI_STDOUT, conn->fcgi.id, n);
        if (put(conn, header, sizeof(header)) || put(conn, ptr, n))
            return -EPIPE;
        ptr = (const char *)ptr + n;
        len -= n;
        int r = conn->out_len > GW_NATIVE_OUT_MAX ? flush_all(conn) : 0;
        if (r)
            return r;
    }
    return 0;
}

/* ---- The exchange ------------------------------------------------------------------------ */

ssize_t gw_native_read(struct gw_exchange *exchange, void *buffer, size_t size,
                       uint64_t deadline_ns)
{
    struct gw_native_conn *conn = (struct gw_native_conn *)exchange;
    if (conn->late)
        return -ETIMEDOUT;
    ssize_t n = conn->failed ? 0 : gw_spool_read(&conn->body, buffer, size);
    return n > 0 ? n : -EPIPE;
}

void gw_native_complete(struct gw_native_conn *conn, bool cut)
{
    unsigned char end[GW_FCGI_END];
    gw_fcgi_end(end, conn->fcgi.id);
    conn->cut = cut || put(conn, end, sizeof(end));
    int r = conn->cut ? -EPIPE : gw_native_flush(conn);
    if (r && r != -EAGAIN)
        conn->cut = true;
}

/* Reads Content-Length for the bound on STDIN. Whether it is a good one, incoming.c says; with a
 * bad one the request is refused, and nothing is expected. */
static void expect_body(struct gw_native_conn *conn)
{
    conn->expected = 0;
    for (size_t i = 0; i < conn->fcgi.n_meta && !conn->fcgi.authorizer; i++)
        if (gw_str_equal(conn->fcgi.meta[i].name, GW_STR("CONTENT_LENGTH"))) {
            struct gw_str value = conn->fcgi.meta[i].value;
            while (value.len > 1 && *value.ptr == '0')
                value = (struct gw_str){value.ptr + 1, value.len - 1};
            if (!gw_parse_u64(value, &conn->expected))
                conn->expected = 0;
        }
}

static void offer(struct gw_native_conn *conn)
{
    conn->served = true;
    conn->phase = GW_NATIVE_BUSY;
    conn->deadline_ns = 0;
    conn->exchange.meta = conn->fcgi.meta;
    conn->exchange.n_meta = conn->fcgi.n_meta;
    conn->exchange.truncated = conn->fcgi.overflow;
    conn->exchange.body_is_whole = !conn->exchange.body_waits && !conn->failed && !conn->late;
    conn->exchange.authorizer = conn->fcgi.authorizer;
}

/* The request is over: the connection is as new, but warm. */
static void forget(struct gw_native_conn *conn)
{
    gw_fcgi_next(&conn->fcgi);
    gw_spool_reset(&conn->body);
    if (conn->out_size > KEPT_OUT) { /* one large answer is no reason to hold that much for ever */
        free(conn->out);
        conn->out = NULL;
        conn->out_size = 0;
    }
    conn->expected = conn->drained = 0;
    conn->failed = conn->late = conn->exchange.body_waits = false;
    conn->phase = GW_NATIVE_IDLE;
    conn->deadline_ns = 0;
}

/* An abort before the dispatcher had the request: END_REQUEST, and on with the next. */
static int abort_now(struct gw_native_conn *conn)
{
    unsigned char end[GW_FCGI_END];
    gw_fcgi_end(end, conn->fcgi.id);
    bool keep = conn->fcgi.keep;
    int r = put(conn, end, sizeof(end));
    forget(conn);
    return r ? r : keep ? 0 : -EPROTO;
}

/* What the bytes so far make of the connection. */
static enum gw_native_want judge(struct gw_native_conn *conn, uint64_t now_ns)
{
    enum gw_fcgi_phase phase = conn->fcgi.phase;
    if (conn->fcgi.aborted && conn->phase == GW_NATIVE_HEAD)
        return abort_now(conn) ? GW_NATIVE_CLOSE : GW_NATIVE_NOTHING;
    if (conn->fcgi.aborted && conn->phase == GW_NATIVE_BODY) {
        conn->failed = true; /* the dispatcher has begun with it: let it end */
        offer(conn);
        return GW_NATIVE_SERVE;
    }
    switch (conn->phase) {
    case GW_NATIVE_IDLE:
        if (phase == GW_FCGI_IDLE && !conn->fcgi.header_len)
            return GW_NATIVE_NOTHING;
        conn->phase = GW_NATIVE_HEAD;
        conn->deadline_ns = now_ns + GW_NATIVE_HEAD_NS;
        return judge(conn, now_ns);
    case GW_NATIVE_HEAD:
        if (phase == GW_FCGI_IDLE && !conn->fcgi.header_len) {
            conn->phase = GW_NATIVE_IDLE; /* it was a management record */
            conn->deadline_ns = 0;
        }
        return GW_NATIVE_NOTHING;
    case GW_NATIVE_BODY:
        if (phase != GW_FCGI_DONE)
            return GW_NATIVE_NOTHING;
        conn->failed = conn->body.len != conn->expected;
        conn->exchange.body_waits = false;
        offer(conn);
        return GW_NATIVE_SERVE;
    case GW_NATIVE_DRAIN:
        if (conn->fcgi.aborted || (phase == GW_FCGI_DONE && !conn->fcgi.keep))
            return GW_NATIVE_CLOSE;
        if (phase == GW_FCGI_DONE)
            forget(conn);
        return GW_NATIVE_NOTHING;
    case GW_NATIVE_BUSY:
    case GW_NATIVE_WRITING:
        break;
    }
    return GW_NATIVE_NOTHING;
}

/* The parameters are complete, and as much of the body as came with them was read. */
static enum gw_native_want begin_serving(struct gw_native_conn *conn)
{
    conn->exchange.body_waits = conn->fcgi.phase != GW_FCGI_DONE;
    conn->failed = !conn->exchange.body_waits && conn->body.len != conn->expected;
    offer(conn);
    return GW_NATIVE_SERVE;
}

static const struct gw_fcgi_events events = {.body = on_body, .reply = on_reply};

static int keep_input(struct gw_native_conn *conn, const char *ptr, size_t len)
{
    char *larger = len ? realloc(conn->in, conn->in_len + len) : conn->in;
    if (len && (!larger || conn->in_len + len > 2 * GW_FCGI_STRAY_MAX))
        return -EPROTO;
    conn->in = larger;
    if (len)
        memcpy(conn->in + conn->in_len, ptr, len);
    conn->in_len += len;
    return 0;
}

enum gw_native_want gw_native_take(struct gw_native_conn *conn, const char *ptr, size_t len,
                                   uint64_t now_ns)
{
    bool head_is_complete = false;
    while (len) {
        size_t used;
        if (gw_fcgi_read(&conn->fcgi, &events, conn, ptr, len, &used))
            return GW_NATIVE_CLOSE;
        ptr += used;
        len -= used;
        bool before = conn->phase == GW_NATIVE_IDLE || conn->phase == GW_NATIVE_HEAD;
        bool complete = conn->fcgi.phase == GW_FCGI_STDIN || conn->fcgi.phase == GW_FCGI_DONE;
        if (before && complete && !conn->fcgi.aborted) {
            expect_body(conn);
            conn->phase = GW_NATIVE_HEAD;
            head_is_complete = true;
        }
        if (conn->fcgi.phase == GW_FCGI_DONE || conn->fcgi.aborted) {
            if (head_is_complete && !conn->fcgi.aborted)
                return keep_input(conn, ptr, len) ? GW_NATIVE_CLOSE : begin_serving(conn);
            head_is_complete = false;
            enum gw_native_want want = judge(conn, now_ns);
            if (want == GW_NATIVE_SERVE && keep_input(conn, ptr, len))
                want = GW_NATIVE_CLOSE;
            if (want != GW_NATIVE_NOTHING)
                return want;
        }
    }
    if (head_is_complete)
        return begin_serving(conn);
    return judge(conn, now_ns);
}

enum gw_native_want gw_native_end(struct gw_native_conn *conn)
{
    if (conn->phase != GW_NATIVE_BODY)
        return GW_NATIVE_CLOSE;
    conn->failed = true;
    conn->exchange.body_waits = false;
    offer(conn);
    return GW_NATIVE_SERVE;
}

enum gw_native_want gw_native_expire(struct gw_native_conn *conn)
{
    conn->late = true;
    return gw_native_end(conn);
}

/* After the response: the rest of the body, if there is one, then the next request. */
static enum gw_native_want after_response(struct gw_native_conn *conn)
{
    bool done = conn->fcgi.phase == GW_FCGI_DONE;
    if (conn->cut || conn->failed || (done && !conn->fcgi.keep))
        return GW_NATIVE_CLOSE;
    if (!done) {
        conn->phase = GW_NATIVE_DRAIN;
        conn->deadline_ns = gw_now_ns() + GW_NATIVE_DRAIN_NS;
        return GW_NATIVE_NOTHING;
    }
    forget(conn);
    return GW_NATIVE_NOTHING;
}

enum gw_native_want gw_native_resume(struct gw_native_conn *conn)
{
    if (conn->exchange.stage == GW_STAGE_GATED) { /* parked */
        conn->phase = GW_NATIVE_BODY;
        conn->deadline_ns = gw_now_ns() + GW_NATIVE_BODY_NS;
    } else if (conn->out_len && !conn->cut) {
        int r = gw_native_flush(conn);
        if (r == -EAGAIN) {
            conn->phase = GW_NATIVE_WRITING;
            if (!conn->deadline_ns)
                conn->deadline_ns = gw_now_ns() + GW_NATIVE_WRITE_NS;
            return GW_NATIVE_NOTHING;
        }
        if (r)
            return GW_NATIVE_CLOSE;
        conn->deadline_ns = 0;
    }
    if (conn->phase != GW_NATIVE_BODY) {
        enum gw_native_want want = after_response(conn);
        if (want != GW_NATIVE_NOTHING)
            return want;
    }
    if (!conn->in_len)
        return GW_NATIVE_NOTHING;
    /* What came while the exchange was served. */
    char *in = conn->in;
    size_t in_len = conn->in_len;
    conn->in = NULL;
    conn->in_len = 0;
    enum gw_native_want want = gw_native_take(conn, in, in_len, gw_now_ns());
    free(in);
    return want;
}
