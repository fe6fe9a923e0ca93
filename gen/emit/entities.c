/* entities.c: entities.c, the tables as the runtime sees them, and the wrappers. */
#include "emit/emit.h"

#include "emit/store.h"

#include <string.h>

/* A string literal for each line. */
static void emit_lines(const char *field, const char *lines, struct text *to)
{
    const char *begin = arena_printf(to->arena, "    .%s = ", field);
    text_printf(to, "%s", begin);
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        len += lines[len] == '\n';
        text_c_string(to, arena_copy(to->arena, lines, len));
        lines += len;
        if (*lines)
            text_printf(to, "\n%*s", (int)strlen(begin), "");
    }
    text_printf(to, ",\n");
}

/* How the stores declare the columns. */
static void emit_definitions(const struct table *table, struct text *to)
{
    text_printf(to, "static const struct gw_definition gwt_definitions_%s[] = {\n",
                table->name.text);
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *column = &table->columns.items[i];
        text_printf(to, "    {\"%s\", ", mysql_type(to->arena, column));
        text_c_string(to, mysql_attributes(to->arena, column));
        text_printf(to, ", \"%s\"},\n", sqlite_type(column->type));
    }
    text_printf(to, "};\n\n");
}

static size_t emit_renames(const struct table *table, struct text *to)
{
    size_t n = 0;
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct name *was = &table->columns.items[i].was;
        if (was->text && !n++)
            text_printf(to, "static const struct gw_rename gwt_renames_%s[] = {\n",
                        table->name.text);
        if (was->text)
            text_printf(to, "    {%zu, \"%s\"},\n", i, was->text);
    }
    if (n)
        text_printf(to, "};\n\n");
    return n;
}

/* The columns of a key, unique or index together, by their indices. */
static void emit_sets(const struct table *table, struct text *to)
{
    static const char *const kinds[] = {
        [SET_KEY] = "GW_SET_KEY", [SET_UNIQUE] = "GW_SET_UNIQUE", [SET_INDEX] = "GW_SET_INDEX"};
    if (!table->sets.n)
        return;
    text_printf(to, "static const struct gw_set gwt_sets_%s[] = {\n", table->name.text);
    for (size_t i = 0; i < table->sets.n; i++) {
        const struct column_set *set = &table->sets.items[i];
        text_printf(to, "    {%s, {", kinds[set->kind]);
        for (size_t j = 0; j < set->columns.n; j++)
            text_printf(to, "%s%u", j ? ", " : "", set->columns.items[j]);
        text_printf(to, "}, %zu},\n", set->columns.n);
    }
    text_printf(to, "};\n\n");
}

static uint64_t blocking(const struct table *table)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < table->columns.n; i++)
        mask |= (uint64_t)(table->columns.items[i].blocks != BLOCKS_NEVER) << i;
    return mask;
}

static void emit_session(const struct session *session, struct text *to)
{
    text_printf(to,
                "static const struct gw_session_terms gwt_session_%s = {\n"
                "    .access = %llu,\n    .refresh = %llu,\n    .longest = %llu,\n",
                session->table->name.text, (unsigned long long)session->access.seconds,
                (unsigned long long)session->refresh.seconds,
                (unsigned long long)session->longest.seconds);
    if (session->strict)
        text_printf(to, "    .strict = true,\n");
    if (session->cookie_path)
        text_printf(to, "    .cookie_path = \"%s\",\n", session->cookie_path);
    text_printf(to, "};\n\n");
}

static void emit_table(const struct table *table, struct text *to)
{
    struct text mysql = {.arena = to->arena}, sqlite = {.arena = to->arena};
    struct text indexes = {.arena = to->arena};
    const char *name = table->name.text;
    const struct column *key = &table->columns.items[table->key];
    const char *row = arena_printf(to->arena, "struct %s_row", name);
    const char *whole = arena_printf(to->arena, "struct gwt_whole_%s", name);
    for (size_t i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].one_of.n)
            emit_words(&table->columns.items[i], to);
    }
    bool secrets = has_secrets(table->columns.items, table->columns.n);
    if (secrets)
        emit_whole(whole, row, arena_printf(to->arena, "struct %s_secrets", name), to);
    text_printf(to, "static const struct gw_column gwt_columns_%s[] = {\n", name);
    for (size_t i = 0; i < table->columns.n; i++)
        emit_column(row, whole, &table->columns.items[i], to);
    text_printf(to, "};\n\n");
    emit_definitions(table, to);
    emit_sets(table, to);
    size_t renames = emit_renames(table, to);
    if (table->fills)
        emit_insert_columns(table, to);
    mysql_table(table, &mysql);
    sqlite_table(table, &sqlite);
    sqlite_indexes(table, &indexes);
    if (table->session)
        emit_session(table->session, to);
    text_printf(to,
                "const struct gw_table gwt_table_%s = {\n"
                "    .name = \"%s\",\n"
                "    .sql_name = \"%s\",\n"
                "    .columns = gwt_columns_%s,\n"
                "    .n_columns = %zu,\n"
                "    .row_size = sizeof(struct %s_row),\n"
                "    .key = %d,\n"
                "    .revokes = %d,\n"
                "    .entity = %d,\n"
                "    .key_claim = ",
                name, name, table->sql_name.text, name, table->columns.n, name, table->key,
                table->revokes, table->entity ? (int)table->index : -1);
    text_c_string(to, !table->entity ? NULL : key->claim.text ? key->claim.text : key->name.text);
    text_printf(to, ",\n    .definitions = gwt_definitions_%s,\n", name);
    if (secrets)
        emit_halves(whole, to);
    if (blocking(table))
        text_printf(to, "    .blocks = 0x%llx,\n", (unsigned long long)blocking(table));
    if (table->sets.n)
        text_printf(to, "    .sets = gwt_sets_%s,\n    .n_sets = %zu,\n", name, table->sets.n);
    if (renames)
        text_printf(to, "    .renames = gwt_renames_%s,\n    .n_renames = %zu,\n", name, renames);
    if (table->keys)
        text_printf(to, "    .keys = &gwt_sets_%s[%td],\n", name, table->keys - table->sets.items);
    if (table->fills)
        text_printf(to, "    .insert = gwt_insert_%s,\n", name);
    if (table->session)
        text_printf(to, "    .session = &gwt_session_%s,\n", name);
    if (table->existing) {
        text_printf(to, "    .existing = true,\n");
    } else {
        emit_lines("mysql", mysql.items, to);
        emit_lines("sqlite", sqlite.items, to);
        if (indexes.n)
            emit_lines("sqlite_indexes", indexes.items, to);
    }
    text_printf(to, "};\n\n");
    emit_table_calls(table, to);
}

void emit_entities(const struct tree *tree, struct text *to)
{
    emit_banner(tree, "Tables and their typed calls.", to);
    text_printf(to, "#include \"routes.h\"\n\n");
    for (size_t i = 0; i < tree->tables.n; i++)
        emit_table(tree->tables.items[i], to);
    emit_sql_calls(tree, to);
    if (to->n >= 2 && !strcmp(to->items + to->n - 2, "\n\n"))
        to->items[--to->n] = '\0';
}
