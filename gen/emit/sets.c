/* sets.c: columns together, as both stores declare them. */
#include "emit/store.h"

void set_columns(const struct table *table, const struct column_set *set, char quote,
                 struct text *to)
{
    for (size_t i = 0; i < set->columns.n; i++)
        text_printf(to, "%s%c%s%c", i ? ", " : "(", quote,
                    table->columns.items[set->columns.items[i]].sql_name.text, quote);
    text_printf(to, ")");
}

const char *on_delete_words(const struct column *column)
{
    return column->on_delete == ON_DELETE_CASCADE ? " ON DELETE CASCADE"
           : column->on_delete == ON_DELETE_NULL  ? " ON DELETE SET NULL"
                                                  : "";
}

bool is_led(const struct table *table, unsigned column)
{
    const struct column *is = &table->columns.items[column];
    if (is->key || is->unique)
        return true;
    for (size_t i = 0; i < table->sets.n; i++) {
        if (table->sets.items[i].columns.items[0] == column)
            return true;
    }
    return false;
}

/* Called "TABLE(COLUMN,COLUMN)": indexes share their names with tables and with each other, and
 * joined by what names hold, `a` and `b_c` would be `a_b` and `c`. */
static void sqlite_index(const struct table *table, const unsigned *columns, size_t n,
                         struct text *to)
{
    text_printf(to, "CREATE INDEX IF NOT EXISTS \"%s", table->sql_name.text);
    for (size_t i = 0; i < n; i++)
        text_printf(to, "%s%s", i ? "," : "(", table->columns.items[columns[i]].sql_name.text);
    text_printf(to, ")\" ON \"%s\" (", table->sql_name.text);
    for (size_t i = 0; i < n; i++)
        text_printf(to, "%s\"%s\"", i ? ", " : "", table->columns.items[columns[i]].sql_name.text);
    text_printf(to, ");\n");
}

void sqlite_indexes(const struct table *table, struct text *to)
{
    for (size_t i = 0; i < table->sets.n; i++) {
        const struct column_set *set = &table->sets.items[i];
        if (set->kind == SET_INDEX)
            sqlite_index(table, set->columns.items, set->columns.n, to);
    }
    for (unsigned i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].referenced && !is_led(table, i))
            sqlite_index(table, &i, 1, to);
    }
}
