/* names.c: names of C for tables and columns, made of those in SQL: "firstName" becomes first_name.
 *
 * A name that C or the language has already, or that meets another, gets something behind it, in
 * the order of the schema: so the same schema gets the same names. What is asked is what the checks
 * ask (check/names.c). */
#include "import/import.h"

#include "base/ascii.h"
#include "check/c_names.h"
#include "check/check.h"

#include <string.h>

#define LONGEST 52 /* so that something fits behind it, within the 64 characters of a name */

struct naming {
    struct arena *arena;
    struct map taken; /* names in C's ordinary namespace */
    bool clash;
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whether a word begins at `at` within letters: "firstName", "HTTPServer". */
static bool is_hump(const char *name, const char *at)
{
    bool after_lower = at > name && (ascii_is_digit(at[-1]) || (at[-1] >= 'a' && at[-1] <= 'z'));
    bool last_of_capitals = at > name && is_upper(at[-1]) && at[1] >= 'a' && at[1] <= 'z';
    return is_upper(*at) && (after_lower || last_of_capitals);
}

static const char *base_of(struct arena *arena, const char *name, const char *otherwise)
{
    struct text text = {.arena = arena};
    text_add(&text, "", 0);
    for (const char *at = name; *at && text.n < LONGEST; at++) {
        char c = ascii_lower(*at);
        bool good = (c >= 'a' && c <= 'z') || ascii_is_digit(c);
        bool gap = text.n && text.items[text.n - 1] != '_' && (!good || is_hump(name, at));
        if (gap)
            text_add(&text, "_", 1);
        if (good && !text.n && ascii_is_digit(c))
            text_add(&text, "n", 1);
        if (good)
            text_add(&text, &c, 1);
    }
    while (text.n && text.items[text.n - 1] == '_')
        text.items[--text.n] = '\0';
    return text.n ? text.items : otherwise;
}

/* The name itself, then with `_`, `_2`, `_3` behind it. */
static const char *attempt(struct arena *arena, const char *base, unsigned i)
{
    return i == 0   ? base
           : i == 1 ? arena_printf(arena, "%s_", base)
                    : arena_printf(arena, "%s_%u", base, i);
}

static void look(void *ctx, const char *name, struct pos pos, const char *what)
{
    struct naming *naming = ctx;
    naming->clash |= map_get(&naming->taken, name) || is_c_macro(name) || is_c_identifier(name);
}

static void take(void *ctx, const char *name, struct pos pos, const char *what)
{
    struct naming *naming = ctx;
    map_put(naming->arena, &naming->taken, name, naming);
}

static void name_table(struct naming *naming, struct map *tables, struct import_table *table)
{
    const char *base = base_of(naming->arena, table->live->name, "table");
    if (!strncmp(base, "gw", 2)) /* belongs to the runtime */
        base = arena_printf(naming->arena, "table_%s", base);
    for (unsigned i = 0;; i++) {
        table->table.name.text = attempt(naming->arena, base, i);
        naming->clash =
            map_get(tables, table->table.name.text) || is_reserved_word(table->table.name.text);
        table_symbols(naming->arena, &table->table, look, naming);
        if (!naming->clash)
            break;
    }
    map_put(naming->arena, tables, table->table.name.text, table);
    table_symbols(naming->arena, &table->table, take, naming);
}

static void name_column(struct naming *naming, struct map *columns,
                        const struct import_table *table, struct column *column)
{
    const char *base = base_of(naming->arena, column->sql_name.text, "column");
    for (unsigned i = 0;; i++) {
        column->name.text = attempt(naming->arena, base, i);
        column->one_of.name = words_name(naming->arena, &table->table, column);
        naming->clash = map_get(columns, column->name.text) || is_c_keyword(column->name.text) ||
                        is_c_macro(column->name.text);
        column_symbols(naming->arena, &table->table, column, look, naming);
        if (!naming->clash)
            break;
    }
    map_put(naming->arena, columns, column->name.text, column);
    column_symbols(naming->arena, &table->table, column, take, naming);
}

/* All tables before all columns: theirs are the names that people write most. */
void import_names(const struct import *import)
{
    struct naming naming = {.arena = import->arena};
    struct map tables = {0};
    for (size_t i = 0; i < import->n_tables; i++) {
        if (!import->tables[i].why)
            name_table(&naming, &tables, &import->tables[i]);
    }
    for (size_t i = 0; i < import->n_tables; i++) {
        struct import_table *table = &import->tables[i];
        struct map columns = {0};
        for (size_t j = 0; !table->why && j < table->n_columns; j++) {
            if (!table->columns[j].why)
                name_column(&naming, &columns, table, &table->columns[j].column);
        }
    }
}
