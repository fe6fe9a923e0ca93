/* call.h: a typed call of a table, for the files that write such calls. */
#ifndef GEN_EMIT_CALL_H
#define GEN_EMIT_CALL_H

#include "emit/emit.h"

struct call {
    const char *head;              /* "int users_find" */
    const char *args[MAX_SET + 5]; /* of the prototype, without the request */
    size_t n_args;
    bool no_request; /* a call that takes none */
    const char *comment;
};

/* A wrapper begins with its head and `{`; the caller writes the rest. */
typedef void body_writer(const struct table *table, size_t column, struct text *to);

/* The prototype, or with `write` the wrapper. */
void call_emit(const struct call *call, body_writer *write, const struct table *table,
               size_t column, struct text *to);

/* `const struct gw_value NAME = {...};` */
void call_write_value(const char *name, const struct column *column, const char *from,
                      struct text *to);

/* `const struct gw_value NAME[] = {...};`: the key's columns, from parameters or from a row. */
void call_write_values(const char *name, const struct table *table, bool from_row, struct text *to);

/* `wanted` in the wrapper; in the prototype the column's own name, unless another parameter has it
 * or it is a type of a parameter. */
const char *call_wanted(struct arena *arena, const struct column *column, bool wrapper);

static inline const struct column *call_key(const struct table *table)
{
    return &table->columns.items[table->key];
}

static inline const char *call_argument(struct arena *arena, const struct column *column,
                                        const char *name)
{
    return arena_printf(arena, "%s%s", column_type(arena, column, false), name);
}

/* patch.c: `lessons_patch`, where there is a patch of the table. */
void emit_patch_call(const struct table *table, bool wrapper, struct text *to);

/* `by`: the column whose value the rows have; -1: all rows. */
void emit_list_call(const struct table *table, int by, bool wrapper, struct text *to);
void emit_each_call(const struct table *table, int by, bool wrapper, struct text *to);

#endif
