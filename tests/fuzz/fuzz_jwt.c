/* Two ways in. The input as a token: nobody but the key can make one, so that none is let through.
 * And the input as header and claims, parted by a newline and rightly signed, to get behind the
 * signature: what is let through must say what jansson, too, reads in it. */
#include "token/jwt.h"

#include "base/arena.h"
#include "base/base64.h"
#include "fuzz.h"
#include "gatewright.h"

#define NOW 1500000000

static int verify(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                  json_t **ret)
{
    struct gw_jwt_policy policy = {.now = NOW};
    enum gw_reason reason = GW_REASON_NONE;
    int r = gw_jwt_verify(keys, crypto, token, &policy, ret, &reason);

    MUST(r == 0 || (r == GW_E_MISMATCH && !strncmp(gw_reason_name(reason), "jwt.", 4)));
    return r;
}

static void check_accepted(struct gw_str header, struct gw_str text, const json_t *claims)
{
    json_error_t error;
    json_t *head = json_loadb(header.ptr, header.len, JSON_REJECT_DUPLICATES, &error);
    json_t *body = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    const char *algorithm = json_string_value(json_object_get(head, "alg"));

    /* A member of the header that nobody asks for may be a number beyond what jansson holds. */
    if (head || json_error_code(&error) != json_error_numeric_overflow) {
        MUST(algorithm && strcmp(algorithm, "HS256") == 0);
        MUST(!json_object_get(head, "crit") && !json_object_get(head, "kid"));
    }
    MUST(json_number_value(json_object_get(claims, "exp")) > NOW);
    MUST(json_equal(body, claims));
    json_decref(head);
    json_decref(body);
}

static void check_signed(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str header,
                         struct gw_str claims)
{
    unsigned char signature[GW_SIGNATURE_MAX];
    char *token = malloc(GW_BASE64URL_ENCODED(header.len) + GW_BASE64URL_ENCODED(claims.len) + 50);
    char *out = token;
    json_t *tree = NULL;
    size_t len;

    out += gw_base64url_encode((const unsigned char *)header.ptr, header.len, out);
    *out++ = '.';
    out += gw_base64url_encode((const unsigned char *)claims.ptr, claims.len, out);
    MUST(gw_key_sign(gw_keys_active(keys), crypto, (struct gw_str){token, (size_t)(out - token)},
                     signature, &len) == 0);
    *out++ = '.';
    out += gw_base64url_encode(signature, len, out);
    if (verify(keys, crypto, (struct gw_str){token, (size_t)(out - token)}, &tree) == 0)
        check_accepted(header, claims, tree);
    json_decref(tree);
    free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct gw_keys *keys;
    struct gw_crypto *crypto;
    json_t *claims = NULL;
    const char *why;

    MUST(gw_keys_from_secret(GW_STR("a secret of the fuzzer, 32 bytes or more"), &keys, &why) == 0);
    MUST(gw_crypto_new(&crypto) == 0);
    MUST(verify(keys, crypto, text, &claims) != 0 && !claims);

    const char *line = size ? memchr(data, '\n', size) : NULL;
    if (line) {
        size_t len = (size_t)(line - text.ptr);
        check_signed(keys, crypto, (struct gw_str){text.ptr, len},
                     (struct gw_str){line + 1, size - len - 1});
    }
    gw_crypto_free(crypto);
    gw_keys_free(keys);
    return 0;
}
