/* call.c: the typed calls of a table.
 *
 * One list of calls serves the prototypes of routes.h and the wrappers of entities.c, so that the
 * two cannot differ. A wrapper only gives types to what the runtime does. */
#include "emit/call.h"

#include <string.h>

static bool has_secret(const struct table *table)
{
    return has_secrets(table->columns.items, table->columns.n);
}

/* `int r = CALL(..., &row);` and what follows. */
static void write_found(const char *call, const struct table *table, const char *what,
                        struct text *to)
{
    text_printf(to,
                "    const void *row;\n"
                "    int r = %s(req, &gwt_table_%s, %s);\n"
                "    if (r == 0)\n"
                "        *ret = row;\n"
                "    return r;\n",
                call, table->name.text, what);
}

static void write_find(const struct table *table, size_t column, struct text *to)
{
    call_write_value("value", &table->columns.items[column], "wanted", to);
    write_found("gw_entity_find", table, arena_printf(to->arena, "%zu, &value, &row", column), to);
}

static void write_find_secret(const struct table *table, size_t column, struct text *to)
{
    call_write_value("value", &table->columns.items[column], "wanted", to);
    write_found("gw_entity_find_secret", table,
                arena_printf(to->arena, "%zu, &value, &row, ret_secrets", column), to);
}

static void write_insert_new(const struct table *table, size_t column, struct text *to)
{
    text_printf(to,
                "    int column = -1;\n"
                "    const void *row;\n"
                "    int r = gw_entity_insert_new(req, &gwt_table_%s, values, %s, &row, &column);\n"
                "    if (ret_column)\n"
                "        *ret_column = gw_table_violated(&gwt_table_%s, column);\n"
                "    if (r == 0 && ret)\n"
                "        *ret = row;\n"
                "    return r;\n",
                table->name.text, has_secret(table) ? "secrets" : "NULL", table->name.text);
}

static void write_insert(const struct table *table, size_t column, struct text *to)
{
    text_printf(to,
                "    int column = -1;\n"
                "    int r = gw_entity_insert%s(req, &gwt_table_%s, io, %s&column);\n"
                "    if (ret_column)\n"
                "        *ret_column = gw_table_violated(&gwt_table_%s, column);\n"
                "    return r;\n",
                has_secret(table) ? "_secret" : "", table->name.text,
                has_secret(table) ? "secrets, " : "", table->name.text);
}

static void write_update(const struct table *table, size_t column, struct text *to)
{
    text_printf(to, "    return gw_entity_update%s(req, &gwt_table_%s, row, %scolumns);\n",
                has_secret(table) ? "_secret" : "", table->name.text,
                has_secret(table) ? "secrets, " : "");
}

static void write_find_key(const struct table *table, size_t column, struct text *to)
{
    call_write_values("values", table, false, to);
    write_found("gw_entity_find_key", table, "values, &row", to);
}

static void write_find_key_secret(const struct table *table, size_t column, struct text *to)
{
    call_write_values("values", table, false, to);
    write_found("gw_entity_find_key_secret", table, "values, &row, ret_secrets", to);
}

static void write_delete(const struct table *table, size_t column, struct text *to)
{
    if (table->keys) {
        call_write_values("key", table, false, to);
        text_printf(to, "    return gw_entity_delete(req, &gwt_table_%s, key);\n",
                    table->name.text);
        return;
    }
    call_write_value("key", call_key(table), "wanted", to);
    text_printf(to, "    return gw_entity_delete(req, &gwt_table_%s, &key);\n", table->name.text);
}

static void write_json(const struct table *table, size_t column, struct text *to)
{
    text_printf(to, "    return gw_entity_json(&gwt_table_%s, row);\n", table->name.text);
}

static void write_write_json(const struct table *table, size_t column, struct text *to)
{
    text_printf(to, "    gw_entity_write_json(writer, &gwt_table_%s, row);\n", table->name.text);
}

static void write_of(const struct table *table, size_t column, struct text *to)
{
    text_printf(to, "    return gw_entity_me(req, &gwt_table_%s);\n", table->name.text);
}

static void write_create_token(const struct table *table, size_t column, struct text *to)
{
    text_printf(to, "    return gw_entity_create_token(req, &gwt_table_%s, row, ret);\n",
                table->name.text);
}

static void write_open_session(const struct table *table, size_t column, struct text *to)
{
    text_printf(to, "    return gw_entity_open_session(req, &gwt_table_%s, row, ret);\n",
                table->name.text);
}

/* The key's columns as parameters. */
static void add_key(struct call *call, const struct table *table, bool wrapper, struct arena *arena)
{
    for (size_t i = 0; table->keys && i < table->keys->columns.n; i++) {
        const struct column *column = &table->columns.items[table->keys->columns.items[i]];
        call->args[call->n_args++] =
            wrapper ? call_argument(arena, column, arena_printf(arena, "wanted_%zu", i))
                    : call_argument(arena, column, column->name.text);
    }
    if (!table->keys)
        call->args[call->n_args++] = call_wanted(arena, call_key(table), wrapper);
}

static void add_found(struct call *call, const struct table *table, bool secret,
                      struct arena *arena)
{
    const char *name = table->name.text;
    call->args[call->n_args++] = arena_printf(arena, "const struct %s_row **ret", name);
    if (secret)
        call->args[call->n_args++] = arena_printf(arena, "struct %s_secrets *ret_secrets", name);
}

static void emit_find_key(const struct table *table, bool secret, bool wrapper, struct text *to)
{
    struct call call = {
        .head = arena_printf(to->arena, "int %s_find%s", table->name.text, secret ? "_secret" : ""),
        .comment = secret ? NULL : "GW_E_NOT_FOUND."};
    add_key(&call, table, wrapper, to->arena);
    add_found(&call, table, secret, to->arena);
    call_emit(&call,
              !wrapper ? NULL
              : secret ? write_find_key_secret
                       : write_find_key,
              table, 0, to);
}

static void emit_find(const struct table *table, size_t i, bool secret, bool wrapper,
                      struct text *to)
{
    const struct column *column = &table->columns.items[i];
    struct arena *arena = to->arena;
    const char *head =
        arena_printf(arena, "int %s_find%s", table->name.text, secret ? "_secret" : "");
    struct call call = {
        .head = column->key ? head : arena_printf(arena, "%s_by_%s", head, column->name.text),
        .args = {call_wanted(arena, column, wrapper)},
        .n_args = 1,
        .comment = column->key && !secret ? "GW_E_NOT_FOUND." : NULL,
    };
    add_found(&call, table, secret, arena);
    call_emit(&call, !wrapper ? NULL : secret ? write_find_secret : write_find, table, i, to);
}

/* By the key and by unique columns: rows, or rows and their secrets. */
static void emit_finds(const struct table *table, bool secret, bool wrapper, struct text *to)
{
    if (secret && !wrapper)
        text_printf(to, "/* The same, and the row's secrets: none where it is not found. */\n");
    if (table->keys)
        emit_find_key(table, secret, wrapper, to);
    else
        emit_find(table, (size_t)table->key, secret, wrapper, to);
    for (size_t i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].unique && !table->columns.items[i].key)
            emit_find(table, i, secret, wrapper, to);
    }
}

static void add_secrets(struct call *call, const struct table *table, struct arena *arena)
{
    if (has_secret(table))
        call->args[call->n_args++] =
            arena_printf(arena, "const struct %s_secrets *secrets", table->name.text);
}

static void emit_writes(const struct table *table, bool wrapper, struct text *to)
{
    struct arena *arena = to->arena;
    const char *name = table->name.text;
    struct call insert = {
        .head = arena_printf(arena, "int %s_insert", name),
        .args = {arena_printf(arena, "struct %s_row *io", name)},
        .n_args = 1,
        .comment = "GW_E_DUPLICATE: *ret_column, which may be NULL, is the column or 0.",
    };
    struct call insert_new = {
        .head = insert.head,
        .args = {arena_printf(arena, "const struct %s_insert *values", name)},
        .n_args = 1,
        .comment = "*ret, which may be NULL, is the row as it was read back. GW_E_DUPLICATE: "
                   "*ret_column, too.",
    };
    struct call update = {
        .head = arena_printf(arena, "int %s_update", name),
        .args = {arena_printf(arena, "const struct %s_row *row", name)},
        .n_args = 1,
        .comment = "Writes the columns that are or-ed. GW_E_NOT_FOUND, GW_E_DUPLICATE.",
    };
    struct call delete = {
        .head = arena_printf(arena, "int %s_delete", name),
        .comment = "GW_E_NOT_FOUND.",
    };
    add_secrets(&insert, table, arena);
    add_secrets(&insert_new, table, arena);
    add_secrets(&update, table, arena);
    insert_new.args[insert_new.n_args++] = arena_printf(arena, "const struct %s_row **ret", name);
    insert.args[insert.n_args++] = insert_new.args[insert_new.n_args++] =
        arena_printf(arena, "enum %s_column *ret_column", name);
    update.args[update.n_args++] = "uint64_t columns";
    add_key(&delete, table, wrapper, arena);
    if (table->fills)
        call_emit(&insert_new, wrapper ? write_insert_new : NULL, table, 0, to);
    else
        call_emit(&insert, wrapper ? write_insert : NULL, table, 0, to);
    call_emit(&update, wrapper ? write_update : NULL, table, 0, to);
    if (table->patch)
        emit_patch_call(table, wrapper, to);
    call_emit(&delete, wrapper ? write_delete : NULL, table, 0, to);
}

static void emit_row_calls(const struct table *table, bool wrapper, struct text *to)
{
    struct arena *arena = to->arena;
    const char *row = arena_printf(arena, "const struct %s_row *row", table->name.text);
    struct call json = {
        .head = arena_printf(arena, "json_t *%s_json", table->name.text),
        .args = {row},
        .n_args = 1,
        .no_request = true,
        .comment = "A new object; NULL when memory is short.",
    };
    struct call written = {
        .head = arena_printf(arena, "void %s_write_json", table->name.text),
        .args = {"struct gw_writer *writer", row},
        .n_args = 2,
        .no_request = true,
        .comment = "The same object, written as a value.",
    };
    struct call of = {
        .head =
            arena_printf(arena, "const struct %s_row *%s_of", table->name.text, table->name.text),
        .comment = "The caller's row, or NULL if the caller is none of these.",
    };
    struct call create = {
        .head = arena_printf(arena, "int %s_create_token", table->name.text),
        .args = {row, "const char **ret"},
        .n_args = 2,
    };
    struct call open = {
        .head = arena_printf(arena, "int %s_open_session", table->name.text),
        .args = {row, "struct gw_session *ret"},
        .n_args = 2,
        .comment = "A session and its first tokens. GW_E_BLOCKED.",
    };
    call_emit(&json, wrapper ? write_json : NULL, table, 0, to);
    call_emit(&written, wrapper ? write_write_json : NULL, table, 0, to);
    if (!table->entity)
        return;
    call_emit(&of, wrapper ? write_of : NULL, table, 0, to);
    call_emit(&create, wrapper ? write_create_token : NULL, table, 0, to);
    if (table->session)
        call_emit(&open, wrapper ? write_open_session : NULL, table, 0, to);
}

static void emit_calls(const struct table *table, bool wrapper, struct text *to)
{
    emit_finds(table, false, wrapper, to);
    if (has_secret(table))
        emit_finds(table, true, wrapper, to);
    emit_writes(table, wrapper, to);
    emit_list_call(table, -1, wrapper, to);
    if (!table->own_each)
        emit_each_call(table, -1, wrapper, to);
    for (size_t i = 0; i < table->columns.n; i++) {
        if (!table->columns.items[i].referenced || table->columns.items[i].key)
            continue;
        emit_list_call(table, (int)i, wrapper, to);
        if (!table->own_each)
            emit_each_call(table, (int)i, wrapper, to);
    }
    emit_row_calls(table, wrapper, to);
}

void emit_table_prototypes(const struct table *table, struct text *to)
{
    emit_calls(table, false, to);
    text_printf(to, "\n");
}

void emit_table_calls(const struct table *table, struct text *to)
{
    emit_calls(table, true, to);
}
