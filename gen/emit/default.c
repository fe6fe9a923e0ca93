/* default.c: defaults and words, as both stores declare them, and the structure that an insert is
 * given. */
#include "emit/emit.h"
#include "emit/store.h"

/* A text in single quotes; MySQL reads backslashes in it. */
static const char *quoted(struct arena *arena, const char *value, bool backslashes)
{
    struct text text = {.arena = arena};
    text_printf(&text, "'");
    for (; *value; value++)
        text_printf(&text, "%s%c",
                    *value == '\''                  ? "'"
                    : backslashes && *value == '\\' ? "\\"
                                                    : "",
                    *value);
    text_printf(&text, "'");
    return text.items;
}

const char *words_check(struct arena *arena, const struct column *column, char quote, bool mysql)
{
    struct text text = {.arena = arena};
    if (!column->one_of.n)
        return "";
    text_printf(&text, " CHECK (%c%s%c IN (", quote, column->sql_name.text, quote);
    for (size_t i = 0; i < column->one_of.n; i++)
        text_printf(&text, "%s%s", i ? ", " : "",
                    quoted(arena, column->one_of.items[i].text, mysql));
    text_printf(&text, "))");
    return text.items;
}

/* What the program fills in itself has no default in the database. */
static const char *literal(struct arena *arena, const struct column *column, bool mysql)
{
    const char *value = column->default_value.text;
    switch (column->default_kind) {
    case DEFAULT_NUMBER:
        return column->type == TYPE_DECIMAL ? quoted(arena, value, false) : value;
    case DEFAULT_TEXT:
        return quoted(arena, value, mysql);
    case DEFAULT_TRUE:
        return "1";
    case DEFAULT_FALSE:
        return "0";
    default:
        return NULL;
    }
}

const char *mysql_default(struct arena *arena, const struct column *column, bool large)
{
    const char *value = literal(arena, column, true);
    if (column->default_kind == DEFAULT_NOW)
        return column->type == TYPE_DATE ? " DEFAULT (CURRENT_DATE)"
                                         : " DEFAULT CURRENT_TIMESTAMP(6)";
    return !value ? "" : arena_printf(arena, large ? " DEFAULT (%s)" : " DEFAULT %s", value);
}

const char *sqlite_default(struct arena *arena, const struct column *column)
{
    const char *value = literal(arena, column, false);
    if (column->default_kind == DEFAULT_NOW)
        return column->type == TYPE_DATE
                   ? " DEFAULT (date('now'))"
                   : " DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))";
    return !value ? "" : arena_printf(arena, " DEFAULT %s", value);
}

/* Given by the store or the runtime in any case, or beside the others. */
static bool is_left_out(const struct column *column)
{
    return column->automatic || column->revokes || column->secret;
}

static struct column inserted(const struct column *column)
{
    struct column result = *column;
    result.optional = column->optional || column->default_kind || column->touched;
    return result;
}

void emit_insert_structure(const struct table *table, struct text *to)
{
    struct column columns[MAX_COLUMNS];
    size_t n = 0;
    for (size_t i = 0; i < table->columns.n; i++) {
        if (!is_left_out(&table->columns.items[i]))
            columns[n++] = inserted(&table->columns.items[i]);
    }
    text_printf(to,
                "/* A new row; what is not set is left to the database. */\nstruct %s_insert {\n",
                table->name.text);
    emit_row(columns, n, to);
    text_printf(to, "};\n\n");
}

void emit_insert_columns(const struct table *table, struct text *to)
{
    const char *row = arena_printf(to->arena, "struct %s_insert", table->name.text);
    text_printf(to, "static const struct gw_column gwt_insert_%s[] = {\n", table->name.text);
    for (size_t i = 0; i < table->columns.n; i++) {
        struct column column = inserted(&table->columns.items[i]);
        if (is_left_out(&column))
            text_printf(to, "    {.name = NULL},\n");
        else
            emit_column(row, NULL, &column, to);
    }
    text_printf(to, "};\n\n");
}
