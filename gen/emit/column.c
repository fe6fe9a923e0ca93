/* column.c: a column as the runtime sees it. */
#include "emit/emit.h"

static void emit_flags(const struct column *column, struct text *to)
{
    const struct {
        bool set;
        const char *name;
    } flags[] = {
        {column->key, "GW_COL_KEY"},       {column->automatic, "GW_COL_AUTO"},
        {column->unique, "GW_COL_UNIQUE"}, {column->optional, "GW_COL_OPTIONAL"},
        {column->secret, "GW_COL_SECRET"}, {column->revokes, "GW_COL_REVOKES"},
    };
    const char *names[sizeof(flags) / sizeof(*flags)];
    size_t n = 0;
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        if (flags[i].set)
            names[n++] = flags[i].name;
    }
    text_flags(to, "        .flags = ", names, n);
}

void emit_column(const char *row, const struct column *column, struct text *to)
{
    text_printf(to, "    {\n        .name = \"%s\",\n        .type = %s,\n", column->name.text,
                type_infos[column->type].enumerator);
    emit_flags(column, to);
    if (column->max)
        text_printf(to, "        .max = %u,\n", (unsigned)column->max);
    if (column->type == TYPE_DECIMAL)
        text_printf(to, "        .precision = %u,\n        .scale = %u,\n", column->precision,
                    column->scale);
    if (row)
        text_call(to, "        .offset = offsetof", (const char *const[]){row, column->name.text},
                  2, ",");
    if (column->referenced)
        text_printf(to, "        .references = &gwt_table_%s,\n", column->referenced->name.text);
    text_printf(to, "    },\n");
}
