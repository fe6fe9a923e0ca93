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

/* In eight bytes, the highest first: machines of one service may differ in theirs. */
static bool add_number(EVP_MAC_CTX *mac, uint64_t number)
{
    unsigned char bytes[8];
    for (int i = 7; i >= 0; i--, number >>= 8)
        bytes[i] = (unsigned char)number;
    return add(mac, bytes, sizeof(bytes));
}

static bool add_bytes(EVP_MAC_CTX *mac, const void *bytes, size_t len)
{
    return add_number(mac, len) && (!len || add(mac, bytes, len));
}

/* So written that no two values, and no two lists of them, are the same bytes. */
static bool add_value(EVP_MAC_CTX *mac, const struct gw_value *value)
{
    unsigned char head[2] = {(unsigned char)value->type, value->null};
    uint64_t bits;
    if (!add(mac, head, sizeof(head)))
        return false;
    if (value->null)
        return true;
    switch (value->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_TIME:
        return add_number(mac, value->as.u64);
    case GW_TYPE_REAL:
        memcpy(&bits, &value->as.f64, sizeof(bits));
        return add_number(mac, bits);
    case GW_TYPE_BOOL:
        return add_number(mac, value->as.boolean);
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
