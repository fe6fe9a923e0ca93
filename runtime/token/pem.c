/* pem.c: keys in PEM (RFC 7468).
 *
 * A file holds one key. Certificates are refused, since nobody checks their dates or chains here;
 * so are encrypted keys, since nobody is there to type a password. */
#include "token/own.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>

static size_t count(struct gw_str text, const char *part)
{
    size_t n = 0, len = strlen(part);
    for (const char *at; (at = memmem(text.ptr, text.len, part, len)) != NULL; n++) {
        text.len -= (size_t)(at - text.ptr) + len;
        text.ptr = at + len;
    }
    return n;
}

bool gw_keys_is_pem(struct gw_str text)
{
    return count(text, "-----BEGIN ") > 0;
}

static int no_password(char *buffer, int size, int writing, void *data)
{
    return -1;
}

static EVP_PKEY *read_pem(struct gw_str text)
{
    EVP_PKEY *pair = NULL;
    for (int private = 1; !pair && private >= 0; private --) {
        BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
        if (bio)
            pair = private ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
                           : PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
        BIO_free(bio);
    }
    ERR_clear_error();
    return pair;
}

static const char *refuse_text(struct gw_str text)
{
    if (text.len > 65536)
        return "is too long for a key";
    if (count(text, "-----BEGIN CERTIFICATE") || count(text, "-----BEGIN TRUSTED CERTIFICATE"))
        return "is a certificate; extract its key with `openssl x509 -pubkey -noout`";
    if (count(text, "ENCRYPTED"))
        return "is an encrypted key, and nobody is there to type its password";
    /* `openssl ecparam -genkey` writes the curve in front of the key. */
    if (count(text, "-----BEGIN ") != 1 + count(text, "-----BEGIN EC PARAMETERS-----"))
        return "does not hold exactly one PEM key";
    return NULL;
}

int gw_keys_add_pem(struct gw_keys *keys, struct gw_str text, struct gw_str id,
                    const char **ret_why)
{
    struct gw_key key = {.algorithm = NULL};
    const char *why = refuse_text(text);
    EVP_PKEY *pair = why ? NULL : read_pem(text);
    if (!why && id.len && !gw_key_id_is_good(id))
        why = "has no good key id: 1 to 64 of A-Z a-z 0-9 . _ -";
    if (!why && !pair)
        why = "is not a PEM private or public key";
    if (!why && !(key.algorithm = gw_algorithm_of(pair)))
        why = "is a key of a kind that no algorithm here uses";
    if (why) {
        EVP_PKEY_free(pair);
        *ret_why = why;
        return -EINVAL;
    }
    if (id.len)
        memcpy(key.id, id.ptr, id.len);
    int r = gw_public_prepare(&key, pair, ret_why);
    if (r) {
        gw_key_clear(&key);
        return r;
    }
    return gw_keys_take(keys, &key, ret_why);
}
