/* password.h: passwords are hashed and compared, a bounded number at once. */
#ifndef GW_PASSWORD_H
#define GW_PASSWORD_H

#include "base/reason.h"

#include <stdint.h>

struct gw_arena;
struct gw_hashers; /* the places, shared by all workers */

/* `at_once` hashes are made, and `waiting` callers more are kept. `example`, which may be NULL, is
 * a hash of the dearest kind that accounts have: all log-ins cost as much. -EINVAL: `at_once` is 0,
 * or `example` is no hash that can be used. */
int gw_hashers_new(unsigned at_once, unsigned waiting, const char *example,
                   struct gw_hashers **ret);
void gw_hashers_free(struct gw_hashers *hashers);

/* As gw_password_hash of gatewright.h. Who finds all places taken waits for one until `until_ns`
 * (CLOCK_MONOTONIC); -EBUSY: none came free, or too many wait already. */
int gw_hash_make(struct gw_hashers *hashers, struct gw_arena *arena, uint64_t until_ns,
                 const char *password, const char **ret_hash);

struct gw_hash_finding {
    unsigned state;        /* of a password that is right: GW_STALE or 0 */
    enum gw_reason reason; /* why what is stored cannot be used; no password fits it then */
    const char *kind;      /* a fixed name of its kind; NULL: of none */
};

/* As gw_password_verify of gatewright.h, with places as above. `ret` may be NULL. */
int gw_hash_check(struct gw_hashers *hashers, uint64_t until_ns, const char *text,
                  const char *password, struct gw_hash_finding *ret);

#endif
