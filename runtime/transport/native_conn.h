/* native_conn.h: one FastCGI connection of the native transport.
 *
 * A connection is touched by one thread at a time: the owner of its loop, or the worker that holds
 * its exchange. Nothing here waits but gw_native_flush_all. */
#ifndef GW_NATIVE_CONN_H
#define GW_NATIVE_CONN_H

#include "transport/fcgi.h"
#include "base/spool.h"
#include "transport/transport.h"

struct gw_native_loop;
struct gw_native_worker;

enum gw_native_phase {
    GW_NATIVE_IDLE,    /* between requests: no deadline */
    GW_NATIVE_HEAD,    /* the parameters are arriving */
    GW_NATIVE_BUSY,    /* the dispatcher has the exchange: not ours to touch */
    GW_NATIVE_BODY,    /* parked until the body is here */
    GW_NATIVE_WRITING, /* the response waits for the peer to read */
    GW_NATIVE_DRAIN,   /* answered; what the peer still sends of the body is dropped */
};

/* What a connection wants of its loop after something happened. */
enum gw_native_want {
    GW_NATIVE_NOTHING,
    GW_NATIVE_SERVE, /* the exchange is ready for the dispatcher */
    GW_NATIVE_CLOSE,
};

struct gw_native_conn {
    struct gw_exchange exchange; /* first */
    struct gw_native_loop *loop;
    struct gw_native_worker *worker;     /* who serves the exchange */
    struct gw_native_conn *next, **link; /* of the loop's list */
    struct gw_native_conn *next_waiting; /* in a queue, or on the way back to the loop */
    int fd;
    enum gw_native_phase phase;
    bool registered; /* in the loop's epoll set */
    bool wants_out;  /* registered for writing */
    bool cut, failed, late;
    bool served;          /* at least one request */
    uint64_t deadline_ns; /* 0: none */
    struct gw_fcgi fcgi;
    char *in; /* bytes that came while the connection was busy */
    size_t in_len;
    uint64_t expected; /* Content-Length */
    uint64_t drained;
    struct gw_spool body;
    char *out;
    size_t out_len, out_at, out_size;
};

#define GW_NATIVE_OUT_MAX   (256 * 1024) /* of a response in memory; beyond, writing waits */
#define GW_NATIVE_DRAIN_MAX ((uint64_t)16 << 20)
#define GW_NATIVE_HEAD_NS   5000000000ULL
#define GW_NATIVE_BODY_NS   30000000000ULL
#define GW_NATIVE_WRITE_NS  10000000000ULL
#define GW_NATIVE_DRAIN_NS  2000000000ULL

struct gw_native_conn *gw_native_conn_new(int fd); /* NULL: no memory; the fd stays the caller's */
void gw_native_conn_free(struct gw_native_conn *conn);

/* Bytes have come. */
enum gw_native_want gw_native_take(struct gw_native_conn *conn, const char *ptr, size_t len,
                                   uint64_t now_ns);

/* The peer has closed its end, or reading failed. */
enum gw_native_want gw_native_end(struct gw_native_conn *conn);

/* The deadline has passed. */
enum gw_native_want gw_native_expire(struct gw_native_conn *conn);

/* The dispatcher is done with the exchange (or has parked it): what comes next. */
enum gw_native_want gw_native_resume(struct gw_native_conn *conn);

/* Sends what it can. 0, -EAGAIN (there is more) or -EPIPE. */
int gw_native_flush(struct gw_native_conn *conn);

/* The transport's functions of an exchange. */
ssize_t gw_native_read(struct gw_exchange *exchange, void *buffer, size_t size,
                       uint64_t deadline_ns);
int gw_native_write(struct gw_exchange *exchange, const void *ptr, size_t len);
void gw_native_complete(struct gw_native_conn *conn,
                        bool cut); /* finish, but for the loop's part */

#endif
