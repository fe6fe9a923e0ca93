/* pace.c: see pace.h.
 *
 * A run that took long counts against its route, a quick one for it. Two long ones in a row, or
 * among few quick ones, make the route slow: one alone may be the scheduler's doing.
 *
 * So does a wait for the store that is many times as long as it takes to give a request to another
 * worker, if it is so each time: then a network lies between. Where the store is near, all that
 * delays it is a busy machine, which others' work will not make less busy, and every so often it
 * answers at once.
 *
 * Workers write without a lock: a count that gets lost is made up for by the next. */
#include "gate/pace.h"

#include "request/request.h"
#include "request/context.h"

#define LONG_NS 10000000ULL
#define WAIT_NS 400000ULL
#define FAR     32 /* waits, and none that was shorter */

struct gw_pace *gw_pace_of(const struct gw_worker *worker, const struct gw_route *route)
{
    return &worker->server->paces[route - worker->server->app->routes];
}

bool gw_pace_is_slow(const struct gw_request *req)
{
    if (!req->route)
        return false;
    const struct gw_pace *pace = gw_pace_of(req->worker, req->route);
    return gw_pace_has_long_runs(pace) ||
           atomic_load_explicit(&pace->waits, memory_order_relaxed) >= FAR;
}

void gw_pace_remember_run(struct gw_pace *pace, uint64_t took_ns)
{
    unsigned n = atomic_load_explicit(&pace->long_runs, memory_order_relaxed);
    if (took_ns >= LONG_NS)
        gw_pace_is_long(pace);
    else if (n)
        atomic_store_explicit(&pace->long_runs, (unsigned char)(n - 1), memory_order_relaxed);
}

static void remember_wait(struct gw_pace *pace, uint64_t waited_ns)
{
    unsigned n = atomic_load_explicit(&pace->waits, memory_order_relaxed);
    unsigned now = waited_ns < WAIT_NS ? 0 : n < FAR ? n + 1 : n;
    if (now != n)
        atomic_store_explicit(&pace->waits, (unsigned char)now, memory_order_relaxed);
}

void gw_pace_remember(const struct gw_worker *worker, const struct gw_route *route,
                      uint64_t took_ns, uint64_t waited_ns)
{
    if (!route)
        return;
    struct gw_pace *pace = gw_pace_of(worker, route);
    gw_pace_remember_run(pace, took_ns);
    if (waited_ns)
        remember_wait(pace, waited_ns);
}
