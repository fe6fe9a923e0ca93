/* schema.c: CREATE TABLE statements for MySQL, MariaDB and SQLite.
 *
 * Text compares byte by byte, with blanks at its end: that is how the fetched key is compared with
 * the token's claim. What SQLite's types do not say, a CHECK does. */
#include "emit/emit.h"

#include <string.h>

/* VARCHAR counts against the row's 65535 bytes, four to a character. */
#define MAX_VARCHAR 4096

static const char *mysql_text(struct arena *arena, const struct column *column)
{
    bool indexed = column->key || column->unique || column->references.text;
    if (column->max && (indexed || column->max <= MAX_VARCHAR))
        return arena_printf(arena, "VARCHAR(%u)", (unsigned)column->max);
    return "LONGTEXT";
}

static const char *mysql_blob(struct arena *arena, const struct column *column)
{
    if (column->max && column->max <= 4 * MAX_VARCHAR)
        return arena_printf(arena, "VARBINARY(%u)", (unsigned)column->max);
    return "LONGBLOB";
}

static const char *mysql_type(struct arena *arena, const struct column *column)
{
    switch (column->type) {
    case TYPE_UINT:
        return "BIGINT UNSIGNED";
    case TYPE_TEXT:
        return mysql_text(arena, column);
    case TYPE_BOOL:
        return "TINYINT(1)";
    case TYPE_REAL:
        return "DOUBLE";
    case TYPE_DECIMAL:
        return arena_printf(arena, "DECIMAL(%u,%u)", column->precision, column->scale);
    case TYPE_DATE:
        return "DATE";
    case TYPE_TIME:
        return "DATETIME(6)";
    case TYPE_BLOB:
        return mysql_blob(arena, column);
    case TYPE_JSON:
        return "JSON";
    default:
        return "BIGINT";
    }
}

static const char *sqlite_type(const struct column *column)
{
    switch (column->type) {
    case TYPE_TEXT:
    case TYPE_DECIMAL:
    case TYPE_DATE:
    case TYPE_JSON:
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
static void add_key(const struct column *column, bool mysql, struct text *to)
{
    if (mysql && column->automatic)
        text_printf(to, " AUTO_INCREMENT");
    text_printf(to, " PRIMARY KEY");
    if (!mysql && column->automatic)
        text_printf(to, " AUTOINCREMENT");
}

static void add_column(const struct column *column, bool mysql, struct text *to)
{
    char quote = mysql ? '`' : '"';
    const char *name = column->name.text;
    text_printf(to, "  %c%s%c %s", quote, name, quote,
                mysql ? mysql_type(to->arena, column) : sqlite_type(column));
    if (!column->optional)
        text_printf(to, " NOT NULL");
    if (column->revokes)
        text_printf(to, " DEFAULT 0");
    if (column->key)
        add_key(column, mysql, to);
    else if (column->unique)
        text_printf(to, " UNIQUE");
    if (!mysql && column->max)
        text_printf(to, " CHECK (length(\"%s\") <= %u)", name, (unsigned)column->max);
    if (!mysql && column->type == TYPE_BOOL)
        text_printf(to, " CHECK (\"%s\" IN (0, 1))", name);
    if (!mysql && column->type == TYPE_UINT)
        text_printf(to, " CHECK (\"%s\" >= 0)", name);
}

static void add_foreign_keys(const struct table *table, bool mysql, struct text *to)
{
    char quote = mysql ? '`' : '"';
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *column = &table->columns.items[i];
        const struct table *other = column->referenced;
        if (!other)
            continue;
        text_printf(to, ",\n  FOREIGN KEY (%c%s%c) REFERENCES %c%s%c (%c%s%c)", quote,
                    column->name.text, quote, quote, other->sql_name.text, quote, quote,
                    other->columns.items[other->key].name.text, quote);
    }
}

static void add_table(const struct table *table, bool mysql, struct text *to)
{
    char quote = mysql ? '`' : '"';
    text_printf(to, "CREATE TABLE IF NOT EXISTS %c%s%c (\n", quote, table->sql_name.text, quote);
    for (size_t i = 0; i < table->columns.n; i++) {
        add_column(&table->columns.items[i], mysql, to);
        text_printf(to, "%s", i + 1 < table->columns.n ? ",\n" : "");
    }
    add_foreign_keys(table, mysql, to);
    text_printf(to, "\n) %s;\n\n",
                mysql ? "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin"
                      : "STRICT");
}

/* Tables that others refer to come first. A circle is broken where it was entered; SQLite does not
 * mind, and MySQL is told to wait with its checks. */
static void add_in_order(const struct table *table, bool mysql, char *state, bool *circle,
                         struct text *to)
{
    state[table->index] = 1;
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct table *other = table->columns.items[i].referenced;
        if (other && other != table && state[other->index] == 1)
            *circle = true;
        if (other && state[other->index] == 0)
            add_in_order(other, mysql, state, circle, to);
    }
    state[table->index] = 2;
    add_table(table, mysql, to);
}

void emit_schema(const struct tree *tree, bool mysql, struct text *to)
{
    char *state = arena_alloc(to->arena, tree->tables.n + 1);
    bool circle = false;
    struct text tables = {.arena = to->arena};
    text_add(&tables, "", 0);
    for (size_t i = 0; i < tree->tables.n; i++) {
        if (!state[i])
            add_in_order(tree->tables.items[i], mysql, state, &circle, &tables);
    }
    if (tables.n)
        tables.items[--tables.n] = '\0';
    if (mysql && tree->tables.n)
        text_printf(to, "-- For MariaDB. On MySQL 8 the collation is utf8mb4_0900_bin.\n\n");
    if (mysql && circle)
        text_printf(to, "SET FOREIGN_KEY_CHECKS = 0;\n\n");
    text_add(to, tables.items, tables.n);
    if (mysql && circle)
        text_printf(to, "\nSET FOREIGN_KEY_CHECKS = 1;\n");
}
