/* hash.h: password hashes as they are stored, by gatewright and by other programs.
 *
 * A hash is told by its prefix, read strictly and bounded before any work is done: what has another
 * form, or would cost more than the bounds, is no hash that a password fits. */
#ifndef GW_HASH_H
#define GW_HASH_H

#include "base/reason.h"
#include "base/str.h"

#define GW_HASH_TEXT_MAX   512
#define GW_HASH_SALT_MAX   128
#define GW_HASH_DIGEST_MAX 128

/* What one hash may cost. */
#define GW_HASH_MEMORY_MAX        (UINT64_C(128) << 20) /* bytes, of scrypt, yescrypt, Argon2 */
#define GW_HASH_BCRYPT_MAX        14
#define GW_HASH_SHA_ROUNDS_MAX    1000000
#define GW_HASH_PBKDF2_ROUNDS_MAX 3000000
#define GW_HASH_SCRYPT_BLOCK_MAX  32 /* r */
#define GW_HASH_SCRYPT_LANES_MAX  16 /* p */
#define GW_HASH_ARGON2_PASSES_MAX 16
#define GW_HASH_ARGON2_LANES_MAX  8
#define GW_HASH_PHPASS_LOG2_MAX   20

struct gw_hash_kind;

/* A hash that was read. It holds copies: the text may go. */
struct gw_hash {
    const struct gw_hash_kind *kind; /* NULL: no password fits it, it is no hash */
    uint64_t n;                      /* rounds; N of scrypt and yescrypt; KiB of Argon2 */
    uint32_t r, p;                   /* of scrypt; passes and lanes of Argon2 */
    size_t salt_len, digest_len;
    size_t salt_begin;               /* in `salt`: a crypt setting begins with kind and cost */
    char salt[GW_HASH_SALT_MAX + 1]; /* ends with a NUL besides */
    unsigned char digest[GW_HASH_DIGEST_MAX];
};

/* Reads what is stored for an account. GW_REASON_NONE: `ret` is a hash, or nobody's (its kind is
 * NULL: `text` is empty or begins with "!" or "*", as accounts are locked). Else why it cannot be
 * used; where its kind is known all the same, ret->kind says so. */
enum gw_reason gw_hash_read(struct gw_str text, struct gw_hash *ret);

/* What is built in, as --version prints it. */
const char *gw_hash_families(void);

/* A fixed name of the kind, for the log: "bcrypt". */
const char *gw_hash_kind_name(const struct gw_hash_kind *kind);

/* 0; GW_E_MISMATCH; -ENOMEM; -EINVAL: the library does not take this hash; -EIO. The comparison
 * takes equal time. `password` has at most 511 bytes. */
int gw_hash_fits(const struct gw_hash *hash, const char *password);

/* The work of gw_hash_fits without a verdict. */
int gw_hash_work(const struct gw_hash *hash, const char *password);

/* Whether both take the same work: they differ in salt and digest alone. */
bool gw_hash_alike(const struct gw_hash *a, const struct gw_hash *b);

/* Whether a long password takes more work than a short one. */
bool gw_hash_is_by_length(const struct gw_hash *hash);

/* One that takes the same work, with a fresh salt and no digest: no password fits it. -EIO: there
 * is no randomness. */
int gw_hash_liken(const struct gw_hash *hash, struct gw_hash *ret);

#endif
