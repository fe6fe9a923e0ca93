/* reading.c: lists of a live schema that grow, and are searched. */
#include "store/reading.h"

#include "base/arena.h"

#include <string.h>

void *gw_live_grow(struct gw_arena *arena, const void *items, size_t n, size_t size)
{
    void *grown;
    if (n & (n - 1))
        return (void *)items;
    grown = gw_arena_array(arena, n ? 2 * n : 1, size);
    if (grown && n)
        memcpy(grown, items, n * size);
    return grown;
}

struct gw_live_table *gw_live_table_named(const struct gw_live_schema *schema, const char *name)
{
    size_t low = 0, high = schema->n_tables;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(schema->tables[middle].name, name);
        if (order == 0)
            return &schema->tables[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct gw_live_column *gw_live_column_named(const struct gw_live_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (!strcasecmp(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}
