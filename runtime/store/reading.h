/* reading.h: a live schema while a driver reads it. */
#ifndef GW_STORE_READING_H
#define GW_STORE_READING_H

#include "store/schema.h"

struct gw_arena;
struct gw_store;

/* One more item of a list in `arena` that has `n`, zeroed, or NULL. A list whose length is no power
 * of two, and not empty, has room. */
#define GW_LIVE_ADD(arena, items, n)                                                               \
    ({                                                                                             \
        void *grown = gw_live_grow((arena), (items), (n), sizeof(*(items)));                       \
        if (grown)                                                                                 \
            (items) = grown;                                                                       \
        grown ? &(items)[(n)++] : NULL;                                                            \
    })
void *gw_live_grow(struct gw_arena *arena, const void *items, size_t n, size_t size);

/* By its name; NULL: there is none. */
struct gw_live_table *gw_live_table_named(const struct gw_live_schema *schema, const char *name);
struct gw_live_column *gw_live_column_named(const struct gw_live_table *table, const char *name);

/* Of each driver. 0 or a negative errno, logged. */
int gw_sqlite_read(struct gw_store *store, struct gw_arena *arena, struct gw_live_schema *ret);
int gw_mysql_read(struct gw_store *store, struct gw_arena *arena, struct gw_live_schema *ret);

#endif
