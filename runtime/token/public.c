/* public.c: RSA, ECDSA and EdDSA through OpenSSL's EVP.
 *
 * A key is looked at once, when it is loaded: its kind and curve are the algorithm's, an RSA
 * modulus has 2048 bits at least, an odd exponent of 3 at least and is not one of those that can be
 * factored, a point lies on its curve and is not of small order (weak.c), a private part belongs to
 * its public one. What a signature must look like is then known to the
 * byte, and any other length is refused before OpenSSL sees it.
 *
 * An ECDSA signature is r || s, each as long as a coordinate, both from 1 to n-1 (RFC 7518, 3.4).
 * OpenSSL wants DER; DER itself is never accepted. */
#include "gatewright.h"
#include "token/own.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192 /* more is hours of processor time for whoever sends tokens */
#define DER_MAX      160  /* bytes of an ECDSA signature over P-521 in DER */

/* ---- Keys ----------------------------------------------------------------------------------- */

static const char *refuse_exponent(const EVP_PKEY *pair)
{
    BIGNUM *e = NULL;
    if (EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
        return "is an RSA key without an exponent";
    const char *why = !BN_is_odd(e) || BN_is_one(e) ? "is an RSA key whose exponent is even or 1"
                      : BN_num_bits(e) > 64         ? "is an RSA key whose exponent is over 64 bits"
                                                    : NULL;
    BN_free(e);
    return why;
}

static const char *refuse_rsa(const EVP_PKEY *pair)
{
    BIGNUM *n = NULL;
    int bits = EVP_PKEY_get_bits(pair);
    if (bits < RSA_BITS_MIN)
        return "is an RSA key of fewer than 2048 bits";
    if (bits > RSA_BITS_MAX)
        return "is an RSA key of more than 8192 bits";
    const char *why = refuse_exponent(pair);
    if (why)
        return why;
    if (EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n) != 1)
        return "is an RSA key without a modulus";
    why = gw_keys_refuse_modulus(n);
    BN_free(n);
    return why;
}

/* A curve spelled out in numbers may be any curve: only named ones count. */
static const char *refuse_ec(const EVP_PKEY *pair, const struct gw_algorithm *algorithm)
{
    char group[64] = "", encoding[64] = "";
    if (EVP_PKEY_get_group_name(pair, group, sizeof(group), NULL) != 1 ||
        strcmp(group, algorithm->group))
        return "is a key of another curve than its algorithm's";
    if (EVP_PKEY_get_utf8_string_param(pair, OSSL_PKEY_PARAM_EC_ENCODING, encoding,
                                       sizeof(encoding), NULL) != 1 ||
        strcmp(encoding, OSSL_PKEY_EC_ENCODING_GROUP))
        return "is a key of a curve without a name";
    return NULL;
}

static const char *refuse_ed25519(const EVP_PKEY *pair)
{
    unsigned char point[32];
    size_t len = sizeof(point);
    if (EVP_PKEY_get_raw_public_key(pair, point, &len) != 1 || len != sizeof(point))
        return "is an Ed25519 key without a point";
    return gw_keys_refuse_point(point);
}

static const char *refuse_kind(const EVP_PKEY *pair, const struct gw_algorithm *algorithm)
{
    switch (algorithm->family) {
    case GW_FAMILY_RSA:
    case GW_FAMILY_RSA_PSS:
        return EVP_PKEY_is_a(pair, "RSA") ? refuse_rsa(pair) : "is no RSA key";
    case GW_FAMILY_EC:
        return EVP_PKEY_is_a(pair, "EC") ? refuse_ec(pair, algorithm)
                                         : "is no key of an elliptic curve";
    case GW_FAMILY_ED25519:
        return EVP_PKEY_is_a(pair, "ED25519") ? refuse_ed25519(pair) : "is no Ed25519 key";
    case GW_FAMILY_HMAC:
        break;
    }
    return "is no secret";
}

/* Whether the private part is there. */
static bool has_private(const EVP_PKEY *pair, const struct gw_algorithm *algorithm)
{
    unsigned char raw[64];
    size_t len = sizeof(raw);
    BIGNUM *d = NULL;
    if (algorithm->family == GW_FAMILY_ED25519)
        d = EVP_PKEY_get_raw_private_key(pair, raw, &len) == 1 ? BN_new() : NULL;
    else
        EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_PRIV_KEY, &d);
    if (!d && algorithm->family != GW_FAMILY_ED25519)
        EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_D, &d);
    bool found = d != NULL;
    OPENSSL_cleanse(raw, sizeof(raw));
    BN_clear_free(d);
    ERR_clear_error();
    return found;
}

/* OpenSSL's own checks: a point on its curve, a plausible modulus, matching halves. */
static bool is_sound(EVP_PKEY *pair, bool private)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
    bool sound = context && EVP_PKEY_public_check(context) == 1 &&
                 (!private || EVP_PKEY_check(context) == 1);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return sound;
}

int gw_public_prepare(struct gw_key *key, EVP_PKEY *pair, const char **ret_why)
{
    const char *why = refuse_kind(pair, key->algorithm);
    key->pair = pair;
    key->can_sign = has_private(pair, key->algorithm);
    if (!why && !is_sound(pair, key->can_sign))
        why = "is a key that OpenSSL finds to be broken";
    if (!why && key->algorithm->family == GW_FAMILY_EC &&
        EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_EC_ORDER, &key->order) != 1)
        return gw_keys_openssl_failed();
    ERR_clear_error();
    if (why)
        *ret_why = why;
    return why ? -EINVAL : 0;
}

/* ---- Signatures ----------------------------------------------------------------------------- */

static bool is_scalar(const BIGNUM *number, const BIGNUM *order)
{
    return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

/* r || s to DER. GW_E_MISMATCH: not from 1 to n-1. */
static int raw_to_der(const struct gw_key *key, const unsigned char *raw,
                      unsigned char der[DER_MAX], size_t *ret_len)
{
    int half = (int)key->algorithm->size;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, half, NULL), *s = BN_bin2bn(raw + half, half, NULL);
    int len = 0;
    if (!pair || !r || !s || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return gw_keys_openssl_failed();
    }
    bool good = is_scalar(r, key->order) && is_scalar(s, key->order);
    if (good)
        len = i2d_ECDSA_SIG(pair, &der);
    ECDSA_SIG_free(pair);
    if (!good)
        return GW_E_MISMATCH;
    *ret_len = (size_t)len;
    return len > 0 ? 0 : gw_keys_openssl_failed();
}

static int der_to_raw(const struct gw_key *key, const unsigned char *der, size_t len,
                      unsigned char *ret_raw)
{
    int half = (int)key->algorithm->size;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool good = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), ret_raw, half) == half &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), ret_raw + half, half) == half;
    ECDSA_SIG_free(pair);
    return good ? 0 : gw_keys_openssl_failed();
}

/* Bytes of every signature that the key makes. */
static size_t signature_size(const struct gw_key *key)
{
    if (key->algorithm->family == GW_FAMILY_EC || key->algorithm->family == GW_FAMILY_ED25519)
        return 2 * key->algorithm->size;
    return (size_t)EVP_PKEY_get_size(key->pair);
}

/* PSS as RFC 7518, 3.5 has it: the salt is as long as the hash, which MGF1 uses too. */
static bool set_padding(const struct gw_key *key, EVP_PKEY_CTX *context)
{
    if (key->algorithm->family != GW_FAMILY_RSA_PSS)
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static const EVP_MD *digest_of(const struct gw_key *key)
{
    return key->algorithm->digest ? key->algorithm->digest() : NULL;
}

int gw_public_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                   unsigned char *ret_signature, size_t *ret_len)
{
    unsigned char signature[GW_SIGNATURE_MAX];
    size_t len = sizeof(signature);
    EVP_PKEY_CTX *context; /* belongs to the digest's */
    if (!key->can_sign)
        return -EINVAL;
    bool good =
        EVP_MD_CTX_reset(crypto->digest) == 1 &&
        EVP_DigestSignInit(crypto->digest, &context, digest_of(key), NULL, key->pair) == 1 &&
        set_padding(key, context) &&
        EVP_DigestSign(crypto->digest, signature, &len, (const unsigned char *)input.ptr,
                       input.len) == 1;
    EVP_MD_CTX_reset(crypto->digest);
    if (!good)
        return gw_keys_openssl_failed();
    *ret_len = signature_size(key);
    if (key->algorithm->family == GW_FAMILY_EC)
        return der_to_raw(key, signature, len, ret_signature);
    if (len != *ret_len)
        return -EIO;
    memcpy(ret_signature, signature, len);
    return 0;
}

/* What OpenSSL cannot do for lack of memory counts as another signature where it does not say
 * which: nobody is let in either way. */
static int verify_bytes(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                        const unsigned char *signature, size_t len)
{
    EVP_PKEY_CTX *context; /* belongs to the digest's */
    if (EVP_MD_CTX_reset(crypto->digest) != 1 ||
        EVP_DigestVerifyInit(crypto->digest, &context, digest_of(key), NULL, key->pair) != 1 ||
        !set_padding(key, context))
        return gw_keys_openssl_failed();
    int r = EVP_DigestVerify(crypto->digest, signature, len, (const unsigned char *)input.ptr,
                             input.len);
    ERR_clear_error();
    return r == 1 ? 0 : GW_E_MISMATCH;
}

int gw_public_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                     const unsigned char *signature, size_t len)
{
    unsigned char der[DER_MAX];
    if (len != signature_size(key))
        return GW_E_MISMATCH;
    if (key->algorithm->family == GW_FAMILY_EC) {
        int r = raw_to_der(key, signature, der, &len);
        if (r)
            return r;
        signature = der;
    }
    int r = verify_bytes(key, crypto, input, signature, len);
    EVP_MD_CTX_reset(crypto->digest);
    return r;
}
