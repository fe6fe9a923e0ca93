/* schema.c: the schema as CREATE TABLE statements. */
#include "emit/emit.h"

#include "emit/store.h"

static void add_table(const struct table *table, bool mysql, struct text *to)
{
    char quote = mysql ? '`' : '"';
    text_printf(to, "CREATE TABLE IF NOT EXISTS %c%s%c ", quote, table->sql_name.text, quote);
    (mysql ? mysql_table : sqlite_table)(table, to);
    text_printf(to, "%s;\n", mysql ? "utf8mb4_nopad_bin" : "");
    if (!mysql)
        sqlite_indexes(table, to);
    text_printf(to, "\n");
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

void emit_schema(const struct tree *tree, bool mysql, bool existing, struct text *to)
{
    char *state = arena_alloc(to->arena, tree->tables.n + 1);
    bool circle = false;
    struct text tables = {.arena = to->arena};
    text_add(&tables, "", 0);
    for (size_t i = 0; i < tree->tables.n; i++) {
        if (tree->tables.items[i]->existing && !existing)
            state[i] = 2;
    }
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
