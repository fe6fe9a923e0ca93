/* dispatch.h: a request's way through its stages, and the one place that chooses an HTTP status. */
#ifndef GW_DISPATCH_H
#define GW_DISPATCH_H

struct gw_worker;
struct gw_exchange;

#include <stddef.h>

/* Answers and finishes `n` (1 to GW_BATCH_MAX) exchanges. */
void gw_dispatch(struct gw_worker *worker, struct gw_exchange *const *exchanges, size_t n);

#endif
