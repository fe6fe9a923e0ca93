/* mysql.c: tables of MySQL and MariaDB.
 *
 * Text compares byte by byte, with blanks at its end: that is how the fetched key is compared with
 * the token's claim. What is `nocase` has a collation that every server knows and that finds more
 * than the runtime lets through. */
#include "emit/store.h"

#include <string.h>

/* VARCHAR counts against the row's 65535 bytes, four to a character. */
#define MAX_VARCHAR 4096

static const char *text_type(struct arena *arena, const struct column *column)
{
    bool indexed = column->key || column->unique || column->references.text;
    if (column->max && (indexed || column->max <= MAX_VARCHAR))
        return arena_printf(arena, "VARCHAR(%u)", (unsigned)column->max);
    return "LONGTEXT";
}

static const char *blob_type(struct arena *arena, const struct column *column)
{
    if (column->max && column->max <= 4 * MAX_VARCHAR)
        return arena_printf(arena, "VARBINARY(%u)", (unsigned)column->max);
    return "LONGBLOB";
}

const char *mysql_type(struct arena *arena, const struct column *column)
{
    switch (column->type) {
    case TYPE_UINT:
        return "BIGINT UNSIGNED";
    case TYPE_TEXT:
        return text_type(arena, column);
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
        return blob_type(arena, column);
    case TYPE_JSON:
        return "JSON";
    case TYPE_UUID:
        return "CHAR(36)";
    default:
        return "BIGINT";
    }
}

const char *mysql_attributes(struct arena *arena, const struct column *column)
{
    bool large = !strcmp(mysql_type(arena, column), "LONGTEXT");
    return arena_printf(arena, "%s%s%s", column->optional ? "" : " NOT NULL",
                        column->revokes ? " DEFAULT 0" : mysql_default(arena, column, large),
                        column->automatic ? " AUTO_INCREMENT" : "");
}

static void add_foreign_key(const struct column *column, struct text *to)
{
    const struct table *other = column->referenced;
    text_printf(to, ",\n  FOREIGN KEY (`%s`) REFERENCES `%s` (`%s`)%s", column->sql_name.text,
                other->sql_name.text, other->columns.items[other->key].sql_name.text,
                on_delete_words(column));
}

static void add_sets(const struct table *table, struct text *to)
{
    static const char *const words[] = {
        [SET_KEY] = "PRIMARY KEY", [SET_UNIQUE] = "UNIQUE", [SET_INDEX] = "INDEX"};
    for (size_t i = 0; i < table->sets.n; i++) {
        text_printf(to, ",\n  %s ", words[table->sets.items[i].kind]);
        set_columns(table, &table->sets.items[i], '`', to);
    }
}

void mysql_table(const struct table *table, struct text *to)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *column = &table->columns.items[i];
        text_printf(to, "%s  `%s` %s%s%s%s%s", i ? ",\n" : "(\n", column->sql_name.text,
                    mysql_type(to->arena, column),
                    column->nocase ? " COLLATE utf8mb4_general_ci" : "",
                    mysql_attributes(to->arena, column),
                    column->key      ? " PRIMARY KEY"
                    : column->unique ? " UNIQUE"
                                     : "",
                    words_check(to->arena, column, '`', true));
    }
    add_sets(table, to);
    for (size_t i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].referenced)
            add_foreign_key(&table->columns.items[i], to);
    }
    text_printf(to, "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=");
}
