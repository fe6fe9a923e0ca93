/* bearer.h: the credentials of an Authorization header (RFC 6750, 2.1). */
#ifndef GW_BEARER_H
#define GW_BEARER_H

#include "base/str.h"

/* The token behind `Bearer` SP (the scheme in any case, RFC 9110, 11.1). NULL, or why there is
 * none: "auth.comma", several credentials or ones that a server folded, or "jwt.scheme". */
const char *gw_bearer_read(struct gw_str value, struct gw_str *ret_token);

#endif
