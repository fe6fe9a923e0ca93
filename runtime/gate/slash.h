/* slash.h: a slash behind the path of a route. */
#ifndef GW_SLASH_H
#define GW_SLASH_H

#include <stdbool.h>

struct gw_request;

/* Whether the path, which no route has, is one of a route without the slash at its end, and the
 * program leaves that out: then it and the request's leaf and segments are set anew. */
bool gw_slash_leave_out(struct gw_request *req);

/* 308 to the path and the query, which keeps method and body (RFC 9110, 15.4.9); 404 where the
 * query holds what stands in no URL. */
void gw_slash_redirect(struct gw_request *req);

#endif
