/* rate_count.c: counts in the memory that all workers of a process share.
 *
 * What is counted by, an address say, has a place in each of a table's rows, found by a hash with a
 * key of the process's own. A request adds one at each, and the least of them is how many there
 * were: others may share a place and make it too high, hardly ever all four, and nothing makes it
 * too low. Nothing is thrown out to make room, so a flood of addresses frees nobody's count. Time
 * is cut into windows of the rate's length: a number is of its window, and counts from nothing in
 * the next. All windows of a length begin at once, at a time that the process has chosen; otherwise
 * a place that another's window empties would give the least of four too early. */
#include "gate/rate_count.h"

#include "base/clock.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

#define MS 1000000ULL

static struct gw_rate_table *table_of(const struct gw_rates *rates, uint32_t seconds)
{
    for (size_t i = 0; i < GW_RATE_LENGTHS; i++)
        if (rates->tables[i] && rates->tables[i]->seconds == seconds)
            return rates->tables[i];
    return NULL;
}

static int add_table(struct gw_rates *rates, uint32_t seconds)
{
    uint64_t random;
    size_t i = 0;
    if (table_of(rates, seconds))
        return 0;
    while (i < GW_RATE_LENGTHS && rates->tables[i])
        i++;
    if (i == GW_RATE_LENGTHS)
        return -EINVAL;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    rates->tables[i] = calloc(1, sizeof(*rates->tables[i]));
    if (!rates->tables[i])
        return -ENOMEM;
    rates->tables[i]->seconds = seconds;
    rates->tables[i]->shift_ms = random % (seconds * 1000ULL);
    return 0;
}

static int add_tables(struct gw_rates *rates, const struct gw_app *app)
{
    for (size_t i = 0; i < app->n_routes; i++)
        for (size_t j = 0; j < app->routes[i].n_rates; j++) {
            int r = add_table(rates, app->routes[i].rates[j].seconds);
            if (r)
                return r;
        }
    return 0;
}

int gw_rates_new(const struct gw_app *app, struct gw_rates **ret)
{
    bool any = false;
    for (size_t i = 0; i < app->n_routes; i++)
        any |= app->routes[i].n_rates > 0;
    *ret = NULL;
    if (!any)
        return 0;
    struct gw_rates *rates = calloc(1, sizeof(*rates));
    if (!rates)
        return -ENOMEM;
    pthread_mutex_init(&rates->key_lock, NULL);
    for (size_t i = 0; i < GW_RATE_STRIPES; i++)
        pthread_mutex_init(&rates->stripes[i], NULL);
    int r = getrandom(rates->secret, sizeof(rates->secret), 0) == sizeof(rates->secret)
                ? add_tables(rates, app)
                : -EIO;
    if (r)
        gw_rates_free(rates);
    else
        *ret = rates;
    return r;
}

void gw_rates_free(struct gw_rates *rates)
{
    if (!rates)
        return;
    for (size_t i = 0; i < GW_RATE_LENGTHS; i++)
        free(rates->tables[i]);
    for (size_t i = 0; i < GW_RATE_STRIPES; i++)
        pthread_mutex_destroy(&rates->stripes[i]);
    pthread_mutex_destroy(&rates->key_lock);
    free(rates);
}

bool gw_rate_hash(const struct gw_request *req, const struct gw_rate_subject *subject,
                  const unsigned char key[16], uint64_t ret[GW_RATE_ROWS])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const struct gw_route *route = req->route;
    /* Not the route's number: the next version of a program may have another one for it. */
    const unsigned char head[] = {(unsigned char)route->method,
                                  (unsigned char)(subject->rate - route->rates),
                                  (unsigned char)subject->kind};
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, key, 16) == 1 &&
                EVP_DigestUpdate(context, head, sizeof(head)) == 1 &&
                EVP_DigestUpdate(context, &subject->from, sizeof(subject->from)) == 1 &&
                EVP_DigestUpdate(context, route->pattern, strlen(route->pattern) + 1) == 1 &&
                EVP_DigestUpdate(context, subject->value.ptr, subject->value.len) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    _Static_assert(GW_RATE_ROWS * sizeof(uint64_t) == 32, "a SHA-256");
    if (good)
        memcpy(ret, digest, GW_RATE_ROWS * sizeof(*ret));
    return good;
}

/* One more at a place; how many there are now. A window that has gone on meanwhile is kept. */
static uint32_t add(_Atomic uint64_t *place, uint32_t window)
{
    uint64_t before = atomic_load_explicit(place, memory_order_relaxed), after;
    do {
        uint32_t of = (uint32_t)(before >> 32), n = (uint32_t)before;
        if ((int32_t)(window - of) > 0) {
            of = window;
            n = 0;
        }
        after = (uint64_t)of << 32 | (n < UINT32_MAX ? n + 1 : n);
    } while (!atomic_compare_exchange_weak_explicit(place, &before, after, memory_order_relaxed,
                                                    memory_order_relaxed));
    return (uint32_t)after;
}

/* Those of one subject are counted one after the other: each gets a number of its own. */
static uint32_t count(struct gw_rates *rates, struct gw_rate_table *table,
                      const uint64_t at[GW_RATE_ROWS], uint32_t window)
{
    pthread_mutex_t *stripe = &rates->stripes[at[0] % GW_RATE_STRIPES];
    uint32_t least = UINT32_MAX;
    pthread_mutex_lock(stripe);
    for (size_t i = 0; i < GW_RATE_ROWS; i++) {
        uint32_t n = add(&table->places[i][at[i] / GW_RATE_STRIPES % GW_RATE_PLACES], window);
        least = n < least ? n : least;
    }
    pthread_mutex_unlock(stripe);
    return least;
}

int gw_rate_count(struct gw_request *req, const struct gw_rate_subject *subject,
                  struct gw_rate_found *ret)
{
    struct gw_rates *rates = req->worker->server->rates;
    struct gw_rate_table *table = table_of(rates, subject->rate->seconds);
    uint64_t at[GW_RATE_ROWS], length_ms = subject->rate->seconds * 1000ULL;
    if (!table || !gw_rate_hash(req, subject, rates->secret, at))
        return -EIO;
    uint64_t now_ms = gw_now_ns() / MS + table->shift_ms;
    /* From 1 on: a place that nobody has used is of no window. */
    uint32_t window = (uint32_t)(now_ms / length_ms + 1);
    *ret = (struct gw_rate_found){count(rates, table, at, window), length_ms - now_ms % length_ms};
    return 0;
}
