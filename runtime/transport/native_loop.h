/* native_loop.h: an event loop of the native transport: its connections and their events.
 *
 * A loop is run by one worker at a time, its owner. */
#ifndef GW_NATIVE_LOOP_H
#define GW_NATIVE_LOOP_H

#include "transport/fcgi_conn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>

struct gw_log;
struct gw_native_loop;
struct gw_native_worker;
struct gw_pace;

/* A connection is touched by the owner of its loop, or by the worker that holds its exchange. */
struct gw_native_conn {
    struct gw_fcgi_conn fcgi; /* first, and in it the exchange */
    struct gw_native_loop *loop;
    struct gw_native_worker *worker;     /* who serves the exchange */
    struct gw_native_conn *next, **link; /* of the loop's list */
    struct gw_native_conn *next_waiting; /* in a queue, or on the way back to the loop */
    uint64_t turn;                       /* in the queue */
    uint32_t registered;                 /* for these events in the loop's epoll set; 0: not */
};

/* What the owner is doing; the bits above count, so that a monitor can tell one stay from the
 * next. */
#define GW_NATIVE_WAITING 0 /* in epoll_wait */
#define GW_NATIVE_RUNNING 1 /* in its own code, which never waits */
#define GW_NATIVE_HOLDING 2 /* in a handler or the store */
#define GW_NATIVE_TAKEN   3 /* the monitor has taken the loop away */
#define GW_NATIVE_DOING   3 /* mask */

/* Half of a batch: what comes back from other workers, and what has timed out, fills the rest. */
#define GW_NATIVE_EVENTS_MAX 32

/* native_share.c's. */
struct gw_native_share {
    struct gw_native_loop *before, *after; /* NULL: none */
    _Atomic bool active;                   /* has connections, and takes new ones */
    _Atomic unsigned load;                 /* percent, at the last sample */
    _Atomic size_t n_conns;                /* at the last sample */
    uint64_t sampled_ns, sampled_cpu_ns;
    pthread_t sampled_by;
    uint64_t held_ns;                        /* in handlers since then */
    struct gw_native_conn *_Atomic arriving; /* from a neighbour; written with the lock */
    bool over;                               /* with the lock: nothing may arrive any more */
};

struct gw_native_loop {
    int epoll_fd, listen_fd, stop_fd, wake_fd;
    struct gw_fcgi_rules *rules;
    struct gw_native_conn *conns;
    size_t n_conns, max_conns;
    bool wants_conns; /* new ones; what it has it serves in any case */
    bool accepting, stopping;
    bool timed; /* some connection may have a deadline */
    uint64_t swept_ns;
    uint64_t woken_ns; /* when the last wait was over */
    _Atomic uint64_t doing;
    uint64_t seen;                   /* the monitor's: `doing` at its last tick */
    struct gw_exchange *const *rest; /* of the owner's batch, while it is holding */
    size_t n_rest;
    struct gw_pace *pace;        /* of the route whose handler the owner is in; NULL: of none */
    pthread_mutex_t lock;        /* of `back`, and of what native_share.c says */
    struct gw_native_conn *back; /* connections on their way back from others */
    struct gw_native_share share;
    struct epoll_event events[GW_NATIVE_EVENTS_MAX];
    char buffer[64 * 1024];
};

int gw_native_loop_open(struct gw_native_loop *loop, int listen_fd, int stop_fd,
                        struct gw_fcgi_rules *rules);
void gw_native_loop_close(struct gw_native_loop *loop);

/* Waits for events: their number. */
int gw_native_loop_wait(struct gw_native_loop *loop);

/* Deals with `n` events that came. 0: *ret_n exchanges (may be none yet); -ESHUTDOWN: it has
 * stopped and no connection is left. */
int gw_native_loop_run(struct gw_native_loop *loop, int n, struct gw_exchange **ret, size_t max,
                       size_t *ret_n);

/* The owner's: whether new connections are taken here. */
void gw_native_loop_want_conns(struct gw_native_loop *loop, bool want);

/* The owner's: takes a connection out of the loop, which is gone from its events; and in. */
void gw_native_loop_take_out(struct gw_native_loop *loop, struct gw_native_conn *conn);
void gw_native_loop_take_in(struct gw_native_loop *loop, struct gw_native_conn *conn);

/* Anybody's: makes gw_native_loop_wait return. */
void gw_native_loop_wake(struct gw_native_loop *loop);

/* The owner's: the dispatcher is done with an exchange, or has parked it. True if it is to be
 * served again at once. */
bool gw_native_loop_resume(struct gw_native_loop *loop, struct gw_native_conn *conn,
                           uint64_t now_ns);

/* Anybody's: gives a connection back to its loop. */
void gw_native_loop_give_back(struct gw_native_conn *conn);

#endif
