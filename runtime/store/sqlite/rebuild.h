/* rebuild.h: one table's change to the declared one, for the files that print it. */
#ifndef GW_STORE_SQLITE_REBUILD_H
#define GW_STORE_SQLITE_REBUILD_H

#include "store/sqlite/definition.h"
#include "store/sqlite/live.h"

struct rebuild {
    struct sqlite_comparison *c;
    struct gw_migration *migration;
    char *declared_sql;
    struct sqlite_definition live, declared;
    bool refused, has_rows;
    uint64_t cut; /* bits of the columns whose values are cut to their length */
};

/* rebuild.c: prints what makes the live table the declared one; the transaction around it is not
 * printed where it is to be run. */
int gw_sqlite_change_table(struct sqlite_comparison *c, struct gw_migration *migration);

/* rename.c: renames the columns that `was` says, and drops those that nobody declared and whose
 * loss is allowed, within the transaction that is open; prints each statement. *ret_n counts them.
 * 0 or a negative errno. */
int gw_sqlite_rename(struct sqlite_comparison *c, const struct gw_app *app,
                     struct gw_migration *migration, size_t *ret_n);

/* Whether a column that is to be dropped is there still, since a constraint holds it: then the
 * table is made anew without. */
int gw_sqlite_holds_dropped(struct sqlite_comparison *c, bool *ret);

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

/* fit.c: whether a CHECK bounds the length of the column, by whatever number. */
bool gw_sqlite_is_length_check(const struct sqlite_clause *clause, const struct gw_column *column);

/* Refuse a column whose values do not fit. STRICT would convert '1.0' to 1, or fail; a whole number
 * is a real. */
int gw_sqlite_check_types(struct rebuild *b, const struct gw_column *column);
int gw_sqlite_check_rows(struct rebuild *b, const struct gw_column *column,
                         const struct sqlite_column_parts *declared);

#endif
