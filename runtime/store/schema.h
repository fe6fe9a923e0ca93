/* schema.h: a live schema as it was found, of whatever database.
 *
 * What `gatewright import` declares tables from. It includes nothing of ours, because the compiler,
 * whose files have names of their own, reads it too. Types are words of routes.def; which live type
 * is read as which is asked of the functions that the comparison of schemas asks (types.c of each
 * driver), so that what is imported is accepted.
 *
 * Names and texts are bytes of the database: they may hold anything but NUL. */
#ifndef GW_STORE_SCHEMA_H
#define GW_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gw_live_default {
    GW_LIVE_DEFAULT_NONE,
    GW_LIVE_DEFAULT_NUMBER, /* as it is written */
    GW_LIVE_DEFAULT_TEXT,
    GW_LIVE_DEFAULT_NOW,
    GW_LIVE_DEFAULT_OTHER, /* an expression, as the database writes it */
};

struct gw_live_column {
    const char *name;
    const char *type;   /* in the database's words: "varchar(20)" */
    const char *word;   /* the type that reads it: "text"; NULL: none, */
    const char *why;    /*   and why */
    const char *number; /* of a bool: what reads other numbers, too; NULL: nothing */
    unsigned max;       /* of a text or blob; 0: no bound */
    unsigned precision, scale;
    bool optional;
    bool automatic;      /* the database gives the key */
    bool repeats;        /*   and may give that of a deleted row again */
    bool ignores_case;   /* its collation finds ASCII letters in either case */
    bool compares_bytes; /* its collation tells any two texts apart */
    const char **words;  /* what alone it may hold; NULL: it says no such thing */
    size_t n_words;
    bool touched;       /* the time of each update */
    bool must_be_given; /* NOT NULL, and nothing fills it in */
    const char *note;   /* what the database says beyond that: "enum('a','b')"; NULL: nothing */
    enum gw_live_default default_kind;
    const char *default_text;
};

/* Columns together. */
struct gw_live_set {
    const char *name;
    bool key, unique;     /* the primary key; no two rows are alike */
    const char *why;      /* cannot be declared at all: over parts of columns, say; NULL: it can */
    const char **columns; /* NULL among them: an expression */
    size_t n_columns;
};

struct gw_live_reference {
    const char *name;
    const char **columns, **to_columns; /* NULL in the second: the key */
    size_t n_columns;
    const char *to;     /* NULL: in another database */
    const char *action; /* of ON DELETE: "CASCADE" */
};

struct gw_live_table {
    const char *name;
    const char *why; /* it is no table: "is a view"; NULL: it is one */
    struct gw_live_column *columns;
    size_t n_columns;
    struct gw_live_set *sets;
    size_t n_sets;
    struct gw_live_reference *references;
    size_t n_references;
    const char **others; /* what is no part of a declaration: "trigger log_it" */
    size_t n_others;
};

struct gw_live_schema {
    struct gw_live_table *tables; /* in the order of the bytes of their names */
    size_t n_tables;
    void *memory;
};

/* Reads the schema of the database that the URL names, and changes nothing there. 0; a negative
 * errno, with the reason on standard error, without the password. `seen`: the URL stands where
 * other users of the machine see it, and a password in it is refused. */
int gw_live_schema_read(const char *url, bool seen, struct gw_live_schema *ret);
void gw_live_schema_free(struct gw_live_schema *schema);

#endif
