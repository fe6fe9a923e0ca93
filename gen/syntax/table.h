/* table.h: tables, entities and statements: a part of tree.h. */
#ifndef GEN_TABLE_H
#define GEN_TABLE_H

#include "base/map.h"
#include "syntax/name.h"
#include "syntax/type.h"

struct table;
struct body;

enum set_kind {
    SET_KEY,
    SET_UNIQUE,
    SET_INDEX,
};

enum on_delete {
    ON_DELETE_REFUSE,
    ON_DELETE_CASCADE,
    ON_DELETE_NULL,
};

enum default_kind {
    DEFAULT_NONE,
    DEFAULT_NOW,
    DEFAULT_RANDOM,
    DEFAULT_NUMBER, /* `default_value` as it is written */
    DEFAULT_TEXT,
    DEFAULT_TRUE,
    DEFAULT_FALSE,
};

/* Which values of a column refuse every token of its row. */
enum blocks {
    BLOCKS_NEVER,
    BLOCKS_TRUE,
    BLOCKS_FALSE,
    BLOCKS_SET, /* of a time */
};

struct column {
    struct name name;
    const char *description; /* NULL: none */
    enum type type;
    bool key, automatic, unique, optional, secret, revokes, nocase, touched, quoted;
    enum default_kind default_kind;
    struct name default_value;
    struct words one_of;
    enum blocks blocks;
    struct pos blocks_pos;
    uint32_t max;
    struct pos max_pos;
    unsigned precision, scale;
    struct name references, claim;
    struct name sql_name;     /* its text is never NULL */
    struct name was;          /* its former SQL name; NULL: none */
    const char *outer;        /* in JSON; set by the checks */
    enum on_delete on_delete; /* of what it references */
    struct pos on_delete_pos;
    const struct table *referenced; /* set by the checks */
};

/* Columns of a table together: `unique (a, b)`. */
struct column_set {
    enum set_kind kind;
    struct pos pos; /* of the word */
    VEC(struct name) names;
    VEC(unsigned) columns; /* their indices, set by the checks */
};

struct table {
    struct name name;
    struct name sql_name; /* its text is never NULL */
    bool entity;
    bool existing; /* another application's */
    bool full;     /* of columns */
    const char *description;
    bool broken; /* a column was not understood: no further complaints about what is missing */
    bool fills;  /* a column has a value without being given one: an insert type of its own */
    VEC(struct column) columns;
    VEC(struct column_set) sets;
    const struct session *session; /* set by the checks; NULL: none */
    const struct body *patch;      /* the same */
    int key, revokes;              /* set by the checks; -1: none */
    const struct column_set *keys; /* of several columns, of which `key` is the first; else NULL */
    unsigned index;                /* in tree.tables; of entities also their bit */
    bool admitted;                 /* by a route */
    bool own_each; /* a statement or handler of the application has the name of a call `X_each` */
};

enum sql_rows { SQL_EXEC, SQL_ONE, SQL_MANY };

/* Which stores a statement is for. */
enum sql_stores {
    SQL_EVERYWHERE,
    SQL_MYSQL, /* not checked at build time */
    SQL_SQLITE,
};

/* `:name` in a statement. */
struct sql_value {
    struct name name;
    unsigned param; /* index; set by the checks */
};

struct sql {
    struct name name;
    const char *description;
    enum sql_stores stores;
    struct sql *other; /* of the same name, for the other store; NULL: none */
    bool is_other;
    enum sql_rows rows;
    uint32_t timeout_ms; /* 0: as all */
    VEC(struct column) params;
    struct name table_name; /* whose rows come back; NULL with columns of its own, or none */
    const struct table *table;
    VEC(struct column) columns;
    struct pos pos;     /* of the text */
    const char *spaced; /* the text as long as it stands there, comments and ends of lines blank */
    const char *text;   /* what is sent: `?` for values */
    VEC(struct sql_value) values;
    VEC(struct column) results; /* in the statement's order; set by the checks */
    bool broken, read_only;
    bool selects;  /* it reads only, as far as its store's parser or its first word tells */
    bool own_each; /* as a table's */
};

#endif
