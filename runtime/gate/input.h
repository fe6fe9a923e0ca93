/* input.h: brings a request's body and query into the structures that the handler takes. Knows no
 * HTTP status. */
#ifndef GW_INPUT_H
#define GW_INPUT_H

#include "generated.h"

#include <stdbool.h>

struct gw_request;
struct gw_faults;

/* Splits the query string once the route is known. 0 (req->query_parsed tells whether it was
 * well-formed) or -ENOMEM. */
int gw_input_query(struct gw_request *req);

/* Reads the body whole into req->raw_body. -EPIPE: the peer sent less; -ETIMEDOUT; -ENOMEM. One
 * whose length was not known may be refused for its type only then: req->answered. */
int gw_input_read(struct gw_request *req);

/* Whether a route's query, headers or body have a shape that it is checked against. */
static inline bool gw_input_has_shape(const struct gw_route *route)
{
    return route->query || route->headers || route->body_kind == GW_BODY_JSON ||
           route->body_kind == GW_BODY_FORM;
}

/* Checks query, headers and body against their shapes: 0, GW_E_SYNTAX, GW_E_INVALID (all faults) or
 * -ENOMEM. A form whose faults its handler shows is good here: req->form_faults has them, which are
 * in `faults`, and req->body is NULL. */
int gw_input_parse(struct gw_request *req, struct gw_faults *faults);

#endif
