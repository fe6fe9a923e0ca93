/* print.c: writes the declarations, and what is left out as comments in its place.
 *
 * Comments hold names and types that a database gives, which may be any bytes: they are escaped, so
 * that a comment ends with its line and looks like what it is. */
#include "import/import.h"

#include "base/utf8.h"
#include "check/check.h"

#include <string.h>

#define LONGEST 200 /* bytes of a piece of a comment */

/* Controls, marks of direction and what has no width. */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c < 0x2010) ||
           (c >= 0x2028 && c < 0x202f) || (c >= 0x2060 && c < 0x2070) || c == 0xfeff;
}

/* The character, of `len` bytes, that is UTF-8. */
static uint32_t character(const char *text, size_t len)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)text[0] & first_bits[len];
    for (size_t i = 1; i < len; i++)
        c = c << 6 | ((unsigned char)text[i] & 0x3f);
    return c;
}

/* Bytes of the character at `text`; 0: none begins there. */
static size_t length_of(const char *text)
{
    unsigned char c = (unsigned char)*text;
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return strnlen(text, len) == len && utf8_end(text, len) == len ? len : 0;
}

const char *import_shown(struct arena *arena, const char *text)
{
    struct text shown = {.arena = arena};
    size_t len;
    text_add(&shown, "", 0);
    for (; *text; text += len ? len : 1) {
        if (shown.n > LONGEST) {
            text_printf(&shown, "...");
            break;
        }
        len = length_of(text);
        if (!len || is_invisible(character(text, len))) {
            for (size_t i = 0; i < (len ? len : 1); i++)
                text_printf(&shown, "\\x%02x", (unsigned char)text[i]);
        } else {
            text_printf(&shown, "%s%.*s", strchr("\\\"", *text) ? "\\" : "", (int)len, text);
        }
    }
    return shown.items;
}

const char *import_shown_list(struct arena *arena, const char *const *names, size_t n)
{
    struct text list = {.arena = arena};
    text_add(&list, "", 0);
    for (size_t i = 0; i < n; i++)
        text_printf(&list, "%s%s", i ? ", " : "",
                    names[i] ? import_shown(arena, names[i]) : "an expression");
    return list.items;
}

/* A name in double quotes, of which parse_string() reads the same. */
static void print_string(const char *value, struct text *to)
{
    text_printf(to, "\"");
    for (; *value; value++)
        text_printf(to, "%s%c", strchr("\\\"", *value) ? "\\" : "", *value);
    text_printf(to, "\"");
}

static void print_default(const struct column *column, struct text *to)
{
    static const char *const words[] = {
        [DEFAULT_NOW] = "now", [DEFAULT_TRUE] = "true", [DEFAULT_FALSE] = "false"};
    if (!column->default_kind)
        return;
    text_printf(to, " default ");
    if (column->default_kind == DEFAULT_TEXT)
        print_string(column->default_value.text, to);
    else
        text_printf(to, "%s",
                    column->default_kind == DEFAULT_NUMBER ? column->default_value.text
                                                           : words[column->default_kind]);
}

static void print_words(const struct column *column, struct text *to)
{
    for (size_t i = 0; i < column->one_of.n; i++) {
        text_printf(to, i ? " " : " one of ");
        print_string(column->one_of.items[i].text, to);
    }
}

static void print_key(const struct import_table *table, const struct column *column,
                      struct text *to)
{
    if (!column->key)
        return;
    text_printf(to, " key");
    if (table->table.entity && is_reserved_claim(column->name.text))
        text_printf(to, " claim \"%s_%s\"", table->table.name.text, column->name.text);
    if (column->automatic)
        text_printf(to, " auto");
}

static void print_column(const struct import_table *table, const struct column *column,
                         const char *note, struct text *to)
{
    text_printf(to, "    %s %s", column->name.text, type_infos[column->type].name);
    if (column->type == TYPE_DECIMAL)
        text_printf(to, " %u.%u", column->precision, column->scale);
    if (column->max && column->max != longest_word(&column->one_of))
        text_printf(to, " max %u", (unsigned)column->max);
    print_words(column, to);
    print_key(table, column, to);
    text_printf(to, "%s%s%s%s%s", column->unique && !column->key ? " unique" : "",
                column->nocase ? " nocase" : "", column->optional ? " optional" : "",
                column->secret ? " secret" : "", column->touched ? " touched" : "");
    if (column->referenced)
        text_printf(to, " references %s", column->referenced->name.text);
    if (column->on_delete)
        text_printf(to, " on delete %s",
                    column->on_delete == ON_DELETE_CASCADE ? "cascade" : "null");
    print_default(column, to);
    if (strcmp(column->name.text, column->sql_name.text)) {
        text_printf(to, " as ");
        print_string(column->sql_name.text, to);
    }
    text_printf(to, "%s%s\n", note ? " # " : "", note ? note : "");
}

static void print_left_out(const struct import_column *column, const char *indent, struct text *to)
{
    const struct gw_live_column *live = column->live;
    text_printf(to, "%s# left out: column \"%s\" (%s): %s%s\n", indent,
                import_shown(to->arena, live->name), import_shown(to->arena, live->type),
                column->why,
                live->must_be_given ? "; inserts fail, because it has no default" : "");
}

static void print_set(const struct import_set *set, struct text *to)
{
    static const char *const words[] = {
        [SET_KEY] = "key", [SET_UNIQUE] = "unique", [SET_INDEX] = "index"};
    bool implied = set->kind == SET_INDEX && set->columns.n == 1 &&
                   set->columns.items[0]->column.references.text;
    if (implied)
        return;
    text_printf(to, "    %s(", words[set->kind]);
    for (size_t i = 0; i < set->columns.n; i++)
        text_printf(to, "%s%s", i ? ", " : "", set->columns.items[i]->column.name.text);
    text_printf(to, ")\n");
}

static void print_others(const struct import_table *table, struct text *to)
{
    for (size_t i = 0; i < table->left_out.n; i++)
        text_printf(to, "    # left out: %s\n", table->left_out.items[i]);
    for (size_t i = 0; i < table->live->n_others; i++)
        text_printf(to, "    # the database's own: %s\n",
                    import_shown(to->arena, table->live->others[i]));
}

static void print_declared(const struct import_table *table, struct text *to)
{
    const char *name = table->table.name.text;
    text_printf(to, "\n%s %s", table->table.entity ? "entity" : "table", name);
    if (strcmp(name, table->live->name)) {
        text_printf(to, " as ");
        print_string(table->live->name, to);
    }
    text_printf(to, " existing {\n");
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct import_column *column = &table->columns[i];
        if (column->why)
            print_left_out(column, "    ", to);
        else
            print_column(table, &column->column, column->note.n ? column->note.items : NULL, to);
    }
    for (size_t i = 0; i < table->sets.n; i++)
        print_set(&table->sets.items[i], to);
    print_others(table, to);
    text_printf(to, "}\n");
}

/* Its columns are left out with it. */
static void print_undeclared(const struct import_table *table, struct text *to)
{
    text_printf(to, "\n# left out: table \"%s\": %s\n", import_shown(to->arena, table->live->name),
                table->why);
    for (size_t i = 0; i < table->live->n_columns; i++)
        text_printf(to, "#     column \"%s\" (%s)\n",
                    import_shown(to->arena, table->live->columns[i].name),
                    import_shown(to->arena, table->live->columns[i].type));
}

struct counts {
    size_t tables, declared_tables, columns, declared_columns, bools, secrets;
};

static struct counts count(const struct import *import)
{
    struct counts counts = {.tables = import->n_tables};
    for (size_t i = 0; i < import->n_tables; i++) {
        const struct import_table *table = &import->tables[i];
        counts.columns += table->live->n_columns;
        counts.declared_tables += !table->why;
        for (size_t j = 0; !table->why && j < table->n_columns; j++) {
            const struct import_column *column = &table->columns[j];
            counts.declared_columns += !column->why;
            counts.bools +=
                !column->why && column->column.type == TYPE_BOOL && column->live->number;
            counts.secrets += !column->why && column->column.secret;
        }
    }
    return counts;
}

void import_print(const struct import *import, struct text *to)
{
    struct counts counts = count(import);
    text_printf(to,
                "# Made by `gatewright import`: %zu of %zu tables and %zu of %zu columns are "
                "declared.\n# The others are listed in their places, with the reason.\n",
                counts.declared_tables, counts.tables, counts.declared_columns, counts.columns);
    if (counts.bools)
        text_printf(to, "# A bool is tinyint(1) or the like: where it holds other numbers than 0 "
                        "and 1, declare a number.\n");
    if (counts.secrets)
        text_printf(to, "# `secret` is said by columns' names alone: look whether it is so, and "
                        "which others are.\n");
    for (size_t i = 0; i < import->n_tables; i++)
        (import->tables[i].why ? print_undeclared : print_declared)(&import->tables[i], to);
}
