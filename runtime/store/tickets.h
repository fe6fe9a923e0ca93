/* tickets.h: tickets that were spent. */
#ifndef GW_TICKETS_H
#define GW_TICKETS_H

#include "store/runtime_tables.h"
#include "store/store.h"

#define GW_TICKET_ID 22 /* characters: 128 random bits in base64url */

/* Within a transaction: spends the ticket, which is good until `expires`, and keeps the row of its
 * owner for this transaction. Of two who do so at once the second waits for the first. 0;
 * GW_E_DUPLICATE: it was spent before; what gw_conn_run gives. */
int gw_tickets_spend(struct gw_conn *conn, const char *jti, int64_t expires,
                     const struct gw_table *table, const struct gw_value *key,
                     struct gw_arena *arena, uint64_t deadline_ns);

#endif
