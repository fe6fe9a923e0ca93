/* transports.h: the values of GW_TRANSPORT, and what is built in of them. */
#ifndef GW_TRANSPORTS_H
#define GW_TRANSPORTS_H

#include "request/exchange.h"

struct gw_transport_name {
    const char *name;
    const struct gw_transport *transport; /* NULL: known, and not built in */
};

/* Ended by a name that is NULL. */
extern const struct gw_transport_name gw_transport_names[];

/* The transport of a value that the configuration has accepted; NULL, and why, if it is not built
 * in. */
const struct gw_transport *gw_transport_named(const char *name, const char **ret_why);

#endif
