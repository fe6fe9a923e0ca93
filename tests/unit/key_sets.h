/* key_sets.h: sets of one key, for the tests of algorithms: given as a JWK, or newly made. */
#ifndef GW_TEST_KEY_SETS_H
#define GW_TEST_KEY_SETS_H

#include "base/arena.h"
#include "token/keys.h"

#include <criterion/criterion.h>

static struct gw_crypto *crypto;
static struct gw_arena arena;

static inline void begin(void)
{
    cr_assert_eq(gw_crypto_new(&crypto), 0);
}

static inline void finish(void)
{
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

static const char *const names[] = {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
                                    "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};
#define N_NAMES (sizeof(names) / sizeof(*names))

static inline int add(struct gw_keys *keys, const char *jwk, const char **ret_why)
{
    return gw_keys_add_jwk(keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, ret_why);
}

/* A set of that one key, which signs if it can. */
static inline struct gw_keys *set_of(const char *jwk)
{
    struct gw_keys *keys;
    const char *why = "";

    cr_assert_eq(gw_keys_new(&keys), 0);
    cr_assert_eq(add(keys, jwk, &why), 0, "%s: %s", why, jwk);
    const char *id = gw_key_id(gw_keys_at(keys, 0));
    gw_keys_activate(keys, gw_str_from(id ? id : ""));
    return keys;
}

static inline struct gw_keys *generated(const char *alg)
{
    const char *jwk;

    cr_assert_eq(gw_keys_generate(alg, "k1", &arena, &jwk), 0, "%s", alg);
    return set_of(jwk);
}

#endif
