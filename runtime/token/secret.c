/* secret.c: what may be an HMAC secret.
 *
 * Refused: what is shorter than the hash's output (RFC 7518, 3.2), and public keys in every usual
 * spelling. Whoever configures a public key as HMAC secret publishes the secret: the algorithm
 * confusion of RFC 8725, 2.1, from the other side. */
#include "token/own.h"

#include <openssl/err.h>
#include <openssl/x509.h>

static bool contains(struct gw_str text, const char *part)
{
    return text.ptr && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* An ssh public key is "ssh-rsa AAAA... comment", perhaps with options in front. What follows the
 * type is base64 of a length and the type again, so that its beginning is always the same. */
static bool is_ssh(struct gw_str text)
{
    static const char *const marks[] = {
        "ssh-rsa ",         "ssh-ed25519 ",     "ssh-dss ",         "ecdsa-sha2-",
        "sk-ssh-ed25519",   "sk-ecdsa-sha2-",   "AAAAB3NzaC1yc2E",  "AAAAC3NzaC1lZDI1NTE5",
        "AAAAE2VjZHNhLXNo", "AAAAGnNrLXNzaC1l", "---- BEGIN SSH2 ", "PuTTY-User-Key-File-"};
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (contains(text, marks[i]))
            return true;
    return false;
}

/* An object with "kty" (JWK) or "keys" (JWKS). */
static bool is_jwk(struct gw_str text)
{
    size_t i = 0;
    while (i < text.len && memchr(" \t\r\n", text.ptr[i], 4))
        i++;
    return i < text.len && text.ptr[i] == '{' &&
           (contains(text, "\"kty\"") || contains(text, "\"keys\""));
}

/* A public key or certificate in DER. */
static bool is_der(struct gw_str text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    long len = text.len > 65536 ? 65536 : (long)text.len;
    if (len == 0 || *p != 0x30)
        return false;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &p, len);
    p = (const unsigned char *)text.ptr;
    X509 *certificate = key ? NULL : d2i_X509(NULL, &p, len);
    bool found = key || certificate;
    EVP_PKEY_free(key);
    X509_free(certificate);
    ERR_clear_error();
    return found;
}

const char *gw_keys_refuse_secret(struct gw_str secret, const struct gw_algorithm *algorithm)
{
    if (secret.len < algorithm->size)
        return algorithm->size == 32   ? "is shorter than 32 bytes"
               : algorithm->size == 48 ? "is shorter than 48 bytes"
                                       : "is shorter than 64 bytes";
    if (contains(secret, "-----BEGIN "))
        return "is a PEM key or certificate, which must never be an HMAC secret";
    if (is_jwk(secret))
        return "is a JSON Web Key, which must never be an HMAC secret";
    if (is_ssh(secret))
        return "is an ssh key, which must never be an HMAC secret";
    if (is_der(secret))
        return "is a DER key or certificate, which must never be an HMAC secret";
    return NULL;
}
