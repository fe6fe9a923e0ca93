/* rate_shared.c: counts in the store, for all processes that use it.
 *
 * A request costs one statement, which waits for nobody but others that are counted by the same.
 * Whoever has been refused is remembered until the window's end, so that a client that goes on asks
 * the store no more. While the store is away it is asked once a second. */
#include "gate/rate_count.h"

#include "base/clock.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>
#include <string.h>

#define AWAY_MS 1000

static uint64_t now_ms(void)
{
    return gw_now_ns() / 1000000;
}

/* ---- The key -------------------------------------------------------------------------------- */

static int ask_for_key(struct gw_request *req, struct gw_conn *conn, struct gw_rates *rates)
{
    unsigned char key[GW_SHARED_KEY];
    int r = gw_shared_counts_key(conn, req->arena, req->deadline_ns, key);
    if (r)
        return r;
    pthread_mutex_lock(&rates->key_lock);
    if (!atomic_load(&rates->has_key))
        memcpy(rates->key, key, sizeof(key));
    atomic_store(&rates->has_key, 1);
    pthread_mutex_unlock(&rates->key_lock);
    return 0;
}

/* Where windows begin: whoever was never refused cannot know. */
static uint32_t shift_of(const struct gw_rates *rates, uint32_t seconds)
{
    uint32_t random = 0;
    for (size_t i = 0; i < sizeof(random); i++)
        random = random << 8 | rates->key[i];
    return random % seconds;
}

/* ---- Whoever was refused -------------------------------------------------------------------- */

/* The places lie so that all of one are below the same stripe. */
_Static_assert(GW_RATE_REFUSED % GW_RATE_STRIPES == 0, "one stripe for each");

static bool is_refused(struct gw_rates *rates, const uint64_t at[GW_RATE_ROWS], uint64_t most,
                       struct gw_rate_found *ret)
{
    struct gw_rate_refused *place = &rates->refused[at[0] % GW_RATE_REFUSED];
    pthread_mutex_t *stripe = &rates->stripes[at[0] % GW_RATE_STRIPES];
    uint64_t now = now_ms();
    pthread_mutex_lock(stripe);
    bool refused = place->tag == at[1] && place->n > most && now < place->until_ms;
    if (refused)
        *ret = (struct gw_rate_found){place->n, place->until_ms - now};
    pthread_mutex_unlock(stripe);
    return refused;
}

/* The last second is not remembered: only the database knows when it is over. */
static void remember(struct gw_rates *rates, const uint64_t at[GW_RATE_ROWS], uint64_t n,
                     uint32_t left)
{
    struct gw_rate_refused *place = &rates->refused[at[0] % GW_RATE_REFUSED];
    pthread_mutex_t *stripe = &rates->stripes[at[0] % GW_RATE_STRIPES];
    pthread_mutex_lock(stripe);
    *place = (struct gw_rate_refused){at[1], n, now_ms() + (left - 1) * 1000ULL};
    pthread_mutex_unlock(stripe);
}

/* ---- Counting ------------------------------------------------------------------------------- */

static int ask(struct gw_request *req, struct gw_conn *conn, const struct gw_rate_subject *subject,
               struct gw_rate_found *ret)
{
    struct gw_rates *rates = req->worker->server->rates;
    uint64_t at[GW_RATE_ROWS], n;
    uint32_t left;
    if (!gw_rate_hash(req, subject, rates->key, at))
        return -EIO;
    if (is_refused(rates, at, subject->most, ret))
        return 0;
    /* The whole of it, high bits first: the hash's bytes are the same on all machines. */
    unsigned char bytes[sizeof(at[0])];
    memcpy(bytes, &at[2], sizeof(bytes));
    uint32_t place = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    const struct gw_shared_count what = {
        .place = place % GW_SHARED_PLACES,
        .seconds = subject->rate->seconds,
        .shift = shift_of(rates, subject->rate->seconds),
    };
    int r = gw_shared_counts_add(conn, &what, req->arena, req->deadline_ns, &n, &left);
    if (r)
        return r;
    if (n > subject->most)
        remember(rates, at, n, left);
    *ret = (struct gw_rate_found){n, left * 1000ULL};
    return 0;
}

int gw_rate_count_shared(struct gw_request *req, const struct gw_rate_subject *subject,
                         struct gw_rate_found *ret)
{
    struct gw_rates *rates = req->worker->server->rates;
    struct gw_conn *conn = gw_request_conn(req);
    if (!conn)
        return -ENOMEM;
    if (now_ms() < atomic_load(&rates->away_until_ms))
        return -EHOSTDOWN;
    int r = atomic_load(&rates->has_key) ? 0 : ask_for_key(req, conn, rates);
    if (!r)
        r = ask(req, conn, subject, ret);
    /* A request that came late to it says nothing of the store. */
    if (gw_store_is_away(r) && (!req->deadline_ns || gw_now_ns() < req->deadline_ns))
        atomic_store(&rates->away_until_ms, now_ms() + AWAY_MS);
    gw_request_end_phase(req, GW_PHASE_STORE);
    return r;
}
