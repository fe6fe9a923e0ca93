/* live.h: the live schema of a SQLite file, asked and compared. */
#ifndef GW_STORE_SQLITE_LIVE_H
#define GW_STORE_SQLITE_LIVE_H

#include "store/difference.h"
#include "store/sqlite/definition.h"
#include "store/sqlite/own.h"
#include "store/words.h"

/* The rows of a query, one after the other:
 *
 *     gw_sqlite_ask(&rows, store, db, sql, (const char *[]){"a", NULL});
 *     while (gw_sqlite_next(&rows))
 *         ... sqlite3_column_text(rows.stmt, 0) ...
 *     r = gw_sqlite_done(&rows); */
struct sqlite_cursor {
    const struct gw_store *store;
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int code;
};
void gw_sqlite_ask(struct sqlite_cursor *rows, const struct gw_store *store, sqlite3 *db,
                   const char *sql, const char *const *params);
bool gw_sqlite_next(struct sqlite_cursor *rows);
int gw_sqlite_done(struct sqlite_cursor *rows); /* 0 or a negative errno, logged */

/* The one number that the query gives; 0 without a row. */
int gw_sqlite_number(const struct gw_store *store, sqlite3 *db, const char *sql,
                     const char *const *params, int64_t *ret);

/* Text in lower case without blanks, quotes and comments' worth of layout, to compare what may be
 * written in several ways. NULL when memory is short; for free(). */
char *gw_sqlite_normalised(const char *sql, size_t len);

/* One declared table beside the live one. */
struct sqlite_comparison {
    const struct gw_store *store;
    sqlite3 *db;
    const struct gw_table *table;
    struct gw_differences differences;
    const struct gw_migration *migration; /* what may be lost; NULL: nothing */
    char *sql;          /* the statement that made the live table, for free(); NULL: not there */
    uint64_t differing; /* bits of the columns that are missing or otherwise */
    bool strict;
    bool in_the_way; /* a column that is not declared has to be written */
};

/* sets.c: reports what is not unique or has no index; prints what makes it, unless `migration` is
 * NULL. */
int gw_sqlite_compare_sets(struct sqlite_comparison *c, struct gw_migration *migration);

/* words.c: reports a `one of` column whose CHECK is missing or another; what a clause of the live
 * column says of its words. */
void gw_sqlite_compare_words(struct sqlite_comparison *c, const struct gw_column *column);
enum gw_words_said gw_sqlite_words_said(const struct sqlite_clause *clause,
                                        const struct gw_column *column);

/* Whether the live column, which nobody declared, may be dropped. */
bool gw_sqlite_drops(const struct sqlite_comparison *c, const char *column);

/* Reports each difference. 0 or a negative errno. */
int gw_sqlite_compare_table(struct sqlite_comparison *c);

#endif
