/* password.c: yescrypt through libxcrypt.
 *
 * A hash takes about 15 ms of a core and 16 MiB by design. So at most `at_once` are made at a time;
 * whoever comes then is told -EBUSY at once rather than kept waiting, and a flood of log-ins cannot
 * take the workers from everybody else.
 *
 * Whether an account exists must not show in the time that an answer takes: without a hash to
 * compare with, or with one that is no hash (an account that is locked by "!" or "*"), the password
 * is hashed all the same, with a salt that has no hash and which therefore no password fits.
 *
 * Refused: the traditional DES scheme and everything else that does not begin with "$" (it would
 * compare eight characters), and passwords over 511 bytes, which libxcrypt does not take. `crypt`
 * is never called: it has one buffer for all threads. What crypt_rn leaves of the password in its
 * 32 KiB is wiped. */
#include "token/password.h"

#include "base/arena.h"
#include "gatewright.h"

#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_MAX 511
#define PREFIX       "$y$" /* yescrypt, with libxcrypt's default cost */

struct gw_hashers {
    atomic_uint running;
    unsigned at_once;
    char nobody[CRYPT_GENSALT_OUTPUT_SIZE]; /* a salt without a hash: no password fits it */
};

/* `ret` has room for CRYPT_OUTPUT_SIZE bytes. -EINVAL: `setting` is no hash and no salt. */
static int run_crypt(const char *password, const char *setting, char *ret)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    if (!data)
        return -ENOMEM;
    errno = 0;
    const char *made = crypt_rn(password, setting, data, sizeof(*data));
    int r = made ? 0 : errno > 0 ? -errno : -EIO;
    if (made)
        memcpy(ret, made, strlen(made) + 1);
    explicit_bzero(data, sizeof(*data));
    free(data);
    return r;
}

static int hash_anew(const char *password, char *ret)
{
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    if (!crypt_gensalt_rn(PREFIX, 0, NULL, 0, salt, sizeof(salt)))
        return errno > 0 ? -errno : -EIO;
    return run_crypt(password, salt, ret);
}

int gw_hashers_new(unsigned at_once, struct gw_hashers **ret)
{
    if (at_once == 0)
        return -EINVAL;
    struct gw_hashers *hashers = calloc(1, sizeof(*hashers));
    if (!hashers)
        return -ENOMEM;
    hashers->at_once = at_once;
    if (!crypt_gensalt_rn(PREFIX, 0, NULL, 0, hashers->nobody, sizeof(hashers->nobody))) {
        int r = errno > 0 ? -errno : -EIO;
        free(hashers);
        return r;
    }
    *ret = hashers;
    return 0;
}

void gw_hashers_free(struct gw_hashers *hashers)
{
    free(hashers);
}

/* Takes one of the places; -EBUSY when there is none. */
static int enter(struct gw_hashers *hashers)
{
    unsigned running = atomic_load(&hashers->running);
    do {
        if (running >= hashers->at_once)
            return -EBUSY;
    } while (!atomic_compare_exchange_weak(&hashers->running, &running, running + 1));
    return 0;
}

static void leave(struct gw_hashers *hashers)
{
    atomic_fetch_sub(&hashers->running, 1);
}

int gw_hash_make(struct gw_hashers *hashers, struct gw_arena *arena, const char *password,
                 const char **ret_hash)
{
    char made[CRYPT_OUTPUT_SIZE];
    if (strlen(password) > PASSWORD_MAX)
        return -ERANGE;
    int r = enter(hashers);
    if (r)
        return r;
    r = hash_anew(password, made);
    leave(hashers);
    if (r)
        return r;
    const char *copy = gw_arena_copy(arena, made, strlen(made));
    if (!copy)
        return -ENOMEM;
    *ret_hash = copy;
    return 0;
}

static int compare(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0 ? 0 : GW_E_MISMATCH;
}

/* 0, GW_E_MISMATCH, or a negative errno; -EINVAL for what is no hash. */
static int check(const char *hash, const char *password)
{
    char made[CRYPT_OUTPUT_SIZE];
    int r = run_crypt(password, hash, made);
    return r ? r : compare(made, hash);
}

int gw_hash_check(struct gw_hashers *hashers, struct gw_arena *arena, const char *hash,
                  const char *password)
{
    if (strlen(password) > PASSWORD_MAX)
        return -ERANGE;
    int r = enter(hashers);
    if (r)
        return r;
    r = hash && hash[0] == '$' ? check(hash, password) : -EINVAL;
    if (r == -EINVAL) {
        r = check(hashers->nobody, password);
        if (r == 0)
            r = GW_E_MISMATCH;
    }
    leave(hashers);
    return r;
}
