/* keys.c: signing keys and what they can do.
 *
 * A key carries its one algorithm (RFC 8725, 3.1): whoever verifies picks the key and does what the
 * key says; a token's header can agree or be refused. An algorithm is a row of a table with
 * its functions, so that another one is another row.
 *
 * An HMAC over a token costs as much in setting up as in hashing. The state of the inner and outer
 * hash after their first block depends on the key alone, so each key holds these two contexts,
 * made once; a call copies them into a context that only its own thread uses. The secret itself
 * is not kept.
 *
 * Refused as secrets: what is shorter than the hash's output (RFC 7518, 3.2), and public keys.
 * Whoever configures a public key as HMAC secret publishes the secret: the algorithm confusion of
 * RFC 8725, 2.1, from the other side. */
#include "keys.h"

#include "arena.h"
#include "base64.h"
#include "gatewright.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY_ID_MAX 64
#define N_HEADERS  3
#define HEADER_MAX 192 /* characters of {"alg":"HS256","typ":"JWT","kid":"<64>"} in base64url */
#define HMAC_BLOCK 128 /* bytes of the longest block that an HMAC's hash works on */

struct algorithm;

struct gw_key {
    const struct algorithm *algorithm;
    char id[KEY_ID_MAX + 1]; /* "": none */
    EVP_MD_CTX *inner, *outer;
    char header_text[N_HEADERS][HEADER_MAX];
    struct gw_str headers[N_HEADERS];
};

struct gw_keys {
    size_t n, active;
    struct gw_key items[];
};

struct gw_crypto {
    EVP_MD_CTX *digest;
    struct gw_arena scratch;
};

struct algorithm {
    const char *name;
    const EVP_MD *(*digest)(void);
    size_t block;   /* bytes that the hash takes at once */
    size_t min_key; /* bytes of a secret */
    int (*sign)(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                unsigned char *ret_signature, size_t *ret_len);
    int (*verify)(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                  const unsigned char *signature, size_t len);
};

/* ---- HMAC (RFC 2104) --------------------------------------------------------------------------
 */

/* OpenSSL's calls on contexts that are set up fail only for memory, and leave a note in the
 * thread's queue that nobody reads. */
static int openssl_failed(void)
{
    ERR_clear_error();
    return -EIO;
}

static int hmac_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                     unsigned char *ret_signature, size_t *ret_len)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *digest = crypto->digest;
    unsigned int len;

    if (EVP_MD_CTX_copy_ex(digest, key->inner) != 1 ||
        EVP_DigestUpdate(digest, input.ptr, input.len) != 1 ||
        EVP_DigestFinal_ex(digest, hash, &len) != 1)
        return openssl_failed();
    if (EVP_MD_CTX_copy_ex(digest, key->outer) != 1 || EVP_DigestUpdate(digest, hash, len) != 1 ||
        EVP_DigestFinal_ex(digest, ret_signature, &len) != 1)
        return openssl_failed();
    *ret_len = len;
    return 0;
}

static int hmac_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                       const unsigned char *signature, size_t len)
{
    unsigned char expected[EVP_MAX_MD_SIZE];
    size_t n;
    int r = hmac_sign(key, crypto, input, expected, &n);

    if (r)
        return r;
    if (len != n || CRYPTO_memcmp(expected, signature, n) != 0)
        return GW_E_MISMATCH;
    return 0;
}

static const struct algorithm algorithms[] = {
    {
        .name = "HS256",
        .digest = EVP_sha256,
        .block = 64,
        .min_key = 32,
        .sign = hmac_sign,
        .verify = hmac_verify,
    },
};

/* A context that has hashed the key's block, each byte xored with `pad`. */
static EVP_MD_CTX *hmac_context(const struct algorithm *algorithm, const unsigned char *block,
                                unsigned char pad)
{
    unsigned char padded[HMAC_BLOCK];
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

static int hmac_prepare(struct gw_key *key, struct gw_str secret)
{
    const struct algorithm *algorithm = key->algorithm;
    unsigned char block[HMAC_BLOCK] = {0};

    if (secret.len <= algorithm->block)
        memcpy(block, secret.ptr, secret.len);
    else if (EVP_Digest(secret.ptr, secret.len, block, NULL, algorithm->digest(), NULL) != 1)
        return openssl_failed();
    key->inner = hmac_context(algorithm, block, 0x36);
    key->outer = hmac_context(algorithm, block, 0x5c);
    OPENSSL_cleanse(block, sizeof(block));
    return key->inner && key->outer ? 0 : openssl_failed();
}

/* ---- What may be a secret ---------------------------------------------------------------------
 */

static bool contains(struct gw_str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
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

static const char *refuse_secret(struct gw_str secret, const struct algorithm *algorithm)
{
    if (secret.len < algorithm->min_key)
        return "is shorter than 32 bytes";
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

/* ---- Sets of keys -----------------------------------------------------------------------------
 */

/* The usual spellings of a header. A key with an id has it in every one of them: a token that does
 * not name the key is looked up as such. */
static int make_headers(struct gw_key *key)
{
    static const struct {
        const char *before, *after; /* the algorithm's name */
    } forms[N_HEADERS] = {
        {"{\"alg\":\"", "\",\"typ\":\"JWT\""},
        {"{\"typ\":\"JWT\",\"alg\":\"", "\""},
        {"{\"alg\":\"", "\""},
    };
    bool id = key->id[0] != '\0';

    for (size_t i = 0; i < N_HEADERS; i++) {
        char text[HEADER_MAX * 3 / 4];
        int len =
            snprintf(text, sizeof(text), "%s%s%s%s%s%s}", forms[i].before, key->algorithm->name,
                     forms[i].after, id ? ",\"kid\":\"" : "", key->id, id ? "\"" : "");
        if (len < 0 || (size_t)len >= sizeof(text))
            return -EINVAL;
        char *out = key->header_text[i];
        size_t n = gw_base64url_encode((const unsigned char *)text, (size_t)len, out);
        key->headers[i] = (struct gw_str){out, n};
    }
    return 0;
}

int gw_keys_from_secret(struct gw_str secret, struct gw_keys **ret, const char **ret_why)
{
    const struct algorithm *algorithm = &algorithms[0];
    const char *why = refuse_secret(secret, algorithm);

    if (why) {
        *ret_why = why;
        return -EINVAL;
    }
    struct gw_keys *keys = calloc(1, sizeof(*keys) + sizeof(struct gw_key));
    if (!keys)
        return -ENOMEM;
    keys->n = 1;
    keys->items[0].algorithm = algorithm;
    int r = hmac_prepare(&keys->items[0], secret);
    if (r == 0)
        r = make_headers(&keys->items[0]);
    if (r) {
        gw_keys_free(keys);
        return r;
    }
    *ret = keys;
    return 0;
}

void gw_keys_free(struct gw_keys *keys)
{
    if (!keys)
        return;
    for (size_t i = 0; i < keys->n; i++) {
        /* OpenSSL wipes a hash's state when it frees it. */
        EVP_MD_CTX_free(keys->items[i].inner);
        EVP_MD_CTX_free(keys->items[i].outer);
    }
    free(keys);
}

const struct gw_key *gw_keys_active(const struct gw_keys *keys)
{
    return &keys->items[keys->active];
}

const struct gw_key *gw_keys_find(const struct gw_keys *keys, struct gw_str kid)
{
    if (!kid.ptr)
        kid = GW_STR("");
    else if (kid.len == 0)
        return NULL;
    for (size_t i = 0; i < keys->n; i++)
        if (gw_str_equal(kid, gw_str_from(keys->items[i].id)))
            return &keys->items[i];
    return NULL;
}

const struct gw_str *gw_key_headers(const struct gw_key *key, size_t *ret_n)
{
    *ret_n = N_HEADERS;
    return key->headers;
}

const struct gw_key *gw_keys_find_header(const struct gw_keys *keys, struct gw_str header)
{
    for (size_t i = 0; i < keys->n; i++)
        for (size_t k = 0; k < N_HEADERS; k++)
            if (gw_str_equal(header, keys->items[i].headers[k]))
                return &keys->items[i];
    return NULL;
}

const char *gw_key_algorithm(const struct gw_key *key)
{
    return key->algorithm->name;
}

const char *gw_key_id(const struct gw_key *key)
{
    return key->id[0] ? key->id : NULL;
}

/* ---- A thread's contexts -----------------------------------------------------------------------
 */

int gw_crypto_new(struct gw_crypto **ret)
{
    struct gw_crypto *crypto = calloc(1, sizeof(*crypto));

    if (!crypto)
        return -ENOMEM;
    crypto->digest = EVP_MD_CTX_new();
    if (!crypto->digest) {
        gw_crypto_free(crypto);
        return -ENOMEM;
    }
    *ret = crypto;
    return 0;
}

void gw_crypto_free(struct gw_crypto *crypto)
{
    if (!crypto)
        return;
    EVP_MD_CTX_free(crypto->digest);
    gw_arena_free(&crypto->scratch);
    free(crypto);
}

struct gw_arena *gw_crypto_scratch(struct gw_crypto *crypto)
{
    gw_arena_reset(&crypto->scratch);
    return &crypto->scratch;
}

int gw_key_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                unsigned char ret_signature[GW_SIGNATURE_MAX], size_t *ret_len)
{
    return key->algorithm->sign(key, crypto, input, ret_signature, ret_len);
}

int gw_key_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                  const unsigned char *signature, size_t len)
{
    return key->algorithm->verify(key, crypto, input, signature, len);
}
