/* bearer.c: see bearer.h. What the token itself may look like is its verifier's matter. */
#include "token/bearer.h"

enum gw_reason gw_bearer_read(struct gw_str value, struct gw_str *ret_token)
{
    if (value.len && memchr(value.ptr, ',', value.len))
        return GW_REASON_AUTH_COMMA;
    if (value.len < 6 || !gw_str_equal_nocase((struct gw_str){value.ptr, 6}, GW_STR("Bearer")) ||
        (value.len > 6 && value.ptr[6] != ' '))
        return GW_REASON_AUTH_SCHEME;
    size_t at = 6;
    while (at < value.len && value.ptr[at] == ' ')
        at++;
    if (at == value.len)
        return GW_REASON_JWT_SCHEME;
    *ret_token = (struct gw_str){value.ptr + at, value.len - at};
    return GW_REASON_NONE;
}
