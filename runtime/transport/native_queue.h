/* native_queue.h: the exchanges of the native transport that wait for a spare worker.
 *
 * What may write is begun only while some others are idle: writes that the store holds up (a node
 * of a cluster that is dying, a lock on a table) then hold up no reads. Nothing here locks. */
#ifndef GW_NATIVE_QUEUE_H
#define GW_NATIVE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gw_native_conn;

struct gw_native_fifo {
    struct gw_native_conn *first, **last;
};

struct gw_native_queue {
    struct gw_native_fifo reads, writes;
    size_t n;
    size_t n_kept; /* workers that are kept for reads */
    uint64_t turn;
};

/* `n_spares`: how many workers there are beside those that run loops. */
void gw_native_queue_init(struct gw_native_queue *queue, size_t n_spares);

/* Whether a worker may begin with it while `n_idle` others have nothing to do. */
bool gw_native_queue_admits(const struct gw_native_queue *queue, bool writes, size_t n_idle);

/* False: it is full. */
bool gw_native_queue_put(struct gw_native_queue *queue, struct gw_native_conn *conn, bool writes);

/* What has waited longest of what may be begun with; NULL: nothing. */
struct gw_native_conn *gw_native_queue_take(struct gw_native_queue *queue, size_t n_idle);

#endif
