/* dearest.c: see dearest.h.
 *
 * A log-in that is over sooner than the dearest kind would be is filled up with small pieces of
 * work, not with sleep: a thread that sleeps leaves its core to others, which shows under load. All
 * are filled up to the same time, those of the dearest kind, too, when they were a little faster.
 * With one kind alone there is nothing to fill.
 *
 * sha512crypt and its like hash the password again in each round: one of 500 bytes takes them some
 * times as long as a short one, and whoever tries to sign in may choose it. Their times are kept by
 * its length. */
#include "token/dearest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <time.h>

#define PIECE_ROUNDS 200 /* about 50 microseconds */

uint64_t gw_thread_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static size_t find(const struct gw_dearest *dearest, const struct gw_hash *hash)
{
    size_t i = 0;
    while (i < dearest->n && !gw_hash_alike(&dearest->costs[i].like, hash))
        i++;
    return i;
}

/* Where the time for a password is kept. */
static uint64_t *place(struct gw_dearest *dearest, size_t i, const char *password)
{
    size_t step = gw_hash_is_by_length(&dearest->costs[i].like) ? strlen(password) / 8 : 0;
    return &dearest->costs[i].ns[step < GW_DEAREST_LENGTHS ? step : GW_DEAREST_LENGTHS - 1];
}

static uint64_t longest(const struct gw_dearest *dearest, size_t i)
{
    uint64_t ns = 0;
    for (size_t step = 0; step < GW_DEAREST_LENGTHS; step++)
        if (dearest->costs[i].ns[step] > ns)
            ns = dearest->costs[i].ns[step];
    return ns;
}

static size_t find_cheapest(const struct gw_dearest *dearest)
{
    size_t cheapest = 0;
    for (size_t i = 1; i < dearest->n; i++)
        if (longest(dearest, i) < longest(dearest, cheapest))
            cheapest = i;
    return cheapest;
}

static size_t find_dearest(struct gw_dearest *dearest, const char *password)
{
    size_t most = 0;
    for (size_t i = 1; i < dearest->n; i++)
        if (*place(dearest, i, password) > *place(dearest, most, password))
            most = i;
    return most;
}

/* Knows of a kind from now on. */
static int add(struct gw_dearest *dearest, const struct gw_hash *hash)
{
    if (find(dearest, hash) < dearest->n)
        return 0;
    struct gw_hash like;
    int r = gw_hash_liken(hash, &like);
    if (r)
        return r;
    size_t at = dearest->n < GW_DEAREST_N ? dearest->n++ : find_cheapest(dearest);
    dearest->costs[at].like = like;
    memset(dearest->costs[at].ns, 0, sizeof(dearest->costs[at].ns));
    return 0;
}

int gw_dearest_begin(struct gw_dearest *dearest, const struct gw_hash *own,
                     const struct gw_hash *example)
{
    dearest->n = 0;
    int r = add(dearest, own);
    if (!r && example)
        r = add(dearest, example);
    if (!r)
        pthread_mutex_init(&dearest->lock, NULL);
    return r;
}

void gw_dearest_end(struct gw_dearest *dearest)
{
    pthread_mutex_destroy(&dearest->lock);
}

/* A kind that was not measured, where there is another besides, be it that of `hash`. */
static bool find_unmeasured(struct gw_dearest *dearest, const struct gw_hash *hash,
                            const char *password, struct gw_hash *ret)
{
    bool found = false;
    pthread_mutex_lock(&dearest->lock);
    bool several = dearest->n > 1 || (hash && find(dearest, hash) == dearest->n);
    for (size_t i = 0; i < dearest->n && several && !found; i++)
        if (!*place(dearest, i, password)) {
            *ret = dearest->costs[i].like;
            found = true;
        }
    pthread_mutex_unlock(&dearest->lock);
    return found;
}

static int measure(struct gw_dearest *dearest, const struct gw_hash *like, const char *password)
{
    uint64_t begin = gw_thread_ns();
    int r = gw_hash_work(like, password);
    if (r == -EINVAL) /* the library does not take that kind: it costs nothing */
        r = 0;
    if (!r)
        gw_dearest_note(dearest, like, password, gw_thread_ns() - begin);
    return r;
}

int gw_dearest_prepare(struct gw_dearest *dearest, const struct gw_hash *hash, const char *password)
{
    struct gw_hash like;
    int r = 0;
    while (!r && find_unmeasured(dearest, hash, password, &like))
        r = measure(dearest, &like, password);
    if (r || !hash)
        return r;
    pthread_mutex_lock(&dearest->lock);
    r = add(dearest, hash); /* the verification itself measures it */
    pthread_mutex_unlock(&dearest->lock);
    return r;
}

/* Follows what was measured slowly. A time that is far longer than the others counts as half as
 * much again: what disturbs a measurement makes it longer. */
static uint64_t settle(uint64_t typical, uint64_t ns)
{
    if (!typical)
        return ns ? ns : 1;
    if (ns < typical)
        return typical - (typical - ns) / 8;
    uint64_t more = ns - typical;
    return typical + (more < typical / 2 ? more : typical / 2) / 8;
}

void gw_dearest_note(struct gw_dearest *dearest, const struct gw_hash *hash, const char *password,
                     uint64_t ns)
{
    pthread_mutex_lock(&dearest->lock);
    size_t i = find(dearest, hash);
    if (i < dearest->n)
        *place(dearest, i, password) = settle(*place(dearest, i, password), ns);
    pthread_mutex_unlock(&dearest->lock);
}

int gw_dearest_work(struct gw_dearest *dearest, const char *password)
{
    pthread_mutex_lock(&dearest->lock);
    struct gw_hash like = dearest->costs[find_dearest(dearest, password)].like;
    pthread_mutex_unlock(&dearest->lock);
    return measure(dearest, &like, password);
}

void gw_dearest_fill(struct gw_dearest *dearest, const char *password, uint64_t begin_ns)
{
    pthread_mutex_lock(&dearest->lock);
    uint64_t ns = dearest->n > 1 ? *place(dearest, find_dearest(dearest, password), password) : 0;
    pthread_mutex_unlock(&dearest->lock);
    unsigned char piece[32];
    while (gw_thread_ns() - begin_ns < ns)
        PKCS5_PBKDF2_HMAC("", 0, NULL, 0, PIECE_ROUNDS, EVP_sha256(), sizeof(piece), piece);
}
