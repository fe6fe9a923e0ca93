/* fcgi_act.h: the actions of fcgi_state.c's table. */
#ifndef GW_FCGI_ACT_H
#define GW_FCGI_ACT_H

#include "transport/fcgi_conn.h"

/* Why a request, or its body, did not arrive: a negative errno. `r` says it where something of ours
 * has failed. */
int gw_fcgi_why(enum gw_fcgi_event event, int r);

/* Does what the table says; the state is the one afterwards. `record` is what came, NULL where it
 * was no record. 0 with *ret_want, or a negative errno. */
int gw_fcgi_act(struct gw_fcgi_conn *conn, enum gw_fcgi_action action, int why,
                const struct gw_fcgi_record *record, enum gw_fcgi_want *ret_want);

#endif
