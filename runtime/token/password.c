/* password.c: yescrypt through libxcrypt.
 *
 * A hash takes about 15 ms of a core and 16 MiB by design. So at most `at_once` are made at a time.
 * A few more callers wait for their turn, fewer than there are workers left: some people signing in
 * at the same moment are all served, and a flood of log-ins is told -EBUSY at once and cannot take
 * the workers from everybody else.
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
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PASSWORD_MAX 511
#define PREFIX       "$y$" /* yescrypt, with libxcrypt's default cost */

struct gw_hashers {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    unsigned running, at_once; /* hashes being made */
    unsigned waiting, may_wait;
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

static void make_lock(struct gw_hashers *hashers)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&hashers->freed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&hashers->lock, NULL);
}

int gw_hashers_new(unsigned at_once, unsigned waiting, struct gw_hashers **ret)
{
    if (at_once == 0)
        return -EINVAL;
    struct gw_hashers *hashers = calloc(1, sizeof(*hashers));
    if (!hashers)
        return -ENOMEM;
    hashers->at_once = at_once;
    hashers->may_wait = waiting;
    if (!crypt_gensalt_rn(PREFIX, 0, NULL, 0, hashers->nobody, sizeof(hashers->nobody))) {
        int r = errno > 0 ? -errno : -EIO;
        free(hashers);
        return r;
    }
    make_lock(hashers);
    *ret = hashers;
    return 0;
}

void gw_hashers_free(struct gw_hashers *hashers)
{
    if (!hashers)
        return;
    pthread_cond_destroy(&hashers->freed);
    pthread_mutex_destroy(&hashers->lock);
    free(hashers);
}

/* Takes one of the places, at once or when one comes free. */
static int enter(struct gw_hashers *hashers, uint64_t until_ns)
{
    struct timespec until = {(time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
    int late = 0;
    pthread_mutex_lock(&hashers->lock);
    if (hashers->running >= hashers->at_once && hashers->waiting < hashers->may_wait) {
        hashers->waiting++;
        while (hashers->running >= hashers->at_once && !late)
            late = pthread_cond_timedwait(&hashers->freed, &hashers->lock, &until);
        hashers->waiting--;
    }
    bool found = hashers->running < hashers->at_once;
    hashers->running += found;
    pthread_mutex_unlock(&hashers->lock);
    return found ? 0 : -EBUSY;
}

static void leave(struct gw_hashers *hashers)
{
    pthread_mutex_lock(&hashers->lock);
    hashers->running--;
    pthread_cond_signal(&hashers->freed);
    pthread_mutex_unlock(&hashers->lock);
}

int gw_hash_make(struct gw_hashers *hashers, struct gw_arena *arena, uint64_t until_ns,
                 const char *password, const char **ret_hash)
{
    char made[CRYPT_OUTPUT_SIZE];
    if (strlen(password) > PASSWORD_MAX)
        return -ERANGE;
    int r = enter(hashers, until_ns);
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

/* Kind and cost of our own hashes stand before the third "$", behind which the salt begins. */
static unsigned judge(const struct gw_hashers *hashers, const char *hash)
{
    size_t len = strlen(PREFIX) + strcspn(hashers->nobody + strlen(PREFIX), "$") + 1;
    return strncmp(hash, hashers->nobody, len) ? GW_STALE : 0;
}

int gw_hash_check(struct gw_hashers *hashers, uint64_t until_ns, const char *hash,
                  const char *password, unsigned *ret_state)
{
    if (strlen(password) > PASSWORD_MAX)
        return -ERANGE;
    int r = enter(hashers, until_ns);
    if (r)
        return r;
    r = hash && hash[0] == '$' ? check(hash, password) : -EINVAL;
    if (r == -EINVAL) {
        r = check(hashers->nobody, password);
        if (r == 0)
            r = GW_E_MISMATCH;
    }
    leave(hashers);
    if (!r && ret_state)
        *ret_state = judge(hashers, hash);
    return r;
}
