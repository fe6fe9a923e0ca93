/* column.c: a column as the runtime sees it. */
#include "emit/emit.h"

#include <string.h>

static void emit_flags(const struct column *column, struct text *to)
{
    const char *const names[] = {
        column->key ? "GW_COL_KEY" : NULL,
        column->automatic ? "GW_COL_AUTO" : NULL,
        column->unique ? "GW_COL_UNIQUE" : NULL,
        column->optional ? "GW_COL_OPTIONAL" : NULL,
        column->secret ? "GW_COL_SECRET" : NULL,
        column->revokes ? "GW_COL_REVOKES" : NULL,
        column->nocase ? "GW_COL_NOCASE" : NULL,
        column->default_kind && column->default_kind != DEFAULT_RANDOM ? "GW_COL_DEFAULT" : NULL,
        column->default_kind == DEFAULT_RANDOM ? "GW_COL_RANDOM" : NULL,
        column->touched ? "GW_COL_TOUCHED" : NULL,
        column->quoted ? "GW_COL_QUOTED" : NULL,
        column->blocks ? "GW_COL_BLOCKS" : NULL,
        column->blocks == BLOCKS_FALSE ? "GW_COL_BLOCKS_FALSE" : NULL,
        column->on_delete == ON_DELETE_CASCADE ? "GW_COL_CASCADE" : NULL,
        column->on_delete == ON_DELETE_NULL ? "GW_COL_SET_NULL" : NULL,
    };
    text_flags(to, "        .flags = ", names, sizeof(names) / sizeof(*names));
}

/* Where the value is: in a row, or among the secrets beside it. */
static void emit_place(const char *row, const char *whole, const struct column *column,
                       struct text *to)
{
    const char *const place[] = {
        column->secret ? whole : row,
        column->secret ? arena_printf(to->arena, "secrets.%s", column->name.text)
                       : column->name.text,
    };
    text_call(to, "        .offset = offsetof", place, 2, ",");
}

void emit_whole(const char *whole, const char *row, const char *secrets, struct text *to)
{
    text_printf(to, "%s {\n    %s row;\n    %s secrets;\n};\n\n", whole, row, secrets);
}

void emit_halves(const char *whole, struct text *to)
{
    text_printf(to, "    .whole_size = sizeof(%s),\n    .secrets = offsetof(%s, secrets),\n", whole,
                whole);
}

void emit_column(const char *row, const char *whole, const struct column *column, struct text *to)
{
    text_printf(to, "    {\n        .name = ");
    text_c_string(to, column->outer);
    text_printf(to, ",\n        .type = %s,\n", type_infos[column->type].enumerator);
    emit_flags(column, to);
    if (column->max)
        text_printf(to, "        .max = %u,\n", (unsigned)column->max);
    if (column->type == TYPE_DECIMAL)
        text_printf(to, "        .precision = %u,\n        .scale = %u,\n", column->precision,
                    column->scale);
    if (row)
        emit_place(row, whole, column, to);
    if (column->one_of.n)
        text_printf(to, "        .one_of = %s,\n", words_array(to->arena, &column->one_of));
    if (column->referenced)
        text_printf(to, "        .references = &gwt_table_%s,\n", column->referenced->name.text);
    if (strcmp(column->sql_name.text, column->outer)) {
        text_printf(to, "        .sql_name = ");
        text_c_string(to, column->sql_name.text);
        text_printf(to, ",\n");
    }
    text_printf(to, "    },\n");
}
