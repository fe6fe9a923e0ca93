/* jwt_cost: does one thing N times, for callgrind to count its instructions.
 *
 *     jwt_cost verify N    verifies a typical HS256 token
 *     jwt_cost hmac N      the bare HMAC over the same bytes, from a precomputed state
 *     jwt_cost libjwt N    verifies that token with libjwt */
#include "token/jwt.h"

#include "base/arena.h"
#include "jwt_cost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "a secret of the cost test, of 32 bytes or more"

int main(int argc, char **argv)
{
    struct gw_arena arena = {.limit = 0}, claims_arena = {.limit = 0};
    struct gw_jwt_policy policy = {.now = 1500000000};
    struct gw_crypto *crypto;
    struct gw_keys *keys;
    enum gw_reason reason;
    const char *why, *token;
    unsigned char mac[GW_SIGNATURE_MAX];
    size_t len;
    int bad = 0;

    if (argc != 3 || gw_keys_from_secret(GW_STR(SECRET), &keys, &why) || gw_crypto_new(&crypto))
        return 2;
    json_t *claims = json_pack("{s:s, s:i, s:i, s:i, s:i}", "table_name", "users", "id", 4711,
                               "iat", 1499990000, "exp", 1502582000, "epoch", 0);
    if (gw_jwt_sign(keys, crypto, claims, &arena, &token))
        return 2;
    struct gw_str whole = gw_str_from(token);
    struct gw_str input = {token, (size_t)(strrchr(token, '.') - token)};
    for (long n = atol(argv[2]); n > 0; n--) {
        const struct gw_json *verified;
        gw_arena_reset(&claims_arena); /* as a request's is when it ends */
        if (argv[1][0] == 'h')
            bad |= gw_key_sign(gw_keys_active(keys), crypto, input, mac, &len);
        else if (argv[1][0] == 'l')
            bad |= jwt_cost_libjwt(token, SECRET, (long)policy.now);
        else
            bad |= gw_jwt_read(keys, crypto, whole, &policy, &claims_arena, &verified, &reason);
    }
    json_decref(claims);
    gw_crypto_free(crypto);
    gw_keys_free(keys);
    gw_arena_free(&arena);
    gw_arena_free(&claims_arena);
    return bad ? 1 : 0;
}
