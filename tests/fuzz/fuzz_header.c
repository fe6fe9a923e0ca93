/* The input as JOSE header of a token that is rightly signed with a secret, beside which the set
 * has a public key of another algorithm: it is let through only if jansson, too, reads that
 * secret's id and algorithm in it, and nothing critical. */
#include "token/jwt.h"

#include "base/arena.h"
#include "base/base64.h"
#include "fuzz.h"
#include "gatewright.h"

#define OCT                                                                                        \
    "{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"s\",\"k\":"                                      \
    "\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}"
#define OKP                                                                                        \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"p\",\"x\":"                                    \
    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"

static const struct gw_str none;

static struct gw_keys *make_keys(void)
{
    struct gw_keys *keys;
    const char *why;

    MUST(gw_keys_new(&keys) == 0);
    MUST(gw_keys_add_jwk(keys, gw_str_from(OCT), none, &why) == 0);
    MUST(gw_keys_add_jwk(keys, gw_str_from(OKP), none, &why) == 0);
    MUST(gw_keys_activate(keys, GW_STR("s")));
    return keys;
}

static bool is(const json_t *object, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text && strcmp(text, value) == 0;
}

static void check_accepted(struct gw_str header)
{
    json_error_t error;
    json_t *head = json_loadb(header.ptr, header.len, JSON_REJECT_DUPLICATES, &error);

    /* A member that nobody asks for may be a number beyond what jansson holds. */
    if (!head && json_error_code(&error) == json_error_numeric_overflow)
        return;
    MUST(is(head, "alg", "HS256") && is(head, "kid", "s"));
    MUST(!json_object_get(head, "crit") && !json_object_get(head, "b64"));
    json_decref(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gw_crypto *crypto;
    static struct gw_keys *keys; /* made once: they do not change */
    struct gw_jwt_policy policy = {.now = 1};
    unsigned char signature[GW_SIGNATURE_MAX];
    char *token = malloc(GW_BASE64URL_ENCODED(size) + 200), *out = token;
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims = NULL;
    size_t len;

    if (!keys) {
        keys = make_keys();
        MUST(gw_crypto_new(&crypto) == 0);
    }
    out += gw_base64url_encode(data, size, out);
    out = stpcpy(out, ".eyJleHAiOjEwMDB9"); /* {"exp":1000} */
    MUST(gw_key_sign(gw_keys_active(keys), crypto, (struct gw_str){token, (size_t)(out - token)},
                     signature, &len) == 0);
    *out++ = '.';
    out += gw_base64url_encode(signature, len, out);
    int r = gw_jwt_verify(keys, crypto, (struct gw_str){token, (size_t)(out - token)}, &policy,
                          &claims, &reason);
    MUST(r == 0 || (r == GW_E_MISMATCH && !strncmp(gw_reason_name(reason), "jwt.", 4)));
    if (r == 0)
        check_accepted((struct gw_str){(const char *)data, size});
    json_decref(claims);
    free(token);
    return 0;
}
