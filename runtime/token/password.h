/* password.h: yescrypt through libxcrypt (crypt(5)), at a bounded number at once. */
#ifndef GW_PASSWORD_H
#define GW_PASSWORD_H

#include <stdint.h>

struct gw_arena;
struct gw_hashers; /* the places, shared by all workers */

/* `at_once` hashes are made, and `waiting` callers more are kept. -EINVAL: `at_once` is 0. */
int gw_hashers_new(unsigned at_once, unsigned waiting, struct gw_hashers **ret);
void gw_hashers_free(struct gw_hashers *hashers);

/* As gw_password_hash and gw_password_verify of gatewright.h. Who finds all places taken waits for
 * one until `until_ns` (CLOCK_MONOTONIC); -EBUSY: none came free, or too many wait already. */
int gw_hash_make(struct gw_hashers *hashers, struct gw_arena *arena, uint64_t until_ns,
                 const char *password, const char **ret_hash);
int gw_hash_check(struct gw_hashers *hashers, uint64_t until_ns, const char *hash,
                  const char *password, unsigned *ret_state);

#endif
