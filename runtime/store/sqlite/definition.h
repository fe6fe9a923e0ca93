/* definition.h: takes a CREATE TABLE statement of SQLite apart, so that a table can be made anew
 * with everything in it that is not to be changed, as it was written. */
#ifndef GW_STORE_SQLITE_DEFINITION_H
#define GW_STORE_SQLITE_DEFINITION_H

#include "base/str.h"

#define GW_SQLITE_ITEMS_MAX   256
#define GW_SQLITE_CLAUSES_MAX 24

/* A column or a constraint of the table, in the text of the statement. */
struct sqlite_item {
    struct gw_str text; /* with the comments in front of it */
    struct gw_str name; /* of a column, as written, in its quotes; ptr NULL: a constraint */
};

struct sqlite_definition {
    struct sqlite_item items[GW_SQLITE_ITEMS_MAX];
    size_t n;
    bool without_rowid;
};

enum sqlite_clause_kind {
    SQLITE_CLAUSE_KEY,
    SQLITE_CLAUSE_NOT_NULL,
    SQLITE_CLAUSE_NULL,
    SQLITE_CLAUSE_UNIQUE,
    SQLITE_CLAUSE_CHECK,
    SQLITE_CLAUSE_DEFAULT,
    SQLITE_CLAUSE_COLLATE,
    SQLITE_CLAUSE_REFERENCES,
    SQLITE_CLAUSE_GENERATED,
};

struct sqlite_clause {
    enum sqlite_clause_kind kind;
    struct gw_str text;
};

/* What stands behind the name of a column. */
struct sqlite_column_parts {
    struct gw_str type; /* empty: none */
    struct sqlite_clause clauses[GW_SQLITE_CLAUSES_MAX];
    size_t n;
};

/* False: not a statement that this file understands. The pieces point into `sql`. */
bool gw_sqlite_definition(const char *sql, struct sqlite_definition *ret);
bool gw_sqlite_column_parts(const struct sqlite_item *item, struct sqlite_column_parts *ret);

/* Whether the column is called so: quotes and case do not count. */
bool gw_sqlite_item_is(const struct sqlite_item *item, const char *name);

/* The column that a PRIMARY KEY constraint of the table is over, if it is one and over one. */
bool gw_sqlite_item_is_key_of(const struct sqlite_item *item, const char *name);
bool gw_sqlite_item_is_key(const struct sqlite_item *item);

/* Whether it is a FOREIGN KEY of the table over that column alone. */
bool gw_sqlite_item_is_reference_of(const struct sqlite_item *item, const char *name);

/* Whether it is a UNIQUE or FOREIGN KEY of the table, that column among others; and a CHECK of it
 * in which the name stands. */
bool gw_sqlite_item_holds(const struct sqlite_item *item, const char *name);
bool gw_sqlite_item_checks(const struct sqlite_item *item, const char *name);

/* The first CHECK's "(...)" of the clause; ptr NULL without one. */
struct gw_str gw_sqlite_check_expression(const struct sqlite_clause *clause);

#endif
