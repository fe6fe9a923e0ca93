/* client.h: whose address a request comes from. */
#ifndef GW_CLIENT_H
#define GW_CLIENT_H

#include "base/address.h"

struct gw_request;

/* The web server's REMOTE_ADDR; where that is one of GW_TRUSTED_PROXIES, the last address in
 * X-Forwarded-For that is none of them. What stands before that one anybody may have written. All
 * zero: the web server says no address. */
struct gw_address gw_client_find(const struct gw_request *req);

#endif
