/* stats.h: what a worker has served, counted for the status pages.
 *
 * Each worker writes to counters of its own, without locks or atomic read-modify-writes; whoever
 * reads adds up all workers'. Every value is whole, but two of them may be a request apart. */
#ifndef GW_STATS_H
#define GW_STATS_H

#include "base/reason.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define GW_STATS_STATUS_MIN 200
#define GW_STATS_STATUSES   400 /* 200 to 599 */
#define GW_STATS_BUCKETS    20  /* up to 2^4, 2^5 ... 2^23 microseconds; the last one is beyond */

struct gw_stats_route {
    _Atomic uint64_t by_status[GW_STATS_STATUSES];
    _Atomic uint64_t buckets[GW_STATS_BUCKETS + 1]; /* not cumulative */
    _Atomic uint64_t sum_ns;
};

/* Of the worker's connection to the store, as of the end of its last request. */
enum gw_stats_store {
    GW_STATS_STATEMENTS,
    GW_STATS_CONNECTS,
    GW_STATS_CONFLICTS,
    GW_STATS_AWAY,
    GW_STATS_LATE,
    GW_STATS_BUSY,
    GW_STATS_FAILED,
    GW_STATS_STORE_NS,
    GW_STATS_N_STORE,
};

struct gw_stats {
    _Atomic uint64_t begun, ended;
    _Atomic uint64_t store[GW_STATS_N_STORE];
    _Atomic uint64_t by_reason[GW_N_REASONS];
    size_t n_routes;
    struct gw_stats_route *_Atomic routes[]; /* NULL until the first request */
};

/* Counters for places 0 to n_routes - 1. NULL: no memory. */
struct gw_stats *gw_stats_new(size_t n_routes);
void gw_stats_free(struct gw_stats *stats); /* NULL is fine */

/* A request begins, and ends: the owner's calls. A place whose first request finds no memory is not
 * counted until there is some. */
void gw_stats_begin(struct gw_stats *stats);
void gw_stats_end(struct gw_stats *stats, size_t route, int status, uint64_t ns,
                  enum gw_reason reason);

struct gw_conn_counts;
void gw_stats_store(struct gw_stats *stats, const struct gw_conn_counts *counts);

/* The upper bound of a bucket in microseconds. */
static inline uint64_t gw_stats_bound(size_t bucket)
{
    return UINT64_C(16) << bucket;
}

static inline uint64_t gw_stats_get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
