/* entities.c: entities.c, the tables as the runtime sees them, and the wrappers. */
#include "emit/emit.h"

#include <string.h>

static void emit_table(const struct table *table, struct text *to)
{
    const char *name = table->name.text;
    const struct column *key = &table->columns.items[table->key];
    text_printf(to, "static const struct gw_column gwt_columns_%s[] = {\n", name);
    for (size_t i = 0; i < table->columns.n; i++)
        emit_column(arena_printf(to->arena, "struct %s_row", name), &table->columns.items[i], to);
    text_printf(to,
                "};\n\n"
                "const struct gw_table gwt_table_%s = {\n"
                "    .name = \"%s\",\n"
                "    .sql_name = \"%s\",\n"
                "    .columns = gwt_columns_%s,\n"
                "    .n_columns = %zu,\n"
                "    .row_size = sizeof(struct %s_row),\n"
                "    .key = %d,\n"
                "    .revokes = %d,\n"
                "    .entity = %d,\n"
                "    .key_claim = ",
                name, name, table->sql_name.text, name, table->columns.n, name, table->key,
                table->revokes, table->entity ? (int)table->index : -1);
    text_c_string(to, !table->entity ? NULL : key->claim.text ? key->claim.text : key->name.text);
    text_printf(to, ",\n};\n\n");
    emit_table_calls(table, to);
}

void emit_entities(const struct tree *tree, struct text *to)
{
    emit_banner(tree, "Tables and their typed calls.", to);
    text_printf(to, "#include \"routes.h\"\n\n");
    for (size_t i = 0; i < tree->tables.n; i++)
        emit_table(tree->tables.items[i], to);
    emit_sql_calls(tree, to);
    if (to->n >= 2 && strcmp(to->items + to->n - 2, "\n\n") == 0)
        to->items[--to->n] = '\0';
}
