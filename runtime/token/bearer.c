/* bearer.c: see bearer.h. What the token itself may look like is its verifier's matter. */
#include "token/bearer.h"

enum gw_reason gw_bearer_read(struct gw_str value, struct gw_str *ret_token)
{
    if (value.len && memchr(value.ptr, ',', value.len))
        return GW_REASON_AUTH_COMMA;
    if (value.len < 8 || !gw_str_equal_nocase((struct gw_str){value.ptr, 7}, GW_STR("Bearer ")))
        return GW_REASON_JWT_SCHEME;
    *ret_token = (struct gw_str){value.ptr + 7, value.len - 7};
    return GW_REASON_NONE;
}
