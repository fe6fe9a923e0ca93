/* hash_scrypt.c: scrypt (RFC 7914) as werkzeug 3 and Django 4 write it; the digest has 64 bytes. */
#include "token/hash_kinds.h"

#include <errno.h>
#include <openssl/evp.h>

#define DIGEST_SIZE 64

enum gw_reason gw_hash_bound_scrypt(const struct gw_hash *hash)
{
    bool fits = hash->r <= GW_HASH_SCRYPT_BLOCK_MAX && hash->p <= GW_HASH_SCRYPT_LANES_MAX &&
                hash->n <= GW_HASH_MEMORY_MAX && hash->n * hash->r * 128 <= GW_HASH_MEMORY_MAX;
    return fits ? GW_REASON_NONE : GW_REASON_PASSWORD_BOUND;
}

static bool take_32(struct gw_str *text, char end, uint32_t *ret)
{
    uint64_t number;
    if (!gw_hash_take_number(text, end, 1, &number) || number > UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

/* N is a power of two, at least 2 and below 2^(16r) (RFC 7914, 6). */
static bool is_n(const struct gw_hash *hash)
{
    return hash->n > 1 && !(hash->n & (hash->n - 1)) &&
           (hash->r > 3 || !(hash->n >> (16 * hash->r)));
}

/* scrypt:N:r:p$salt$hex */
enum gw_reason gw_hash_read_werkzeug_scrypt(struct gw_str text, struct gw_hash *ret)
{
    struct gw_str salt;
    if (!gw_hash_take_number(&text, ':', 2, &ret->n) || !take_32(&text, ':', &ret->r) ||
        !take_32(&text, '$', &ret->p) || !is_n(ret) || !gw_hash_take(&text, '$', &salt) ||
        !gw_hash_keep_salt(ret, salt, 0) || !gw_hash_keep_hex(ret, text, DIGEST_SIZE))
        return GW_REASON_PASSWORD_UNKNOWN;
    return gw_hash_bound_scrypt(ret);
}

/* scrypt$N$salt$r$p$base64 */
enum gw_reason gw_hash_read_django_scrypt(struct gw_str text, struct gw_hash *ret)
{
    struct gw_str salt;
    if (!gw_hash_take_number(&text, '$', 2, &ret->n) || !gw_hash_take(&text, '$', &salt) ||
        !take_32(&text, '$', &ret->r) || !take_32(&text, '$', &ret->p) || !is_n(ret) ||
        !gw_hash_keep_salt(ret, salt, 0) || !gw_hash_keep_base64(ret, text, DIGEST_SIZE))
        return GW_REASON_PASSWORD_UNKNOWN;
    return gw_hash_bound_scrypt(ret);
}

int gw_hash_derive_scrypt(const struct gw_hash *hash, const char *password, unsigned char *out)
{
    /* Its own bound counts a little more than the blocks: ours was asked when the hash was read. */
    int good = EVP_PBE_scrypt(password, strlen(password), (const unsigned char *)hash->salt,
                              hash->salt_len, hash->n, hash->r, hash->p, 2 * GW_HASH_MEMORY_MAX,
                              out, hash->digest_len);
    return good ? 0 : -ENOMEM;
}
