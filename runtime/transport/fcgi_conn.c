/* fcgi_conn.c: see fcgi_conn.h. */
#include "transport/fcgi_conn.h"

#include "transport/fcgi_act.h"

#include "base/clock.h"
#include "request/context.h"
#include "transport/fastcgi.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void gw_fcgi_conn_init(struct gw_fcgi_conn *conn, int fd, struct gw_fcgi_rules *rules)
{
    conn->fd = fd;
    conn->rules = rules;
    conn->out.spooled = &rules->spooled;
    conn->out.spool.folder = conn->body.folder = rules->folder;
}

void gw_fcgi_conn_clear(struct gw_fcgi_conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    gw_fcgi_params_free(&conn->params);
    gw_slot_free(conn->exchange.slot);
    gw_spool_free(&conn->body);
    gw_fcgi_out_free(&conn->out);
    free(conn->in);
}

void gw_fcgi_conn_end(struct gw_fcgi_conn *conn)
{
    struct gw_slot *slot = conn->exchange.slot;
    close(conn->fd);
    free(conn->in);
    gw_fcgi_params_reset(&conn->params);
    gw_spool_reset(&conn->body);
    gw_fcgi_out_reset(&conn->out);
    struct gw_fcgi_params params = conn->params;
    struct gw_spool body = conn->body;
    struct gw_fcgi_out out = conn->out;
    memset(conn, 0, sizeof(*conn));
    conn->exchange.slot = slot;
    conn->fd = -1;
    conn->params = params;
    conn->body = body;
    conn->out = out;
}

/* ---- Progress ------------------------------------------------------------------------------- */

static void begin_transfer(struct gw_fcgi_conn *conn)
{
    conn->moved = 0;
    conn->moved_ns = conn->now_ns;
}

static void move(struct gw_fcgi_conn *conn, uint64_t bytes)
{
    if (bytes)
        conn->active_ns = conn->now_ns;
    conn->moved += bytes;
    if (conn->moved >= conn->rules->progress_bytes)
        begin_transfer(conn);
}

static bool is_transfer(enum gw_fcgi_state state)
{
    return state == GW_FCGI_BODY || state == GW_FCGI_DRAIN || state == GW_FCGI_WRITING;
}

/* ---- The machine ---------------------------------------------------------------------------- */

/* An action that has failed is as bad as a record that makes no sense. */
static enum gw_fcgi_want happen(struct gw_fcgi_conn *conn, enum gw_fcgi_event event,
                                const struct gw_fcgi_record *record, int r)
{
    struct gw_fcgi_transition transition = gw_fcgi_transitions[conn->state][event];
    if (transition.next != conn->state && is_transfer(transition.next))
        begin_transfer(conn);
    conn->state = transition.next;
    if (transition.action == GW_FCGI_DO_NOTHING)
        return GW_FCGI_WANT_NOTHING;
    r = gw_fcgi_act(conn, transition.action, event, record, r);
    if (r < 0)
        return happen(conn, GW_FCGI_ON_BROKEN, NULL, r);
    if (r == GW_FCGI_WANT_CLOSE)
        conn->state = GW_FCGI_CLOSED;
    return (enum gw_fcgi_want)r;
}

static enum gw_fcgi_event begin_event(const struct gw_fcgi_conn *conn,
                                      const struct gw_fcgi_record *record)
{
    if (conn->fcgi.id)
        return record->id == conn->fcgi.id ? GW_FCGI_ON_BEGIN_OWN : GW_FCGI_ON_BEGIN_OTHER;
    return record->role == FCGI_RESPONDER || record->role == FCGI_AUTHORIZER ? GW_FCGI_ON_BEGIN
                                                                             : GW_FCGI_ON_ROLE;
}

/* A piece of the body is kept where it is wanted; what event it was depends on that. */
static enum gw_fcgi_event keep_body(struct gw_fcgi_conn *conn, const struct gw_fcgi_record *record,
                                    int *ret_unkept)
{
    if (conn->state != GW_FCGI_READY && conn->state != GW_FCGI_BODY)
        return GW_FCGI_ON_STDIN;
    uint64_t limit = conn->exchange.body_limit;
    if (!conn->exchange.length_unknown && record->len > conn->expected - conn->body.len)
        return GW_FCGI_ON_LONG;
    if (conn->state == GW_FCGI_BODY && conn->body.len + record->len > limit)
        *ret_unkept = -EFBIG;
    else
        *ret_unkept = gw_spool_write(&conn->body, record->ptr, record->len);
    return *ret_unkept ? GW_FCGI_ON_UNKEPT : GW_FCGI_ON_STDIN;
}

static enum gw_fcgi_event classify(struct gw_fcgi_conn *conn, const struct gw_fcgi_record *record,
                                   int *ret_unkept)
{
    bool body = conn->state == GW_FCGI_READY || conn->state == GW_FCGI_BODY;
    switch (record->kind) {
    case GW_FCGI_BEGIN:
        return begin_event(conn, record);
    case GW_FCGI_ABORT:
        return GW_FCGI_ON_ABORT;
    case GW_FCGI_PARAMS:
        return GW_FCGI_ON_PARAMS;
    case GW_FCGI_PARAMS_END:
        return conn->exchange.authorizer ? GW_FCGI_ON_PARAMS_LAST : GW_FCGI_ON_PARAMS_END;
    case GW_FCGI_STDIN:
        return keep_body(conn, record, ret_unkept);
    case GW_FCGI_STDIN_END:
        return body && !conn->exchange.length_unknown && conn->body.len != conn->expected
                   ? GW_FCGI_ON_SHORT
                   : GW_FCGI_ON_STDIN_END;
    case GW_FCGI_VALUES:
        return GW_FCGI_ON_VALUES;
    case GW_FCGI_UNKNOWN:
        return GW_FCGI_ON_UNKNOWN;
    case GW_FCGI_STRAY:
        return GW_FCGI_ON_STRAY;
    case GW_FCGI_BROKEN:
        break;
    case GW_FCGI_NOTHING:
        return GW_FCGI_ON_USED_UP;
    }
    return GW_FCGI_ON_BROKEN;
}

/* ---- What its owner asks -------------------------------------------------------------------- */

uint64_t gw_fcgi_conn_deadline(const struct gw_fcgi_conn *conn)
{
    uint64_t stalled = conn->moved_ns + conn->rules->progress_ns;
    uint64_t until = conn->exchange.until_ns;
    switch (conn->state) {
    case GW_FCGI_IDLE:
        return gw_fcgi_out_is_empty(&conn->out) ? conn->head_ns
                                                : conn->active_ns + conn->rules->progress_ns;
    case GW_FCGI_HEAD:
        return conn->head_ns;
    case GW_FCGI_BODY:
    case GW_FCGI_DRAIN:
    case GW_FCGI_WRITING:
        return until && until < stalled ? until : stalled;
    default:
        return 0;
    }
}

/* ---- Bytes ---------------------------------------------------------------------------------- */

static int keep_input(struct gw_fcgi_conn *conn, const char *ptr, size_t len)
{
    assert(!conn->in_len);
    if (!len)
        return 0;
    conn->in = malloc(len);
    if (!conn->in)
        return -ENOMEM;
    memcpy(conn->in, ptr, len);
    conn->in_len = len;
    return 0;
}

/* There is no memory for what came behind: a request under way is still told of. */
static enum gw_fcgi_want lose_input(struct gw_fcgi_conn *conn, enum gw_fcgi_want want)
{
    conn->spoilt = -ENOMEM;
    conn->cut = true;
    conn->exchange.body_waits = false;
    return want == GW_FCGI_WANT_SERVE ? want : GW_FCGI_WANT_CLOSE;
}

/* Sends what can be sent; and once all is, WRITING is over. */
static enum gw_fcgi_want settle(struct gw_fcgi_conn *conn)
{
    if (gw_fcgi_out_is_empty(&conn->out))
        return happen(conn, GW_FCGI_ON_WRITTEN, NULL, 0);
    uint64_t before = conn->out.sent;
    int r = gw_fcgi_out_flush(&conn->out, conn->fd);
    move(conn, conn->out.sent - before);
    if (r == -EAGAIN)
        return GW_FCGI_WANT_NOTHING;
    if (r)
        conn->state = GW_FCGI_CLOSED;
    return r ? GW_FCGI_WANT_CLOSE : happen(conn, GW_FCGI_ON_WRITTEN, NULL, 0);
}

/* A deadline for what has begun to arrive, the same until the head is there whole. */
static void watch_head(struct gw_fcgi_conn *conn)
{
    bool arriving =
        conn->state == GW_FCGI_HEAD || (conn->state == GW_FCGI_IDLE && conn->fcgi.header_len);
    if (!arriving)
        conn->head_ns = 0;
    else if (!conn->head_ns)
        conn->head_ns = conn->now_ns + GW_FCGI_HEAD_NS;
}

/* Each turn takes at least a byte, or all are used up. */
static enum gw_fcgi_want take(struct gw_fcgi_conn *conn, const char *ptr, size_t len)
{
    enum gw_fcgi_want want = GW_FCGI_WANT_NOTHING;
    struct gw_fcgi_record record = {.kind = GW_FCGI_NOTHING};
    while (want == GW_FCGI_WANT_NOTHING && len) {
        size_t used = gw_fcgi_read(&conn->fcgi, ptr, len, &record);
        int unkept = 0;
        assert(used);
        ptr += used;
        len -= used;
        if (record.kind == GW_FCGI_NOTHING)
            break;
        enum gw_fcgi_event event = classify(conn, &record, &unkept);
        want = happen(conn, event, &record, unkept);
        if (want == GW_FCGI_WANT_NOTHING && conn->state == GW_FCGI_WRITING)
            want = settle(conn);
        if (want == GW_FCGI_WANT_NOTHING && conn->state == GW_FCGI_WRITING)
            break;
    }
    if (want == GW_FCGI_WANT_NOTHING && !len)
        want = happen(conn, GW_FCGI_ON_USED_UP, NULL, 0);
    if (want != GW_FCGI_WANT_CLOSE && keep_input(conn, ptr, len))
        want = lose_input(conn, want);
    return want;
}

enum gw_fcgi_want gw_fcgi_conn_take(struct gw_fcgi_conn *conn, const char *ptr, size_t len,
                                    uint64_t now_ns)
{
    conn->now_ns = now_ns;
    move(conn, len);
    enum gw_fcgi_want want = take(conn, ptr, len);
    watch_head(conn);
    if (want == GW_FCGI_WANT_NOTHING && gw_fcgi_conn_writes(conn))
        want = settle(conn);
    return want;
}

/* Goes on with what came behind the request. */
static enum gw_fcgi_want take_kept(struct gw_fcgi_conn *conn)
{
    char *in = conn->in;
    size_t in_len = conn->in_len;
    if (!in_len || !gw_fcgi_conn_reads(conn))
        return GW_FCGI_WANT_NOTHING;
    conn->in = NULL;
    conn->in_len = 0;
    enum gw_fcgi_want want = gw_fcgi_conn_take(conn, in, in_len, conn->now_ns);
    free(in);
    return want;
}

enum gw_fcgi_want gw_fcgi_conn_write(struct gw_fcgi_conn *conn, uint64_t now_ns)
{
    conn->now_ns = now_ns;
    enum gw_fcgi_want want = settle(conn);
    return want == GW_FCGI_WANT_NOTHING ? take_kept(conn) : want;
}

enum gw_fcgi_want gw_fcgi_conn_gone(struct gw_fcgi_conn *conn, uint64_t now_ns)
{
    conn->now_ns = now_ns;
    enum gw_fcgi_want want = happen(conn, GW_FCGI_ON_GONE, NULL, 0);
    return want == GW_FCGI_WANT_NOTHING ? settle(conn) : want;
}

/* The answer was logged when it was made; that it did not arrive is told here. */
static void log_stall(const struct gw_fcgi_conn *conn, uint64_t now_ns)
{
    const struct gw_slot *slot = conn->exchange.slot;
    uint64_t until = conn->exchange.until_ns;
    gw_log_line(conn->rules->log,
                until && until <= now_ns
                    ? "%s: the peer did not read the answer within the route's timeout: cut off"
                    : "%s: the peer reads too little of the answer (GW_PROGRESS): cut off",
                slot ? slot->request.id : "-");
}

enum gw_fcgi_want gw_fcgi_conn_late(struct gw_fcgi_conn *conn, uint64_t now_ns)
{
    if (!gw_fcgi_out_is_empty(&conn->out) &&
        (conn->state == GW_FCGI_WRITING || conn->state == GW_FCGI_DRAIN))
        log_stall(conn, now_ns);
    conn->now_ns = now_ns;
    return happen(conn, GW_FCGI_ON_LATE, NULL, 0);
}

int gw_fcgi_conn_pump(struct gw_fcgi_conn *conn, uint64_t now_ns)
{
    uint64_t before = conn->out.sent, until = conn->exchange.until_ns;
    conn->now_ns = now_ns;
    int r = gw_fcgi_out_flush(&conn->out, conn->fd);
    move(conn, conn->out.sent - before);
    bool late = now_ns > conn->moved_ns + conn->rules->progress_ns || (until && now_ns > until);
    return r == -EAGAIN && late ? -ETIMEDOUT : r;
}

enum gw_fcgi_want gw_fcgi_conn_resume(struct gw_fcgi_conn *conn, uint64_t now_ns)
{
    conn->now_ns = conn->active_ns = now_ns;
    enum gw_fcgi_event event = conn->exchange.stage == GW_STAGE_GATED ? GW_FCGI_ON_PARKED
                               : conn->cut                            ? GW_FCGI_ON_CUT
                                                                      : GW_FCGI_ON_ANSWERED;
    enum gw_fcgi_want want = happen(conn, event, NULL, 0);
    if (want == GW_FCGI_WANT_NOTHING && conn->state != GW_FCGI_BODY)
        want = settle(conn);
    return want == GW_FCGI_WANT_NOTHING ? take_kept(conn) : want;
}
