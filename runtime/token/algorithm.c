/* algorithm.c: the algorithms (RFC 7518, 3.1; RFC 8037, 3.1). `none` is not one.
 *
 * A key that names no algorithm (a PEM file, or a JWK without `alg`, as some identity providers
 * publish them) has the first of its kind: an RSA key RS256, a P-256 key ES256, P-384 ES384, P-521
 * ES512, an Ed25519 key EdDSA, a secret HS256. */
#include "token/own.h"

#include <errno.h>
#include <openssl/core_names.h>

#define HMAC(bits, block_size)                                                                     \
    {                                                                                              \
        .name = "HS" #bits, .family = GW_FAMILY_HMAC, .digest = EVP_sha##bits,                     \
        .block = block_size, .size = bits / 8, .sign = gw_hmac_sign, .verify = gw_hmac_verify      \
    }
#define RSA(prefix, kind, bits)                                                                    \
    {                                                                                              \
        .name = prefix #bits, .family = kind, .digest = EVP_sha##bits, .sign = gw_public_sign,     \
        .verify = gw_public_verify                                                                 \
    }
#define EC(bits, curve_name, group_name, bytes)                                                    \
    {                                                                                              \
        .name = "ES" #bits, .family = GW_FAMILY_EC, .digest = EVP_sha##bits, .size = bytes,        \
        .curve = curve_name, .group = group_name, .sign = gw_public_sign,                          \
        .verify = gw_public_verify                                                                 \
    }

const struct gw_algorithm gw_algorithms[] = {
    HMAC(256, 64),
    HMAC(384, 128),
    HMAC(512, 128),
    RSA("RS", GW_FAMILY_RSA, 256),
    RSA("RS", GW_FAMILY_RSA, 384),
    RSA("RS", GW_FAMILY_RSA, 512),
    RSA("PS", GW_FAMILY_RSA_PSS, 256),
    RSA("PS", GW_FAMILY_RSA_PSS, 384),
    RSA("PS", GW_FAMILY_RSA_PSS, 512),
    EC(256, "P-256", "prime256v1", 32),
    EC(384, "P-384", "secp384r1", 48),
    EC(512, "P-521", "secp521r1", 66),
    {
        .name = "EdDSA",
        .family = GW_FAMILY_ED25519,
        .size = 32,
        .curve = "Ed25519",
        .sign = gw_public_sign,
        .verify = gw_public_verify,
    },
};
const size_t gw_n_algorithms = sizeof(gw_algorithms) / sizeof(*gw_algorithms);

const struct gw_algorithm *gw_algorithm_find(struct gw_str name)
{
    for (size_t i = 0; i < gw_n_algorithms; i++)
        if (gw_str_equal(name, gw_str_from(gw_algorithms[i].name)))
            return &gw_algorithms[i];
    return NULL;
}

const struct gw_algorithm *gw_algorithm_of(const EVP_PKEY *pair)
{
    char group[64] = "";
    if (EVP_PKEY_is_a(pair, "RSA"))
        return gw_algorithm_find(GW_STR("RS256"));
    if (EVP_PKEY_is_a(pair, "ED25519"))
        return gw_algorithm_find(GW_STR("EdDSA"));
    if (!EVP_PKEY_is_a(pair, "EC") ||
        EVP_PKEY_get_group_name(pair, group, sizeof(group), NULL) != 1)
        return NULL;
    for (size_t i = 0; i < gw_n_algorithms; i++)
        if (gw_algorithms[i].group && !strcmp(gw_algorithms[i].group, group))
            return &gw_algorithms[i];
    return NULL;
}
