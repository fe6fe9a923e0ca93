/* jwt_cost_libjwt.c: see jwt_cost.h. */
#include "jwt_cost.h"

#include <jwt.h>
#include <string.h>

int jwt_cost_libjwt(const char *token, const char *secret, long now)
{
    jwt_t *jwt = NULL;
    int r = jwt_decode(&jwt, token, (const unsigned char *)secret, (int)strlen(secret));

    if (!r)
        r = jwt_get_alg(jwt) != JWT_ALG_HS256 || jwt_get_grant_int(jwt, "exp") <= now;
    jwt_free(jwt);
    return r;
}
