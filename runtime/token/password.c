/* password.c: passwords are hashed and compared, a bounded number at once.
 *
 * A hash takes about 15 ms of a core and 16 MiB by design. So at most `at_once` are made at a time.
 * A few more callers wait for their turn, fewer than there are workers left: some people signing in
 * at the same moment are all served, and a flood of log-ins is told -EBUSY at once and cannot take
 * the workers from everybody else.
 *
 * Whether an account exists must not show in the time that an answer takes, nor of which kind its
 * hash is. Without a hash to compare with, or with one that is no hash (that of a locked account,
 * "!" or "*", or of a kind that is not known), the work of the dearest kind in use is done all the
 * same; and a cheaper kind is filled up to it (dearest.h).
 *
 * Our own hashes are yescrypt. Refused: passwords over 511 bytes, which libxcrypt does not take. */
#include "token/password.h"

#include "base/arena.h"
#include "gatewright.h"
#include "token/dearest.h"

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PASSWORD_MAX 511
#define PREFIX       "$y$" /* yescrypt, with libxcrypt's default cost */
#define ANY_DIGEST   "..........................................." /* 43 characters */

struct gw_hashers {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    unsigned running, at_once; /* hashes being made */
    unsigned waiting, may_wait;
    struct gw_hash own; /* as gw_hash_make makes them */
    struct gw_dearest dearest;
};

/* `ret` has room for CRYPT_OUTPUT_SIZE bytes. */
static int hash_anew(const char *password, char *ret)
{
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    if (!crypt_gensalt_rn(PREFIX, 0, NULL, 0, salt, sizeof(salt)))
        return errno > 0 ? -errno : -EIO;
    struct crypt_data *data = calloc(1, sizeof(*data));
    if (!data)
        return -ENOMEM;
    errno = 0;
    const char *made = crypt_rn(password, salt, data, sizeof(*data));
    int r = made ? 0 : errno > 0 ? -errno : -EIO;
    if (made)
        memcpy(ret, made, strlen(made) + 1);
    explicit_bzero(data, sizeof(*data));
    free(data);
    return r;
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

/* What gw_hash_make makes, but for salt and digest. */
static int read_own(struct gw_hash *ret)
{
    char salt[CRYPT_GENSALT_OUTPUT_SIZE], text[sizeof(salt) + 1 + sizeof(ANY_DIGEST)];
    if (!crypt_gensalt_rn(PREFIX, 0, NULL, 0, salt, sizeof(salt)))
        return errno > 0 ? -errno : -EIO;
    snprintf(text, sizeof(text), "%s$%s", salt, ANY_DIGEST);
    return gw_hash_read(gw_str_from(text), ret) ? -EIO : 0;
}

int gw_hashers_new(unsigned at_once, unsigned waiting, const char *example, struct gw_hashers **ret)
{
    struct gw_hash hash;
    if (at_once == 0 || (example && (gw_hash_read(gw_str_from(example), &hash) || !hash.kind)))
        return -EINVAL;
    struct gw_hashers *hashers = calloc(1, sizeof(*hashers));
    if (!hashers)
        return -ENOMEM;
    hashers->at_once = at_once;
    hashers->may_wait = waiting;
    int r = read_own(&hashers->own);
    if (!r)
        r = gw_dearest_begin(&hashers->dearest, &hashers->own, example ? &hash : NULL);
    if (r) {
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
    gw_dearest_end(&hashers->dearest);
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

/* `hash` NULL: nobody's. 0, GW_E_MISMATCH, or a negative errno; *ret_reason where the library does
 * not take the hash. */
static int check(struct gw_dearest *dearest, const struct gw_hash *hash, const char *password,
                 enum gw_reason *ret_reason)
{
    int r = gw_dearest_prepare(dearest, hash, password);
    if (r)
        return r;
    uint64_t begin = gw_thread_ns();
    r = hash ? gw_hash_fits(hash, password) : -EINVAL;
    if (!r || r == GW_E_MISMATCH)
        gw_dearest_note(dearest, hash, password, gw_thread_ns() - begin);
    if (r == -EINVAL) {
        if (hash)
            *ret_reason = GW_REASON_PASSWORD_UNKNOWN;
        r = gw_dearest_work(dearest, password);
        if (r == 0)
            r = GW_E_MISMATCH;
    }
    gw_dearest_fill(dearest, password, begin);
    return r;
}

static unsigned judge(const struct gw_hash *own, const struct gw_hash *hash)
{
    return hash->kind != own->kind || hash->n * hash->r < own->n * own->r ? GW_STALE : 0;
}

int gw_hash_check(struct gw_hashers *hashers, uint64_t until_ns, const char *text,
                  const char *password, struct gw_hash_finding *ret)
{
    struct gw_hash hash;
    if (strlen(password) > PASSWORD_MAX)
        return -ERANGE;
    enum gw_reason reason = gw_hash_read(gw_str_from(text), &hash);
    const char *kind = hash.kind ? gw_hash_kind_name(hash.kind) : NULL;
    int r = enter(hashers, until_ns);
    if (!r) {
        r = check(&hashers->dearest, reason || !hash.kind ? NULL : &hash, password, &reason);
        leave(hashers);
    }
    if (ret)
        *ret = (struct gw_hash_finding){
            .state = r ? 0 : judge(&hashers->own, &hash), .reason = reason, .kind = kind};
    explicit_bzero(&hash, sizeof(hash));
    return r;
}
