/* import.h: declarations of a live schema.
 *
 * What the language can say of a table is said; what it cannot is listed with its reason, column by
 * column, and nothing is declared as what it only may be. The passes, in their order: which type
 * each column has (columns.c), what is the key and what else is unique or indexed (sets.c), what
 * references what (references.c), what everything is called in C (names.c); print.c writes them. */
#ifndef GEN_IMPORT_H
#define GEN_IMPORT_H

#include "base/text.h"
#include "runtime/store/schema.h"
#include "syntax/tree.h"

/* A column; what `column` lacks at the end of the passes is said in a comment. */
struct import_column {
    const struct gw_live_column *live;
    struct column column;
    const char *why; /* it is left out; NULL: it is declared */
    struct text note;
};

struct import_set {
    enum set_kind kind;
    VEC(struct import_column *) columns;
};

struct import_table {
    const struct gw_live_table *live;
    struct table table; /* its names, and whether it is an entity; the columns are these: */
    struct import_column *columns;
    size_t n_columns;
    const char *why;                     /* it is left out; NULL: it is declared */
    struct import_column *key;           /* of one column; NULL: */
    const struct import_set *keys;       /*   of several */
    const struct gw_live_set *key_index; /* what makes them a key */
    VEC(struct import_set) sets;         /* of several columns, the key first, and indexes */
    VEC(const char *) left_out;          /* "unique name (a, b): why" */
};

struct import {
    struct arena *arena;
    struct import_table *tables;
    size_t n_tables;
};

/* The passes. */
void import_columns(const struct import *import, struct import_table *table);
void import_sets(const struct import *import, struct import_table *table);
void import_references(const struct import *import, struct import_table *table);
void import_names(const struct import *import);
void import_print(const struct import *import, struct text *to);

/* Makes a bool that can hold more than 0 and 1 a number, where it must be one: in a key, say. */
void import_as_number(struct import_column *column);

/* Makes what is `one of` a text, where it must be one: in a key by itself, say. */
void import_without_words(struct import_column *column);

/* A further piece of the comment on a column. */
void import_note(struct import_column *column, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The declared column of that name in SQL, or NULL. */
struct import_column *import_column_named(const struct import_table *table, const char *name);

/* Any bytes as what may stand in a comment: one line, which ends where it seems to. */
const char *import_shown(struct arena *arena, const char *text);

/* "a, b", shown. */
const char *import_shown_list(struct arena *arena, const char *const *names, size_t n);

#endif
