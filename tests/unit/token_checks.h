/* token_checks.h: tokens accepted and refused, for the tests of JWTs. */
#ifndef GW_TEST_TOKEN_CHECKS_H
#define GW_TEST_TOKEN_CHECKS_H

#include "base/arena.h"
#include "gatewright.h"
#include "token/jwt.h"
#include "support.h"
#include "tokens.h"

#include <criterion/criterion.h>

#define NOW       1500000000
#define LATER     "1500000001"
#define OTHER_KEY "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"
#define H         "{\"alg\":\"HS256\"}"
#define HT        "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static struct gw_arena arena;
static struct gw_keys *keys;
static struct gw_crypto *crypto;
static struct gw_jwt_policy policy;

static inline void begin(void)
{
    keys = keys_from_base64(A1_KEY);
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    policy = (struct gw_jwt_policy){.now = NOW};
}

static inline void finish(void)
{
    gw_keys_free(keys);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

static inline int verify(struct gw_str raw, json_t **ret, enum gw_reason *ret_reason)
{
    struct gw_str token = flush_bytes(raw.ptr, raw.len);
    int r = gw_jwt_verify(keys, crypto, token, &policy, ret, ret_reason);

    flush_free(token);
    return r;
}

static inline void token_accepted(const char *token)
{
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims = NULL;

    cr_assert_eq(verify(gw_str_from(token), &claims, &reason), 0, "%s: %s", token,
                 gw_reason_name(reason));
    cr_assert(json_is_object(claims));
    json_decref(claims);
}

static inline void bytes_refused(struct gw_str token, const char *expected)
{
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims = NULL;

    cr_assert_eq(verify(token, &claims, &reason), GW_E_MISMATCH, "let through: %.200s", token.ptr);
    cr_assert_null(claims);
    cr_assert_str_eq(gw_reason_name(reason), expected);
}

static inline void token_refused(const char *token, const char *expected)
{
    bytes_refused(gw_str_from(token), expected);
}

/* Rightly signed tokens of this header and these claims. */
static inline void accepted(const char *header, const char *claims)
{
    char *token = token_of(keys, crypto, gw_str_from(header), gw_str_from(claims));

    token_accepted(token);
    free(token);
}

static inline void refused(const char *header, const char *claims, const char *expected)
{
    char *token = token_of(keys, crypto, gw_str_from(header), gw_str_from(claims));

    token_refused(token, expected);
    free(token);
}

#endif
