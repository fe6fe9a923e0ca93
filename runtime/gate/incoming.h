/* incoming.h: what the web server said of a request (RFC 3875 meta-variables), read and checked. */
#ifndef GW_INCOMING_H
#define GW_INCOMING_H

struct gw_request;

/* Fills req->in from req->exchange. 0; GW_E_MISMATCH with req->reason for framing that contradicts
 * itself or lacks what every request has; -ENOMEM. */
int gw_incoming_read(struct gw_request *req);

/* Content-Length: 0 with req->content_length (0 when absent) or req->length_unknown, or
 * GW_E_MISMATCH with req->reason. */
int gw_incoming_length(struct gw_request *req);

#endif
