/* dispatch.h: a request's way through its stages, and the one place that chooses an HTTP status. */
#ifndef GW_DISPATCH_H
#define GW_DISPATCH_H

struct gw_worker;
struct gw_exchange;

#include <stddef.h>

/* Answers and finishes `n` (1 to GW_BATCH_MAX) exchanges, or leaves them to the transport until
 * their body or a worker is there. The array is the caller's and may be reordered; it must stay as
 * it is until the transport was asked for the next ones. */
void gw_dispatch(struct gw_worker *worker, struct gw_exchange **exchanges, size_t n);

#endif
