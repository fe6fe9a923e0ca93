/* entity_sql.h: the texts of statements, for the files of the entity module. */
#ifndef GW_ENTITY_SQL_H
#define GW_ENTITY_SQL_H

#include "store/entity.h"

#define GW_LOAD_SIZES 7 /* statements for 1, 2, 4 ... 64 keys */
#define GW_LOAD_MAX   (1u << (GW_LOAD_SIZES - 1))

/* What one statement loads of an entity whose sessions are `strict`: a bit for each fits its
 * column, in whatever both stores make of a sum. */
#define GW_LIVE_SIZES (GW_LOAD_SIZES - 1)
#define GW_LIVE_MAX   (1u << (GW_LIVE_SIZES - 1))

/* The statements of one table that never change. `all` and `open` begin SELECTs of all columns and
 * of those that are not secret: "SELECT `id`, ... FROM `users`". */
struct gw_table_sql {
    const struct gw_table *table;
    const char *all, *open;
    const char *load[GW_LOAD_SIZES];
    const struct gw_table *live; /* what these give where sessions are `strict`: the table, and
                                  * behind its columns one with a bit for each session asked for
                                  * that has not ended; NULL: the table */
    const char *insert, *erase;
    const char *revoke; /* NULL without a revokes column */
};

/* The table's statements; NULL for a table that is not of the application. */
const struct gw_table_sql *gw_sql_table(const struct gw_sql *sql, const struct gw_table *table);

/* Texts that depend on the call, in `arena`; NULL when memory is short. `columns` are all, or those
 * that are not secret. */
const char *gw_sql_find(const struct gw_table_sql *sql, uint64_t columns, int column,
                        struct gw_arena *arena);
const char *gw_sql_find_key(const struct gw_table_sql *sql, uint64_t columns,
                            struct gw_arena *arena);
const char *gw_sql_update(const struct gw_table_sql *sql, uint64_t columns, struct gw_arena *arena);
const char *gw_sql_list(const struct gw_table_sql *sql, int by, bool after, struct gw_arena *arena);
const char *gw_sql_owned(const struct gw_table_sql *sql, const struct gw_own *own,
                         struct gw_arena *arena);

/* `sql` and that the column has the bytes of a further value, as the driver's `same_bytes` says. */
const char *gw_sql_same_bytes(const char *sql, const struct gw_column *column,
                              const char *same_bytes, struct gw_arena *arena);

/* An INSERT of some columns. */
const char *gw_sql_insert(const struct gw_table *table, uint64_t columns, struct gw_arena *arena);

/* The columns of an INSERT: all but an `auto` key, which the store gives. */
uint64_t gw_sql_inserted(const struct gw_table *table);

#endif
