/* rate.c: see rate.h.
 *
 * What is counted by, an address say, has a place in each of a table's rows, found by a hash with a
 * key of the process's own. A request adds one at each, and the least of them is how many there
 * were: others may share a place and make it too high, hardly ever all four, and nothing makes it
 * too low. Nothing is thrown out to make room, so a flood of addresses frees nobody's count. Time
 * is cut into windows of the rate's length: a number is of its window, and counts from nothing in
 * the next. All windows of a length begin at once, at a time that only the process knows; otherwise
 * a place that another's window empties would give the least of four too early. */
#include "gate/rate.h"

#include "base/clock.h"
#include "request/client.h"
#include "request/context.h"
#include "request/refuse.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

#define ROWS    4
#define PLACES  32768 /* of a row */
#define LENGTHS 4     /* of windows: a second, a minute, an hour, a day */
#define STRIPES 64
#define BROADER 10 /* times what a part may: a network of an address, an account from anywhere */
#define MS      1000000ULL

/* Counts of all windows of one length. A place holds its window's number and the count. */
struct table {
    uint32_t seconds; /* 0: there is none */
    uint64_t shift_ms;
    _Atomic uint64_t places[ROWS][PLACES];
};

struct gw_rates {
    unsigned char secret[16];
    pthread_mutex_t stripes[STRIPES]; /* one for those that are counted by the same */
    struct table *tables[LENGTHS];
};

static struct table *table_of(const struct gw_rates *rates, uint32_t seconds)
{
    for (size_t i = 0; i < LENGTHS; i++)
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
    while (i < LENGTHS && rates->tables[i])
        i++;
    if (i == LENGTHS)
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
    for (size_t i = 0; i < STRIPES; i++)
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
    for (size_t i = 0; i < LENGTHS; i++)
        free(rates->tables[i]);
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&rates->stripes[i]);
    free(rates);
}

/* ---- Counting ------------------------------------------------------------------------------- */

/* What a request is counted by, which of several kinds that is, and how many there may be. */
struct subject {
    const struct gw_rate *rate;
    char kind;
    struct gw_str value;
    struct gw_address from; /* all zero where it does not matter */
    uint64_t most;
};

static bool hash(const struct gw_request *req, const struct subject *subject, uint64_t ret[ROWS])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const struct gw_rates *rates = req->worker->server->rates;
    uint64_t route = (uint64_t)(req->route - req->app->routes);
    uint64_t rate = (uint64_t)(subject->rate - req->route->rates);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, rates->secret, sizeof(rates->secret)) == 1 &&
                EVP_DigestUpdate(context, &route, sizeof(route)) == 1 &&
                EVP_DigestUpdate(context, &rate, sizeof(rate)) == 1 &&
                EVP_DigestUpdate(context, &subject->kind, 1) == 1 &&
                EVP_DigestUpdate(context, &subject->from, sizeof(subject->from)) == 1 &&
                EVP_DigestUpdate(context, subject->value.ptr, subject->value.len) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    _Static_assert(ROWS * sizeof(uint64_t) == 32, "a SHA-256");
    if (good)
        memcpy(ret, digest, ROWS * sizeof(*ret));
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
static uint32_t count(struct gw_rates *rates, struct table *table, const uint64_t at[ROWS],
                      uint32_t window)
{
    pthread_mutex_t *stripe = &rates->stripes[at[0] % STRIPES];
    uint32_t least = UINT32_MAX;
    pthread_mutex_lock(stripe);
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t n = add(&table->places[i][at[i] / STRIPES % PLACES], window);
        least = n < least ? n : least;
    }
    pthread_mutex_unlock(stripe);
    return least;
}

static void refuse(struct gw_request *req, const struct subject *subject, uint64_t left_ms)
{
    static const struct {
        const char *name;
        enum gw_reason reason;
    } by[] = {
        [GW_RATE_ADDRESS] = {"address", GW_REASON_LIMIT_ADDRESS},
        [GW_RATE_CALLER] = {"caller", GW_REASON_LIMIT_CALLER},
        [GW_RATE_MEMBER] = {"body", GW_REASON_LIMIT_BODY},
    };
    const struct gw_rate *rate = subject->rate;
    unsigned long long seconds = (left_ms + 999) / 1000;
    const char *after = gw_printf(req, "%llu", seconds);
    const char *policy = gw_printf(req, "\"%s\";q=%llu;w=%u", by[rate->by].name,
                                   (unsigned long long)subject->most, rate->seconds);
    const char *left = gw_printf(req, "\"%s\";r=0;t=%llu", by[rate->by].name, seconds);
    gw_refuse(req, 429, by[rate->by].reason);
    if (!after || !policy || !left || gw_set_header(req, "Retry-After", after) ||
        gw_set_header(req, "RateLimit-Policy", policy) || gw_set_header(req, "RateLimit", left))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

static void take(struct gw_request *req, const struct subject *subject)
{
    struct gw_rates *rates = req->worker->server->rates;
    struct table *table = table_of(rates, subject->rate->seconds);
    uint64_t at[ROWS], length_ms = subject->rate->seconds * 1000ULL;
    if (req->answered)
        return;
    if (!table || !hash(req, subject, at)) {
        gw_refuse(req, 500, GW_REASON_AUTH_FAILED);
        return;
    }
    uint64_t now_ms = gw_now_ns() / MS + table->shift_ms;
    /* From 1 on: a place that nobody has used is of no window. */
    uint32_t window = (uint32_t)(now_ms / length_ms + 1);
    if (count(rates, table, at, window) > subject->most)
        refuse(req, subject, length_ms - now_ms % length_ms);
}

/* ---- By what -------------------------------------------------------------------------------- */

/* The first `bytes` of it: who has an address of IPv6 has as a rule 2^64 of them (RFC 6177). */
static struct gw_address beginning(struct gw_address address, size_t bytes)
{
    memset(address.bytes + bytes, 0, sizeof(address.bytes) - bytes);
    return address;
}

static struct gw_address client_of(const struct gw_request *req)
{
    struct gw_address address = gw_client_find(req);
    return gw_address_is_ipv4(&address) ? address : beginning(address, 8);
}

static void take_by_address(struct gw_request *req, const struct gw_rate *rate)
{
    struct gw_address address = client_of(req);
    take(req,
         &(struct subject){
             .rate = rate, .kind = 'a', .value = GW_STR(""), .from = address, .most = rate->most});
    if (!gw_address_is_ipv4(&address))
        take(req, &(struct subject){.rate = rate,
                                    .kind = 'n',
                                    .value = GW_STR(""),
                                    .from = beginning(address, 6),
                                    .most = (uint64_t)rate->most * BROADER});
}

/* A guest is known by the address alone. */
static void take_by_caller(struct gw_request *req, const struct gw_rate *rate)
{
    char key[GW_KEY_TEXT], kind = (char)('A' + (req->me.table ? req->me.table->entity : 0));
    if (!req->me.table) {
        take_by_address(req, rate);
        return;
    }
    take(req, &(struct subject){.rate = rate,
                                .kind = kind,
                                .value = gw_str_from(gw_key_text(&req->me.key, key)),
                                .most = rate->most});
}

/* The member in one form: letters of ASCII in lower case. NULL when memory is short. */
static const char *member_text(struct gw_request *req, const struct gw_member *member)
{
    const char *at = (const char *)req->body + member->offset;
    if (member->type == GW_TYPE_INT)
        return gw_printf(req, "%lld", (long long)*(const int64_t *)at);
    if (member->type == GW_TYPE_UINT)
        return gw_printf(req, "%llu", (unsigned long long)*(const uint64_t *)at);
    const char *text = *(const char *const *)at;
    char *folded = gw_arena_copy(req->arena, text, strlen(text));
    for (char *c = folded; c && *c; c++)
        *c = gw_lower(*c);
    return folded;
}

/* One account is tried from one address so often; from all together more, or one client could keep
 * its owner out. */
static void take_by_member(struct gw_request *req, const struct gw_rate *rate)
{
    const char *text = member_text(req, &req->route->body->members[rate->member]);
    if (!text) {
        gw_refuse(req, 500, GW_REASON_MEMORY);
        return;
    }
    take(req, &(struct subject){.rate = rate,
                                .kind = 'b',
                                .value = gw_str_from(text),
                                .from = client_of(req),
                                .most = rate->most});
    take(req, &(struct subject){.rate = rate,
                                .kind = 'm',
                                .value = gw_str_from(text),
                                .most = (uint64_t)rate->most * BROADER});
}

static void take_all(struct gw_request *req, enum gw_rate_by by,
                     void (*take_one)(struct gw_request *req, const struct gw_rate *rate))
{
    for (size_t i = 0; i < req->route->n_rates && !req->answered; i++)
        if (req->route->rates[i].by == by)
            take_one(req, &req->route->rates[i]);
}

void gw_step_rate_address(struct gw_request *req)
{
    take_all(req, GW_RATE_ADDRESS, take_by_address);
}

void gw_step_rate_caller(struct gw_request *req)
{
    take_all(req, GW_RATE_CALLER, take_by_caller);
}

void gw_step_rate_body(struct gw_request *req)
{
    take_all(req, GW_RATE_MEMBER, take_by_member);
}
