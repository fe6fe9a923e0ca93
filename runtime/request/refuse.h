/* refuse.h: the answer to a request that a stage does not let through. */
#ifndef GW_REFUSE_H
#define GW_REFUSE_H

struct gw_request;

/* Answers with a problem document and remembers `reason` (static, may be NULL) for the log. */
void gw_refuse(struct gw_request *req, int status, const char *reason);

#endif
