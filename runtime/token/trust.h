/* trust.h: the keys in force: our own, and each issuer's. */
#ifndef GW_TRUST_H
#define GW_TRUST_H

#include "config/config.h"
#include "generated.h"
#include "token/keys.h"

#include <pthread.h>
#include <stdatomic.h>

struct gw_log;

/* Immutable. Readers take a reference for a batch of requests and give it back; a reload puts
 * another in its place without waiting for them. */
struct gw_trust {
    _Atomic unsigned references;
    struct gw_keys *own; /* NULL: nothing here issues or checks a token */
    size_t n_issuers;
    struct gw_keys *issuers[]; /* as app->issuers; NULL: its key set was not there yet */
};

struct gw_file_stamp; /* what a file was when it was read */

struct gw_trust_ring {
    pthread_mutex_t lock;
    struct gw_trust *trust;
    const struct gw_app *app;
    const struct gw_config *config;
    struct gw_log *log;
    struct gw_file_stamp *stamps; /* of the issuers' files; only the main thread looks at them */
};

/* Reads all keys. `needed`: there must be a key of our own. An issuer's file that is not there, or
 * no good, is logged: its tokens are refused until it is; so is each key that is left out of a set.
 * -EINVAL with *ret_why (in `arena`). */
int gw_trust_open(struct gw_trust_ring *ring, const struct gw_app *app,
                  const struct gw_config *config, bool needed, struct gw_log *log,
                  struct gw_arena *arena, const char **ret_why);
void gw_trust_close(struct gw_trust_ring *ring);

struct gw_trust *gw_trust_take(struct gw_trust_ring *ring);
void gw_trust_give(struct gw_trust *trust); /* NULL is fine */

/* Reads everything again (SIGHUP). What is no good stays as it was, and the log says why; an
 * issuer's file that is gone takes its keys with it. */
void gw_trust_reload(struct gw_trust_ring *ring);

/* Reads the issuers' files that have changed. Costs a stat for each. */
void gw_trust_watch(struct gw_trust_ring *ring);

/* Our own keys as the configuration names them: GW_KEYS_DIR, the secret, or both. */
int gw_trust_read_own(const struct gw_config *config, struct gw_arena *arena, struct gw_keys **ret,
                      const char **ret_why);

/* Where an issuer's key set lies. NULL when memory is short. */
const char *gw_trust_issuer_path(const struct gw_config *config, const struct gw_issuer *issuer,
                                 struct gw_arena *arena);

#endif
