/* rate_count.h: how many requests there were of a subject, for rate.c alone. */
#ifndef GW_RATE_COUNT_H
#define GW_RATE_COUNT_H

#include "base/address.h"
#include "gate/rate.h"
#include "generated.h"
#include "store/shared_counts.h"

#include <pthread.h>
#include <stdatomic.h>

/* What a request is counted by, which of several kinds that is, and how many there may be. */
struct gw_rate_subject {
    const struct gw_rate *rate;
    char kind;
    struct gw_str value;
    struct gw_address from; /* all zero where it does not matter */
    uint64_t most;
};

/* How many there were in the window with this one, and how long it lasts. */
struct gw_rate_found {
    uint64_t n, left_ms;
};

#define GW_RATE_ROWS    4     /* of a table, in each of which a subject has a place */
#define GW_RATE_PLACES  32768 /* of a row */
#define GW_RATE_LENGTHS 4     /* of windows: a second, a minute, an hour, a day */
#define GW_RATE_STRIPES 64
#define GW_RATE_REFUSED 4096

/* Counts of all windows of one length. A place holds its window's number and the count. */
struct gw_rate_table {
    uint32_t seconds;
    uint64_t shift_ms;
    _Atomic uint64_t places[GW_RATE_ROWS][GW_RATE_PLACES];
};

/* One that the store has said no of, until then. */
struct gw_rate_refused {
    uint64_t tag, n, until_ms;
};

struct gw_rates {
    unsigned char secret[16];
    pthread_mutex_t stripes[GW_RATE_STRIPES]; /* one for those that are counted by the same */
    struct gw_rate_table *tables[GW_RATE_LENGTHS];
    /* Those that are shared. */
    struct gw_rate_refused refused[GW_RATE_REFUSED]; /* each below one stripe */
    _Atomic int has_key;                             /* 1: `key` is there */
    pthread_mutex_t key_lock;
    unsigned char key[GW_SHARED_KEY];
    _Atomic uint64_t away_until_ms; /* the store is not asked before */
};

/* Where a subject is counted: a SHA-256 with a key. */
bool gw_rate_hash(const struct gw_request *req, const struct gw_rate_subject *subject,
                  const unsigned char key[16], uint64_t ret[GW_RATE_ROWS]);

/* Counts it. 0, or -EIO or -ENOMEM: nobody was counted. */
int gw_rate_count(struct gw_request *req, const struct gw_rate_subject *subject,
                  struct gw_rate_found *ret);

/* The same in the store, for all processes. Also -EHOSTDOWN and others of gw_store_is_away. */
int gw_rate_count_shared(struct gw_request *req, const struct gw_rate_subject *subject,
                         struct gw_rate_found *ret);

#endif
