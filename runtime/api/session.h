/* session.h: what opening a session and refreshing it share. */
#ifndef GW_API_SESSION_H
#define GW_API_SESSION_H

#include "generated.h"
#include "store/sessions.h"

#define GW_SESSION_AUDIENCE "gatewright:refresh" /* of refresh tokens */

/* Whose tokens they are. */
struct gw_session_grant {
    const struct gw_table *table;
    const struct gw_value *key;
    uint64_t epoch;
};

/* What the request says of its client, as the table takes it. -ENOMEM. */
int gw_session_client(struct gw_request *req, struct gw_session_client *ret);

/* The tokens of a session as its row says: the same row gives the same claims. */
int gw_session_issue(struct gw_request *req, const struct gw_session_grant *grant,
                     const struct gw_session_row *row, struct gw_session *ret);

#endif
