/* fingerprint.c: whether two programs have the same keys, without showing any. */
#include "token/own.h"

#include <errno.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define HASH_SIZE 32 /* SHA-256 */

/* What stands for the key itself: of a secret its MAC of a text that is no token's, of the others
 * the public part. */
static int take_material(const struct gw_key *key, struct gw_crypto *crypto, EVP_MD_CTX *digest)
{
    unsigned char mac[GW_SIGNATURE_MAX], *der = NULL;
    size_t len;
    if (gw_key_is_secret(key)) {
        int r = gw_key_sign(key, crypto, GW_STR("fingerprint of the key"), mac, &len);
        return r ? r : EVP_DigestUpdate(digest, mac, len) == 1 ? 0 : -EIO;
    }
    int size = i2d_PUBKEY(key->pair, &der);
    if (size <= 0)
        return gw_keys_openssl_failed();
    int r = EVP_DigestUpdate(digest, der, (size_t)size) == 1 ? 0 : -EIO;
    OPENSSL_free(der);
    return r;
}

static int hash_key(const struct gw_key *key, struct gw_crypto *crypto, EVP_MD_CTX *digest,
                    unsigned char ret[HASH_SIZE])
{
    const char *algorithm = gw_key_algorithm(key);
    if (EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1 ||
        EVP_DigestUpdate(digest, algorithm, strlen(algorithm) + 1) != 1 ||
        EVP_DigestUpdate(digest, key->id, strlen(key->id) + 1) != 1)
        return gw_keys_openssl_failed();
    int r = take_material(key, crypto, digest);
    return r ? r : EVP_DigestFinal_ex(digest, ret, NULL) == 1 ? 0 : -EIO;
}

int gw_keys_fingerprint(const struct gw_keys *keys, char ret[GW_FINGERPRINT_SIZE])
{
    unsigned char all[HASH_SIZE] = {0}, one[HASH_SIZE];
    struct gw_crypto *crypto;
    int r = gw_crypto_new(&crypto);
    if (r)
        return r;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    r = digest ? 0 : -ENOMEM;
    for (size_t i = 0; !r && i < gw_keys_count(keys); i++) {
        r = hash_key(gw_keys_at(keys, i), crypto, digest, one);
        for (size_t k = 0; !r && k < HASH_SIZE; k++)
            all[k] ^= one[k]; /* in no order, as the keys are */
    }
    for (size_t k = 0; !r && k < GW_FINGERPRINT_SIZE / 2; k++)
        snprintf(ret + 2 * k, 3, "%02x", all[k]);
    EVP_MD_CTX_free(digest);
    gw_crypto_free(crypto);
    return r;
}
