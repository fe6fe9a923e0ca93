/* hmac.c: HS256, HS384 and HS512 (RFC 2104; RFC 7518, 3.2).
 *
 * An HMAC over a token costs as much in setting up as in hashing. The state of the inner and outer
 * hash after their first block depends on the key alone, so each key holds these two contexts,
 * made once; a call copies them into a context that only its own thread uses. The secret itself
 * is not kept. */
#include "gatewright.h"
#include "token/own.h"

#include <openssl/crypto.h>

#define BLOCK_MAX 128 /* bytes of the longest block that a hash works on */

int gw_hmac_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                 unsigned char *ret_signature, size_t *ret_len)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *digest = crypto->digest;
    unsigned int len;
    if (EVP_MD_CTX_copy_ex(digest, key->inner) != 1 ||
        EVP_DigestUpdate(digest, input.ptr, input.len) != 1 ||
        EVP_DigestFinal_ex(digest, hash, &len) != 1)
        return gw_keys_openssl_failed();
    if (EVP_MD_CTX_copy_ex(digest, key->outer) != 1 || EVP_DigestUpdate(digest, hash, len) != 1 ||
        EVP_DigestFinal_ex(digest, ret_signature, &len) != 1)
        return gw_keys_openssl_failed();
    *ret_len = len;
    return 0;
}

int gw_hmac_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                   const unsigned char *signature, size_t len)
{
    unsigned char expected[EVP_MAX_MD_SIZE];
    size_t n;
    int r = gw_hmac_sign(key, crypto, input, expected, &n);
    if (r)
        return r;
    if (len != n || CRYPTO_memcmp(expected, signature, n) != 0)
        return GW_E_MISMATCH;
    return 0;
}

/* A context that has hashed the key's block, each byte xored with `pad`. */
static EVP_MD_CTX *hmac_context(const struct gw_algorithm *algorithm, const unsigned char *block,
                                unsigned char pad)
{
    unsigned char padded[BLOCK_MAX];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    for (size_t i = 0; i < algorithm->block; i++)
        padded[i] = block[i] ^ pad;
    if (context && (EVP_DigestInit_ex(context, algorithm->digest(), NULL) != 1 ||
                    EVP_DigestUpdate(context, padded, algorithm->block) != 1)) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    OPENSSL_cleanse(padded, sizeof(padded));
    return context;
}

int gw_hmac_prepare(struct gw_key *key, struct gw_str secret)
{
    const struct gw_algorithm *algorithm = key->algorithm;
    unsigned char block[BLOCK_MAX] = {0};
    if (secret.len <= algorithm->block)
        memcpy(block, secret.ptr, secret.len);
    else if (EVP_Digest(secret.ptr, secret.len, block, NULL, algorithm->digest(), NULL) != 1)
        return gw_keys_openssl_failed();
    key->inner = hmac_context(algorithm, block, 0x36);
    key->outer = hmac_context(algorithm, block, 0x5c);
    key->can_sign = true;
    OPENSSL_cleanse(block, sizeof(block));
    return key->inner && key->outer ? 0 : gw_keys_openssl_failed();
}
