/* password.h: yescrypt through libxcrypt (crypt(5)), at a bounded number at once. */
#ifndef GW_PASSWORD_H
#define GW_PASSWORD_H

struct gw_arena;
struct gw_hashers; /* a counter shared by all workers */

/* -EINVAL: `at_once` is 0. */
int gw_hashers_new(unsigned at_once, struct gw_hashers **ret);
void gw_hashers_free(struct gw_hashers *hashers);

/* As gw_password_hash and gw_password_verify of gatewright.h. */
int gw_hash_make(struct gw_hashers *hashers, struct gw_arena *arena, const char *password,
                 const char **ret_hash);
int gw_hash_check(struct gw_hashers *hashers, struct gw_arena *arena, const char *hash,
                  const char *password);

#endif
