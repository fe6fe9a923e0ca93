/* call_list.c: the typed calls that give rows of a table: a page, or all of them one by one. */
#include "emit/call.h"

/* What `after` is when the list begins at its beginning. */
static const char *list_start(enum type key)
{
    return key == TYPE_INT ? "INT64_MIN" : key == TYPE_UINT ? "0" : "NULL";
}

static void write_list_from(const struct table *table, int by, struct text *to)
{
    enum type key = call_key(table)->type;
    if (table->keys)
        call_write_values("key", table, true, to);
    else
        call_write_value("key", call_key(table), "after", to);
    if (by >= 0)
        call_write_value("value", &table->columns.items[by], "wanted", to);
    struct arena *arena = to->arena;
    const char *const args[] = {
        "req",
        arena_printf(arena, "&gwt_table_%s", table->name.text),
        arena_printf(arena, "%d", by),
        by < 0 ? "NULL" : "&value",
        table->keys ? "after ? key : NULL"
                    : arena_printf(arena, "after == %s ? NULL : &key", list_start(key)),
        "limit",
        "&rows",
        "ret_n",
    };
    text_printf(to, "    const void *rows;\n");
    text_call(to, "    int r = gw_entity_list", args, sizeof(args) / sizeof(*args), ";");
    text_printf(to, "    if (r == 0)\n"
                    "        *ret = rows;\n"
                    "    return r;\n");
}

static void write_list(const struct table *table, size_t column, struct text *to)
{
    write_list_from(table, -1, to);
}

static void write_list_by(const struct table *table, size_t column, struct text *to)
{
    write_list_from(table, (int)column, to);
}

static void write_each(const struct table *table, size_t column, struct text *to)
{
    const char *name = table->name.text;
    text_printf(to,
                "    struct gwt_each_%s each = {fn, data};\n"
                "    return gw_entity_each(req, &gwt_table_%s, -1, NULL, gwt_each_%s, &each);\n",
                name, name, name);
}

static void write_each_by(const struct table *table, size_t column, struct text *to)
{
    const char *name = table->name.text;
    call_write_value("value", &table->columns.items[column], "wanted", to);
    text_printf(to,
                "    struct gwt_each_%s each = {fn, data};\n"
                "    return gw_entity_each(req, &gwt_table_%s, %zu, &value, gwt_each_%s, &each);\n",
                name, name, column, name);
}

void emit_list_call(const struct table *table, int by, bool wrapper, struct text *to)
{
    struct arena *arena = to->arena;
    const char *name = table->name.text;
    const struct column *column = by < 0 ? NULL : &table->columns.items[by];
    struct call call = {.comment = NULL};
    call.head = column ? arena_printf(arena, "int %s_list_by_%s", name, column->name.text)
                       : arena_printf(arena, "int %s_list", name);
    if (column)
        call.args[call.n_args++] = call_wanted(arena, column, wrapper);
    call.args[call.n_args++] = table->keys ? arena_printf(arena, "const struct %s_row *after", name)
                                           : call_argument(arena, call_key(table), "after");
    call.args[call.n_args++] = "unsigned limit";
    call.args[call.n_args++] = arena_printf(arena, "const struct %s_row **ret", name);
    call.args[call.n_args++] = "size_t *ret_n";
    if (!column)
        call.comment = arena_printf(
            arena, "Rows in the order of the key, behind the key `after` (%s: from the beginning).",
            table->keys ? "NULL" : list_start(call_key(table)->type));
    call_emit(&call,
              !wrapper ? NULL
              : column ? write_list_by
                       : write_list,
              table, column ? (size_t)by : 0, to);
}

void emit_each_call(const struct table *table, int by, bool wrapper, struct text *to)
{
    struct arena *arena = to->arena;
    const char *name = table->name.text;
    const struct column *column = by < 0 ? NULL : &table->columns.items[by];
    struct call call = {
        .head = column ? arena_printf(arena, "int %s_each_by_%s", name, column->name.text)
                       : arena_printf(arena, "int %s_each", name),
        .comment = column ? NULL
                          : "All of them, one by one: until `fn` returns something else than 0, "
                            "which is returned.",
    };
    if (column)
        call.args[call.n_args++] = call_wanted(arena, column, wrapper);
    call.args[call.n_args++] = each_argument(arena, arena_printf(arena, "struct %s_row", name));
    call.args[call.n_args++] = "void *data";
    if (wrapper && !column)
        emit_each_step(name, arena_printf(arena, "struct %s_row", name), to);
    call_emit(&call,
              !wrapper ? NULL
              : column ? write_each_by
                       : write_each,
              table, column ? (size_t)by : 0, to);
}
