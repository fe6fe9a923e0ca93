/* native_queue.c: see native_queue.h. */
#include "transport/native_queue.h"

#include "transport/native_loop.h"

#define QUEUE_MAX 256
#define KEPT      8 /* one of so many is kept for reads */

void gw_native_queue_init(struct gw_native_queue *queue, size_t n_spares)
{
    queue->reads.last = &queue->reads.first;
    queue->writes.last = &queue->writes.first;
    queue->n_kept = n_spares < 2 ? 0 : n_spares < KEPT ? 1 : n_spares / KEPT;
}

bool gw_native_queue_admits(const struct gw_native_queue *queue, bool writes, size_t n_idle)
{
    return !writes || n_idle >= queue->n_kept;
}

bool gw_native_queue_put(struct gw_native_queue *queue, struct gw_native_conn *conn, bool writes)
{
    struct gw_native_fifo *fifo = writes ? &queue->writes : &queue->reads;
    if (queue->n >= QUEUE_MAX)
        return false;
    conn->fcgi.exchange.queued = true;
    conn->next_waiting = NULL;
    conn->turn = queue->turn++;
    *fifo->last = conn;
    fifo->last = &conn->next_waiting;
    queue->n++;
    return true;
}

struct gw_native_conn *gw_native_queue_take(struct gw_native_queue *queue, size_t n_idle)
{
    const struct gw_native_conn *read = queue->reads.first, *write = queue->writes.first;
    bool writes =
        write && gw_native_queue_admits(queue, true, n_idle) && (!read || write->turn < read->turn);
    struct gw_native_fifo *fifo = writes ? &queue->writes : &queue->reads;
    struct gw_native_conn *conn = fifo->first;
    if (!conn)
        return NULL;
    fifo->first = conn->next_waiting;
    if (!fifo->first)
        fifo->last = &fifo->first;
    queue->n--;
    return conn;
}
