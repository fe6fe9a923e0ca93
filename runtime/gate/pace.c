/* pace.c: see pace.h.
 *
 * Long is what keeps a core busy for long, or waits for the store for several times as long as it
 * takes to give a request to another worker: a database that is a network away has each of its
 * statements waited for elsewhere, one beside the program does not.
 *
 * A run that took long counts against its route, a quick one for it. Two long ones in a row, or
 * among few quick ones, make the route slow: one alone may be the scheduler's doing. Workers write
 * without a lock: a count that gets lost is made up for by the next. */
#include "gate/pace.h"

#include "request/request.h"
#include "request/context.h"

#define LONG_NS   10000000ULL
#define WAITED_NS 400000ULL
#define LONG_RUN  50
#define SLOW      60

static _Atomic unsigned char *count_of(const struct gw_worker *worker, const struct gw_route *route)
{
    return &worker->server->long_runs[route - worker->server->app->routes];
}

bool gw_pace_is_slow(const struct gw_request *req)
{
    return req->route &&
           atomic_load_explicit(count_of(req->worker, req->route), memory_order_relaxed) >= SLOW;
}

void gw_pace_remember(const struct gw_worker *worker, const struct gw_route *route,
                      uint64_t took_ns, uint64_t waited_ns)
{
    if (!route)
        return;
    _Atomic unsigned char *count = count_of(worker, route);
    unsigned n = atomic_load_explicit(count, memory_order_relaxed);
    if (took_ns >= LONG_NS || waited_ns >= WAITED_NS)
        n = n + LONG_RUN < GW_LONG_RUNS_MOST ? n + LONG_RUN : GW_LONG_RUNS_MOST;
    else if (n)
        n--;
    else
        return;
    atomic_store_explicit(count, (unsigned char)n, memory_order_relaxed);
}
