/* hash.c: the table of the kinds of password hashes, and what is done with a hash of any kind.
 *
 * Not in the table, and so refused: traditional and extended DES, NT hashes, and digests that are
 * fast, salted or not (Django's sha1$ and md5$, werkzeug's sha256$, plain MD5): whoever reads them
 * has the passwords. Refused, too, is what the program that made such hashes never writes: a number
 * with a sign, blanks or leading zeros, upper-case hex, base64 with spare bits or without its
 * padding, a digest of another length than the kind's. */
#include "token/hash_kinds.h"

#include "gatewright.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <sys/random.h>

#define CRYPT(name, prefix, read)                                                                  \
    {                                                                                              \
        name, prefix, 0, false, NULL, read, gw_hash_derive_crypt, NULL                             \
    }
#define ROUNDS(name, prefix, read)                                                                 \
    {                                                                                              \
        name, prefix, 0, true, NULL, read, gw_hash_derive_crypt, NULL                              \
    }
#define BCRYPT(name, before, version, prepare)                                                     \
    {                                                                                              \
        name, before version, sizeof(before) - 1, false, NULL, gw_hash_read_bcrypt,                \
            gw_hash_derive_crypt, prepare                                                          \
    }
#define PBKDF2(name, prefix, digest, read)                                                         \
    {                                                                                              \
        name, prefix, sizeof(prefix) - 1, false, digest, read, gw_hash_derive_pbkdf2, NULL         \
    }
#define SCRYPT(name, prefix, read)                                                                 \
    {                                                                                              \
        name, prefix, sizeof(prefix) - 1, false, NULL, read, gw_hash_derive_scrypt, NULL           \
    }
#define ARGON2(name, before, type)                                                                 \
    {                                                                                              \
        name, before "$argon2" type "$", sizeof(before "$argon2" type "$") - 1, false, type,       \
            gw_hash_read_argon2, gw_hash_derive_argon2, NULL                                       \
    }
#define PHPASS(prefix)                                                                             \
    {                                                                                              \
        "phpass", prefix, 0, true, NULL, gw_hash_read_phpass, gw_hash_derive_phpass, NULL          \
    }

static const struct gw_hash_kind kinds[] = {
    CRYPT("yescrypt", "$y$", gw_hash_read_yescrypt),
    CRYPT("gost-yescrypt", "$gy$", gw_hash_read_yescrypt),
    CRYPT("scrypt of crypt", "$7$", gw_hash_read_crypt_scrypt),
    BCRYPT("bcrypt", "", "$2a$", NULL),
    BCRYPT("bcrypt", "", "$2b$", NULL),
    BCRYPT("bcrypt", "", "$2y$", NULL),
    ROUNDS("sha512crypt", "$6$", gw_hash_read_sha_crypt),
    ROUNDS("sha256crypt", "$5$", gw_hash_read_sha_crypt),
    ROUNDS("md5crypt", "$1$", gw_hash_read_md5_crypt),
    PBKDF2("pbkdf2 of werkzeug", "pbkdf2:sha1:", "SHA1", gw_hash_read_werkzeug_pbkdf2),
    PBKDF2("pbkdf2 of werkzeug", "pbkdf2:sha256:", "SHA256", gw_hash_read_werkzeug_pbkdf2),
    PBKDF2("pbkdf2 of werkzeug", "pbkdf2:sha512:", "SHA512", gw_hash_read_werkzeug_pbkdf2),
    SCRYPT("scrypt of werkzeug", "scrypt:", gw_hash_read_werkzeug_scrypt),
    PBKDF2("pbkdf2 of Django", "pbkdf2_sha256$", "SHA256", gw_hash_read_django_pbkdf2),
    PBKDF2("pbkdf2 of Django", "pbkdf2_sha1$", "SHA1", gw_hash_read_django_pbkdf2),
    SCRYPT("scrypt of Django", "scrypt$", gw_hash_read_django_scrypt),
    BCRYPT("bcrypt of Django", "bcrypt$", "$2a$", NULL),
    BCRYPT("bcrypt of Django", "bcrypt$", "$2b$", NULL),
    BCRYPT("bcrypt_sha256 of Django", "bcrypt_sha256$", "$2a$", gw_hash_prepare_django),
    BCRYPT("bcrypt_sha256 of Django", "bcrypt_sha256$", "$2b$", gw_hash_prepare_django),
    BCRYPT("bcrypt of WordPress", "$wp", "$2y$", gw_hash_prepare_wordpress),
    ARGON2("argon2id", "", "id"),
    ARGON2("argon2i", "", "i"),
    ARGON2("argon2d", "", "d"),
    ARGON2("argon2 of Django", "argon2", "id"),
    ARGON2("argon2 of Django", "argon2", "i"),
    ARGON2("argon2 of Django", "argon2", "d"),
    PHPASS("$P$"),
    PHPASS("$H$"),
};

static const struct gw_hash_kind *kind_of(struct gw_str text)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].prefix);
        if (text.len >= len && !memcmp(text.ptr, kinds[i].prefix, len))
            return &kinds[i];
    }
    return NULL;
}

enum gw_reason gw_hash_read(struct gw_str text, struct gw_hash *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (!text.len || text.ptr[0] == '!' || text.ptr[0] == '*')
        return GW_REASON_NONE;
    const struct gw_hash_kind *kind = text.len <= GW_HASH_TEXT_MAX ? kind_of(text) : NULL;
    if (!kind)
        return GW_REASON_PASSWORD_UNKNOWN;
    text = (struct gw_str){text.ptr + kind->skip, text.len - kind->skip};
    ret->kind = kind;
    enum gw_reason reason = kind->read(text, ret);
    assert(reason || (ret->salt_len && ret->digest_len));
    return reason;
}

const char *gw_hash_families(void)
{
#ifdef GW_HAVE_ARGON2
    return "crypt pbkdf2 scrypt phpass argon2";
#else
    return "crypt pbkdf2 scrypt phpass";
#endif
}

const char *gw_hash_kind_name(const struct gw_hash_kind *kind)
{
    return kind->name;
}

static int derive(const struct gw_hash *hash, const char *password, unsigned char *out)
{
    char prepared[GW_HASH_PREPARED_SIZE];
    const struct gw_hash_kind *kind = hash->kind;
    if (!kind->prepare)
        return kind->derive(hash, password, out);
    int r = kind->prepare(password, prepared);
    if (!r)
        r = kind->derive(hash, prepared, out);
    explicit_bzero(prepared, sizeof(prepared));
    return r;
}

int gw_hash_fits(const struct gw_hash *hash, const char *password)
{
    unsigned char made[GW_HASH_DIGEST_MAX];
    assert(hash->digest_len && hash->digest_len <= sizeof(made));
    int r = derive(hash, password, made);
    if (!r && CRYPTO_memcmp(made, hash->digest, hash->digest_len))
        r = GW_E_MISMATCH;
    explicit_bzero(made, sizeof(made));
    return r;
}

int gw_hash_work(const struct gw_hash *hash, const char *password)
{
    unsigned char made[GW_HASH_DIGEST_MAX];
    int r = derive(hash, password, made);
    explicit_bzero(made, sizeof(made));
    return r == GW_E_MISMATCH ? 0 : r;
}

bool gw_hash_is_by_length(const struct gw_hash *hash)
{
    return hash->kind->by_length;
}

bool gw_hash_alike(const struct gw_hash *a, const struct gw_hash *b)
{
    return a->kind == b->kind && a->n == b->n && a->r == b->r && a->p == b->p;
}

/* Characters of crypt's alphabet do for any kind. The last stands for no bits, which a salt whose
 * length is no whole number of bytes must end with. */
int gw_hash_liken(const struct gw_hash *hash, struct gw_hash *ret)
{
    static const char alphabet[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char random[GW_HASH_SALT_MAX];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    *ret = *hash;
    memset(ret->digest, 0, sizeof(ret->digest));
    size_t end = ret->salt_len;
    if (ret->salt_begin && ret->salt[end - 1] == '$') /* which ends the setting of some kinds */
        end--;
    assert(end > ret->salt_begin);
    for (size_t i = ret->salt_begin; i < end; i++)
        ret->salt[i] = alphabet[random[i] % 64];
    ret->salt[end - 1] = '.';
    return 0;
}
