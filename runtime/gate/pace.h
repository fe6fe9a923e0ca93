/* pace.h: which routes take long, as far as their latest runs tell. */
#ifndef GW_PACE_H
#define GW_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct gw_pace;
struct gw_request;
struct gw_route;
struct gw_worker;

/* The route's handler is likely to take long: the transport gives it to a worker that holds up
 * nobody else. */
bool gw_pace_is_slow(const struct gw_request *req);

struct gw_pace *gw_pace_of(const struct gw_worker *worker, const struct gw_route *route);

/* A run took so long. */
void gw_pace_remember_run(struct gw_pace *pace, uint64_t took_ns);

/* The second half of a request took so long, of which it waited for the store. `route` NULL: none
 * matched. */
void gw_pace_remember(const struct gw_worker *worker, const struct gw_route *route,
                      uint64_t took_ns, uint64_t waited_ns);

#endif
