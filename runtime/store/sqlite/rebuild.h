/* rebuild.h: one table's change to the declared one, for the files that print it. */
#ifndef GW_STORE_SQLITE_REBUILD_H
#define GW_STORE_SQLITE_REBUILD_H

#include "store/sqlite/definition.h"
#include "store/sqlite/live.h"

struct rebuild {
    struct sqlite_comparison *c;
    FILE *to;
    char *declared_sql;
    struct sqlite_definition live, declared;
    bool refused, has_rows;
};

/* Prints why something is not done; an empty column is the table. */
void gw_sqlite_refuse(struct rebuild *b, const char *column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* foreign.c: whether a live foreign key of the column, of which this is the text, stays; whether
 * one that stands behind all columns does not (refused where it says more than is declared); prints
 * the declared ones that are not there. */
bool gw_sqlite_reference_stays(struct gw_str text, const struct gw_column *column);
bool gw_sqlite_replaces_reference(struct rebuild *b, const struct sqlite_item *item);
void gw_sqlite_append_references(sqlite3_str *sql, const struct rebuild *b);

/* How many rows of the table satisfy the condition (a format of sqlite3_mprintf). */
int gw_sqlite_count(struct rebuild *b, int64_t *ret, const char *format, ...);

/* Refuse a column whose values do not fit. STRICT would convert '1.0' to 1, or fail; a whole number
 * is a real. */
int gw_sqlite_check_types(struct rebuild *b, const struct gw_column *column);
int gw_sqlite_check_rows(struct rebuild *b, const struct gw_column *column,
                         const struct sqlite_column_parts *declared);

#endif
