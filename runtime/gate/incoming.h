/* incoming.h: what the web server said of a request (RFC 3875 meta-variables), read and checked. */
#ifndef GW_INCOMING_H
#define GW_INCOMING_H

#include <stdbool.h>

struct gw_request;

/* Fills req->in from req->exchange. 0; GW_E_MISMATCH with req->reason for framing that contradicts
 * itself or lacks what every request has; -ENOMEM. */
int gw_incoming_read(struct gw_request *req);

/* Content-Length: 0 with req->content_length (0 when absent) or req->length_unknown, or
 * GW_E_MISMATCH with req->reason. */
int gw_incoming_length(struct gw_request *req);

/* Whether a body is read and checked: one that is optional may be left out, and a browser that
 * refreshes or ends a session by its cookie need send none. RFC 9112, 6.3: without Content-Length
 * and transfer coding, or with a length of 0, a request has none. */
bool gw_incoming_has_body(const struct gw_request *req);

#endif
