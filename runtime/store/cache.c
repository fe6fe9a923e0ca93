/* cache.c: the prepared statements of one connection. See cache.h.
 *
 * Compared by text and not by address: the text of an UPDATE depends on which columns a handler
 * names and lives in its request. Few texts are of one length, so that a walk over the lengths
 * compares about one. */
#include "store/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *gw_cache_find(struct gw_cache *cache, const char *sql, const void *rows)
{
    size_t length = strlen(sql);
    for (size_t i = 0; i < cache->n; i++)
        if (cache->lengths[i] == length && cache->entries[i].rows == rows &&
            !memcmp(cache->entries[i].sql, sql, length)) {
            cache->entries[i].used = ++cache->clock;
            return cache->entries[i].statement;
        }
    return NULL;
}

static void drop(struct gw_cache *cache, size_t i)
{
    cache->close(cache->entries[i].statement);
    free(cache->entries[i].sql);
    cache->n--;
    cache->entries[i] = cache->entries[cache->n];
    cache->lengths[i] = cache->lengths[cache->n];
}

int gw_cache_add(struct gw_cache *cache, const char *sql, const void *rows, void *statement)
{
    char *copy = strdup(sql);
    if (!copy) {
        cache->close(statement);
        return -ENOMEM;
    }
    if (cache->n == GW_CACHE_MAX) {
        size_t oldest = 0;
        for (size_t i = 1; i < cache->n; i++)
            if (cache->entries[i].used < cache->entries[oldest].used)
                oldest = i;
        drop(cache, oldest);
    }
    cache->lengths[cache->n] = strlen(sql);
    cache->entries[cache->n++] = (struct gw_cache_entry){
        .sql = copy, .rows = rows, .statement = statement, .used = ++cache->clock};
    return 0;
}

void gw_cache_remove(struct gw_cache *cache, const void *statement)
{
    for (size_t i = 0; i < cache->n; i++)
        if (cache->entries[i].statement == statement) {
            drop(cache, i);
            return;
        }
}

void gw_cache_clear(struct gw_cache *cache)
{
    while (cache->n)
        drop(cache, cache->n - 1);
}
