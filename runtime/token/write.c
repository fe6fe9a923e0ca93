/* write.c: keys as JSON Web Keys: the public ones of a set for whoever verifies our tokens,
 * and new ones for the folder of keys. */
#include "base/base64.h"
#include "token/own.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define RSA_BITS 2048

/* One JWK as text. `bad` once something failed. */
struct writer {
    struct gw_arena *arena;
    const char *text;
    bool bad;
};

static void put(struct writer *writer, const char *name, const char *value)
{
    const char *text = writer->bad
                           ? NULL
                           : gw_arena_printf(writer->arena, "%s%s\"%s\":\"%s\"", writer->text,
                                             *writer->text ? "," : "", name, value);
    writer->bad = !text;
    writer->text = text;
}

static void put_bytes(struct writer *writer, const char *name, const unsigned char *bytes,
                      size_t len)
{
    char *text = gw_arena_alloc(writer->arena, GW_BASE64URL_ENCODED(len) + 1);

    if (text) {
        gw_base64url_encode(bytes, len, text);
        put(writer, name, text);
    }
    writer->bad |= !text;
}

/* A number of a key, as long as it is, or of `len` bytes. */
static void put_number(struct writer *writer, const char *name, const EVP_PKEY *pair,
                       const char *param, size_t len)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;

    if (EVP_PKEY_get_bn_param(pair, param, &number) == 1) {
        len = len ? len : (size_t)BN_num_bytes(number);
        if (len <= sizeof(bytes) && BN_bn2binpad(number, bytes, (int)len) == (int)len)
            put_bytes(writer, name, bytes, len);
        else
            writer->bad = true;
    } else {
        writer->bad = true;
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    BN_clear_free(number);
}

static void put_rsa(struct writer *writer, const EVP_PKEY *pair, bool private)
{
    static const char *const members[][2] = {
        {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };

    put(writer, "kty", "RSA");
    for (size_t i = 0; i < (private ? 8 : 2); i++)
        put_number(writer, members[i][0], pair, members[i][1], 0);
}

static void put_ec(struct writer *writer, const struct gw_algorithm *algorithm,
                   const EVP_PKEY *pair, bool private)
{
    put(writer, "kty", "EC");
    put(writer, "crv", algorithm->curve);
    put_number(writer, "x", pair, OSSL_PKEY_PARAM_EC_PUB_X, algorithm->size);
    put_number(writer, "y", pair, OSSL_PKEY_PARAM_EC_PUB_Y, algorithm->size);
    if (private)
        put_number(writer, "d", pair, OSSL_PKEY_PARAM_PRIV_KEY, algorithm->size);
}

static void put_ed25519(struct writer *writer, const EVP_PKEY *pair, bool private)
{
    unsigned char raw[32];
    size_t len = sizeof(raw);

    put(writer, "kty", "OKP");
    put(writer, "crv", "Ed25519");
    if (EVP_PKEY_get_raw_public_key(pair, raw, &len) == 1 && len == 32)
        put_bytes(writer, "x", raw, len);
    else
        writer->bad = true;
    if (private && EVP_PKEY_get_raw_private_key(pair, raw, &len) == 1)
        put_bytes(writer, "d", raw, len);
    OPENSSL_cleanse(raw, sizeof(raw));
}

/* {"use":"sig","alg":...,"kid":...,"kty":...}; NULL where memory is short. */
static const char *write_pair(const struct gw_algorithm *algorithm, const char *id,
                              const EVP_PKEY *pair, bool private, struct gw_arena *arena)
{
    struct writer writer = {.arena = arena, .text = ""};

    put(&writer, "use", "sig");
    put(&writer, "alg", algorithm->name);
    if (*id)
        put(&writer, "kid", id);
    if (algorithm->family == GW_FAMILY_EC)
        put_ec(&writer, algorithm, pair, private);
    else if (algorithm->family == GW_FAMILY_ED25519)
        put_ed25519(&writer, pair, private);
    else
        put_rsa(&writer, pair, private);
    return writer.bad ? NULL : gw_arena_printf(arena, "{%s}", writer.text);
}

int gw_keys_write_jwks(const struct gw_keys *keys, struct gw_arena *arena, const char **ret)
{
    const char *text = "";

    for (size_t i = 0; text && i < keys->n; i++) {
        const struct gw_key *key = &keys->items[i];
        if (!key->pair)
            continue;
        const char *jwk = write_pair(key->algorithm, key->id, key->pair, false, arena);
        text = jwk ? gw_arena_printf(arena, "%s%s%s", text, *text ? "," : "", jwk) : NULL;
    }
    text = text ? gw_arena_printf(arena, "{\"keys\":[%s]}\n", text) : NULL;
    ERR_clear_error();
    *ret = text;
    return text ? 0 : -ENOMEM;
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
    struct writer writer = {.arena = arena, .text = ""};
    unsigned char secret[64];

    if (RAND_priv_bytes(secret, (int)algorithm->size) != 1)
        return NULL;
    put(&writer, "use", "sig");
    put(&writer, "alg", algorithm->name);
    put(&writer, "kid", id);
    put(&writer, "kty", "oct");
    put_bytes(&writer, "k", secret, algorithm->size);
    OPENSSL_cleanse(secret, sizeof(secret));
    return writer.bad ? NULL : gw_arena_printf(arena, "{%s}", writer.text);
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
        *ret_jwk = pair ? write_pair(algorithm, id, pair, true, arena) : NULL;
        EVP_PKEY_free(pair);
    }
    ERR_clear_error();
    return *ret_jwk ? 0 : -EIO;
}
