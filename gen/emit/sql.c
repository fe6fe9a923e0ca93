/* sql.c: statements as the runtime sees them, and the typed calls. */
#include "emit/emit.h"

#include <string.h>

static bool has_rows(const struct sql *sql)
{
    return sql->rows != SQL_EXEC;
}

/* Whether its rows are given one by one, too. */
static bool sql_is_streamed(const struct sql *sql)
{
    return sql->rows == SQL_MANY && !sql->own_each && sql->selects &&
           (!sql->other || sql->other->selects) && !has_secrets(sql->results.items, sql->results.n);
}

/* The structure that a row is put into, "struct users_row". */
static const char *row_type(struct arena *arena, const struct sql *sql)
{
    return arena_printf(arena, "struct %s_row",
                        sql->table ? sql->table->name.text : sql->name.text);
}

/* The structure beside it, with what stands before its name. */
static const char *secrets_type(struct arena *arena, const struct sql *sql)
{
    return arena_printf(arena, "%sstruct %s_secrets", sql->rows == SQL_MANY ? "const " : "",
                        sql->table ? sql->table->name.text : sql->name.text);
}

/* A parameter's name in C, which must not be one of the wrapper's own. */
static const char *param_name(struct arena *arena, const struct column *param)
{
    static const char *const taken[] = {"req", "ret",     "ret_n",  "ret_secrets", "row",  "rows",
                                        "r",   "secrets", "values", "fn",          "data", "each"};
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
        if (!strcmp(taken[i], param->name.text))
            return arena_printf(arena, "%s_", param->name.text);
    }
    return param->name.text;
}

/* The request and the parameters. How many these are. */
static size_t add_params(const struct sql *sql, const char *args[80], struct text *to)
{
    size_t n = 0;
    args[n++] = "struct gw_request *req";
    for (size_t i = 0; i < sql->params.n; i++) {
        const struct column *param = &sql->params.items[i];
        const struct type_info *info = &type_infos[param->type];
        args[n++] =
            arena_printf(to->arena, "%s%s", param->optional ? info->c_optional : info->c_type,
                         param_name(to->arena, param));
    }
    return n;
}

static void emit_each_head(const struct sql *sql, const char *tail, struct text *to)
{
    const char *args[80];
    size_t n = add_params(sql, args, to);
    args[n++] = each_argument(to->arena, row_type(to->arena, sql));
    args[n++] = "void *data";
    text_call(to, arena_printf(to->arena, "int %s_each", sql->name.text), args, n, tail);
}

static void emit_head(const struct sql *sql, const char *tail, struct text *to)
{
    const char *args[80];
    size_t n = add_params(sql, args, to);
    if (has_rows(sql))
        args[n++] = arena_printf(to->arena, "const %s **ret", row_type(to->arena, sql));
    if (has_secrets(sql->results.items, sql->results.n))
        args[n++] = arena_printf(to->arena, "%s%s", secrets_type(to->arena, sql),
                                 sql->rows == SQL_MANY ? " **ret_secrets" : " *ret_secrets");
    if (sql->rows == SQL_MANY)
        args[n++] = "size_t *ret_n";
    else if (sql->rows == SQL_EXEC)
        args[n++] = "uint64_t *ret_n";
    text_call(to, arena_printf(to->arena, "int %s", sql->name.text), args, n, tail);
}

static void emit_json_heads(const struct sql *sql, struct text *to)
{
    const char *name = sql->name.text;
    text_printf(to,
                "/* Of a row. */\n"
                "json_t *%s_json(const struct %s_row *row);\n"
                "void %s_write_json(struct gw_writer *writer, const struct %s_row *row);\n",
                name, name, name, name);
}

static void emit_prototype(const struct sql *sql, struct text *to)
{
    static const char *const comments[] = {
        [SQL_EXEC] = "GW_E_DUPLICATE. *ret_n, which may be NULL, is how many rows it found.",
        [SQL_ONE] = "GW_E_NOT_FOUND; -EIO if there is more than one row.",
        [SQL_MANY] = "-EIO if there are more than GW_STATEMENT_ROWS.",
    };
    if (sql->columns.n) {
        text_printf(to, "struct %s_row {\n", sql->name.text);
        emit_row(sql->columns.items, sql->columns.n, to);
        text_printf(to, "};\n");
    }
    if (has_secrets(sql->columns.items, sql->columns.n))
        emit_secrets(sql->name.text, sql->columns.items, sql->columns.n, to);
    text_printf(to, "/* %s", comments[sql->rows]);
    comment_description(sql->description, to);
    text_printf(to, " */\n");
    /* As with handlers: a statement called `poll` does not replace libc's. */
    emit_head(sql, arena_printf(to->arena, " __asm__(\"gws_%s\");", sql->name.text), to);
    if (sql_is_streamed(sql)) {
        text_printf(to,
                    "/* However many, one by one: until `fn` returns something else than 0, which "
                    "is returned. */\n");
        emit_each_head(sql, ";", to);
    }
    if (sql->columns.n)
        emit_json_heads(sql, to);
    text_printf(to, "\n");
}

void emit_sql_prototypes(const struct tree *tree, struct text *to)
{
    if (tree->statements.n)
        text_printf(to, "/* ---- Statements "
                        "----------------------------------------------------------------------"
                        "- */\n\n");
    for (size_t i = 0; i < tree->statements.n; i++)
        emit_prototype(tree->statements.items[i], to);
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

/* A column of the result has no modifiers of its table but these. */
static struct column bare(const struct column *column)
{
    struct column result = *column;
    result.key = result.automatic = result.unique = result.revokes = false;
    result.referenced = NULL;
    result.on_delete = ON_DELETE_REFUSE;
    result.default_kind = DEFAULT_NONE;
    result.touched = false;
    result.max = 0;
    return result;
}

/* What stands before the names that belong to one text of a statement. */
static const char *text_prefix(const struct sql *sql)
{
    return sql->is_other ? "gwt_other" : "gwt";
}

static void emit_result(const struct sql *sql, struct text *to)
{
    const char *name = sql->name.text, *row = row_type(to->arena, sql), *gwt = text_prefix(sql);
    const char *whole = arena_printf(to->arena, "struct %s_whole_result_%s", gwt, name);
    bool secrets = has_secrets(sql->results.items, sql->results.n);
    if (secrets)
        emit_whole(
            whole, row,
            arena_printf(to->arena, "struct %s_secrets", sql->table ? sql->table->name.text : name),
            to);
    text_printf(to, "static const struct gw_column %s_results_%s[] = {\n", gwt, name);
    for (size_t i = 0; i < sql->results.n; i++) {
        struct column column = bare(&sql->results.items[i]);
        emit_column(row, whole, &column, to);
    }
    text_printf(to,
                "};\n\n"
                "static const struct gw_table %s_result_%s = {\n"
                "    .name = \"%s\",\n"
                "    .sql_name = \"%s\",\n"
                "    .columns = %s_results_%s,\n"
                "    .n_columns = %zu,\n"
                "    .row_size = sizeof(%s),\n"
                "    .key = -1,\n"
                "    .revokes = -1,\n"
                "    .entity = -1,\n",
                gwt, name, name, name, gwt, name, sql->results.n, row);
    if (secrets)
        emit_halves(whole, to);
    text_printf(to, "};\n\n");
}

static void emit_params(const struct sql *sql, struct text *to)
{
    if (!sql->params.n)
        return;
    text_printf(to, "static const struct gw_column gwt_params_%s[] = {\n", sql->name.text);
    for (size_t i = 0; i < sql->params.n; i++)
        emit_column(NULL, NULL, &sql->params.items[i], to);
    text_printf(to, "};\n\n");
}

static void emit_order(const struct sql *sql, struct text *to)
{
    if (!sql->values.n)
        return;
    text_printf(to, "static const unsigned char %s_order_%s[] = {\n", text_prefix(sql),
                sql->name.text);
    for (size_t i = 0; i < sql->values.n; i++)
        text_printf(to, "    %u, /* %s */\n", sql->values.items[i].param,
                    sql->values.items[i].name.text);
    text_printf(to, "};\n\n");
}

/* The statement as string literals, broken behind blanks. No trigraphs. */
static void emit_text(const char *sql, struct text *to)
{
    const char *begin = "    .sql = ";
    const size_t width = 96 - strlen(begin);
    while (*sql) {
        size_t len = strlen(sql), stop = len;
        for (size_t i = width; len > width && i > 0 && stop == len; i--)
            stop = sql[i - 1] == ' ' ? i : len;
        text_printf(to, "%s\"", begin);
        for (size_t i = 0; i < stop; i++) {
            bool escaped = sql[i] == '"' || (i && sql[i] == '?' && sql[i - 1] == '?');
            text_printf(to, "%s%c", escaped ? "\\" : "", sql[i]);
        }
        sql += stop;
        text_printf(to, "\"%s\n", *sql ? "" : ",");
        begin = "           ";
    }
}

static void emit_where(const struct sql *sql, struct text *to)
{
    text_printf(to, "    .where = ");
    text_c_string(to, pos_where(to->arena, sql->name.pos));
    text_printf(to, ",\n");
}

/* The statement as a store has it. */
static void emit_store_text(const struct sql *sql, struct text *to)
{
    const char *name = sql->name.text, *gwt = text_prefix(sql);
    emit_order(sql, to);
    if (has_rows(sql))
        emit_result(sql, to);
    text_printf(to, "static const struct gw_statement_text %s_text_%s = {\n", gwt, name);
    emit_where(sql, to);
    emit_text(sql->text, to);
    if (sql->values.n)
        text_printf(to, "    .order = %s_order_%s,\n    .n_order = %zu,\n", gwt, name,
                    sql->values.n);
    if (has_rows(sql))
        text_printf(to, "    .result = &%s_result_%s,\n", gwt, name);
    if (sql->read_only)
        text_printf(to, "    .read_only = true,\n");
    text_printf(to, "};\n\n");
}

static void emit_descriptor(const struct sql *sql, struct text *to)
{
    static const char *const rows[] = {
        [SQL_EXEC] = "GW_ROWS_NONE",
        [SQL_ONE] = "GW_ROWS_ONE",
        [SQL_MANY] = "GW_ROWS_MANY",
    };
    const struct sql *const both[] = {sql, sql->other};
    const char *name = sql->name.text;
    emit_params(sql, to);
    for (size_t i = 0; i < 2 && both[i]; i++)
        emit_store_text(both[i], to);
    text_printf(to, "const struct gw_statement gwt_sql_%s = {\n    .name = \"%s\",\n", name, name);
    emit_where(sql, to);
    for (size_t i = 0; i < 2 && both[i]; i++) {
        if (both[i]->stores != SQL_MYSQL)
            text_printf(to, "    .sqlite = &%s_text_%s,\n", text_prefix(both[i]), name);
        if (both[i]->stores != SQL_SQLITE)
            text_printf(to, "    .mysql = &%s_text_%s,\n", text_prefix(both[i]), name);
    }
    text_printf(to, "    .rows = %s,\n", rows[sql->rows]);
    if (sql->params.n)
        text_printf(to, "    .params = gwt_params_%s,\n    .n_params = %zu,\n", name,
                    sql->params.n);
    if (sql->timeout_ms)
        text_printf(to, "    .timeout_ms = %u,\n", sql->timeout_ms);
    text_printf(to, "};\n\n");
}

/* ---- Wrappers ------------------------------------------------------------------------------- */

static bool is_scalar(enum type type)
{
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_BOOL || type == TYPE_REAL ||
           type == TYPE_TIME;
}

static void emit_bound(const struct column *param, struct text *to)
{
    const struct type_info *info = &type_infos[param->type];
    const char *name = param_name(to->arena, param);
    bool wrapped = param->optional && is_scalar(param->type);
    text_printf(to, "        {.type = %s, ", info->enumerator);
    if (wrapped)
        text_printf(to, ".null = !%s.set, ", name);
    text_printf(to, ".as.%s = %s%s},\n", info->value_member, name, wrapped ? ".value" : "");
}

static void emit_values(const struct sql *sql, struct text *to)
{
    if (sql->params.n)
        text_printf(to, "    const struct gw_value values[] = {\n");
    for (size_t i = 0; i < sql->params.n; i++)
        emit_bound(&sql->params.items[i], to);
    if (sql->params.n)
        text_printf(to, "    };\n");
}

static void emit_each(const struct sql *sql, struct text *to)
{
    const char *name = sql->name.text;
    emit_each_step(name, row_type(to->arena, sql), to);
    emit_each_head(sql, "", to);
    text_printf(to, "{\n");
    emit_values(sql, to);
    text_printf(to, "    struct gwt_each_%s each = {fn, data};\n", name);
    const char *const args[] = {"req", arena_printf(to->arena, "&gwt_sql_%s", name),
                                sql->params.n ? "values" : "NULL",
                                arena_printf(to->arena, "gwt_each_%s", name), "&each"};
    text_call(to, "    return gw_statement_each", args, sizeof(args) / sizeof(*args), ";");
    text_printf(to, "}\n\n");
}

static void emit_call(const struct sql *sql, struct text *to)
{
    const char *name = sql->name.text, *values = sql->params.n ? "values" : "NULL";
    emit_head(sql, "", to);
    text_printf(to, "{\n");
    emit_values(sql, to);
    if (!has_rows(sql)) {
        text_printf(to, "    return gw_statement_exec(req, &gwt_sql_%s, %s, ret_n);\n}\n\n", name,
                    values);
        return;
    }
    bool secrets = has_secrets(sql->results.items, sql->results.n), many = sql->rows == SQL_MANY;
    text_printf(to,
                "    const void *rows%s;\n"
                "    int r = gw_statement_%s(req, &gwt_sql_%s, %s, &rows, %s%s);\n"
                "    if (r == 0)\n"
                "        *ret = rows;\n",
                many && secrets ? ", *secrets" : "", many ? "many" : "one", name, values,
                !secrets ? "NULL"
                : many   ? "&secrets"
                         : "ret_secrets",
                many ? ", ret_n" : "");
    if (many && secrets)
        text_printf(to, "    if (r == 0)\n        *ret_secrets = secrets;\n");
    text_printf(to, "    return r;\n}\n\n");
    if (sql->columns.n)
        text_printf(to,
                    "json_t *%s_json(const struct %s_row *row)\n"
                    "{\n"
                    "    return gw_entity_json(&gwt_result_%s, row);\n"
                    "}\n\n"
                    "void %s_write_json(struct gw_writer *writer, const struct %s_row *row)\n"
                    "{\n"
                    "    gw_entity_write_json(writer, &gwt_result_%s, row);\n"
                    "}\n\n",
                    name, name, name, name, name, name);
}

void emit_sql_calls(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->statements.n; i++) {
        emit_descriptor(tree->statements.items[i], to);
        emit_call(tree->statements.items[i], to);
        if (sql_is_streamed(tree->statements.items[i]))
            emit_each(tree->statements.items[i], to);
    }
}
