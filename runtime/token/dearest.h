/* dearest.h: what the kinds of hashes in use cost, so that all log-ins cost as much as the dearest.
 *
 * Costs are times of the calling thread on its core (CLOCK_THREAD_CPUTIME_ID): whoever waits for a
 * core is not taken for dear. They are measured on what accounts have, not reckoned: how bcrypt and
 * PBKDF2 compare differs between processors by a factor of four. */
#ifndef GW_DEAREST_H
#define GW_DEAREST_H

#include "token/hash.h"

#include <pthread.h>

/* Kinds and costs that are kept. Of more, the cheapest goes: it makes no difference. */
#define GW_DEAREST_N       16
#define GW_DEAREST_LENGTHS 64 /* of passwords, in steps of 8 bytes */

struct gw_dearest {
    pthread_mutex_t lock;
    size_t n;
    struct {
        struct gw_hash like; /* with a salt of ours and no digest */
        /* 0: not measured. The first alone, but for kinds that take long for long passwords. */
        uint64_t ns[GW_DEAREST_LENGTHS];
    } costs[GW_DEAREST_N];
};

/* Begins with our own kind, and with the kind of `example`, which may be NULL. 0 or -EIO. */
int gw_dearest_begin(struct gw_dearest *dearest, const struct gw_hash *own,
                     const struct gw_hash *example);
void gw_dearest_end(struct gw_dearest *dearest);

/* Before a verification with `hash` (NULL: nobody's), which is known of from then on. Where there
 * is more than one kind, those that were never measured are, whoever the account is: this happens
 * once, or for some kinds once for each length of a password. 0 or a negative errno. */
int gw_dearest_prepare(struct gw_dearest *dearest, const struct gw_hash *hash,
                       const char *password);

/* The work of the dearest kind, for an account that has no hash. 0 or a negative errno. */
int gw_dearest_work(struct gw_dearest *dearest, const char *password);

/* A verification with `hash` took `ns` on the core. */
void gw_dearest_note(struct gw_dearest *dearest, const struct gw_hash *hash, const char *password,
                     uint64_t ns);

/* Works on until as much has been done since `begin_ns` as the dearest kind takes. */
void gw_dearest_fill(struct gw_dearest *dearest, const char *password, uint64_t begin_ns);

/* The calling thread's time on its core, in nanoseconds. */
uint64_t gw_thread_ns(void);

#endif
