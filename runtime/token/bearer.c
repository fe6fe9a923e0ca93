/* bearer.c: see bearer.h. What the token itself may look like is its verifier's matter. */
#include "token/bearer.h"

const char *gw_bearer_read(struct gw_str value, struct gw_str *ret_token)
{
    if (value.len && memchr(value.ptr, ',', value.len))
        return "auth.comma";
    if (value.len < 8 || !gw_str_equal_nocase((struct gw_str){value.ptr, 7}, GW_STR("Bearer ")))
        return "jwt.scheme";
    *ret_token = (struct gw_str){value.ptr + 7, value.len - 7};
    return NULL;
}
