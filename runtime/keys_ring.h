/* keys_ring.h: the key set in force, which may be another a moment later. */
#ifndef GW_KEYS_RING_H
#define GW_KEYS_RING_H

#include "keys.h"

#include <pthread.h>

/* Readers take a reference for a batch of requests and give it back; a reload puts another set in
 * its place without waiting for them. */
struct gw_keys_ring {
    pthread_mutex_t lock;
    struct gw_keys *keys;
};

void gw_keys_ring_init(struct gw_keys_ring *ring);
void gw_keys_ring_free(struct gw_keys_ring *ring);
struct gw_keys *gw_keys_ring_take(struct gw_keys_ring *ring); /* NULL: empty; gw_keys_free */
void gw_keys_ring_put(struct gw_keys_ring *ring, struct gw_keys *keys); /* consumed */

#endif
