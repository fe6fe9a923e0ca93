/* seal.c: see seal.h. */
#include "token/seal.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

static int derive(const char *secret, unsigned char ret[32])
{
    static const char label[] = "gatewright ticket";
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (char *)secret, strlen(secret)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (char *)label, strlen(label)),
        OSSL_PARAM_construct_end(),
    };
    bool good = context && EVP_KDF_derive(context, ret, 32, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good ? 0 : -ENOMEM;
}

int gw_seal_open(struct gw_seal *seal, const char *secret, const char *old)
{
    int r = derive(secret, seal->keys[0]);
    seal->n = 1;
    if (!r && old) {
        r = derive(old, seal->keys[1]);
        seal->n = 2;
    }
    return r;
}

/* ---- The MAC -------------------------------------------------------------------------------- */

static bool add(EVP_MAC_CTX *mac, const void *bytes, size_t len)
{
    return EVP_MAC_update(mac, bytes, len) == 1;
}

static bool add_bytes(EVP_MAC_CTX *mac, const void *bytes, size_t len)
{
    uint64_t size = len;
    return add(mac, &size, sizeof(size)) && (!len || add(mac, bytes, len));
}

/* So written that no two values, and no two lists of them, are the same bytes. */
static bool add_value(EVP_MAC_CTX *mac, const struct gw_value *value)
{
    unsigned char head[2] = {(unsigned char)value->type, value->null};
    if (!add(mac, head, sizeof(head)))
        return false;
    if (value->null)
        return true;
    switch (value->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_TIME:
        return add_bytes(mac, &value->as.u64, sizeof(value->as.u64));
    case GW_TYPE_REAL:
        return add_bytes(mac, &value->as.f64, sizeof(value->as.f64));
    case GW_TYPE_BOOL:
        return add_bytes(mac, &value->as.boolean, sizeof(value->as.boolean));
    case GW_TYPE_BLOB:
        return add_bytes(mac, value->as.blob.ptr, value->as.blob.len);
    default:
        return add_bytes(mac, value->as.text, strlen(value->as.text));
    }
}

int gw_seal_values(const struct gw_seal *seal, size_t which, const struct gw_value *values,
                   size_t n, unsigned char ret[GW_SEAL_SIZE])
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    size_t len;
    bool good = mac && which < seal->n && EVP_MAC_init(mac, seal->keys[which], 32, params) == 1;
    for (size_t i = 0; good && i < n; i++)
        good = add_value(mac, &values[i]);
    good = good && EVP_MAC_final(mac, ret, &len, GW_SEAL_SIZE) == 1;
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(hmac);
    return good ? 0 : -ENOMEM;
}
