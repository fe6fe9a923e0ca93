/* bearer.h: the credentials of an Authorization header (RFC 6750, 2.1). */
#ifndef GW_BEARER_H
#define GW_BEARER_H

#include "base/reason.h"
#include "base/str.h"

/* The token behind `Bearer` 1*SP (the scheme in any case, RFC 9110, 11.1). GW_REASON_NONE, or why
 * there is none: _AUTH_COMMA, several credentials or ones that a server folded; _AUTH_SCHEME,
 * credentials of another scheme; _JWT_SCHEME, nothing behind ours. */
enum gw_reason gw_bearer_read(struct gw_str value, struct gw_str *ret_token);

#endif
