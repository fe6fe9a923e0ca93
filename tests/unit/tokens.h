/* tokens.h: keys and tokens for tests. */
#ifndef GW_TEST_TOKENS_H
#define GW_TEST_TOKENS_H

#include "base/base64.h"
#include "token/keys.h"

#include <criterion/criterion.h>

/* The key of RFC 7515, A.1.1, and the token made with it. */
#define A1_KEY                                                                                     \
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define A1_TOKEN                                                                                   \
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"                                                     \
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV" \
    "lfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

static inline struct gw_keys *keys_from_base64(const char *text)
{
    unsigned char secret[256];
    struct gw_keys *keys = NULL;
    const char *why = "";
    size_t len;

    cr_assert(gw_base64url_decode(gw_str_from(text), secret, &len));
    cr_assert_eq(gw_keys_from_secret((struct gw_str){(char *)secret, len}, &keys, &why), 0, "%s",
                 why);
    return keys;
}

/* A token of any header and claims, rightly signed. To be freed. */
static inline char *token_of(const struct gw_keys *keys, struct gw_crypto *with,
                             struct gw_str header, struct gw_str claims)
{
    unsigned char signature[GW_SIGNATURE_MAX];
    char *token = malloc(header.len * 2 + claims.len * 2 + 1000), *out = token;
    size_t len;

    out += gw_base64url_encode((const unsigned char *)header.ptr, header.len, out);
    *out++ = '.';
    out += gw_base64url_encode((const unsigned char *)claims.ptr, claims.len, out);
    cr_assert_eq(gw_key_sign(gw_keys_active(keys), with,
                             (struct gw_str){token, (size_t)(out - token)}, signature, &len),
                 0);
    *out++ = '.';
    out += gw_base64url_encode(signature, len, out);
    *out = '\0';
    return token;
}

#endif
