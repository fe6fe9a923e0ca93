/* refuse.h: the answer to a request that a stage does not let through. */
#ifndef GW_REFUSE_H
#define GW_REFUSE_H

#include "base/reason.h"

struct gw_request;

/* Answers with a problem document and remembers `reason` for the log; GW_REASON_NONE
 * leaves the one that there is. */
void gw_refuse(struct gw_request *req, int status, enum gw_reason reason);
/* The same with a sentence for people (static, or in the request's arena), which says nothing that
 * only the log may know. */
void gw_refuse_saying(struct gw_request *req, int status, enum gw_reason reason,
                      const char *detail);

/* Says why a body is not there: `r` is what the transport's `body` or `read`, or keeping it, failed
 * with. What could not be kept is ours, and may be better in a while: 503. */
void gw_refuse_body(struct gw_request *req, int r);

#endif
