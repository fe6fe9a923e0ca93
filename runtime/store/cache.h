/* cache.h: the prepared statements of one connection, by their text and where their rows go. */
#ifndef GW_STORE_CACHE_H
#define GW_STORE_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* Statements kept per connection; the one unused for longest goes first. */
#define GW_CACHE_MAX 256

struct gw_cache_entry {
    char *sql;
    const void *rows;
    void *statement;
    uint64_t used;
};

/* Starts as all zero bytes. */
struct gw_cache {
    size_t lengths[GW_CACHE_MAX]; /* of the texts */
    struct gw_cache_entry entries[GW_CACHE_MAX];
    size_t n;
    uint64_t clock;
    void (*close)(void *statement); /* set by the owner */
};

/* NULL: not there. `rows`: what a statement is bound to besides its text, or NULL: two of one text
 * may be. */
void *gw_cache_find(struct gw_cache *cache, const char *sql, const void *rows);

/* Keeps `statement`, which the cache owns from now on. -ENOMEM: it was closed. */
int gw_cache_add(struct gw_cache *cache, const char *sql, const void *rows, void *statement);

/* Closes one that the cache has. */
void gw_cache_remove(struct gw_cache *cache, const void *statement);

void gw_cache_clear(struct gw_cache *cache); /* closes all */

#endif
