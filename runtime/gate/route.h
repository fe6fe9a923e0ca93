/* route.h: whether what the gate decides on is what the handler is given. */
#ifndef GW_GATE_ROUTE_H
#define GW_GATE_ROUTE_H

#include "generated.h"

#include <stdbool.h>

struct gw_request;

/* The route that the request's leaf has for a method; NULL: none. */
const struct gw_route *gw_route_of(const struct gw_request *req, enum gw_method method);

/* To be asked once the request's leaf, segments and parameters (those of `route`) are set. `whole`:
 * the leaf has no route for the method, and all of it is told (405, OPTIONS). 0: the decoded
 * parameters lead to the same. GW_E_MISMATCH: elsewhere; the request is to be refused with 400
 * (path.separator). -ENOMEM, -EINVAL. */
int gw_route_confirm(struct gw_request *req, const struct gw_route *route, bool whole);

#endif
