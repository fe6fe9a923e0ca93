/* test_algorithms_seen.c: a token that was seen is known again, under its set and until it expires;
 * and typ and aud, which a set may demand. */
#include "token/keys.h"

#include "gatewright.h"
#include "token/jwt.h"
#include "key_sets.h"
#include "tokens.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(algorithms, .init = begin, .fini = finish);

/* ---- The cache ---- */

/* Verifies the token made with `keys` under `under`. */
static int verify(const struct gw_keys *under, const char *token, int64_t now)
{
    struct gw_jwt_policy policy = {.now = now};
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims = NULL;
    int r = gw_jwt_verify(under, crypto, gw_str_from(token), &policy, &claims, &reason);

    json_decref(claims);
    return r;
}

Test(algorithms, tokens_seen_are_known_by_all_their_bytes_their_set_and_their_exp)
{
    struct gw_keys *keys = generated("ES256");
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    const char *token, *jwks, *why;
    struct gw_keys *again, *others = generated("ES256");
    struct gw_seen seen;

    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    cr_assert(!gw_keys_seen(keys, crypto, gw_str_from(token), 1, &seen));
    cr_assert_eq(verify(keys, token, 1), 0);
    cr_assert(gw_keys_seen(keys, crypto, gw_str_from(token), 1, &seen));
    cr_assert_eq(verify(keys, token, 1), 0);
    cr_assert(!gw_keys_seen(keys, crypto, gw_str_from(token), 1000, &seen));
    cr_assert_eq(verify(keys, token, 1000), GW_E_MISMATCH);

    char *changed = strdup(token);
    changed[strlen(changed) - 5] ^= 1;
    cr_assert_eq(verify(keys, changed, 1), GW_E_MISMATCH);
    cr_assert(!gw_keys_seen(keys, crypto, gw_str_from(changed), 1, &seen));
    free(changed);

    cr_assert_eq(gw_keys_write_jwks(keys, &arena, &jwks), 0);
    cr_assert_eq(gw_keys_from_jwks(gw_str_from(jwks), NULL, &again, &why), 0);
    cr_assert(!gw_keys_seen(again, crypto, gw_str_from(token), 1, &seen));
    cr_assert_eq(verify(others, token, 1), GW_E_MISMATCH);
    json_decref(claims);
    gw_keys_free(keys);
    gw_keys_free(again);
    gw_keys_free(others);
}

Test(algorithms, tokens_seen_are_bounded)
{
    struct gw_keys *keys = generated("EdDSA");
    struct gw_seen seen;
    size_t known = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 4000; i++) {
            char text[32];
            snprintf(text, sizeof(text), "%d", i);
            known += gw_keys_seen(keys, crypto, gw_str_from(text), 1, &seen);
            if (round == 0)
                gw_keys_remember(crypto, &seen, 1000 + i);
        }
    cr_assert_gt(known, 900);
    cr_assert_leq(known, 1024);
    gw_keys_free(keys);
}

/* ---- typ and aud ---- */

Test(algorithms, an_audience_may_be_there_where_none_is_demanded)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    char *token = token_of(keys, crypto, GW_STR("{\"alg\":\"HS256\"}"),
                           GW_STR("{\"exp\":1000,\"aud\":\"x\"}"));

    cr_assert_eq(verify(keys, token, 1), 0);
    free(token);
    gw_keys_free(keys);
}

static int verify_typ(struct gw_keys *keys, const char *header)
{
    char *token = token_of(keys, crypto, gw_str_from(header), GW_STR("{\"exp\":1000}"));
    int r = verify(keys, token, 1);

    free(token);
    return r;
}

Test(algorithms, typ_is_that_of_an_access_token)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);

    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"Application/at+JWT\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"what\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"refresh+jwt\"}"), GW_E_MISMATCH);
    gw_keys_free(keys);
}

Test(algorithms, typ_is_demanded_where_it_is_configured)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    const char *token;

    cr_assert(!gw_keys_set_type(keys, "a\"b"));
    cr_assert(!gw_keys_set_type(keys, ""));
    cr_assert(!gw_keys_set_type(keys, "refresh+jwt"));
    cr_assert(!gw_keys_set_type(keys, "application/Refresh+JWT"));
    cr_assert(gw_keys_set_type(keys, "at+jwt"));
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    cr_assert_eq(verify(keys, token, 1), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"AT+JWT\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"application/at+jwt\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"at+jwt2\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":null}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"a-type-longer-than-that\"}"),
                 GW_E_MISMATCH);
    cr_assert(gw_keys_set_type(keys, "a-type-longer-than-that"));
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"A-type-longer-than-that\"}"), 0);
    cr_assert(!gw_keys_set_type(keys, "a-type-of-more-than-sixty-four-characters-that-nobody-can-"
                                      "want-here"));
    cr_assert(gw_keys_set_type(keys, "application/at+jwt"));
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}"), 0);
    json_decref(claims);
    gw_keys_free(keys);
}
