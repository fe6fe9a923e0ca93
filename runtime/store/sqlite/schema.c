/* schema.c: declared tables and the live schema of a SQLite file.
 *
 * The comparison asks for what the runtime relies on: STRICT tables (or a column holds anything),
 * keys and unique columns that are, and that compare byte for byte, references that are foreign
 * keys, and keys that are not used again (without AUTOINCREMENT a new account can get the key, and
 * so the tokens, of a deleted one). */
#include "store/sqlite/own.h"

#include "base/arena.h"
#include "base/log.h"
#include "store/difference.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What is being compared. */
struct comparison {
    const struct gw_store *store;
    sqlite3 *db;
    const struct gw_table *table;
    const struct gw_column *column; /* whose references are looked at */
    bool references;                /* what it should */
    bool references_other;
    char *normal; /* the table's CREATE statement, lower case, without blanks and quotes */
    struct gw_differences differences;
};

/* ---- Creating ---------------------------------------------------------------------------- */

/* `begin` goes before the table's name. NULL when memory is short; for sqlite3_free. */
static char *create_text(const char *begin, const struct gw_table *table)
{
    return sqlite3_mprintf("CREATE TABLE %s%w\" %s", begin, table->sql_name, table->sqlite);
}

static int create_table(const struct gw_store *store, sqlite3 *db, const struct gw_table *table)
{
    char *text = create_text("IF NOT EXISTS \"", table);
    int code;

    if (!text)
        return -ENOMEM;
    code = sqlite3_exec(db, text, NULL, NULL, NULL);
    sqlite3_free(text);
    return code == SQLITE_OK ? 0 : gw_sqlite_failed(store, db, code, table->sql_name);
}

int gw_sqlite_create(struct gw_store *base, const struct gw_app *app)
{
    sqlite3 *db;
    int r = gw_sqlite_open((struct sqlite_store *)base, &db);

    if (r)
        return r;
    r = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (r)
        r = gw_sqlite_failed(base, db, r, "BEGIN");
    /* In any order: SQLite looks for a referenced table when a row is written, not before. */
    for (size_t i = 0; !r && i < app->n_tables; i++)
        r = create_table(base, db, app->tables[i]);
    if (!r && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        r = gw_sqlite_failed(base, db, sqlite3_errcode(db), "COMMIT");
    sqlite3_close(db);
    return r;
}

/* ---- Comparing --------------------------------------------------------------------------- */

/* Runs a query with text parameters (`n` of them) and calls `row` for each row. */
static int each(struct comparison *c, void (*row)(struct comparison *c, sqlite3_stmt *stmt),
                const char *sql, int n, ...)
{
    sqlite3_stmt *stmt = NULL;
    va_list args;
    int code = sqlite3_prepare_v2(c->db, sql, -1, &stmt, NULL);

    va_start(args, n);
    for (int i = 0; code == SQLITE_OK && i < n; i++)
        code = sqlite3_bind_text(stmt, i + 1, va_arg(args, const char *), -1, SQLITE_STATIC);
    va_end(args);
    if (code == SQLITE_OK)
        while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
            row(c, stmt);
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : gw_sqlite_failed(c->store, c->db, code, "comparing");
}

static const struct gw_column *column_named(const struct gw_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (sqlite3_stricmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

/* Lower case, without what may be written in several ways. Consumes memory that free() takes. */
static char *normalised(const char *sql)
{
    char *copy = malloc(strlen(sql) + 1), *to = copy;

    if (!copy)
        return NULL;
    for (; *sql; sql++)
        if (!isspace((unsigned char)*sql) && !strchr("`\"[]", *sql))
            *to++ = (char)tolower((unsigned char)*sql);
    *to = '\0';
    return copy;
}

static void take_sql(struct comparison *c, sqlite3_stmt *stmt)
{
    const char *sql = (const char *)sqlite3_column_text(stmt, 0);

    if (!c->normal && sql)
        c->normal = normalised(sql);
}

static void take_strict(struct comparison *c, sqlite3_stmt *stmt)
{
    if (!sqlite3_column_int(stmt, 0))
        gw_store_differ(&c->differences, "table %s: is not STRICT", c->table->sql_name);
}

/* A row: name, notnull, has a default, part of the key, hidden. */
static void take_extra(struct comparison *c, sqlite3_stmt *stmt)
{
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    bool required = sqlite3_column_int(stmt, 1), has_default = sqlite3_column_int(stmt, 2);

    if (name && !column_named(c->table, name) && required && !has_default)
        gw_store_differ(&c->differences,
                        "column %s.%s: is not declared, and is NOT NULL without a default",
                        c->table->sql_name, name);
}

/* Whether the statement that made the table bounds the column's length as declared. */
static bool has_length_check(const struct comparison *c, const struct gw_column *column)
{
    char *wanted = sqlite3_mprintf("length(%s)<=%u)", column->name, column->max);
    char *normal = wanted ? normalised(wanted) : NULL;
    bool found = c->normal && normal && strstr(c->normal, normal);

    free(normal);
    sqlite3_free(wanted);
    return found;
}

static void count_index(struct comparison *c, sqlite3_stmt *stmt)
{
    (void)stmt;
    c->differences.any = true;
}

/* Whether the column alone is the primary key or has a unique index over all rows. */
static int is_unique(struct comparison *c, const struct gw_column *column, bool *ret)
{
    struct comparison count = {.store = c->store, .db = c->db, .table = c->table};
    int r = each(&count, count_index,
                 "SELECT 1 FROM pragma_table_info(?1) WHERE pk > 0 GROUP BY 1"
                 " HAVING count(*) = 1 AND lower(max(name)) = lower(?2)"
                 " UNION ALL SELECT 1 FROM pragma_index_list(?1) AS l"
                 " WHERE l.\"unique\" AND NOT l.partial AND"
                 " (SELECT count(*) = 1 AND lower(max(i.name)) = lower(?2)"
                 "  FROM pragma_index_info(l.name) AS i)",
                 2, c->table->sql_name, column->name);

    *ret = count.differences.any;
    return r;
}

static int compare_unique(struct comparison *c, const struct gw_column *column,
                          const char *collation)
{
    bool unique;
    int r;

    if (column->type == GW_TYPE_TEXT && collation && sqlite3_stricmp(collation, "BINARY") != 0 &&
        (column->flags & (GW_COL_KEY | GW_COL_UNIQUE) || column->references))
        gw_store_differ(&c->differences,
                        "column %s.%s: the collation %s does not compare byte for byte",
                        c->table->sql_name, column->name, collation);
    if (!(column->flags & (GW_COL_KEY | GW_COL_UNIQUE)))
        return 0;
    r = is_unique(c, column, &unique);
    if (!r && !unique)
        gw_store_differ(&c->differences, "column %s.%s: is declared %s but is not unique",
                        c->table->sql_name, column->name,
                        column->flags & GW_COL_KEY ? "key" : "unique");
    return r;
}

/* A row: table and column that it leads to; the column may be left out: the key. */
static void take_reference(struct comparison *c, sqlite3_stmt *stmt)
{
    const struct gw_table *other = c->column->references;
    const char *table = (const char *)sqlite3_column_text(stmt, 0);
    const char *to = (const char *)sqlite3_column_text(stmt, 1);

    if (table && sqlite3_stricmp(table, other->sql_name) == 0 &&
        (!to || sqlite3_stricmp(to, other->columns[other->key].name) == 0))
        c->references = true;
    else
        c->references_other = true;
}

/* A reference is what keeps rows whose owner is gone from falling to somebody else. */
static int compare_reference(struct comparison *c, const struct gw_column *column)
{
    const struct gw_table *other = column->references;
    int r;

    if (!other)
        return 0;
    c->column = column;
    c->references = c->references_other = false;
    r = each(c, take_reference,
             "SELECT \"table\", max(\"to\") FROM pragma_foreign_key_list(?1) GROUP BY id"
             " HAVING count(*) = 1 AND lower(max(\"from\")) = lower(?2)",
             2, c->table->sql_name, column->name);
    if (!r && !c->references)
        gw_store_differ(
            &c->differences, "column %s.%s: %s %s (%s)", c->table->sql_name, column->name,
            c->references_other ? "references another column than" : "has no foreign key to",
            other->sql_name, other->columns[other->key].name);
    return r;
}

static int compare_column(struct comparison *c, size_t i)
{
    const struct gw_column *column = &c->table->columns[i];
    const char *declared = c->table->definitions[i].sqlite_type;
    const char *type = NULL, *collation = NULL, *table = c->table->sql_name;
    int r;
    int not_null = 0, key = 0, automatic = 0;

    if (sqlite3_table_column_metadata(c->db, NULL, table, column->name, &type, &collation,
                                      &not_null, &key, &automatic) != SQLITE_OK) {
        gw_store_differ(&c->differences, "column %s.%s: is missing", table, column->name);
        return 0;
    }
    if (!type || (sqlite3_stricmp(type, declared) != 0 &&
                  !(sqlite3_stricmp(type, "INT") == 0 && strcmp(declared, "INTEGER") == 0)))
        gw_store_differ(&c->differences, "column %s.%s: is %s, not %s", table, column->name,
                        type ? type : "without a type", declared);
    if (!key && !not_null != !!(column->flags & GW_COL_OPTIONAL))
        gw_store_differ(&c->differences, "column %s.%s: is %s", table, column->name,
                        not_null ? "NOT NULL but declared optional"
                                 : "nullable but not declared optional");
    if (column->max && (column->type == GW_TYPE_TEXT || column->type == GW_TYPE_BLOB) &&
        !has_length_check(c, column))
        gw_store_differ(&c->differences, "column %s.%s: has no CHECK (length(%s) <= %u)", table,
                        column->name, column->name, column->max);
    if (column->flags & GW_COL_AUTO && !automatic)
        gw_store_differ(&c->differences, "column %s.%s: is not PRIMARY KEY AUTOINCREMENT", table,
                        column->name);
    r = compare_unique(c, column, collation);
    return r ? r : compare_reference(c, column);
}

static int compare_table(struct comparison *c)
{
    int r;

    free(c->normal);
    c->normal = NULL;
    r = each(c, take_sql,
             "SELECT sql FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)", 1,
             c->table->sql_name);
    if (r)
        return r;
    if (!c->normal) {
        gw_store_differ(&c->differences, "table %s: is missing", c->table->sql_name);
        return 0;
    }
    r = each(c, take_strict,
             "SELECT strict FROM pragma_table_list WHERE schema = 'main'"
             " AND lower(name) = lower(?)",
             1, c->table->sql_name);
    for (size_t i = 0; !r && i < c->table->n_columns; i++)
        r = compare_column(c, i);
    if (!r)
        r = each(c, take_extra,
                 "SELECT name, \"notnull\" OR pk, dflt_value IS NOT NULL OR hidden > 0"
                 " FROM pragma_table_xinfo(?)",
                 1, c->table->sql_name);
    return r;
}

/* A statement of routes.def must be one here, and give what it declares. */
static void compare_statement(struct comparison *c, const struct gw_statement *statement)
{
    const struct gw_table *result = statement->result;
    sqlite3_stmt *stmt = NULL;
    int n = result ? (int)result->n_columns : 0;

    if (statement->mysql) {
        gw_store_differ(&c->differences, "statement %s (%s): is for MySQL only", statement->name,
                        statement->where);
        return;
    }
    if (sqlite3_prepare_v2(c->db, statement->sql, -1, &stmt, NULL) != SQLITE_OK) {
        gw_store_differ(&c->differences, "statement %s (%s): %s", statement->name, statement->where,
                        sqlite3_errmsg(c->db));
        return;
    }
    if (sqlite3_column_count(stmt) != n)
        gw_store_differ(&c->differences, "statement %s (%s): gives %d columns, not %d",
                        statement->name, statement->where, sqlite3_column_count(stmt), n);
    for (int i = 0; i < n && sqlite3_column_count(stmt) == n; i++)
        if (strcmp(sqlite3_column_name(stmt, i), result->columns[i].name) != 0)
            gw_store_differ(&c->differences, "statement %s (%s): gives column %s, not %s",
                            statement->name, statement->where, sqlite3_column_name(stmt, i),
                            result->columns[i].name);
    sqlite3_finalize(stmt);
}

int gw_sqlite_compare(struct gw_store *base, const struct gw_app *app,
                      void (*report)(void *data, const char *line), void *data)
{
    struct comparison c = {.store = base, .differences = {.report = report, .data = data}};
    int r = gw_sqlite_open((struct sqlite_store *)base, &c.db);

    for (size_t i = 0; !r && i < app->n_tables; i++) {
        c.table = app->tables[i];
        r = compare_table(&c);
    }
    for (size_t i = 0; !r && i < app->n_statements; i++)
        compare_statement(&c, app->statements[i]);
    free(c.normal);
    sqlite3_close(c.db);
    if (r)
        return r;
    return c.differences.any ? 1 : 0;
}

/* ---- Statements that lead to the declared schema ------------------------------------------ */

static bool has_column(sqlite3 *db, const struct gw_table *table, const struct gw_column *column)
{
    return sqlite3_table_column_metadata(db, NULL, table->sql_name, column->name, NULL, NULL, NULL,
                                         NULL, NULL) == SQLITE_OK;
}

/* SQLite changes a table by making it anew (its documentation, "Making Other Kinds Of Table Schema
 * Changes"). A column that must have a value and was not there gets NULL, which fails until
 * somebody has written a value in its place. */
static void print_rebuild(const struct comparison *c, FILE *to)
{
    const struct gw_table *table = c->table;
    const char *name = table->sql_name;

    fprintf(to, "INSERT INTO \"new %s\" (", name);
    for (size_t i = 0; i < table->n_columns; i++)
        fprintf(to, "%s\"%s\"", i ? ", " : "", table->columns[i].name);
    fputs(") SELECT ", to);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];

        fputs(i ? ", " : "", to);
        if (has_column(c->db, table, column))
            fprintf(to, "\"%s\"", column->name);
        else
            fprintf(to, "%s", column->flags & GW_COL_REVOKES ? "0" : "NULL");
    }
    fprintf(to, " FROM \"%s\";\n", name);
    if (table->columns[table->key].flags & GW_COL_AUTO)
        fprintf(to,
                "DELETE FROM sqlite_sequence WHERE name = 'new %s';\n"
                "INSERT INTO sqlite_sequence SELECT 'new %s', seq FROM sqlite_sequence"
                " WHERE name = '%s';\n",
                name, name, name);
    fprintf(to, "DROP TABLE \"%s\";\nALTER TABLE \"new %s\" RENAME TO \"%s\";\n", name, name, name);
}

static void warn_of_extra(struct comparison *c, sqlite3_stmt *stmt)
{
    const char *name = (const char *)sqlite3_column_text(stmt, 0);

    if (name && !column_named(c->table, name))
        fprintf(c->differences.data, "-- CAUTION: what %s.%s holds is lost: it is not declared\n",
                c->table->sql_name, name);
}

static int print_table(struct comparison *c, FILE *to)
{
    bool there;
    char *text;
    int r;

    c->differences.any = false;
    r = compare_table(c);
    if (r || !c->differences.any)
        return r;
    there = c->normal != NULL;
    if (there)
        r = each(c, warn_of_extra, "SELECT name FROM pragma_table_info(?)", 1, c->table->sql_name);
    text = create_text(there ? "\"new " : "\"", c->table);
    if (!text)
        return -ENOMEM;
    fprintf(to, "%s;\n", text);
    sqlite3_free(text);
    if (there)
        print_rebuild(c, to);
    return r ? r : 1;
}

int gw_sqlite_diff(struct gw_store *base, const struct gw_app *app, FILE *to)
{
    struct comparison c = {.store = base,
                           .differences = {.report = gw_store_print_difference, .data = to}};
    bool any = false;
    int r = gw_sqlite_open((struct sqlite_store *)base, &c.db);

    fputs("PRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\n", to);
    for (size_t i = 0; r >= 0 && i < app->n_tables; i++) {
        c.table = app->tables[i];
        r = print_table(&c, to);
        any = any || r == 1;
    }
    fputs("PRAGMA foreign_key_check;\nCOMMIT;\nPRAGMA foreign_keys = ON;\n", to);
    free(c.normal);
    sqlite3_close(c.db);
    return r < 0 ? r : any;
}
