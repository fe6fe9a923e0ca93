/* compare.c: declared tables and statements beside the live schema of a SQLite file.
 *
 * The comparison asks for what the runtime relies on: columns that can be read and written
 * (types.c), keys and unique columns that are, references that are foreign keys, and keys that are
 * not used again (without AUTOINCREMENT a new account can get the key, and so the tokens, of a
 * deleted one). */
#include "store/sqlite/live.h"
#include "store/sqlite/types.h"

#include "store/column.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct gw_column *column_named(const struct gw_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (sqlite3_stricmp(gw_column_sql(&table->columns[i]), name) == 0)
            return &table->columns[i];
    return NULL;
}

/* The statement that made the table, and whether it is STRICT. */
static int find_table(struct sqlite_comparison *c)
{
    const char *const name[] = {c->table->sql_name, NULL};
    struct sqlite_cursor rows;
    int r = 0;
    free(c->sql);
    c->sql = NULL;
    gw_sqlite_ask(&rows, c->store, c->db,
                  "SELECT s.sql, t.strict FROM sqlite_schema AS s, pragma_table_list(?1) AS t"
                  " WHERE s.type = 'table' AND lower(s.name) = lower(?1) AND t.schema = 'main'",
                  name);
    if (gw_sqlite_next(&rows)) {
        const char *sql = (const char *)sqlite3_column_text(rows.stmt, 0);
        c->sql = strdup(sql ? sql : "");
        c->strict = sqlite3_column_int(rows.stmt, 1);
        r = c->sql ? 0 : -ENOMEM;
    }
    return gw_sqlite_done(&rows) ?: r;
}

/* What another application's table has otherwise is only told: it is not ours to alter. */
typedef void teller(struct gw_differences *differences, const char *format, ...);
static teller *teller_of(const struct sqlite_comparison *c)
{
    return c->table->existing ? gw_store_warn : gw_store_differ;
}

bool gw_sqlite_drops(const struct sqlite_comparison *c, const char *column)
{
    return c->migration && !c->table->existing && !column_named(c->table, column) &&
           gw_store_may_lose(c->migration, c->table->sql_name, column);
}

static int compare_extra(struct sqlite_comparison *c)
{
    const char *const name[] = {c->table->sql_name, NULL};
    struct sqlite_cursor rows;
    gw_sqlite_ask(&rows, c->store, c->db,
                  "SELECT name FROM pragma_table_xinfo(?)"
                  " WHERE (\"notnull\" OR pk) AND dflt_value IS NULL AND hidden = 0",
                  name);
    while (gw_sqlite_next(&rows)) {
        const char *column = (const char *)sqlite3_column_text(rows.stmt, 0);
        if (!column || column_named(c->table, column) || gw_sqlite_drops(c, column))
            continue;
        teller_of(c)(&c->differences,
                     "column %s.%s: is not declared, and is NOT NULL without a default%s",
                     c->table->sql_name, column, c->table->existing ? ": inserts will fail" : "");
        c->in_the_way = true;
    }
    return gw_sqlite_done(&rows);
}

/* Whether the statement that made the table bounds the column's length as declared. */
static bool has_length_check(const struct sqlite_comparison *c, const struct gw_column *column)
{
    char *wanted = sqlite3_mprintf("length(%s)<=%u)", gw_column_sql(column), column->max);
    char *normal = wanted ? gw_sqlite_normalised(wanted, strlen(wanted)) : NULL;
    char *live = gw_sqlite_normalised(c->sql, strlen(c->sql));
    bool found = live && normal && strstr(live, normal);
    free(live);
    free(normal);
    sqlite3_free(wanted);
    return found;
}

/* Whether the column alone is the primary key or has a unique index over all rows. */
static int is_unique(struct sqlite_comparison *c, const struct gw_column *column, bool *ret)
{
    const char *const names[] = {c->table->sql_name, gw_column_sql(column), NULL};
    int64_t unique;
    int r = gw_sqlite_number(c->store, c->db,
                             "SELECT 1 FROM pragma_table_info(?1) WHERE pk > 0 GROUP BY 1"
                             " HAVING count(*) = 1 AND lower(max(name)) = lower(?2)"
                             " UNION ALL SELECT 1 FROM pragma_index_list(?1) AS l"
                             " WHERE l.\"unique\" AND NOT l.partial AND"
                             " (SELECT count(*) = 1 AND lower(max(i.name)) = lower(?2)"
                             "  FROM pragma_index_info(l.name) AS i)",
                             names, &unique);
    *ret = unique;
    return r;
}

static void compare_collation(struct sqlite_comparison *c, const struct gw_column *column,
                              const char *collation)
{
    bool compared = column->flags & (GW_COL_KEY | GW_COL_UNIQUE) || column->references;
    if (column->type != GW_TYPE_TEXT)
        return;
    if (column->flags & GW_COL_NOCASE && sqlite3_stricmp(collation, "NOCASE") != 0)
        gw_store_differ(&c->differences,
                        "column %s.%s: is declared nocase, and its collation is %s, not NOCASE",
                        c->table->sql_name, gw_column_sql(column), collation);
    else if (!(column->flags & GW_COL_NOCASE) && compared &&
             sqlite3_stricmp(collation, "BINARY") != 0)
        gw_store_warn(&c->differences,
                      "column %s.%s: the collation %s does not compare byte for byte",
                      c->table->sql_name, gw_column_sql(column), collation);
}

static int compare_unique(struct sqlite_comparison *c, const struct gw_column *column,
                          const char *collation)
{
    bool unique;
    int r;
    compare_collation(c, column, collation ? collation : "BINARY");
    if (!(column->flags & (GW_COL_KEY | GW_COL_UNIQUE)))
        return 0;
    r = is_unique(c, column, &unique);
    if (!r && !unique)
        gw_store_differ(&c->differences, "column %s.%s: is declared %s but is not unique",
                        c->table->sql_name, gw_column_sql(column),
                        column->flags & GW_COL_KEY ? "key" : "unique");
    return r;
}

/* What nobody declared stays as it is. */
static void compare_on_delete(struct sqlite_comparison *c, const struct gw_column *column,
                              const char *live)
{
    const char *wanted = column->flags & GW_COL_CASCADE    ? "CASCADE"
                         : column->flags & GW_COL_SET_NULL ? "SET NULL"
                                                           : NULL;
    if (wanted && live && strcmp(live, wanted))
        gw_store_warn(&c->differences, "column %s.%s: its foreign key does %s ON DELETE, not %s",
                      c->table->sql_name, gw_column_sql(column), live, wanted);
}

/* A reference is what keeps rows whose owner is gone from falling to somebody else. The column that
 * a foreign key leads to may be left out: the key. */
static int compare_reference(struct sqlite_comparison *c, const struct gw_column *column)
{
    const char *const names[] = {c->table->sql_name, gw_column_sql(column), NULL};
    const struct gw_table *other = column->references;
    bool right = false, wrong = false;
    struct sqlite_cursor rows;
    int r;
    if (!other)
        return 0;
    gw_sqlite_ask(
        &rows, c->store, c->db,
        "SELECT \"table\", max(\"to\"), max(on_delete) FROM pragma_foreign_key_list(?1) GROUP BY id"
        " HAVING count(*) = 1 AND lower(max(\"from\")) = lower(?2)",
        names);
    while (gw_sqlite_next(&rows)) {
        const char *table = (const char *)sqlite3_column_text(rows.stmt, 0);
        const char *to = (const char *)sqlite3_column_text(rows.stmt, 1);
        const char *rule = (const char *)sqlite3_column_text(rows.stmt, 2);
        bool leads = table && sqlite3_stricmp(table, other->sql_name) == 0 &&
                     (!to || sqlite3_stricmp(to, gw_column_sql(&other->columns[other->key])) == 0);
        right = right || leads;
        wrong = wrong || !leads;
        if (leads)
            compare_on_delete(c, column, rule);
    }
    r = gw_sqlite_done(&rows);
    if (!r && !right)
        teller_of(c)(&c->differences, "column %s.%s: %s %s (%s)", c->table->sql_name,
                     gw_column_sql(column),
                     wrong ? "references another column than" : "has no foreign key to",
                     other->sql_name, gw_column_sql(&other->columns[other->key]));
    return r;
}

static void compare_type(struct sqlite_comparison *c, const struct gw_column *column,
                         const char *type)
{
    const char *declared = c->table->definitions[column - c->table->columns].sqlite_type;
    bool integer = !strcmp(declared, "INTEGER");
    if (type &&
        (sqlite3_stricmp(type, declared) == 0 || (integer && sqlite3_stricmp(type, "INT") == 0)))
        return;
    (gw_sqlite_type_readable(type, column) ? gw_store_deviate : gw_store_differ)(
        &c->differences, "column %s.%s: is %s, not %s", c->table->sql_name, gw_column_sql(column),
        type ? type : "without a type", declared);
}

#define FIRST_ROWS "1000" /* which tell how a table spells its UUIDs */

/* A UUID is looked for in lower case, and SQLite compares byte for byte. */
static int compare_uuids(struct sqlite_comparison *c, const struct gw_column *column)
{
    const char *table = c->table->sql_name, *name = gw_column_sql(column);
    static const char *const none[] = {NULL};
    int64_t upper = 0;
    char *sql;
    int r;
    if (column->type != GW_TYPE_UUID)
        return 0;
    sql = sqlite3_mprintf("SELECT 1 FROM (SELECT \"%w\" AS id FROM \"%w\" LIMIT " FIRST_ROWS ")"
                          " WHERE typeof(id) = 'text' AND id GLOB '*[A-F]*' LIMIT 1",
                          name, table);
    r = sql ? gw_sqlite_number(c->store, c->db, sql, none, &upper) : -ENOMEM;
    sqlite3_free(sql);
    if (!r && upper)
        gw_store_warn(
            &c->differences,
            "column %s.%s: holds UUIDs in upper case, which nothing finds here: write them"
            " in lower case, or declare the column as text",
            table, name);
    return r;
}

/* What an insert leaves to the database must be there. */
static int compare_default(struct sqlite_comparison *c, const struct gw_column *column)
{
    const char *const names[] = {c->table->sql_name, gw_column_sql(column), NULL};
    int64_t has = 1;
    int r = column->flags & GW_COL_DEFAULT
                ? gw_sqlite_number(c->store, c->db,
                                   "SELECT dflt_value IS NOT NULL FROM pragma_table_xinfo(?1) WHERE"
                                   " lower(name) = lower(?2)",
                                   names, &has)
                : 0;
    if (!r && !has)
        gw_store_warn(&c->differences, "column %s.%s: has no DEFAULT", c->table->sql_name,
                      gw_column_sql(column));
    return r;
}

static int compare_column(struct sqlite_comparison *c, const struct gw_column *column)
{
    const char *type = NULL, *collation = NULL, *table = c->table->sql_name;
    int not_null = 0, key = 0, automatic = 0, r;
    if (sqlite3_table_column_metadata(c->db, NULL, table, gw_column_sql(column), &type, &collation,
                                      &not_null, &key, &automatic) != SQLITE_OK) {
        gw_store_differ(&c->differences, "column %s.%s: is missing", table, gw_column_sql(column));
        return 0;
    }
    compare_type(c, column, type);
    if (!key && !not_null != !!(column->flags & GW_COL_OPTIONAL))
        teller_of(c)(&c->differences, "column %s.%s: is %s", table, gw_column_sql(column),
                     not_null ? "NOT NULL but declared optional"
                              : "nullable but not declared optional");
    if (column->one_of)
        gw_sqlite_compare_words(c, column);
    else if (column->max && (column->type == GW_TYPE_TEXT || column->type == GW_TYPE_BLOB) &&
             !has_length_check(c, column))
        gw_store_deviate(&c->differences, "column %s.%s: has no CHECK (length(%s) <= %u)", table,
                         gw_column_sql(column), gw_column_sql(column), column->max);
    if (column->flags & GW_COL_AUTO && !automatic)
        teller_of(c)(&c->differences, "column %s.%s: is not PRIMARY KEY AUTOINCREMENT", table,
                     gw_column_sql(column));
    r = compare_unique(c, column, collation);
    r = r ? r : compare_uuids(c, column);
    r = r ? r : compare_default(c, column);
    return r ? r : compare_reference(c, column);
}

int gw_sqlite_compare_table(struct sqlite_comparison *c)
{
    bool before = c->differences.any, any = false;
    int r = find_table(c);
    c->differing = 0;
    c->in_the_way = false;
    if (r)
        return r;
    if (!c->sql) {
        gw_store_differ(&c->differences, "table %s: is missing", c->table->sql_name);
        return 0;
    }
    if (!c->strict)
        gw_store_deviate(&c->differences, "table %s: is not STRICT", c->table->sql_name);
    for (size_t i = 0; !r && i < c->table->n_columns; i++) {
        any = any || c->differences.any;
        c->differences.any = false;
        r = compare_column(c, &c->table->columns[i]);
        if (c->differences.any)
            c->differing |= UINT64_C(1) << i;
    }
    c->differences.any = c->differences.any || any || before;
    return r ? r : compare_extra(c);
}

/* A statement of routes.def must be one here, and give what it declares. */
static void compare_statement(struct sqlite_comparison *c, const struct gw_statement *statement)
{
    const struct gw_statement_text *text = statement->sqlite;
    const struct gw_table *result = text ? text->result : NULL;
    sqlite3_stmt *stmt = NULL;
    int n = result ? (int)result->n_columns : 0;
    if (!text) {
        gw_store_differ(&c->differences, "statement %s (%s): is for MySQL only", statement->name,
                        statement->where);
        return;
    }
    if (sqlite3_prepare_v2(c->db, text->sql, -1, &stmt, NULL) != SQLITE_OK) {
        gw_store_differ(&c->differences, "statement %s (%s): %s", statement->name, text->where,
                        sqlite3_errmsg(c->db));
        return;
    }
    if (sqlite3_column_count(stmt) != n)
        gw_store_differ(&c->differences, "statement %s (%s): gives %d columns, not %d",
                        statement->name, text->where, sqlite3_column_count(stmt), n);
    for (int i = 0; i < n && sqlite3_column_count(stmt) == n; i++)
        if (strcmp(sqlite3_column_name(stmt, i), gw_column_sql(&result->columns[i])))
            gw_store_differ(&c->differences, "statement %s (%s): gives column %s, not %s",
                            statement->name, text->where, sqlite3_column_name(stmt, i),
                            gw_column_sql(&result->columns[i]));
    sqlite3_finalize(stmt);
}

int gw_sqlite_compare_in(const struct gw_store *store, sqlite3 *db, const struct gw_app *app,
                         void (*report)(void *data, const char *line), void *data)
{
    struct sqlite_comparison c = {
        .store = store, .db = db, .differences = {.report = report, .data = data}};
    int r = 0;
    for (size_t i = 0; !r && i < app->n_tables; i++) {
        c.table = app->tables[i];
        r = gw_sqlite_compare_table(&c);
        if (!r)
            r = gw_sqlite_compare_sets(&c, NULL);
    }
    for (size_t i = 0; !r && i < app->n_statements; i++)
        compare_statement(&c, app->statements[i]);
    free(c.sql);
    return r ? r : c.differences.any;
}

int gw_sqlite_compare(struct gw_store *store, const struct gw_app *app,
                      void (*report)(void *data, const char *line), void *data)
{
    sqlite3 *db;
    int r = gw_sqlite_open((struct sqlite_store *)store, &db);
    if (r)
        return r;
    r = gw_sqlite_compare_in(store, db, app, report, data);
    sqlite3_close(db);
    return r;
}
