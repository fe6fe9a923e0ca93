/* entity.h: rows of declared tables, above the store.
 *
 * Writes the SQL for the typed calls of generated.h and for the gate, and checks what comes back:
 * one row or an error, and a fetched key that equals the asked one byte for byte (databases coerce
 * and collate; see the comment in entity.c). */
#ifndef GW_ENTITY_H
#define GW_ENTITY_H

#include "generated.h"
#include "store/store.h"

/* The statements of every table, built once per store and shared by all workers (read-only).
 * `seconds` is the driver's. */
struct gw_sql;
struct gw_jsonout;
int gw_sql_new(const struct gw_app *app, const char *seconds, struct gw_sql **ret);
void gw_sql_free(struct gw_sql *sql);

/* One key to load, and where its row goes. */
struct gw_load {
    struct gw_value key;    /* of the key column's exact type */
    struct gw_arena *arena; /* the row is put here: its request's */
    void *ret_row;          /* NULL unless result is 0 */
    int result;             /* 0, GW_E_NOT_FOUND or a negative errno; GW_E_MISMATCH: the row is
                             * there, and the session is not */
    const char *sid;        /* of an entity whose sessions are `strict`: the session that must be
                             * there, too; NULL is none */
};

/* Loads the rows of `n` keys of one entity, without its secret columns, in as few statements as
 * there are batches of 64. Results are told per key; a failed statement fails the keys it was to
 * serve. */
void gw_entity_load(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_table *table,
                    struct gw_load *loads, size_t n, uint64_t deadline_ns);

/* The row that `own` names: GW_E_NOT_FOUND if it is not there or not the caller's. `values` are in
 * the order of own->terms. */
int gw_entity_owned(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_own *own,
                    const struct gw_value *values, struct gw_arena *arena, uint64_t deadline_ns,
                    const void **ret_row);

/* Gives the row the epoch that follows, `least` at least (gw_epoch_next). GW_E_NOT_FOUND,
 * GW_E_RANGE where the column is too narrow for it, -ENOTSUP without such a column. */
int gw_entity_revoke(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_table *table,
                     const struct gw_value *key, uint64_t least, uint64_t deadline_ns);

/* Writes the row as a JSON object, as gw_entity_json makes it. */
void gw_entity_jsonout(struct gw_jsonout *out, const struct gw_table *table, const void *row);

#endif
