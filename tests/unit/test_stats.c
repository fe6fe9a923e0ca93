/* test_stats.c: counters of the status pages. */
#include "gate/stats.h"

#include <criterion/criterion.h>

static uint64_t in_bucket(uint64_t ns, size_t bucket)
{
    struct gw_stats *stats = gw_stats_new(1);
    gw_stats_end(stats, 0, 200, ns, GW_REASON_NONE);
    uint64_t n = gw_stats_get(&atomic_load(&stats->routes[0])->buckets[bucket]);
    gw_stats_free(stats);
    return n;
}

/* OpenMetrics 1.0, 5.3: a bucket counts what is less than or equal to its bound. */
Test(stats, a_bucket_holds_its_bound_and_not_what_is_above)
{
    uint64_t bound = 16000;
    cr_expect_eq(in_bucket(0, 0), 1);
    for (size_t i = 0; i < GW_STATS_BUCKETS; i++, bound *= 2) {
        cr_expect_eq(gw_stats_bound(i) * 1000, bound);
        cr_expect_eq(in_bucket(bound, i), 1, "%zu", i);
        cr_expect_eq(in_bucket(bound + 1, i + 1), 1, "%zu", i);
        cr_expect_eq(in_bucket(bound - 1, i), 1, "%zu", i);
    }
    cr_expect_eq(in_bucket(UINT64_MAX, GW_STATS_BUCKETS), 1);
}

Test(stats, each_route_and_status_has_its_own_count)
{
    struct gw_stats *stats = gw_stats_new(3);
    for (int status = 200; status < 600; status++)
        for (int i = 0; i < status % 3; i++)
            gw_stats_end(stats, (size_t)(status % 2), status, 1000, GW_REASON_NONE);
    for (int status = 200; status < 600; status++)
        for (int route = 0; route < 2; route++) {
            uint64_t expected = route == status % 2 ? (uint64_t)(status % 3) : 0;
            cr_expect_eq(gw_stats_get(&atomic_load(&stats->routes[route])->by_status[status - 200]),
                         expected, "%d", status);
        }
    cr_expect_null(atomic_load(&stats->routes[2]), "nobody has asked for it");
    gw_stats_free(stats);
}

Test(stats, what_is_no_status_is_not_counted_and_harms_nothing)
{
    struct gw_stats *stats = gw_stats_new(1);
    gw_stats_end(stats, 0, 0, 1, GW_REASON_NONE);
    gw_stats_end(stats, 0, 199, 1, GW_REASON_NONE);
    gw_stats_end(stats, 0, 600, 1, GW_REASON_NONE);
    cr_expect_eq(gw_stats_get(&stats->ended), 3);
    cr_expect_eq(gw_stats_get(&atomic_load(&stats->routes[0])->sum_ns), 0);
    gw_stats_free(stats);
}

Test(stats, each_reason_has_its_own_count)
{
    struct gw_stats *stats = gw_stats_new(1);
    for (enum gw_reason reason = GW_REASON_NONE; reason < GW_N_REASONS; reason++)
        for (unsigned i = 0; i < reason % 4; i++)
            gw_stats_end(stats, 0, 400, 1, reason);
    for (enum gw_reason reason = GW_REASON_NONE; reason < GW_N_REASONS; reason++)
        cr_expect_eq(gw_stats_get(&stats->by_reason[reason]), reason % 4, "%u", reason);
    gw_stats_free(stats);
}
