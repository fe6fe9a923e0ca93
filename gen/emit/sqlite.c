/* sqlite.c: tables of SQLite. What its types do not say, a CHECK does. */
#include "emit/store.h"

const char *sqlite_type(enum type type)
{
    switch (type) {
    case TYPE_TEXT:
    case TYPE_DECIMAL:
    case TYPE_DATE:
    case TYPE_JSON:
    case TYPE_UUID:
        return "TEXT";
    case TYPE_REAL:
        return "REAL";
    case TYPE_BLOB:
        return "BLOB";
    default:
        return "INTEGER";
    }
}

/* SQLite's alias of the row id must be spelled INTEGER PRIMARY KEY; with AUTOINCREMENT no key of a
 * deleted account is given to a new one, whose tokens would then be good for it. */
static void add_column(const struct column *column, struct text *to)
{
    const char *name = column->sql_name.text;
    text_printf(to, "  \"%s\" %s%s%s%s", name, sqlite_type(column->type),
                column->nocase ? " COLLATE NOCASE" : "", column->optional ? "" : " NOT NULL",
                column->revokes ? " DEFAULT 0" : sqlite_default(to->arena, column));
    if (column->key)
        text_printf(to, " PRIMARY KEY%s", column->automatic ? " AUTOINCREMENT" : "");
    else if (column->unique)
        text_printf(to, " UNIQUE");
    text_printf(to, "%s", words_check(to->arena, column, '"', false));
    if (column->max && !column->one_of.n)
        text_printf(to, " CHECK (length(\"%s\") <= %u)", name, (unsigned)column->max);
    if (column->type == TYPE_BOOL)
        text_printf(to, " CHECK (\"%s\" IN (0, 1))", name);
    if (column->type == TYPE_UINT)
        text_printf(to, " CHECK (\"%s\" >= 0)", name);
}

static void add_foreign_key(const struct column *column, struct text *to)
{
    const struct table *other = column->referenced;
    text_printf(to, ",\n  FOREIGN KEY (\"%s\") REFERENCES \"%s\" (\"%s\")%s", column->sql_name.text,
                other->sql_name.text, other->columns.items[other->key].sql_name.text,
                on_delete_words(column));
}

static void add_sets(const struct table *table, struct text *to)
{
    for (size_t i = 0; i < table->sets.n; i++) {
        const struct column_set *set = &table->sets.items[i];
        if (set->kind == SET_INDEX)
            continue;
        text_printf(to, ",\n  %s ", set->kind == SET_KEY ? "PRIMARY KEY" : "UNIQUE");
        set_columns(table, set, '"', to);
    }
}

void sqlite_table(const struct table *table, struct text *to)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        text_printf(to, i ? ",\n" : "(\n");
        add_column(&table->columns.items[i], to);
    }
    add_sets(table, to);
    for (size_t i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].referenced)
            add_foreign_key(&table->columns.items[i], to);
    }
    text_printf(to, "\n) STRICT");
}
