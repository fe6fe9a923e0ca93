/* fcgi_act.h: the actions of fcgi_state.c's table. */
#ifndef GW_FCGI_ACT_H
#define GW_FCGI_ACT_H

#include "transport/fcgi_conn.h"

/* Does what the table says of an event; the state is the one afterwards. `record` is what came,
 * NULL where it was no record; `r` is 0, or what of ours has failed. An enum gw_fcgi_want, or a
 * negative errno. */
int gw_fcgi_act(struct gw_fcgi_conn *conn, enum gw_fcgi_action action, enum gw_fcgi_event event,
                const struct gw_fcgi_record *record, int r);

#endif
