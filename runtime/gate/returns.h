/* returns.h: a handler's answer against what its route's `returns` promises. */
#ifndef GW_RETURNS_H
#define GW_RETURNS_H

struct gw_request;

/* After the handler: in debug builds (meson's option `debug`) an answer that the route does not
 * declare is logged and becomes a 500, so that a test sees it; a streamed one is cut off. Nothing
 * where the route has no `returns`, or in other builds. */
void gw_returns_check(struct gw_request *req);

#endif
