/* test_torture.c: keys and tokens while allocations and calls of OpenSSL fail in turn, see
 * torture.h; and which calls of OpenSSL a token causes. */
#include "token/jwt.h"

#include "base/arena.h"
#include "gatewright.h"
#include "tokens.h"
#include "torture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

TestSuite(torture, .init = torture_begin);

/* ---- Keys ---- */

static void make_keys(void *data)
{
    struct gw_keys *keys = NULL;
    struct gw_crypto *crypto = NULL;
    const char *why;
    int r = gw_keys_from_secret(GW_STR("0123456789012345678901234567890123456789"), &keys, &why);

    cr_assert(r == 0 || r == -ENOMEM || r == -EIO);
    cr_assert_eq(r == 0, keys != NULL);
    gw_keys_free(keys);
    r = gw_crypto_new(&crypto);
    cr_assert_eq(r, crypto ? 0 : -ENOMEM);
    gw_crypto_free(crypto);
}

Test(torture, of_keys)
{
    torture(make_keys, NULL);
}

/* ---- Tokens ---- */

struct tokens {
    struct gw_keys *keys;
    const char *good;
    json_t *claims;
};

static void verify_good(void *data)
{
    const struct tokens *tokens = data;
    struct gw_jwt_policy policy = {.now = 1};
    struct gw_crypto *crypto = NULL;
    json_t *claims = NULL;
    enum gw_reason reason = GW_REASON_NONE;

    if (gw_crypto_new(&crypto))
        return;
    int r =
        gw_jwt_verify(tokens->keys, crypto, gw_str_from(tokens->good), &policy, &claims, &reason);
    countdown = -1;
    /* OpenSSL does not always say that it failed: then it is another signature. */
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO ||
                  (r == GW_E_MISMATCH && failed && reason == GW_REASON_JWT_SIGNATURE),
              "%d %s", r, gw_reason_name(reason));
    cr_assert_eq(r == 0, claims != NULL);
    if (claims)
        cr_assert(json_equal(claims, tokens->claims));
    json_decref(claims);
    gw_crypto_free(crypto);
}

/* One character of the claims is another: whatever fails, it is not let through. */
static void verify_changed(void *data)
{
    const struct tokens *tokens = data;
    struct gw_jwt_policy policy = {.now = 1};
    struct gw_crypto *crypto = NULL;
    json_t *claims = NULL;
    enum gw_reason reason = GW_REASON_NONE;
    char token[1000];

    if (gw_crypto_new(&crypto))
        return;
    strcpy(token, tokens->good);
    char *changed = strchr(token, '.') + 12;
    *changed = *changed == 'A' ? 'B' : 'A';
    int r = gw_jwt_verify(tokens->keys, crypto, gw_str_from(token), &policy, &claims, &reason);
    countdown = -1;
    cr_assert(r == GW_E_MISMATCH || r == -ENOMEM || r == -EIO, "%d", r);
    cr_assert_null(claims);
    gw_crypto_free(crypto);
}

static void sign(void *data)
{
    const struct tokens *tokens = data;
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto = NULL;
    const char *token = NULL;

    if (gw_crypto_new(&crypto))
        return;
    int r = gw_jwt_sign(tokens->keys, crypto, tokens->claims, &arena, &token);
    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO, "%d", r);
    if (r == 0)
        cr_assert_str_eq(token, tokens->good);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

Test(torture, of_tokens)
{
    struct gw_arena arena = {.limit = 0};
    struct tokens tokens = {.keys = keys_from_base64(A1_KEY)};
    struct gw_crypto *crypto;

    tokens.claims = json_pack("{s:s, s:i, s:i, s:[s,f,b,n], s:{s:s}}", "table_name", "users", "id",
                              7, "exp", 1000, "list", "a text that does not fit in 16 bytes", 1.5,
                              1, "nested", "inner", "x");
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    cr_assert_eq(gw_jwt_sign(tokens.keys, crypto, tokens.claims, &arena, &tokens.good), 0);
    torture(verify_good, &tokens);
    torture(verify_changed, &tokens);
    torture(sign, &tokens);
    gw_crypto_free(crypto);
    gw_keys_free(tokens.keys);
    json_decref(tokens.claims);
    gw_arena_free(&arena);
}

/* So many members that reading them takes more than an arena's first chunk. */
Test(torture, of_tokens_with_many_claims)
{
    struct gw_arena arena = {.limit = 0};
    struct tokens tokens = {.keys = keys_from_base64(A1_KEY)};
    struct gw_crypto *crypto;
    json_t *list = json_array();

    for (int i = 0; i < 1000; i++)
        json_array_append_new(list, json_integer(i));
    tokens.claims = json_pack("{s:i, s:o}", "exp", 1000, "list", list);
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    cr_assert_eq(gw_jwt_sign(tokens.keys, crypto, tokens.claims, &arena, &tokens.good), 0);
    torture_some(verify_good, &tokens, 3);
    gw_crypto_free(crypto);
    gw_keys_free(tokens.keys);
    json_decref(tokens.claims);
    gw_arena_free(&arena);
}

/* ---- Tokens of every algorithm ---- */

/* Some signatures are random: what is signed while something fails is good, or is not there. */
static void sign_any(void *data)
{
    const struct tokens *tokens = data;
    struct gw_jwt_policy policy = {.now = 1};
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto = NULL;
    enum gw_reason reason = GW_REASON_NONE;
    const char *token = NULL;
    json_t *claims = NULL;

    if (gw_crypto_new(&crypto))
        return;
    int r = gw_jwt_sign(tokens->keys, crypto, tokens->claims, &arena, &token);
    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO, "%d", r);
    if (r == 0)
        cr_assert_eq(
            gw_jwt_verify(tokens->keys, crypto, gw_str_from(token), &policy, &claims, &reason), 0,
            "%s", gw_reason_name(reason));
    json_decref(claims);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

/* The key itself, read from its JWK: it is the whole key or none. */
static void read_key(void *data)
{
    const char *jwk = data, *why = NULL;
    struct gw_keys *keys = NULL;

    if (gw_keys_new(&keys))
        return;
    int r = gw_keys_add_jwk(keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, &why);
    countdown = -1;
    cr_assert(r == 0 || (r == -EINVAL && why) || r == -ENOMEM || r == -EIO, "%d", r);
    cr_assert_eq(gw_keys_count(keys), r == 0);
    gw_keys_free(keys);
}

/* A key of each kind, with a token of each. */
Test(torture, of_tokens_of_every_algorithm)
{
    static const char *const names[] = {"HS512", "RS256", "PS256", "ES256", "EdDSA"};
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto;

    cr_assert_eq(gw_crypto_new(&crypto), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct tokens tokens = {.claims = json_pack("{s:i}", "exp", 1000)};
        const char *jwk, *why;
        cr_assert_eq(gw_keys_generate(names[i], "k", &arena, &jwk), 0);
        cr_assert_eq(gw_keys_new(&tokens.keys), 0);
        cr_assert_eq(gw_keys_add_jwk(tokens.keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, &why),
                     0);
        cr_assert(gw_keys_activate(tokens.keys, GW_STR("k")));
        cr_assert_eq(gw_jwt_sign(tokens.keys, crypto, tokens.claims, &arena, &tokens.good), 0);
        torture(verify_good, &tokens);
        torture(verify_changed, &tokens);
        torture(sign_any, &tokens);
        /* An RSA key's primes are looked at each time, which takes long. */
        bool slow = names[i][1] == 'S' && names[i][0] != 'H' && names[i][0] != 'E';
        torture_some(read_key, (void *)(uintptr_t)jwk, slow && !getenv("TESTS_FULL") ? 11 : 1);
        gw_keys_free(tokens.keys);
        json_decref(tokens.claims);
    }
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

static void expect_refused(const struct gw_keys *keys, struct gw_crypto *crypto, const char *token,
                           const char *expected)
{
    struct gw_jwt_policy policy = {.now = 1};
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims = NULL;

    cr_assert_eq(gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &claims, &reason),
                 GW_E_MISMATCH);
    cr_assert_str_eq(gw_reason_name(reason), expected, "%s: %s", token, gw_reason_name(reason));
}

/* CRYPTO_memcmp takes as long wherever the first difference is: it sees every signature whole. */
Test(torture, signatures_are_compared_in_constant_time)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    struct gw_crypto *crypto;
    char token[] = A1_TOKEN, *signature = strrchr(token, '.') + 1;

    cr_assert_eq(gw_crypto_new(&crypto), 0);
    for (size_t at = 0; at < 42; at++) {
        char was = signature[at];
        signature[at] = was == 'A' ? 'B' : 'A';
        compared = 0;
        expect_refused(keys, crypto, token, "jwt.signature");
        cr_assert_eq(compared, 32, "%zu bytes", compared);
        signature[at] = was;
    }
    gw_crypto_free(crypto);
    gw_keys_free(keys);
}

/* Nothing that is not in its one spelling, or not in three segments, is worth hashing. */
Test(torture, no_cryptography_looks_at_what_is_malformed)
{
    static const char *const tokens[] = {
        "eyJhbGciOiJIUzI1NiJ9=.e30.AAAA",  "eyJhbGciOiJIUzI1NiJ9.e30=.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA==",   "eyJhbGciOiJIUzI1NiJ9.e3 0.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA+A",   "eyJhbGciOiJIUzI1NiJ9.e30.AA/A",
        "eyJhbGciOiJIUzI1NiJ9.e31.AAAA",   "eyJhbGciOiJIUzI1NiJ9.e30.A",
        "eyJhbGciOiJIUzI1NiJ9.e30.AB",     " eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA\n", "eyJhbGciOiJIUzI1NiJ9.\te30.AAAA"};
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    struct gw_crypto *crypto;

    cr_assert_eq(gw_crypto_new(&crypto), 0);
    expect_refused(keys, crypto, "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "jwt.signature");
    cr_assert_gt(crypto_calls, 0, "the calls are counted");
    crypto_calls = 0;
    for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
        expect_refused(keys, crypto, tokens[i], "jwt.base64");
    expect_refused(keys, crypto, "a.b.c.d.e", "jwt.segments");
    expect_refused(keys, crypto, "eyJhbGciOiJub25lIn0.e30.", "jwt.alg");
    cr_assert_eq(crypto_calls, 0, "%u calls", crypto_calls);
    gw_crypto_free(crypto);
    gw_keys_free(keys);
}

/* ---- Reading keys ---- */

static const char *const ed_jwks =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\",\"x\":"
    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void count_left_out(void *data, size_t place, struct gw_str id, const char *why)
{
    ++*(size_t *)data;
}

/* A key is there, or somebody hears that it is not. */
static void read_jwks(void *data)
{
    struct gw_keys *keys = NULL;
    const char *why = NULL;
    size_t left_out = 0;
    struct gw_keys_report report = {count_left_out, &left_out};
    int r = gw_keys_from_jwks(gw_str_from(ed_jwks), &report, &keys, &why);

    countdown = -1;
    cr_assert(r == 0 || (r == -EINVAL && why) || r == -ENOMEM || r == -EIO, "%d", r);
    cr_assert_eq(r == 0, keys != NULL);
    if (keys)
        cr_assert_eq(gw_keys_count(keys) + left_out, 2);
    gw_keys_free(keys);
}

Test(torture, of_an_issuers_keys)
{
    torture(read_jwks, NULL);
}
