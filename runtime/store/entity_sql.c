/* entity_sql.c: writes the SQL of the typed calls.
 *
 * The same text for every driver: names in backticks, `?` for every value, nothing that MariaDB,
 * MySQL and SQLite do not share. Values never enter a text. */
#include "store/entity_sql.h"

#include "base/text.h"
#include "store/column.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gw_sql {
    struct gw_arena arena;
    struct gw_table_sql *tables;
    size_t n_tables;
};

static void add(struct gw_text *text, const char *words)
{
    gw_text_add(text, gw_str_from(words));
}

static void add_name(struct gw_text *text, const char *name)
{
    add(text, "`");
    for (; *name; name++)
        gw_text_add(text, *name == '`' ? GW_STR("``") : (struct gw_str){name, 1});
    add(text, "`");
}

/* NULL when memory was short. */
static const char *written(const struct gw_text *text)
{
    return text->failed ? NULL : text->ptr;
}

static const char *name_of(const struct gw_table *table, int column)
{
    return gw_column_sql(&table->columns[column]);
}

/* "`a`, `b`", or with `each` "= ?": "`a` = ?, `b` = ?". */
static void add_columns(struct gw_text *text, const struct gw_table *table, uint64_t columns,
                        const char *each)
{
    const char *comma = "";
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!(columns & (UINT64_C(1) << i)))
            continue;
        add(text, comma);
        add_name(text, gw_column_sql(&table->columns[i]));
        add(text, each);
        comma = ", ";
    }
}

static const char *select_of(const struct gw_table *table, uint64_t columns, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, "SELECT ");
    add_columns(&text, table, columns, "");
    add(&text, " FROM ");
    add_name(&text, table->sql_name);
    return written(&text);
}

static const char *load_of(const struct gw_table_sql *sql, unsigned n, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, sql->open);
    add(&text, " WHERE ");
    add_name(&text, name_of(sql->table, sql->table->key));
    if (n == 1) {
        add(&text, " = ? LIMIT 2");
        return written(&text);
    }
    add(&text, " IN (?");
    for (unsigned i = 1; i < n; i++)
        add(&text, ", ?");
    add(&text, ")");
    return written(&text);
}

/* ---- Sessions that are `strict` ------------------------------------------------------------- */

static bool is_strict(const struct gw_table *table)
{
    return table->session && table->session->strict;
}

/* The table with one more column. */
static const struct gw_table *with_live(const struct gw_table *table, struct gw_arena *arena)
{
    struct gw_table *ret = gw_arena_alloc(arena, sizeof(*ret));
    struct gw_column *columns = gw_arena_array(arena, table->n_columns + 1, sizeof(*columns));
    size_t offset = (table->row_size + 7) / 8 * 8;
    if (!ret || !columns)
        return NULL;
    *ret = *table;
    memcpy(columns, table->columns, table->n_columns * sizeof(*columns));
    columns[table->n_columns] =
        (struct gw_column){.name = "gw_live", .type = GW_TYPE_INT, .offset = (uint32_t)offset};
    ret->columns = columns;
    ret->n_columns++;
    ret->row_size = offset + sizeof(int64_t);
    ret->whole_size = ret->secrets = 0;
    return ret;
}

/* Which of the sessions that are asked for there are, as a sum of bits: a value of its own, for
 * which the store looks once. First all sessions are bound, once more, and then the keys. */
static const char *load_live_of(const struct gw_table *table, unsigned n, const char *seconds,
                                struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    char term[40];
    add(&text, "SELECT ");
    add_columns(&text, table, gw_table_open_columns(table), "");
    add(&text, ", (SELECT CAST(COALESCE(SUM(CASE `sid`");
    for (unsigned i = 0; i < n; i++) {
        snprintf(term, sizeof(term), " WHEN ? THEN %u", 1u << i);
        add(&text, term);
    }
    add(&text, " END), 0) AS SIGNED) FROM `gw_sessions` WHERE `sid` IN (?");
    for (unsigned i = 1; i < n; i++)
        add(&text, ", ?");
    add(&text, ") AND `expires` > ");
    add(&text, seconds);
    add(&text, ") AS `gw_live` FROM ");
    add_name(&text, table->sql_name);
    add(&text, " WHERE ");
    add_name(&text, name_of(table, table->key));
    add(&text, " IN (?");
    for (unsigned i = 1; i < n; i++)
        add(&text, ", ?");
    add(&text, n == 1 ? ") LIMIT 2" : ")");
    return written(&text);
}

static int fill_live(struct gw_table_sql *sql, const char *seconds, struct gw_arena *arena)
{
    sql->live = with_live(sql->table, arena);
    for (size_t i = 0; sql->live && i < GW_LIVE_SIZES; i++) {
        sql->load[i] = load_live_of(sql->table, 1u << i, seconds, arena);
        if (!sql->load[i])
            return -ENOMEM;
    }
    return sql->live ? 0 : -ENOMEM;
}

uint64_t gw_sql_inserted(const struct gw_table *table)
{
    uint64_t columns = gw_table_all_columns(table);
    if (table->columns[table->key].flags & GW_COL_AUTO)
        columns &= ~(UINT64_C(1) << table->key);
    return columns;
}

const char *gw_sql_insert(const struct gw_table *table, uint64_t columns, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, "INSERT INTO ");
    add_name(&text, table->sql_name);
    add(&text, " (");
    if (!columns) { /* nothing but an `auto` key */
        add_name(&text, name_of(table, table->key));
        add(&text, ") VALUES (NULL)");
        return written(&text);
    }
    add_columns(&text, table, columns, "");
    add(&text, ") VALUES (?");
    for (int i = 1; i < __builtin_popcountll(columns); i++)
        add(&text, ", ?");
    add(&text, ")");
    return written(&text);
}

static void add_where_key(struct gw_text *text, const struct gw_table *table)
{
    for (size_t i = 0; i < gw_table_key_size(table); i++) {
        add(text, i ? " AND " : " WHERE ");
        add_name(text, name_of(table, gw_table_key(table, i)));
        add(text, " = ?");
    }
}

/* Rows behind a key, whose values but the last stand there twice: a >= ? AND (a > ? OR b > ?). An
 * index leads to them by the first comparison. */
static void add_after(struct gw_text *text, const struct gw_table *table)
{
    size_t n = gw_table_key_size(table);
    for (size_t i = 0; i < n; i++) {
        const char *name = name_of(table, gw_table_key(table, i));
        add_name(text, name);
        if (i + 1 < n) {
            add(text, " >= ? AND (");
            add_name(text, name);
        }
        add(text, i + 1 < n ? " > ? OR " : " > ?");
    }
    for (size_t i = 0; i + 1 < n; i++)
        add(text, ")");
}

static const char *erase_of(const struct gw_table *table, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, "DELETE FROM ");
    add_name(&text, table->sql_name);
    add_where_key(&text, table);
    return written(&text);
}

static const char *revoke_of(const struct gw_table *table, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, "UPDATE ");
    add_name(&text, table->sql_name);
    add(&text, " SET ");
    add_name(&text, name_of(table, table->revokes));
    add(&text, " = CASE WHEN "); /* gw_epoch_next */
    add_name(&text, name_of(table, table->revokes));
    add(&text, " < ? THEN ? ELSE ");
    add_name(&text, name_of(table, table->revokes));
    add(&text, " + 1 + ");
    add_name(&text, name_of(table, table->revokes));
    add(&text, " % 2 END");
    add_where_key(&text, table);
    return written(&text);
}

static int fill(struct gw_table_sql *sql, const struct gw_table *table, const char *seconds,
                struct gw_arena *arena)
{
    sql->table = table;
    sql->all = select_of(table, gw_table_all_columns(table), arena);
    sql->open = select_of(table, gw_table_open_columns(table), arena);
    if (!sql->all || !sql->open)
        return -ENOMEM;
    for (size_t i = 0; i < GW_LOAD_SIZES; i++) {
        sql->load[i] = load_of(sql, 1u << i, arena);
        if (!sql->load[i])
            return -ENOMEM;
    }
    if (is_strict(table) && fill_live(sql, seconds, arena))
        return -ENOMEM;
    sql->insert = gw_sql_insert(table, gw_sql_inserted(table), arena);
    sql->erase = erase_of(table, arena);
    if (!sql->insert || !sql->erase)
        return -ENOMEM;
    if (table->revokes < 0)
        return 0;
    sql->revoke = revoke_of(table, arena);
    return sql->revoke ? 0 : -ENOMEM;
}

int gw_sql_new(const struct gw_app *app, const char *seconds, struct gw_sql **ret)
{
    struct gw_sql *sql = calloc(1, sizeof(*sql));
    int r = 0;
    if (!sql)
        return -ENOMEM;
    sql->n_tables = app->n_tables;
    sql->tables = gw_arena_array(&sql->arena, app->n_tables, sizeof(*sql->tables));
    if (!sql->tables)
        r = -ENOMEM;
    for (size_t i = 0; !r && i < app->n_tables; i++)
        r = fill(&sql->tables[i], app->tables[i], seconds, &sql->arena);
    if (r) {
        gw_sql_free(sql);
        return r;
    }
    *ret = sql;
    return 0;
}

void gw_sql_free(struct gw_sql *sql)
{
    if (!sql)
        return;
    gw_arena_free(&sql->arena);
    free(sql);
}

const struct gw_table_sql *gw_sql_table(const struct gw_sql *sql, const struct gw_table *table)
{
    for (size_t i = 0; i < sql->n_tables; i++)
        if (sql->tables[i].table == table)
            return &sql->tables[i];
    return NULL;
}

const char *gw_sql_find(const struct gw_table_sql *sql, uint64_t columns, int column,
                        struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, columns == gw_table_open_columns(sql->table) ? sql->open : sql->all);
    add(&text, " WHERE ");
    add_name(&text, name_of(sql->table, column));
    add(&text, " = ? LIMIT 2");
    return written(&text);
}

const char *gw_sql_find_key(const struct gw_table_sql *sql, uint64_t columns,
                            struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, columns == gw_table_open_columns(sql->table) ? sql->open : sql->all);
    add_where_key(&text, sql->table);
    add(&text, " LIMIT 2");
    return written(&text);
}

const char *gw_sql_update(const struct gw_table_sql *sql, uint64_t columns, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, "UPDATE ");
    add_name(&text, sql->table->sql_name);
    add(&text, " SET ");
    add_columns(&text, sql->table, columns, " = ?");
    add_where_key(&text, sql->table);
    return written(&text);
}

const char *gw_sql_list(const struct gw_table_sql *sql, int by, bool after, struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, sql->open);
    if (by >= 0 || after)
        add(&text, " WHERE ");
    if (by >= 0) {
        add_name(&text, name_of(sql->table, by));
        add(&text, after ? " = ? AND " : " = ?");
    }
    if (after)
        add_after(&text, sql->table);
    for (size_t i = 0; i < gw_table_key_size(sql->table); i++) {
        add(&text, i ? ", " : " ORDER BY ");
        add_name(&text, name_of(sql->table, gw_table_key(sql->table, i)));
    }
    add(&text, " LIMIT ?");
    return written(&text);
}

const char *gw_sql_owned(const struct gw_table_sql *sql, const struct gw_own *own,
                         struct gw_arena *arena)
{
    struct gw_text text = {.arena = arena};
    add(&text, sql->open);
    for (size_t i = 0; i < own->n_terms; i++) {
        add(&text, i ? " AND " : " WHERE ");
        add_name(&text, name_of(own->table, own->terms[i].column));
        add(&text, " = ?");
    }
    add(&text, " LIMIT 2");
    return written(&text);
}

const char *gw_sql_same_bytes(const char *sql, const struct gw_column *column,
                              const char *same_bytes, struct gw_arena *arena)
{
    const char *place = strstr(same_bytes, "%s");
    struct gw_text text = {.arena = arena};
    add(&text, sql);
    add(&text, " AND ");
    gw_text_add(&text, (struct gw_str){same_bytes, (size_t)(place - same_bytes)});
    add_name(&text, gw_column_sql(column));
    add(&text, place + 2);
    return written(&text);
}
