/* change.h: a declared table beside the live one of MariaDB or MySQL, and the statements that lead
 * from one to the other. */
#ifndef GW_STORE_MYSQL_CHANGE_H
#define GW_STORE_MYSQL_CHANGE_H

#include "store/difference.h"
#include "store/mysql/own.h"

/* What a look at all rows of a table may take, where somebody waits for a script and not for an
 * answer. */
#define GW_MYSQL_CHANGE_NS UINT64_C(60000000000)

#define GW_MYSQL_ANY_HOST (-1)

struct mysql_comparison {
    int host; /* to be compared, or GW_MYSQL_ANY_HOST; afterwards that which was */
    struct mysql_conn *conn;
    const struct gw_table *table;
    uint64_t deadline_ns;
    struct gw_differences differences;
    const char *collation;
    int (*change)(struct mysql_comparison *c); /* called behind each table; NULL: only compare */
    FILE *to, *late;                           /* where `change` prints, at once or behind all */

    /* Of the table: bits of its columns. */
    bool table_missing;
    bool in_the_way;                      /* a column that is not declared has to be written */
    uint64_t differing, missing, retyped; /* `retyped`: in type or collation */
    uint64_t not_unique, no_reference;
    uint64_t sets_missing;                    /* bits of the table's sets */
    char wrong_reference[GW_MAX_COLUMNS][65]; /* a foreign key to be replaced, */
    char on_update[GW_MAX_COLUMNS][12];       /*   and what it does then, as before */
};

/* schema.c: compares all tables, and the statements where nothing is to be changed. */
int gw_mysql_compare_all(struct mysql_comparison *c, struct gw_store *store,
                         const struct gw_app *app);

/* ask.c: asks about the table, whose name goes between `before` and `after`. */
int gw_mysql_ask_table(struct mysql_comparison *c, const char *before, const char *after,
                       MYSQL_RES **ret);

/* The first row's column `at` of a query, for free(); NULL without a row. 0, or as the query. */
int gw_mysql_askf(struct mysql_comparison *c, unsigned at, char **ret, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* sets.c */
int gw_mysql_compare_sets(struct mysql_comparison *c);

/* words.c: reports `one of` columns whose CHECK is missing or another; prints " CHECK (...)", or
 * nothing; a condition for the rows that hold none of the words, for free(), NULL without words. */
int gw_mysql_compare_words(struct mysql_comparison *c);
void gw_mysql_print_words(FILE *to, const struct gw_column *column);
char *gw_mysql_other_words(const struct gw_column *column, const char *collation);

/* attributes.c: prints what stands behind the type of a live column in SHOW CREATE TABLE and stays
 * when it is declared anew: DEFAULT, ON UPDATE, COMMENT, CHECK, INVISIBLE; the CHECK of its words
 * as they are declared, unless there is another CHECK. False: it is computed, or not found. */
bool gw_mysql_print_attributes(FILE *to, const char *create, const struct gw_column *column);

#endif
