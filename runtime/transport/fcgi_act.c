/* fcgi_act.c: see fcgi_act.h. */
#include "transport/fcgi_act.h"

#include "base/log.h"
#include "transport/fastcgi.h"

#include <assert.h>
#include <errno.h>

/* Why a request, or its body, did not arrive. */
static int reason_of(enum gw_fcgi_event event, int r)
{
    switch (event) {
    case GW_FCGI_ON_ABORT:
        return -ECONNABORTED;
    case GW_FCGI_ON_GONE:
    case GW_FCGI_ON_SHORT:
        return -EPIPE;
    case GW_FCGI_ON_LATE:
        return -ETIMEDOUT;
    default:
        return r ? r : -EPROTO;
    }
}

/* Sent at once: what comes next may close the connection. */
static int reply(struct gw_fcgi_conn *conn, const void *ptr, size_t len)
{
    if (conn->out.len - conn->out.at > GW_FCGI_STRAY_MAX)
        return -EPROTO; /* it asks and does not read the answers */
    int r = gw_fcgi_out_put(&conn->out, ptr, len);
    if (!r)
        r = gw_fcgi_out_flush(&conn->out, conn->fd);
    return r == -EAGAIN ? 0 : r;
}

static int count(struct gw_fcgi_conn *conn, size_t content)
{
    conn->stray += 8 + content;
    return conn->stray > GW_FCGI_STRAY_MAX ? -EPROTO : 0;
}

static void start(struct gw_fcgi_conn *conn, const struct gw_fcgi_record *record)
{
    conn->fcgi.id = record->id;
    conn->keep = record->keep && conn->rules->keep;
    conn->exchange.authorizer = record->role == FCGI_AUTHORIZER;
}

static int refuse(struct gw_fcgi_conn *conn, const struct gw_fcgi_record *record)
{
    unsigned char end[GW_FCGI_END];
    bool meanwhile = conn->fcgi.id;
    gw_fcgi_end(end, record->id, meanwhile ? FCGI_CANT_MPX_CONN : FCGI_UNKNOWN_ROLE);
    if (!meanwhile) {
        conn->keep = record->keep && conn->rules->keep;
        gw_log_line(conn->rules->log, "a FastCGI role is not supported: %u", record->role);
    }
    int r = count(conn, 8);
    return r ? r : reply(conn, end, sizeof(end));
}

static int tell_values(struct gw_fcgi_conn *conn, const struct gw_fcgi_record *record)
{
    unsigned char answer[GW_FCGI_ANSWER_MAX];
    size_t len = gw_fcgi_values(record->ptr, record->len, answer);
    return len ? reply(conn, answer, len) : -EPROTO;
}

static int tell_unknown(struct gw_fcgi_conn *conn, const struct gw_fcgi_record *record)
{
    unsigned char answer[16];
    gw_fcgi_unknown(answer, record->type);
    int r = count(conn, record->len);
    return r ? r : reply(conn, answer, sizeof(answer));
}

/* Reads Content-Length for the bound on STDIN. Whether it is a good one, incoming.c says; with a
 * bad one the request is refused, and nothing is expected. */
static void expect_body(struct gw_fcgi_conn *conn)
{
    struct gw_str length = {NULL, 0}, coding = {NULL, 0};
    for (size_t i = 0; i < conn->params.n_meta && !conn->exchange.authorizer; i++)
        if (gw_str_equal(conn->params.meta[i].name, GW_STR("CONTENT_LENGTH")))
            length = conn->params.meta[i].value;
        else if (gw_str_equal(conn->params.meta[i].name, GW_STR("HTTP_TRANSFER_ENCODING")))
            coding = conn->params.meta[i].value;
    while (length.len > 1 && *length.ptr == '0')
        length = (struct gw_str){length.ptr + 1, length.len - 1};
    conn->exchange.length_unknown = gw_length_is_unknown(length, coding);
    if (!gw_parse_u64(length, &conn->expected))
        conn->expected = 0;
}

static int split(struct gw_fcgi_conn *conn)
{
    int r = gw_fcgi_params_split(&conn->params);
    expect_body(conn);
    return r;
}

static int drain(struct gw_fcgi_conn *conn, size_t len)
{
    conn->drained += len;
    return conn->drained > GW_FCGI_DRAIN_MAX ? -EPROTO : 0;
}

/* The exchange as the dispatcher sees it. */
static enum gw_fcgi_want offer(struct gw_fcgi_conn *conn)
{
    struct gw_exchange *exchange = &conn->exchange;
    conn->served = true;
    conn->head_ns = 0;
    exchange->meta = conn->params.meta;
    exchange->n_meta = conn->params.n_meta;
    if (conn->params.overflow && !exchange->failed)
        exchange->failed = -EMSGSIZE;
    exchange->body_waits = conn->state == GW_FCGI_BUSY && !conn->spoilt;
    return GW_FCGI_WANT_SERVE;
}

/* Nothing that has not arrived is answered, but for its END_REQUEST where it was aborted. */
static enum gw_fcgi_want fail(struct gw_fcgi_conn *conn, int reason)
{
    conn->exchange.failed = reason;
    conn->mute = true;
    conn->cut = reason != -ECONNABORTED;
    return offer(conn);
}

/* What can still be answered is: a body that is too long, came too slowly, or could not be kept. */
static enum gw_fcgi_want spoil(struct gw_fcgi_conn *conn, int reason)
{
    conn->spoilt = reason;
    conn->mute = reason == -ECONNABORTED || reason == -EPROTO;
    conn->cut = reason == -EPROTO;
    if (reason == -ETIMEDOUT)
        conn->keep = false;
    return offer(conn);
}

/* The request is over: the connection is as new, but warm; or at its end. */
static enum gw_fcgi_want go_on(struct gw_fcgi_conn *conn)
{
    if (!conn->keep)
        return GW_FCGI_WANT_CLOSE;
    conn->fcgi.id = 0;
    gw_fcgi_params_reset(&conn->params);
    gw_spool_reset(&conn->body);
    gw_fcgi_out_reset(&conn->out);
    conn->expected = conn->drained = 0;
    conn->stray = 0;
    conn->spoilt = conn->exchange.failed = 0;
    conn->mute = conn->cut = conn->exchange.body_waits = false;
    conn->exchange.length_unknown = conn->exchange.authorizer = false;
    conn->exchange.until_ns = 0;
    return GW_FCGI_WANT_NOTHING;
}

_Static_assert(GW_FCGI_WANT_NOTHING == 0, "an action that has succeeded wants nothing");

int gw_fcgi_act(struct gw_fcgi_conn *conn, enum gw_fcgi_action action, enum gw_fcgi_event event,
                const struct gw_fcgi_record *record, int r)
{
    switch (action) {
    case GW_FCGI_DO_NOTHING:
    case GW_FCGI_DO_KEEP: /* it was, to tell what event it is */
        return GW_FCGI_WANT_NOTHING;
    case GW_FCGI_DO_COUNT:
        return count(conn, record->len);
    case GW_FCGI_DO_START:
        start(conn, record);
        return GW_FCGI_WANT_NOTHING;
    case GW_FCGI_DO_REFUSE:
        return refuse(conn, record);
    case GW_FCGI_DO_VALUES:
        return tell_values(conn, record);
    case GW_FCGI_DO_UNKNOWN:
        return tell_unknown(conn, record);
    case GW_FCGI_DO_PARAMS:
        return gw_fcgi_params_add(&conn->params, record->ptr, record->len);
    case GW_FCGI_DO_SPLIT:
        return split(conn);
    case GW_FCGI_DO_DRAIN:
        return drain(conn, record->len);
    case GW_FCGI_DO_SPLIT_OFFER:
        return split(conn) ? fail(conn, -ENOMEM) : offer(conn);
    case GW_FCGI_DO_OFFER:
        return offer(conn);
    case GW_FCGI_DO_FAIL:
        return fail(conn, reason_of(event, r));
    case GW_FCGI_DO_SPOIL:
        return spoil(conn, reason_of(event, r));
    case GW_FCGI_DO_NEXT:
        return go_on(conn);
    case GW_FCGI_DO_HANG_UP:
        conn->keep = false;
        return GW_FCGI_WANT_NOTHING;
    case GW_FCGI_NEVER:
        assert(!"an event that cannot happen in this state");
        break;
    case GW_FCGI_DO_CLOSE:
        break;
    }
    return GW_FCGI_WANT_CLOSE;
}
