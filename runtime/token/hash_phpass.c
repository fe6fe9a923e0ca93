/* hash_phpass.c: the portable hashes of phpass, of WordPress before 6.8, phpBB ($H$) and others.
 *
 * MD5, 2^7 to 2^30 times, each over the digest before and the password. The 16 bytes are written in
 * crypt's alphabet, the lowest bits first. */
#include "token/hash_kinds.h"

#include <errno.h>
#include <openssl/evp.h>

#define SETTING_LEN 12 /* $P$, a character for log2 of the rounds, eight of salt */
#define DIGEST_LEN  22
#define LOG2_MIN    7
#define LOG2_MAX    30
#define MD5_SIZE    16

enum gw_reason gw_hash_read_phpass(struct gw_str text, struct gw_hash *ret)
{
    if (text.len != SETTING_LEN + DIGEST_LEN ||
        !gw_hash_is_text64((struct gw_str){text.ptr + 3, text.len - 3}))
        return GW_REASON_PASSWORD_UNKNOWN;
    int log2 = gw_hash_value64(text.ptr[3]);
    if (log2 < LOG2_MIN || log2 > LOG2_MAX)
        return GW_REASON_PASSWORD_UNKNOWN;
    if (log2 > GW_HASH_PHPASS_LOG2_MAX)
        return GW_REASON_PASSWORD_BOUND;
    ret->n = UINT64_C(1) << log2;
    memcpy(ret->digest, text.ptr + SETTING_LEN, DIGEST_LEN);
    ret->digest_len = DIGEST_LEN;
    return gw_hash_keep_salt(ret, (struct gw_str){text.ptr + 4, SETTING_LEN - 4}, 0)
               ? GW_REASON_NONE
               : GW_REASON_PASSWORD_UNKNOWN;
}

static bool digest_two(EVP_MD_CTX *ctx, const EVP_MD *md, const void *first, size_t n,
                       const char *password, size_t len, unsigned char *out)
{
    return EVP_DigestInit_ex(ctx, md, NULL) && EVP_DigestUpdate(ctx, first, n) &&
           EVP_DigestUpdate(ctx, password, len) && EVP_DigestFinal_ex(ctx, out, NULL);
}

static bool run(EVP_MD_CTX *ctx, const EVP_MD *md, const struct gw_hash *hash, const char *password,
                unsigned char *digest)
{
    size_t len = strlen(password);
    bool good = digest_two(ctx, md, hash->salt, hash->salt_len, password, len, digest);
    for (uint64_t i = 0; good && i < hash->n; i++)
        good = digest_two(ctx, md, digest, MD5_SIZE, password, len, digest);
    return good;
}

static void encode(const unsigned char *digest, unsigned char *out)
{
    static const char alphabet[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < DIGEST_LEN; i++) {
        size_t bit = i * 6;
        unsigned value = digest[bit / 8];
        if (bit / 8 + 1 < MD5_SIZE)
            value |= (unsigned)digest[bit / 8 + 1] << 8;
        out[i] = (unsigned char)alphabet[value >> bit % 8 & 63];
    }
}

int gw_hash_derive_phpass(const struct gw_hash *hash, const char *password, unsigned char *out)
{
    unsigned char digest[MD5_SIZE];
    EVP_MD *md = EVP_MD_fetch(NULL, "MD5", NULL);
    EVP_MD_CTX *ctx = md ? EVP_MD_CTX_new() : NULL;
    bool good = ctx && run(ctx, md, hash, password, digest);
    if (good)
        encode(digest, out);
    EVP_MD_CTX_free(ctx);
    EVP_MD_free(md);
    explicit_bzero(digest, sizeof(digest));
    return good ? 0 : -ENOMEM;
}
