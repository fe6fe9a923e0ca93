/* ticket.h: what making a ticket and spending it share. */
#ifndef GW_API_TICKET_H
#define GW_API_TICKET_H

#include "generated.h"

#define GW_TICKET_AUDIENCE "gatewright:ticket"

/* Characters of the seal in a ticket. */
#define GW_TICKET_SEAL 43

/* The row as the database has it, and whether it is as the seal says: 0 (*ret_row is the row, which
 * has no secrets), GW_E_MISMATCH: a column has another value; GW_E_NOT_FOUND; a negative errno. */
int gw_ticket_check_row(struct gw_request *req, const struct gw_ticket *ticket,
                        const struct gw_value *key, const char *jti, const char *seal,
                        const void **ret_row);

/* Ends all tokens and sessions of an account, as far as it has any, within the transaction that is
 * under way. */
int gw_ticket_end_account(struct gw_request *req, const struct gw_table *table,
                          const struct gw_value *key);

#endif
