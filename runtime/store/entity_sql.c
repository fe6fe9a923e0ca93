/* entity_sql.c: writes the SQL of the typed calls.
 *
 * The same text for every driver: names in backticks, `?` for every value, nothing that MariaDB,
 * MySQL and SQLite do not share. Values never enter a text. */
#include "store/entity_sql.h"

#include "base/arena.h"
#include "store/column.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct gw_sql {
    struct gw_arena arena;
    struct gw_table_sql *tables;
    size_t n_tables;
};

/* A text that grows in an arena; after a failed allocation it stays NULL. */
struct text {
    struct gw_arena *arena;
    char *ptr;
    size_t len, size;
};

static void begin(struct text *text, struct gw_arena *arena)
{
    *text = (struct text){.arena = arena, .size = 256};
    text->ptr = gw_arena_alloc(arena, text->size);
}

static void add_bytes(struct text *text, const char *bytes, size_t len)
{
    if (text->ptr && text->len + len >= text->size) {
        size_t size = (text->len + len) * 2;
        char *grown = gw_arena_alloc(text->arena, size);

        if (grown)
            memcpy(grown, text->ptr, text->len);
        text->ptr = grown;
        text->size = size;
    }
    if (!text->ptr)
        return;
    memcpy(text->ptr + text->len, bytes, len);
    text->len += len;
    text->ptr[text->len] = '\0';
}

static void add(struct text *text, const char *words)
{
    add_bytes(text, words, strlen(words));
}

static void add_name(struct text *text, const char *name)
{
    add(text, "`");
    for (; *name; name++)
        add_bytes(text, *name == '`' ? "``" : name, *name == '`' ? 2 : 1);
    add(text, "`");
}

static const char *name_of(const struct gw_table *table, int column)
{
    return table->columns[column].name;
}

/* "`a`, `b`", or with `each` "= ?": "`a` = ?, `b` = ?". */
static void add_columns(struct text *text, const struct gw_table *table, uint64_t columns,
                        const char *each)
{
    const char *comma = "";

    for (size_t i = 0; i < table->n_columns; i++) {
        if (!(columns & (UINT64_C(1) << i)))
            continue;
        add(text, comma);
        add_name(text, table->columns[i].name);
        add(text, each);
        comma = ", ";
    }
}

static const char *select_of(const struct gw_table *table, uint64_t columns, struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, "SELECT ");
    add_columns(&text, table, columns, "");
    add(&text, " FROM ");
    add_name(&text, table->sql_name);
    return text.ptr;
}

static const char *load_of(const struct gw_table_sql *sql, unsigned n, struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, sql->open);
    add(&text, " WHERE ");
    add_name(&text, name_of(sql->table, sql->table->key));
    if (n == 1) {
        add(&text, " = ? LIMIT 2");
        return text.ptr;
    }
    add(&text, " IN (?");
    for (unsigned i = 1; i < n; i++)
        add(&text, ", ?");
    add(&text, ")");
    return text.ptr;
}

uint64_t gw_sql_inserted(const struct gw_table *table)
{
    uint64_t columns = gw_table_all_columns(table);

    if (table->columns[table->key].flags & GW_COL_AUTO)
        columns &= ~(UINT64_C(1) << table->key);
    return columns;
}

static const char *insert_of(const struct gw_table *table, struct gw_arena *arena)
{
    uint64_t columns = gw_sql_inserted(table);
    struct text text;

    begin(&text, arena);
    add(&text, "INSERT INTO ");
    add_name(&text, table->sql_name);
    add(&text, " (");
    if (!columns) { /* nothing but an `auto` key */
        add_name(&text, name_of(table, table->key));
        add(&text, ") VALUES (NULL)");
        return text.ptr;
    }
    add_columns(&text, table, columns, "");
    add(&text, ") VALUES (?");
    for (int i = 1; i < __builtin_popcountll(columns); i++)
        add(&text, ", ?");
    add(&text, ")");
    return text.ptr;
}

static void add_where_key(struct text *text, const struct gw_table *table)
{
    add(text, " WHERE ");
    add_name(text, name_of(table, table->key));
    add(text, " = ?");
}

static const char *erase_of(const struct gw_table *table, struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, "DELETE FROM ");
    add_name(&text, table->sql_name);
    add_where_key(&text, table);
    return text.ptr;
}

static const char *revoke_of(const struct gw_table *table, struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, "UPDATE ");
    add_name(&text, table->sql_name);
    add(&text, " SET ");
    add_name(&text, name_of(table, table->revokes));
    add(&text, " = ");
    add_name(&text, name_of(table, table->revokes));
    add(&text, " + 1");
    add_where_key(&text, table);
    return text.ptr;
}

static int fill(struct gw_table_sql *sql, const struct gw_table *table, struct gw_arena *arena)
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
    sql->insert = insert_of(table, arena);
    sql->erase = erase_of(table, arena);
    if (!sql->insert || !sql->erase)
        return -ENOMEM;
    if (table->revokes < 0)
        return 0;
    sql->revoke = revoke_of(table, arena);
    return sql->revoke ? 0 : -ENOMEM;
}

int gw_sql_new(const struct gw_app *app, struct gw_sql **ret)
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
        r = fill(&sql->tables[i], app->tables[i], &sql->arena);
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

const char *gw_sql_find(const struct gw_table_sql *sql, int column, struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, sql->all);
    add(&text, " WHERE ");
    add_name(&text, name_of(sql->table, column));
    add(&text, " = ? LIMIT 2");
    return text.ptr;
}

const char *gw_sql_update(const struct gw_table_sql *sql, uint64_t columns, struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, "UPDATE ");
    add_name(&text, sql->table->sql_name);
    add(&text, " SET ");
    add_columns(&text, sql->table, columns, " = ?");
    add_where_key(&text, sql->table);
    return text.ptr;
}

const char *gw_sql_list(const struct gw_table_sql *sql, int by, bool after, struct gw_arena *arena)
{
    const char *key = name_of(sql->table, sql->table->key);
    struct text text;

    begin(&text, arena);
    add(&text, sql->open);
    if (by >= 0 || after)
        add(&text, " WHERE ");
    if (by >= 0) {
        add_name(&text, name_of(sql->table, by));
        add(&text, after ? " = ? AND " : " = ?");
    }
    if (after) {
        add_name(&text, key);
        add(&text, " > ?");
    }
    add(&text, " ORDER BY ");
    add_name(&text, key);
    add(&text, " LIMIT ?");
    return text.ptr;
}

const char *gw_sql_owned(const struct gw_table_sql *sql, const struct gw_own *own,
                         struct gw_arena *arena)
{
    struct text text;

    begin(&text, arena);
    add(&text, sql->open);
    for (size_t i = 0; i < own->n_terms; i++) {
        add(&text, i ? " AND " : " WHERE ");
        add_name(&text, name_of(own->table, own->terms[i].column));
        add(&text, " = ?");
    }
    add(&text, " LIMIT 2");
    return text.ptr;
}
