/* hash_pbkdf2.c: PBKDF2 (RFC 8018, 5.2) as werkzeug and Django write it. The digest is as long as
 * that of its hash function.
 *
 * werkzeug also reads `pbkdf2:sha256$...`, without a number of rounds, but never writes it: what it
 * means differs from version to version. It is refused. */
#include "token/hash_kinds.h"

#include <errno.h>
#include <openssl/evp.h>

static size_t digest_size(const struct gw_hash *hash)
{
    const char *digest = hash->kind->variant;
    return !strcmp(digest, "SHA1") ? 20 : !strcmp(digest, "SHA256") ? 32 : 64;
}

static enum gw_reason bound(const struct gw_hash *hash)
{
    return hash->n > GW_HASH_PBKDF2_ROUNDS_MAX ? GW_REASON_PASSWORD_BOUND : GW_REASON_NONE;
}

/* pbkdf2:sha256:ROUNDS$salt$hex */
enum gw_reason gw_hash_read_werkzeug_pbkdf2(struct gw_str text, struct gw_hash *ret)
{
    struct gw_str salt;
    if (!gw_hash_take_number(&text, '$', 1, &ret->n) || !gw_hash_take(&text, '$', &salt) ||
        !gw_hash_keep_salt(ret, salt, 0) || !gw_hash_keep_hex(ret, text, digest_size(ret)))
        return GW_REASON_PASSWORD_UNKNOWN;
    return bound(ret);
}

/* pbkdf2_sha256$ROUNDS$salt$base64 */
enum gw_reason gw_hash_read_django_pbkdf2(struct gw_str text, struct gw_hash *ret)
{
    struct gw_str salt;
    if (!gw_hash_take_number(&text, '$', 1, &ret->n) || !gw_hash_take(&text, '$', &salt) ||
        !gw_hash_keep_salt(ret, salt, 0) || !gw_hash_keep_base64(ret, text, digest_size(ret)))
        return GW_REASON_PASSWORD_UNKNOWN;
    return bound(ret);
}

int gw_hash_derive_pbkdf2(const struct gw_hash *hash, const char *password, unsigned char *out)
{
    EVP_MD *md = EVP_MD_fetch(NULL, hash->kind->variant, NULL);
    int good =
        md && PKCS5_PBKDF2_HMAC(password, (int)strlen(password), (const unsigned char *)hash->salt,
                                (int)hash->salt_len, (int)hash->n, md, (int)hash->digest_len, out);
    EVP_MD_free(md);
    return good ? 0 : -ENOMEM;
}
