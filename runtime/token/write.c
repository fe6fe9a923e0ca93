/* write.c: keys as JSON Web Keys: the public ones of a set for whoever verifies our tokens,
 * and new ones for the folder of keys. */
#include "base/base64.h"
#include "json/out.h"
#include "token/own.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define RSA_BITS 2048

static void put(struct gw_jsonout *out, const char *name, const char *value)
{
    gw_jsonout_name(out, name);
    gw_jsonout_text(out, value);
}

static void put_bytes(struct gw_jsonout *out, const char *name, const unsigned char *bytes,
                      size_t len)
{
    char *text = gw_arena_alloc(out->text.arena, GW_BASE64URL_ENCODED(len) + 1);
    if (text) {
        gw_base64url_encode(bytes, len, text);
        put(out, name, text);
    }
    out->text.failed |= !text;
}

/* A number of a key, as long as it is, or of `len` bytes. */
static void put_number(struct gw_jsonout *out, const char *name, const EVP_PKEY *pair,
                       const char *param, size_t len)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(pair, param, &number) == 1) {
        len = len ? len : (size_t)BN_num_bytes(number);
        if (len <= sizeof(bytes) && BN_bn2binpad(number, bytes, (int)len) == (int)len)
            put_bytes(out, name, bytes, len);
        else
            out->text.failed = true;
    } else {
        out->text.failed = true;
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    BN_clear_free(number);
}

static void put_rsa(struct gw_jsonout *out, const EVP_PKEY *pair, bool private)
{
    static const char *const members[][2] = {
        {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    put(out, "kty", "RSA");
    for (size_t i = 0; i < (private ? 8 : 2); i++)
        put_number(out, members[i][0], pair, members[i][1], 0);
}

static void put_ec(struct gw_jsonout *out, const struct gw_algorithm *algorithm,
                   const EVP_PKEY *pair, bool private)
{
    put(out, "kty", "EC");
    put(out, "crv", algorithm->curve);
    put_number(out, "x", pair, OSSL_PKEY_PARAM_EC_PUB_X, algorithm->size);
    put_number(out, "y", pair, OSSL_PKEY_PARAM_EC_PUB_Y, algorithm->size);
    if (private)
        put_number(out, "d", pair, OSSL_PKEY_PARAM_PRIV_KEY, algorithm->size);
}

static void put_ed25519(struct gw_jsonout *out, const EVP_PKEY *pair, bool private)
{
    unsigned char raw[32];
    size_t len = sizeof(raw);
    put(out, "kty", "OKP");
    put(out, "crv", "Ed25519");
    if (EVP_PKEY_get_raw_public_key(pair, raw, &len) == 1 && len == 32)
        put_bytes(out, "x", raw, len);
    else
        out->text.failed = true;
    if (private && EVP_PKEY_get_raw_private_key(pair, raw, &len) == 1)
        put_bytes(out, "d", raw, len);
    OPENSSL_cleanse(raw, sizeof(raw));
}

/* {"use":"sig","alg":...,"kid":...,"kty":...} */
static void put_pair(struct gw_jsonout *out, const struct gw_algorithm *algorithm, const char *id,
                     const EVP_PKEY *pair, bool private)
{
    gw_jsonout_object(out);
    put(out, "use", "sig");
    put(out, "alg", algorithm->name);
    if (*id)
        put(out, "kid", id);
    if (algorithm->family == GW_FAMILY_EC)
        put_ec(out, algorithm, pair, private);
    else if (algorithm->family == GW_FAMILY_ED25519)
        put_ed25519(out, pair, private);
    else
        put_rsa(out, pair, private);
    gw_jsonout_end_object(out);
}

/* NULL where something failed. */
static const char *written(const struct gw_jsonout *out)
{
    return out->text.failed ? NULL : out->text.ptr;
}

int gw_keys_write_jwks(const struct gw_keys *keys, struct gw_arena *arena, const char **ret)
{
    struct gw_jsonout out = {.text = {.arena = arena}};
    gw_jsonout_object(&out);
    gw_jsonout_name(&out, "keys");
    gw_jsonout_array(&out);
    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].pair)
            put_pair(&out, keys->items[i].algorithm, keys->items[i].id, keys->items[i].pair, false);
    gw_jsonout_end_array(&out);
    gw_jsonout_end_object(&out);
    gw_text_add(&out.text, GW_STR("\n"));
    ERR_clear_error();
    *ret = written(&out);
    return *ret ? 0 : -ENOMEM;
}

static EVP_PKEY *generate_pair(const struct gw_algorithm *algorithm)
{
    if (algorithm->family == GW_FAMILY_EC)
        return EVP_EC_gen(algorithm->curve);
    if (algorithm->family == GW_FAMILY_ED25519)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    return EVP_RSA_gen(RSA_BITS);
}

static const char *generate_secret(const struct gw_algorithm *algorithm, const char *id,
                                   struct gw_arena *arena)
{
    struct gw_jsonout out = {.text = {.arena = arena}};
    unsigned char secret[64];
    gw_jsonout_object(&out);
    if (RAND_priv_bytes(secret, (int)algorithm->size) != 1)
        return NULL;
    put(&out, "use", "sig");
    put(&out, "alg", algorithm->name);
    put(&out, "kid", id);
    put(&out, "kty", "oct");
    put_bytes(&out, "k", secret, algorithm->size);
    OPENSSL_cleanse(secret, sizeof(secret));
    gw_jsonout_end_object(&out);
    return written(&out);
}

int gw_keys_generate(const char *name, const char *id, struct gw_arena *arena, const char **ret_jwk)
{
    const struct gw_algorithm *algorithm = gw_algorithm_find(gw_str_from(name));
    if (!algorithm || !gw_key_id_is_good(gw_str_from(id)))
        return -EINVAL;
    if (algorithm->family == GW_FAMILY_HMAC) {
        *ret_jwk = generate_secret(algorithm, id, arena);
    } else {
        EVP_PKEY *pair = generate_pair(algorithm);
        struct gw_jsonout out = {.text = {.arena = arena}};
        if (pair)
            put_pair(&out, algorithm, id, pair, true);
        *ret_jwk = pair ? written(&out) : NULL;
        EVP_PKEY_free(pair);
    }
    ERR_clear_error();
    return *ret_jwk ? 0 : -EIO;
}
