/* keys_ring.c: see keys_ring.h. The lock is held for the length of a pointer and a counter. */
#include "keys_ring.h"

void gw_keys_ring_init(struct gw_keys_ring *ring)
{
    pthread_mutex_init(&ring->lock, NULL);
    ring->keys = NULL;
}

void gw_keys_ring_free(struct gw_keys_ring *ring)
{
    gw_keys_ring_put(ring, NULL);
    pthread_mutex_destroy(&ring->lock);
}

struct gw_keys *gw_keys_ring_take(struct gw_keys_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    struct gw_keys *keys = ring->keys ? gw_keys_ref(ring->keys) : NULL;
    pthread_mutex_unlock(&ring->lock);
    return keys;
}

void gw_keys_ring_put(struct gw_keys_ring *ring, struct gw_keys *keys)
{
    pthread_mutex_lock(&ring->lock);
    struct gw_keys *old = ring->keys;
    ring->keys = keys;
    pthread_mutex_unlock(&ring->lock);
    gw_keys_free(old);
}
