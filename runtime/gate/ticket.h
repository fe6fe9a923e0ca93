/* ticket.h: routes that take a ticket. */
#ifndef GW_GATE_TICKET_H
#define GW_GATE_TICKET_H

struct gw_request;

/* The last step before the handler: a ticket that is good begins a transaction and is spent in it,
 * and its owner's row is handed on (req->owner); any other is 401. */
void gw_step_ticket(struct gw_request *req);

/* After the handler: an answer with a status of 2xx commits, any other rolls back, so that the
 * ticket stays good. `status` is what the answer is replaced by (0: nothing); gives the same, or
 * what is to be told instead. */
int gw_ticket_end(struct gw_request *req, int status);

#endif
