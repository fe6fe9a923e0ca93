/* fcgi_conn.h: one FastCGI connection: it performs what fcgi_state.c says.
 *
 * Touched by one thread at a time. Nothing here waits: whoever owns the connection reads its
 * socket, hands the bytes over, and does what the connection then wants. */
#ifndef GW_FCGI_CONN_H
#define GW_FCGI_CONN_H

#include "base/spool.h"
#include "transport/fcgi.h"
#include "transport/fcgi_out.h"
#include "transport/fcgi_params.h"
#include "transport/fcgi_state.h"
#include "transport/transport.h"

struct gw_log;

#define GW_FCGI_DRAIN_MAX ((uint64_t)16 << 20) /* bytes of a body that nobody wants */
#define GW_FCGI_STRAY_MAX (64 * 1024)   /* bytes of no request, and of answers to them unread */
#define GW_FCGI_HEAD_NS   5000000000ULL /* for the parameters to arrive */

/* What all connections of a transport go by. */
struct gw_fcgi_rules {
    uint64_t progress_bytes, progress_ns; /* a transfer moves so many in that time, or ends */
    bool keep;                            /* connections are kept where the peer wants it */
    struct gw_log *log;
    const char *folder;       /* of spools */
    _Atomic uint64_t spooled; /* see fcgi_out.h */
};

/* What a connection wants of its owner after something happened. */
enum gw_fcgi_want {
    GW_FCGI_WANT_NOTHING,
    GW_FCGI_WANT_SERVE, /* the exchange is ready for the dispatcher */
    GW_FCGI_WANT_CLOSE,
};

struct gw_fcgi_conn {
    struct gw_exchange exchange; /* first */
    struct gw_fcgi_rules *rules;
    int fd;
    enum gw_fcgi_state state;
    bool keep;         /* after this request */
    bool mute;         /* nothing is written for this request any more */
    bool cut;          /* its answer is not whole */
    bool served;       /* at least one request */
    int spoilt;        /* 0, or the negative errno of a body that did not arrive */
    uint64_t expected; /* bytes of the body, unless exchange.length_unknown */
    uint64_t drained;
    size_t stray;       /* bytes since the last request, and during this one */
    uint64_t head_ns;   /* when the record or the head that is arriving must be there; 0: none */
    uint64_t moved;     /* bytes of the transfer under way since `moved_ns` */
    uint64_t moved_ns;  /* when the last `progress_bytes` had moved */
    uint64_t active_ns; /* when something last moved */
    uint64_t now_ns;    /* of the event that is dealt with */
    struct gw_fcgi fcgi;
    struct gw_fcgi_params params;
    char *in; /* bytes that came behind the request under way */
    size_t in_len;
    struct gw_spool body;
    struct gw_fcgi_out out;
};

void gw_fcgi_conn_init(struct gw_fcgi_conn *conn, int fd, struct gw_fcgi_rules *rules);
void gw_fcgi_conn_clear(struct gw_fcgi_conn *conn); /* closes the socket too, if there is one */

/* Closes the socket: what is left is as new and for gw_fcgi_conn_init, but keeps its memory. */
void gw_fcgi_conn_end(struct gw_fcgi_conn *conn);

/* Bytes have come, in a state that reads. */
enum gw_fcgi_want gw_fcgi_conn_take(struct gw_fcgi_conn *conn, const char *ptr, size_t len,
                                    uint64_t now_ns);

/* The peer has closed its end, or reading failed. */
enum gw_fcgi_want gw_fcgi_conn_gone(struct gw_fcgi_conn *conn, uint64_t now_ns);

/* The deadline has passed. */
enum gw_fcgi_want gw_fcgi_conn_late(struct gw_fcgi_conn *conn, uint64_t now_ns);

/* The socket may take more, or time has passed. */
enum gw_fcgi_want gw_fcgi_conn_write(struct gw_fcgi_conn *conn, uint64_t now_ns);

/* The dispatcher is done with the exchange, or has parked it. */
enum gw_fcgi_want gw_fcgi_conn_resume(struct gw_fcgi_conn *conn, uint64_t now_ns);

/* When gw_fcgi_conn_late is due (CLOCK_MONOTONIC); 0: never. */
uint64_t gw_fcgi_conn_deadline(const struct gw_fcgi_conn *conn);

/* Whether the socket is to be read. */
static inline bool gw_fcgi_conn_reads(const struct gw_fcgi_conn *conn)
{
    return conn->state == GW_FCGI_IDLE || conn->state == GW_FCGI_HEAD ||
           conn->state == GW_FCGI_BODY || conn->state == GW_FCGI_DRAIN;
}

/* Whether it is waited for to be writable. In any other state its output may be a worker's, and is
 * not looked at. */
static inline bool gw_fcgi_conn_writes(const struct gw_fcgi_conn *conn)
{
    return (gw_fcgi_conn_reads(conn) || conn->state == GW_FCGI_WRITING) &&
           !gw_fcgi_out_is_empty(&conn->out);
}

/* Between two requests: not a byte of the next one is here, nor one of the last one left. */
static inline bool gw_fcgi_conn_is_idle(const struct gw_fcgi_conn *conn)
{
    return conn->state == GW_FCGI_IDLE && !conn->fcgi.header_len && !conn->head_ns &&
           gw_fcgi_out_is_empty(&conn->out);
}

/* While the exchange is served: sends what the socket takes. 0: all; -EAGAIN; -ETIMEDOUT: less than
 * the rule of progress wants, or the exchange's time is over; -EPIPE, -EIO. */
int gw_fcgi_conn_pump(struct gw_fcgi_conn *conn, uint64_t now_ns);

/* ---- fcgi_exchange.c: while the dispatcher has the exchange --------------------------------- */

/* As the transport's functions of these names, for a body that is here. */
int gw_fcgi_exchange_body(struct gw_exchange *exchange, uint64_t *ret_len);
const struct gw_spool *gw_fcgi_exchange_kept(const struct gw_exchange *exchange);
ssize_t gw_fcgi_exchange_read(struct gw_exchange *exchange, void *buffer, size_t size);
void gw_fcgi_exchange_file(struct gw_exchange *exchange, int file, uint64_t at, uint64_t size);

/* Frames a piece of the response, at most GW_FCGI_PIECE bytes: 0 or as gw_fcgi_out_put. */
int gw_fcgi_conn_put(struct gw_fcgi_conn *conn, const void *ptr, size_t len);

/* The response is complete (or cut): its end is put behind it unless the transport writes that
 * itself, and what the socket takes is sent. */
void gw_fcgi_conn_complete(struct gw_fcgi_conn *conn, bool cut, bool ends_itself);

#endif
