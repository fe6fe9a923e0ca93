/* The input as the value of an Authorization header: what is taken for a token is the rest behind
 * `Bearer` and its blanks, and no token that the key did not make is let through. */
#include "token/bearer.h"

#include "fuzz.h"
#include "gatewright.h"
#include "token/jwt.h"

#include <strings.h>

static void check_token(struct gw_str token)
{
    struct gw_jwt_policy policy = {.now = 1};
    static struct gw_crypto *crypto;
    static struct gw_keys *keys; /* made once: they do not change */
    json_t *claims = NULL;
    enum gw_reason reason;
    const char *why;

    if (!keys) {
        MUST(gw_keys_from_secret(GW_STR("a secret of the fuzzer, 32 bytes or more"), &keys, &why) ==
             0);
        MUST(gw_crypto_new(&crypto) == 0);
    }
    MUST(gw_jwt_verify(keys, crypto, token, &policy, &claims, &reason) == GW_E_MISMATCH);
    MUST(!claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str value = {(const char *)data, size}, token = {NULL, 0};
    enum gw_reason reason = gw_bearer_read(value, &token);
    bool comma = size && memchr(data, ',', size);
    bool bearer =
        size >= 6 && strncasecmp(value.ptr, "Bearer", 6) == 0 && (size == 6 || data[6] == ' ');
    size_t start = 6;

    while (start < size && data[start] == ' ')
        start++;
    MUST(!reason == (bearer && start < size && !comma));
    if (reason) {
        MUST(reason == (comma    ? GW_REASON_AUTH_COMMA
                        : bearer ? GW_REASON_JWT_SCHEME
                                 : GW_REASON_AUTH_SCHEME));
        return 0;
    }
    MUST(token.ptr == value.ptr + start && token.len == size - start);
    check_token(token);
    return 0;
}
