/* input.h: brings a request's body and query into the structures that the handler takes. Knows no
 * HTTP status. */
#ifndef GW_INPUT_H
#define GW_INPUT_H

#include <stdbool.h>

struct gw_request;
struct gw_faults;

/* Splits the query string once the route is known. 0 (req->query_parsed tells whether it was
 * well-formed) or -ENOMEM. */
int gw_input_query(struct gw_request *req);

/* What the route's body must be written in, where Content-Type names something else (RFC
 * 9110, 8.3); NULL: it is. */
const char *gw_input_wants_media_type(const struct gw_request *req);

/* Whether the body is as its media type says, not packed (RFC 9110, 8.4). A raw one is its
 * handler's. */
bool gw_input_has_no_coding(struct gw_request *req);

/* Reads the body whole into req->raw_body. -EPIPE: the peer sent less; -ETIMEDOUT; -ENOMEM. */
int gw_input_read(struct gw_request *req);

/* Checks body and query against their shapes: 0, GW_E_SYNTAX, GW_E_INVALID (all faults of both) or
 * -ENOMEM. */
int gw_input_parse(struct gw_request *req, struct gw_faults *faults);

#endif
