/* hash_crypt.c: the hashes of crypt(5), through libxcrypt; and bcrypt as other programs wrap it.
 *
 * What libxcrypt is given is read here before, for its cost: one row of a table could otherwise
 * keep a thread for hours. `crypt` is never called: it has one buffer for all threads. What
 * crypt_rn leaves of the password in its 32 KiB is wiped.
 *
 * bcrypt goes by the first 72 bytes of a password, here as in PHP; Django's bcrypt_sha256 and
 * WordPress hash it before, so that all of it counts. */
#include "token/hash_kinds.h"

#include "base/base64.h"
#include "gatewright.h"

#include <assert.h>
#include <crypt.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define BCRYPT_SETTING 29 /* $2b$12$ and 22 characters of salt */
#define BCRYPT_DIGEST  31
#define MD5_DIGEST     22
#define SHA256_DIGEST  43
#define SHA512_DIGEST  86
#define SCRYPT_DIGEST  43
#define SHA_ROUNDS     5000 /* where a setting names none */
#define SHA_ROUNDS_MIN 1000
#define SHA_SALT_MAX   16
#define MD5_SALT_MAX   8

/* ret->salt is the setting: all before the digest, the salt proper from `begin` on. */
static enum gw_reason keep(struct gw_str text, size_t begin, size_t digest, struct gw_hash *ret)
{
    if (text.len <= digest ||
        !gw_hash_is_text64((struct gw_str){text.ptr + text.len - digest, digest}))
        return GW_REASON_PASSWORD_UNKNOWN;
    if (!gw_hash_keep_salt(ret, (struct gw_str){text.ptr, text.len - digest}, begin))
        return GW_REASON_PASSWORD_UNKNOWN;
    memcpy(ret->digest, text.ptr + text.len - digest, digest);
    ret->digest_len = digest;
    return GW_REASON_NONE;
}

/* `rest` behind kind and cost is a salt of at most `most` characters, a "$" and the digest. */
static bool is_salt_and_digest(struct gw_str rest, size_t most, size_t digest)
{
    struct gw_str salt;
    return gw_hash_take(&rest, '$', &salt) && salt.len && salt.len <= most &&
           gw_hash_is_text64(salt) && rest.len == digest;
}

static struct gw_str behind(struct gw_str text, size_t n)
{
    assert(n <= text.len);
    return (struct gw_str){text.ptr + n, text.len - n};
}

/* $y$j9T$salt$digest: the flavour that crypt_gensalt writes, a character each for N and r, and
 * nothing else. $gy$ is the same. */
enum gw_reason gw_hash_read_yescrypt(struct gw_str text, struct gw_hash *ret)
{
    size_t begin = strlen(ret->kind->prefix);
    if (text.len < begin + 4 || text.ptr[begin] != 'j' || text.ptr[begin + 3] != '$')
        return GW_REASON_PASSWORD_UNKNOWN;
    int log2 = gw_hash_value64(text.ptr[begin + 1]) + 1;
    int r = gw_hash_value64(text.ptr[begin + 2]) + 1;
    /* Larger values take more characters. */
    if (log2 < 2 || log2 > 48 || r < 1 || r > 48 ||
        !is_salt_and_digest(behind(text, begin + 4), GW_HASH_SALT_MAX, SCRYPT_DIGEST))
        return GW_REASON_PASSWORD_UNKNOWN;
    ret->n = UINT64_C(1) << log2;
    ret->r = (uint32_t)r;
    ret->p = 1;
    return ret->n * ret->r * 128 > GW_HASH_MEMORY_MAX ? GW_REASON_PASSWORD_BOUND
                                                      : keep(text, begin + 4, SCRYPT_DIGEST, ret);
}

/* 30 bits in five characters, the lowest first. */
static int64_t value30(const char *text)
{
    int64_t sum = 0;
    for (int i = 0; i < 5; i++) {
        int value = gw_hash_value64(text[i]);
        if (value < 0)
            return -1;
        sum |= (int64_t)value << 6 * i;
    }
    return sum;
}

/* $7$, a character for log2 N, five for r, five for p, the salt, "$" and the digest. */
enum gw_reason gw_hash_read_crypt_scrypt(struct gw_str text, struct gw_hash *ret)
{
    size_t begin = 3 + 1 + 5 + 5;
    if (text.len < begin ||
        !is_salt_and_digest(behind(text, begin), GW_HASH_SALT_MAX, SCRYPT_DIGEST))
        return GW_REASON_PASSWORD_UNKNOWN;
    int log2 = gw_hash_value64(text.ptr[3]);
    int64_t r = value30(text.ptr + 4), p = value30(text.ptr + 9);
    if (log2 < 1 || r < 1 || p < 1)
        return GW_REASON_PASSWORD_UNKNOWN;
    ret->n = UINT64_C(1) << log2;
    ret->r = (uint32_t)r;
    ret->p = (uint32_t)p;
    enum gw_reason reason = gw_hash_bound_scrypt(ret);
    return reason ? reason : keep(text, begin, SCRYPT_DIGEST, ret);
}

enum gw_reason gw_hash_read_bcrypt(struct gw_str text, struct gw_hash *ret)
{
    const char *s = text.ptr;
    if (text.len != BCRYPT_SETTING + BCRYPT_DIGEST || s[4] < '0' || s[4] > '3' || s[5] < '0' ||
        s[5] > '9' || s[6] != '$' || !gw_hash_is_text64(behind(text, 7)))
        return GW_REASON_PASSWORD_UNKNOWN;
    unsigned log2 = (unsigned)(s[4] - '0') * 10 + (unsigned)(s[5] - '0');
    if (log2 < 4 || log2 > 31)
        return GW_REASON_PASSWORD_UNKNOWN;
    ret->n = UINT64_C(1) << log2;
    return log2 > GW_HASH_BCRYPT_MAX ? GW_REASON_PASSWORD_BOUND : keep(text, 7, BCRYPT_DIGEST, ret);
}

/* $6$salt$digest, or $6$rounds=10000$salt$digest; $5$ the same. */
enum gw_reason gw_hash_read_sha_crypt(struct gw_str text, struct gw_hash *ret)
{
    static const struct gw_str word = {"rounds=", 7};
    struct gw_str rest = behind(text, 3);
    size_t digest = text.ptr[1] == '5' ? SHA256_DIGEST : SHA512_DIGEST;
    ret->n = SHA_ROUNDS;
    if (rest.len > word.len && !memcmp(rest.ptr, word.ptr, word.len)) {
        rest = behind(rest, word.len);
        if (!gw_hash_take_number(&rest, '$', SHA_ROUNDS_MIN, &ret->n))
            return GW_REASON_PASSWORD_UNKNOWN;
    }
    if (!is_salt_and_digest(rest, SHA_SALT_MAX, digest))
        return GW_REASON_PASSWORD_UNKNOWN;
    return ret->n > GW_HASH_SHA_ROUNDS_MAX ? GW_REASON_PASSWORD_BOUND
                                           : keep(text, text.len - rest.len, digest, ret);
}

enum gw_reason gw_hash_read_md5_crypt(struct gw_str text, struct gw_hash *ret)
{
    if (!is_salt_and_digest(behind(text, 3), MD5_SALT_MAX, MD5_DIGEST))
        return GW_REASON_PASSWORD_UNKNOWN;
    return keep(text, 3, MD5_DIGEST, ret);
}

/* What crypt makes of the setting is the setting and the digest. It repeats the setting as it
 * understood it: where that is another, or none at all (EINVAL), the hash is not one that crypt
 * wrote. */
int gw_hash_derive_crypt(const struct gw_hash *hash, const char *password, unsigned char *out)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    if (!data)
        return -ENOMEM;
    errno = 0;
    const char *made = crypt_rn(password, hash->salt, data, sizeof(*data));
    int r = made ? 0 : errno == EINVAL ? GW_E_MISMATCH : errno > 0 ? -errno : -EIO;
    if (made && strlen(made) == hash->salt_len + hash->digest_len &&
        !memcmp(made, hash->salt, hash->salt_len))
        memcpy(out, made + hash->salt_len, hash->digest_len);
    else if (made)
        r = GW_E_MISMATCH;
    explicit_bzero(data, sizeof(*data));
    free(data);
    return r;
}

/* ---- What is hashed in the place of the password --------------------------------------------- */

/* bcrypt_sha256: its SHA-256 as lower-case hex. */
int gw_hash_prepare_django(const char *password, char out[GW_HASH_PREPARED_SIZE])
{
    unsigned char digest[32];
    unsigned len = 0;
    if (!EVP_Digest(password, strlen(password), digest, &len, EVP_sha256(), NULL))
        return -ENOMEM;
    assert(len == sizeof(digest) && 2 * len < GW_HASH_PREPARED_SIZE);
    for (unsigned i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    out[2 * len] = '\0';
    explicit_bzero(digest, sizeof(digest));
    return 0;
}

/* WordPress 6.8: its HMAC-SHA384 as base64. WordPress cuts what PHP's trim() takes for blanks from
 * both ends whenever a password is set and when somebody signs in. */
int gw_hash_prepare_wordpress(const char *password, char out[GW_HASH_PREPARED_SIZE])
{
    static const char key[] = "wp-sha384", blanks[] = " \t\n\r\v";
    unsigned char digest[48];
    unsigned len = 0;
    password += strspn(password, blanks);
    size_t n = strlen(password);
    while (n && strchr(blanks, password[n - 1]))
        n--;
    if (!HMAC(EVP_sha384(), key, sizeof(key) - 1, (const unsigned char *)password, n, digest, &len))
        return -ENOMEM;
    assert(len == sizeof(digest));
    out[gw_base64_encode(digest, len, out)] = '\0';
    explicit_bzero(digest, sizeof(digest));
    return 0;
}
