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

/* One statement of the way to the declared schema; they are run phase by phase. */
enum mysql_phase {
    MYSQL_RENAME, /* or drop columns */
    MYSQL_CREATE,
    MYSQL_UNBIND, /* drop a foreign key that is made again */
    MYSQL_ALTER,
    MYSQL_REFERENCE,
};
struct mysql_step {
    enum mysql_phase phase;
    size_t number;                   /* in which it was planned */
    char *sql;                       /* for free() */
    const char *table, *other;       /* that it alters, and leads to; NULL: to none */
    const struct gw_table *declared; /* of MYSQL_UNBIND and MYSQL_REFERENCE, with the column */
    size_t column;
    bool loose; /* values are cut */
    char
        *unfit; /* of MYSQL_ALTER: a condition for rows that do not fit; for free(), NULL: all do */
};

struct mysql_plan {
    struct mysql_step *steps;
    size_t n;
};

/* What the rows of a column say to its declared type. */
struct mysql_fit {
    bool refused; /* and the line printed */
    bool loose;   /* values are cut, as was allowed */
};

struct mysql_comparison {
    int host; /* to be compared, or GW_MYSQL_ANY_HOST; afterwards that which was */
    struct mysql_conn *conn;
    const struct gw_table *table;    /* its columns as they are called now */
    const struct gw_table *declared; /* where it is to be changed */
    uint64_t deadline_ns;
    struct gw_differences differences;
    const char *collation;
    struct gw_migration *migration;  /* NULL: only compare */
    const struct gw_app *app, *live; /* all tables as declared, and as they are called now */
    struct mysql_plan plan;
    char *unfit; /* of the table's step, as far as it is known; for free() */

    /* Of the table: bits of its columns. */
    bool table_missing;
    bool in_the_way;                      /* a column that is not declared has to be written */
    uint64_t differing, missing, retyped; /* `retyped`: in type or collation */
    uint64_t not_unique, no_reference;
    uint64_t nullable;                        /* the live ones */
    uint64_t sets_missing;                    /* bits of the table's sets */
    char wrong_reference[GW_MAX_COLUMNS][65]; /* a foreign key to be replaced, */
    char on_update[GW_MAX_COLUMNS][12];       /*   and what it does then, as before */
};

/* schema.c: makes c->conn, which the caller frees; compares all tables, and plans their changes
 * where they are to be changed; what a result means to whoever asked. */
int gw_mysql_connect(struct mysql_comparison *c, struct gw_store *store);
int gw_mysql_compare_tables(struct mysql_comparison *c, const struct gw_app *app);
int gw_mysql_outcome(int r);

/* All of that where nothing is to be changed, and the statements. */
int gw_mysql_compare_all(struct mysql_comparison *c, struct gw_store *store,
                         const struct gw_app *app);

/* ask.c: asks about the table, whose name goes between `before` and `after`. */
int gw_mysql_ask_table(struct mysql_comparison *c, const char *before, const char *after,
                       MYSQL_RES **ret);

/* The first row's column `at` of a query, for free(); NULL without a row. 0, or as the query. */
int gw_mysql_askf(struct mysql_comparison *c, unsigned at, char **ret, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The rows of a query. 0, or as the query. */
int gw_mysql_rowsf(struct mysql_comparison *c, MYSQL_RES **ret, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* fit.c: prints why something is not done, an empty column is the table; how many rows satisfy a
 * condition (NULL: none); whether the rows of a live column fit what is declared. */
void gw_mysql_refuse(struct mysql_comparison *c, const char *column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int gw_mysql_count(struct mysql_comparison *c, const char *condition, uint64_t *ret);

/* Of what no row satisfied when that was counted: it is asked again once the table is locked, since
 * the server would round, cut or fill what came in between. The names are those that the columns
 * have behind the change. */
int gw_mysql_ask_again(struct mysql_comparison *c, const char *condition);

int gw_mysql_check_values(struct mysql_comparison *c, const struct gw_column *column,
                          struct mysql_fit *io);
int gw_mysql_check_nulls(struct mysql_comparison *c, const struct gw_column *column,
                         struct mysql_fit *io);
int gw_mysql_check_bonds(struct mysql_comparison *c, const struct gw_column *column,
                         struct mysql_fit *io);
int gw_mysql_check_unique(struct mysql_comparison *c, const struct gw_column *column,
                          struct mysql_fit *io);

/* change.c: plans what makes the live table the declared one. */
int gw_mysql_change_table(struct mysql_comparison *c);

/* The session in which statements of the plan are run, and what goes around some of them. */
#define GW_MYSQL_MODE "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
#define GW_MYSQL_SESSION                                                                           \
    "SET SESSION sql_mode = '" GW_MYSQL_MODE "', time_zone = '+00:00', FOREIGN_KEY_CHECKS = 1"
#define GW_MYSQL_UNCHECKED "SET FOREIGN_KEY_CHECKS = 0"
#define GW_MYSQL_CHECKED   "SET FOREIGN_KEY_CHECKS = 1"
#define GW_MYSQL_LOOSE     "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'"
#define GW_MYSQL_STRICT    "SET SESSION sql_mode = '" GW_MYSQL_MODE "'"

/* plan.c: adds a statement to the plan. Of `step` it takes all but the text; `unfit` is the plan's
 * from then on, also where it fails. */
int gw_mysql_step(struct mysql_comparison *c, const struct mysql_step *step, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/* Adds the dropping of a foreign key, unless it is planned already; of `step` it takes all but the
 * text. It is made again behind what is altered. */
int gw_mysql_unbind(struct mysql_comparison *c, const struct mysql_step *step, const char *name);

/* The statement that makes the foreign key of a declared column, and drops one; for free(). */
char *gw_mysql_reference_text(const struct gw_table *table, size_t column, const char *on_update,
                              const char *drop);

/* Prints those of foreign keys, behind all others. */
int gw_mysql_print_references(struct mysql_comparison *c);
void gw_mysql_free_plan(struct mysql_plan *plan);

/* rename.c: plans the renaming of columns, and the dropping of those whose loss is allowed, and
 * says how the tables are called until then: *ret, in the arena. */
int gw_mysql_rename(struct mysql_comparison *c, const struct gw_app *app, struct gw_arena *arena,
                    struct gw_app *ret);

/* Prints text of SHOW CREATE TABLE with the names that the columns have behind that. */
void gw_mysql_print_renamed(FILE *to, const char *text, const struct mysql_comparison *c);

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
