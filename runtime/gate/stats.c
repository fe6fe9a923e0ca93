/* stats.c: see stats.h. */
#include "gate/stats.h"

#include "store/store.h"

#include <stdlib.h>

struct gw_stats *gw_stats_new(size_t n_routes)
{
    struct gw_stats *stats = calloc(1, sizeof(*stats) + n_routes * sizeof(stats->routes[0]));
    if (stats)
        stats->n_routes = n_routes;
    return stats;
}

void gw_stats_free(struct gw_stats *stats)
{
    if (!stats)
        return;
    for (size_t i = 0; i < stats->n_routes; i++)
        free(atomic_load(&stats->routes[i]));
    free(stats);
}

/* One thread writes: a plain addition, that others see whole. */
static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, gw_stats_get(counter) + n, memory_order_relaxed);
}

void gw_stats_begin(struct gw_stats *stats)
{
    add(&stats->begun, 1);
}

static struct gw_stats_route *route_at(struct gw_stats *stats, size_t route)
{
    struct gw_stats_route *at = atomic_load_explicit(&stats->routes[route], memory_order_relaxed);
    if (at)
        return at;
    at = calloc(1, sizeof(*at));
    atomic_store_explicit(&stats->routes[route], at, memory_order_release);
    return at;
}

/* The first bucket whose bound is not below. */
static size_t bucket_of(uint64_t ns)
{
    uint64_t sixteenths = ns / 16000 + (ns % 16000 != 0); /* of microseconds / 16, rounded up */
    if (sixteenths <= 1)
        return 0;
    size_t bucket = 64 - (size_t)__builtin_clzll(sixteenths - 1);
    return bucket < GW_STATS_BUCKETS ? bucket : GW_STATS_BUCKETS;
}

void gw_stats_end(struct gw_stats *stats, size_t route, int status, uint64_t ns,
                  enum gw_reason reason)
{
    struct gw_stats_route *at = route_at(stats, route);
    add(&stats->ended, 1);
    if (at && status >= GW_STATS_STATUS_MIN && status < GW_STATS_STATUS_MIN + GW_STATS_STATUSES) {
        add(&at->by_status[status - GW_STATS_STATUS_MIN], 1);
        add(&at->buckets[bucket_of(ns)], 1);
        add(&at->sum_ns, ns);
    }
    if (reason)
        add(&stats->by_reason[reason], 1);
}

void gw_stats_store(struct gw_stats *stats, const struct gw_conn_counts *counts)
{
    const uint64_t values[] = {
        [GW_STATS_STATEMENTS] = counts->statements,
        [GW_STATS_CONNECTS] = counts->connects,
        [GW_STATS_CONFLICTS] = counts->conflicts,
        [GW_STATS_AWAY] = counts->away,
        [GW_STATS_LATE] = counts->late,
        [GW_STATS_BUSY] = counts->busy,
        [GW_STATS_FAILED] = counts->failed,
        [GW_STATS_STORE_NS] = counts->busy_ns,
    };
    for (size_t i = 0; i < GW_STATS_N_STORE; i++)
        atomic_store_explicit(&stats->store[i], values[i], memory_order_relaxed);
}
