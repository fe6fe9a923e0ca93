/* rename.c: columns that are called otherwise, and columns that go.
 *
 * SQLite's own ALTER TABLE does both, in indexes, triggers, views and references as well, and
 * refuses what would break them. */
#include "store/sqlite/rebuild.h"

#include "base/log.h"
#include "store/column.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static bool is_live(const struct sqlite_comparison *c, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(c->db, NULL, table, column, NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

static bool is_declared(const struct gw_table *table, const char *column)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (!sqlite3_stricmp(gw_column_sql(&table->columns[i]), column))
            return true;
    return false;
}

/* Prints the statement (a format of sqlite3_mprintf), and runs it. */
static int run(struct sqlite_comparison *c, struct gw_migration *migration, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    if (!sql)
        return -ENOMEM;
    fprintf(migration->to, "%s;\n", sql);
    int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    int r = code == SQLITE_OK ? 0 : gw_sqlite_failed(c->store, c->db, code, sql);
    sqlite3_free(sql);
    return r > 0 ? -EIO : r;
}

/* ---- Renaming ------------------------------------------------------------------------------- */

static int rename_column(struct sqlite_comparison *c, const struct gw_table *table,
                         const struct gw_rename *rename, struct gw_migration *migration,
                         size_t *io_n)
{
    const char *name = gw_column_sql(&table->columns[rename->column]);
    if (!is_live(c, table->sql_name, rename->was))
        return 0;
    if (is_live(c, table->sql_name, name)) {
        if (gw_store_may_lose(migration, table->sql_name, rename->was))
            return 0;
        fprintf(migration->to, "-- refused: column %s.%s: ", table->sql_name, name);
        fprintf(migration->to, GW_STORE_BOTH_THERE "\n", rename->was, table->sql_name, rename->was);
        migration->n_refused++;
        return 0;
    }
    fprintf(migration->to, "-- column %s.%s: is called %s\n", table->sql_name, name, rename->was);
    ++*io_n;
    return run(c, migration, "ALTER TABLE \"%w\" RENAME COLUMN \"%w\" TO \"%w\"", table->sql_name,
               rename->was, name);
}

/* ---- Dropping ------------------------------------------------------------------------------- */

/* Indexes hold a column fast; those that somebody made by a statement go with it. */
static int drop_indexes(struct sqlite_comparison *c, const struct gw_table *table,
                        const char *column, struct gw_migration *migration)
{
    const char *const names[] = {table->sql_name, column, NULL};
    static const char query[] =
        "SELECT name FROM pragma_index_list(?1) WHERE origin = 'c' AND EXISTS (SELECT 1 FROM"
        " pragma_index_info(pragma_index_list.name) AS i WHERE lower(i.name) = lower(?2)) LIMIT 1";
    for (int r = 0;;) {
        struct sqlite_cursor rows;
        char *index = NULL;
        gw_sqlite_ask(&rows, c->store, c->db, query, names);
        if (gw_sqlite_next(&rows))
            index = sqlite3_mprintf("%s", sqlite3_column_text(rows.stmt, 0));
        r = gw_sqlite_done(&rows);
        if (!r && index)
            r = run(c, migration, "DROP INDEX \"%w\"", index);
        bool last = !index;
        sqlite3_free(index);
        if (r || last)
            return r;
    }
}

/* What SQLite does not drop: a column that is UNIQUE or a foreign key, by itself or with others. */
static int is_held(struct sqlite_comparison *c, const struct gw_table *table, const char *column,
                   bool *ret)
{
    const char *const names[] = {table->sql_name, column, NULL};
    int64_t n = 0;
    int r = gw_sqlite_number(
        c->store, c->db,
        "SELECT (SELECT count(*) FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i"
        " WHERE l.origin = 'u' AND lower(i.name) = lower(?2)) + (SELECT count(*) FROM"
        " pragma_foreign_key_list(?1) WHERE lower(\"from\") = lower(?2)) + (SELECT count(*) FROM"
        " pragma_table_info(?1) WHERE pk AND lower(name) = lower(?2))",
        names, &n);
    *ret = n > 0;
    return r;
}

/* What would not be the same without the column, and is not made anew with the table. *ret is for
 * sqlite3_free; NULL: nothing. */
static int find_user(struct sqlite_comparison *c, const struct gw_table *table, const char *column,
                     char **ret)
{
    const char *const names[] = {table->sql_name, column, NULL};
    struct sqlite_cursor rows;
    *ret = NULL;
    gw_sqlite_ask(&rows, c->store, c->db,
                  "SELECT 'the ' || type || ' ' || name || ' may name it' FROM sqlite_schema WHERE"
                  " type IN ('view', 'trigger') AND instr(lower(sql), lower(?2)) AND"
                  " (lower(tbl_name) = lower(?1) OR instr(lower(sql), lower(?1)))"
                  " UNION ALL SELECT 'the primary key has it' FROM pragma_table_info(?1) WHERE pk"
                  " AND lower(name) = lower(?2)"
                  " UNION ALL SELECT 'the table ' || t.name || ' refers to it' FROM sqlite_schema"
                  " AS t, pragma_foreign_key_list(t.name) AS k WHERE t.type = 'table' AND"
                  " lower(k.\"table\") = lower(?1) AND lower(k.\"to\") = lower(?2) LIMIT 1",
                  names);
    if (gw_sqlite_next(&rows))
        *ret = sqlite3_mprintf("%s", sqlite3_column_text(rows.stmt, 0));
    return gw_sqlite_done(&rows);
}

/* It goes when the table is made anew; refused where something else has it by its name. */
static int leave_held(struct sqlite_comparison *c, const struct gw_table *table, const char *column,
                      struct gw_migration *migration)
{
    char *user;
    int r = find_user(c, table, column, &user);
    if (user) {
        fprintf(migration->to,
                "-- refused: column %s.%s: cannot be dropped, for %s; change that by hand first\n",
                table->sql_name, column, user);
        migration->n_refused++;
    }
    sqlite3_free(user);
    return r;
}

static int drop_column(struct sqlite_comparison *c, const struct gw_table *table,
                       const char *column, struct gw_migration *migration, size_t *io_n)
{
    int r;
    if (is_declared(table, column) || !is_live(c, table->sql_name, column))
        return 0;
    fprintf(migration->to, "-- column %s.%s: is not declared, and its values are lost\n",
            table->sql_name, column);
    ++*io_n;
    bool held = false;
    r = drop_indexes(c, table, column, migration);
    if (!r)
        r = is_held(c, table, column, &held);
    if (!r && held)
        return leave_held(c, table, column, migration);
    return r ? r
             : run(c, migration, "ALTER TABLE \"%w\" DROP COLUMN \"%w\"", table->sql_name, column);
}

static int drop_columns(struct sqlite_comparison *c, const struct gw_table *table,
                        struct gw_migration *migration, size_t *io_n)
{
    size_t len = strlen(table->sql_name);
    int r = 0;
    for (const char *const *loss = migration->losses; !r && loss && *loss; loss++)
        if (!sqlite3_strnicmp(*loss, table->sql_name, (int)len) && (*loss)[len] == '.')
            r = drop_column(c, table, *loss + len + 1, migration, io_n);
    return r;
}

int gw_sqlite_holds_dropped(struct sqlite_comparison *c, bool *ret)
{
    const char *const name[] = {c->table->sql_name, NULL};
    struct sqlite_cursor rows;
    *ret = false;
    gw_sqlite_ask(&rows, c->store, c->db, "SELECT name FROM pragma_table_xinfo(?)", name);
    while (gw_sqlite_next(&rows)) {
        const char *column = (const char *)sqlite3_column_text(rows.stmt, 0);
        *ret |= column && gw_sqlite_drops(c, column);
    }
    return gw_sqlite_done(&rows);
}

int gw_sqlite_rename(struct sqlite_comparison *c, const struct gw_app *app,
                     struct gw_migration *migration, size_t *ret_n)
{
    int r = 0;
    *ret_n = 0;
    for (size_t i = 0; !r && i < app->n_tables; i++) {
        const struct gw_table *table = app->tables[i];
        for (size_t j = 0; !r && j < table->n_renames && !table->existing; j++)
            r = rename_column(c, table, &table->renames[j], migration, ret_n);
        if (!r && !table->existing)
            r = drop_columns(c, table, migration, ret_n);
    }
    return r;
}
