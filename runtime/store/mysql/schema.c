/* schema.c: declared tables and the live schema of MariaDB or MySQL.
 *
 * Only compared, never made: whoever runs a server has their own way of changing its schema.
 * Besides types it is looked at what the runtime's promises rest on: that keys and unique columns
 * are, that references are foreign keys, and that their collation compares byte for byte. A
 * collation that ignores case or pads with blanks (utf8mb4_bin pads) would let two accounts be
 * one. */
#include "store/mysql/change.h"
#include "store/mysql/hosts.h"
#include "store/mysql/types.h"

#include "base/clock.h"
#include "store/column.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char unique_query[] =
    "SELECT MAX(COLUMN_NAME) FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 AND TABLE_NAME = '";
static const char unique_group[] =
    "' GROUP BY INDEX_NAME HAVING COUNT(*) = 1 AND MAX(SUB_PART) IS NULL";

/* Foreign keys of one column each: its name, what it references, and the constraint's name. */
#define RULE(name)                                                                                 \
    " (SELECT MAX(" name ") FROM information_schema.REFERENTIAL_CONSTRAINTS AS r WHERE"            \
    " r.CONSTRAINT_SCHEMA = DATABASE() AND r.TABLE_NAME = KEY_COLUMN_USAGE.TABLE_NAME AND"         \
    " r.CONSTRAINT_NAME = KEY_COLUMN_USAGE.CONSTRAINT_NAME)"
static const char references_query[] =
    "SELECT MAX(COLUMN_NAME), MAX(REFERENCED_TABLE_NAME), MAX(REFERENCED_COLUMN_NAME),"
    " CONSTRAINT_NAME," RULE("DELETE_RULE") "," RULE(
        "UPDATE_RULE") " FROM information_schema.KEY_COLUMN_USAGE"
                       " WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE() "
                       "AND TABLE_NAME = '";
static const char references_group[] = "' GROUP BY CONSTRAINT_NAME HAVING COUNT(*) = 1";

/* What another application's table has otherwise is only told: it is not ours to alter. */
typedef void teller(struct gw_differences *differences, const char *format, ...);
static teller *teller_of(const struct mysql_comparison *c)
{
    return c->table->existing ? gw_store_warn : gw_store_differ;
}

/* Of the column with that row. */
static void compare_collation(struct mysql_comparison *c, const struct gw_column *column,
                              MYSQL_ROW live)
{
    const char *table = c->table->sql_name, *name = gw_column_sql(column);
    const char *collation = live[LIVE_COLLATION];
    bool compared = column->flags & (GW_COL_KEY | GW_COL_UNIQUE) || column->references;
    if (column->type != GW_TYPE_TEXT || !collation) /* UUIDs have one spelling */
        return;
    if (strncmp(collation, "utf8mb4_", 8))
        gw_store_deviate(&c->differences, "column %s.%s: the collation %s is not of utf8mb4", table,
                         name, collation);
    if (column->flags & GW_COL_NOCASE && !gw_mysql_ignores_case(collation))
        gw_store_differ(&c->differences,
                        "column %s.%s: is declared nocase, and its collation %s is not. What"
                        " changes it drops a DEFAULT and a COMMENT, unless they follow: ALTER"
                        " TABLE `%s` MODIFY `%s` %s COLLATE utf8mb4_general_ci%s",
                        table, name, collation, table, name, live[LIVE_COLUMN_TYPE],
                        strcmp(live[LIVE_NULLABLE], "1") ? " NOT NULL" : "");
    else if (!(column->flags & GW_COL_NOCASE) && compared && !gw_mysql_compares_bytes(collation))
        gw_store_warn(&c->differences,
                      "column %s.%s: the collation %s does not compare byte for byte", table, name,
                      collation);
}

static void compare_type(struct mysql_comparison *c, size_t i, MYSQL_ROW live)
{
    static const char text[] = "column %s.%s: is %s, not %s";
    const struct gw_column *column = &c->table->columns[i];
    const char *declared = c->table->definitions[i].mysql_type;
    if (!gw_mysql_type_readable(live, column))
        gw_store_differ(&c->differences, text, c->table->sql_name, gw_column_sql(column),
                        live[LIVE_COLUMN_TYPE], declared);
    else if (!gw_mysql_type_declared(live, column))
        gw_store_deviate(&c->differences, text, c->table->sql_name, gw_column_sql(column),
                         live[LIVE_COLUMN_TYPE], declared);
    if (gw_mysql_type_readable(live, column))
        compare_collation(c, column, live);
}

static void compare_column(struct mysql_comparison *c, size_t i, MYSQL_ROW live)
{
    const struct gw_column *column = &c->table->columns[i];
    const char *table = c->table->sql_name;
    uint64_t bit = UINT64_C(1) << i;
    bool nullable, before;
    if (!live) {
        gw_store_differ(&c->differences, "column %s.%s: is missing", table, gw_column_sql(column));
        c->missing |= bit;
        return;
    }
    before = c->differences.any;
    c->differences.any = false;
    compare_type(c, i, live);
    if (c->differences.any)
        c->retyped |= bit;
    c->differences.any = c->differences.any || before;
    nullable = !strcmp(live[LIVE_NULLABLE], "1");
    c->nullable |= nullable ? bit : 0;
    if (nullable != !!(column->flags & GW_COL_OPTIONAL))
        teller_of(c)(&c->differences, "column %s.%s: is %s", table, gw_column_sql(column),
                     nullable ? "nullable but not declared optional"
                              : "NOT NULL but declared optional");
    if (column->flags & GW_COL_DEFAULT && !nullable && strcmp(live[LIVE_HAS_DEFAULT], "1"))
        gw_store_warn(&c->differences, "column %s.%s: has no DEFAULT", table,
                      gw_column_sql(column));
    if (column->flags & GW_COL_AUTO && !strstr(live[LIVE_EXTRA], "auto_increment"))
        teller_of(c)(&c->differences, "column %s.%s: is not AUTO_INCREMENT", table,
                     gw_column_sql(column));
}

static void compare_columns(struct mysql_comparison *c, MYSQL_RES *rows)
{
    MYSQL_ROW row;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        bool before = c->differences.any;
        c->differences.any = false;
        compare_column(c, i, gw_mysql_row_named(rows, gw_column_sql(&c->table->columns[i])));
        if (c->differences.any)
            c->differing |= UINT64_C(1) << i;
        c->differences.any = c->differences.any || before;
    }
    mysql_data_seek(rows, 0);
    while ((row = mysql_fetch_row(rows))) {
        bool declared = false;
        for (size_t i = 0; i < c->table->n_columns; i++)
            declared =
                declared || !strcasecmp(row[LIVE_NAME], gw_column_sql(&c->table->columns[i]));
        if (declared || !strcmp(row[LIVE_HAS_DEFAULT], "1") ||
            (c->migration && gw_store_may_lose(c->migration, c->table->sql_name, row[LIVE_NAME])))
            continue;
        teller_of(c)(
            &c->differences, "column %s.%s: is not declared, and is NOT NULL without a default%s",
            c->table->sql_name, row[LIVE_NAME], c->table->existing ? ": inserts will fail" : "");
        c->in_the_way = true;
    }
}

static int compare_unique(struct mysql_comparison *c, MYSQL_RES *columns)
{
    MYSQL_RES *rows;
    int r = gw_mysql_ask_table(c, unique_query, unique_group, &rows);
    if (r)
        return r;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        const struct gw_column *column = &c->table->columns[i];
        if (!(column->flags & (GW_COL_KEY | GW_COL_UNIQUE)) ||
            gw_mysql_row_named(rows, gw_column_sql(column)) ||
            !gw_mysql_row_named(columns, gw_column_sql(column)))
            continue;
        gw_store_differ(&c->differences, "column %s.%s: is declared %s but is not unique",
                        c->table->sql_name, gw_column_sql(column),
                        column->flags & GW_COL_KEY ? "key" : "unique");
        c->not_unique |= UINT64_C(1) << i;
    }
    mysql_free_result(rows);
    return 0;
}

static const char *key_of(const struct gw_table *table)
{
    return gw_column_sql(&table->columns[table->key]);
}

/* The foreign key of the column that leads where it should; or one that does not. */
static MYSQL_ROW reference_of(MYSQL_RES *rows, const struct gw_column *column, bool *ret_right)
{
    MYSQL_ROW row, found = NULL;
    *ret_right = false;
    mysql_data_seek(rows, 0);
    while (!*ret_right && (row = mysql_fetch_row(rows))) {
        if (!row[0] || strcasecmp(row[0], gw_column_sql(column)))
            continue;
        found = row;
        *ret_right = !strcasecmp(row[1], column->references->sql_name) &&
                     !strcasecmp(row[2], key_of(column->references));
    }
    return found;
}

/* What nobody declared stays as it is. */
static bool compare_on_delete(struct mysql_comparison *c, const struct gw_column *column,
                              const char *live)
{
    const char *wanted = column->flags & GW_COL_CASCADE    ? "CASCADE"
                         : column->flags & GW_COL_SET_NULL ? "SET NULL"
                                                           : NULL;
    if (!wanted || !live || !strcmp(live, wanted))
        return true;
    gw_store_warn(&c->differences, "column %s.%s: its foreign key does %s ON DELETE, not %s",
                  c->table->sql_name, gw_column_sql(column), live, wanted);
    return false;
}

/* A reference is what keeps rows whose owner is gone from falling to somebody else. */
static void compare_reference(struct mysql_comparison *c, const struct gw_column *column,
                              MYSQL_RES *rows, bool is_there)
{
    const char *other = column->references->sql_name, *kept = "";
    size_t at = (size_t)(column - c->table->columns);
    bool right;
    MYSQL_ROW row = reference_of(rows, column, &right);
    if (right && (compare_on_delete(c, column, row[4]) || !c->differences.exact))
        return;
    if (right) /* is made again, and otherwise stays as it is */
        kept = row[5] && strcmp(row[5], "RESTRICT") && strcmp(row[5], "NO ACTION") ? row[5] : "";
    else if (row)
        teller_of(c)(&c->differences, "column %s.%s: references %s (%s), not %s (%s)",
                     c->table->sql_name, gw_column_sql(column), row[1], row[2], other,
                     key_of(column->references));
    else if (is_there)
        teller_of(c)(&c->differences, "column %s.%s: has no foreign key to %s (%s)",
                     c->table->sql_name, gw_column_sql(column), other, key_of(column->references));
    c->no_reference |= UINT64_C(1) << at;
    snprintf(c->wrong_reference[at], sizeof(c->wrong_reference[0]), "%s", row ? row[3] : "");
    snprintf(c->on_update[at], sizeof(c->on_update[0]), "%s", kept);
}

static int compare_references(struct mysql_comparison *c, MYSQL_RES *columns)
{
    MYSQL_RES *rows;
    int r = gw_mysql_ask_table(c, references_query, references_group, &rows);
    if (r)
        return r;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        const struct gw_column *column = &c->table->columns[i];
        if (column->references)
            compare_reference(c, column, rows,
                              gw_mysql_row_named(columns, gw_column_sql(column)) != NULL);
    }
    mysql_free_result(rows);
    return 0;
}

static void begin_table(struct mysql_comparison *c, const struct gw_table *table)
{
    uint64_t limit = (uint64_t)c->conn->base.store->options.query_timeout_ms * UINT64_C(1000000);
    c->table = table;
    c->differences.exact = c->migration && !table->existing;
    c->deadline_ns = gw_now_ns() + (c->migration ? GW_MYSQL_CHANGE_NS : limit);
    c->differing = c->missing = c->retyped = c->not_unique = c->no_reference = 0;
    c->sets_missing = c->nullable = 0;
    c->table_missing = c->in_the_way = false;
}

/* Nobody has a declaration of the runtime's own at hand. */
static void differ_missing(struct mysql_comparison *c)
{
    const char *name = c->table->sql_name;
    if (c->table->runtime && !c->migration)
        gw_store_differ(
            &c->differences,
            "table %s: is missing; it is the runtime's own, and --schema-diff prints its "
            "CREATE TABLE `%s` statement",
            name, name);
    else
        gw_store_differ(&c->differences, "table %s: is missing", name);
}

static int compare_table(struct mysql_comparison *c)
{
    MYSQL_RES *rows;
    int r = gw_mysql_ask_table(c, gw_mysql_columns_query, "'", &rows);
    if (r)
        return r;
    if (mysql_num_rows(rows) == 0) {
        differ_missing(c);
        c->table_missing = true;
    } else {
        compare_columns(c, rows);
        r = compare_unique(c, rows);
        if (!r)
            r = compare_references(c, rows);
        if (!r)
            r = gw_mysql_compare_sets(c);
        if (!r)
            r = gw_mysql_compare_words(c);
    }
    mysql_free_result(rows);
    return r;
}

/* A statement of routes.def must be one here, and give what it declares. */
static int compare_statement(struct mysql_comparison *c, const struct gw_statement *statement)
{
    const struct gw_statement_text *text = statement->mysql;
    char why[256];
    if (!text) {
        gw_store_differ(&c->differences, "statement %s (%s): is for SQLite only", statement->name,
                        statement->where);
        return 0;
    }
    const struct gw_query query = {
        .sql = text->sql,
        .n_params = text->n_order,
        .table = text->result,
        .columns = text->result ? gw_table_all_columns(text->result) : 0,
        .deadline_ns = c->deadline_ns,
    };
    int r = gw_mysql_check(c->conn, &query, why, sizeof(why));
    if (r != 1)
        return r;
    gw_store_differ(&c->differences, "statement %s (%s): %s", statement->name, text->where, why);
    return 0;
}

static int connect_to_host(struct mysql_comparison *c, uint64_t deadline_ns)
{
    struct mysql_state state;
    return c->host == GW_MYSQL_ANY_HOST
               ? gw_mysql_ready(c->conn, c->migration && c->migration->apply, deadline_ns)
               : gw_mysql_connect_to(c->conn, (size_t)c->host, deadline_ns, &state);
}

int gw_mysql_connect(struct mysql_comparison *c, struct gw_store *store)
{
    uint64_t limit = (uint64_t)store->options.query_timeout_ms * UINT64_C(1000000);
    struct gw_conn *conn;
    int r = gw_conn_new(store, &conn);
    if (r)
        return r;
    c->conn = (struct mysql_conn *)conn;
    r = connect_to_host(c, gw_now_ns() + limit);
    c->host = (int)c->conn->host;
    if (!r)
        c->collation =
            mariadb_connection(c->conn->mysql) ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
    return r;
}

int gw_mysql_compare_tables(struct mysql_comparison *c, const struct gw_app *app)
{
    int r = 0;
    for (size_t i = 0; !r && i < app->n_tables; i++) {
        begin_table(c, c->live ? c->live->tables[i] : app->tables[i]);
        c->declared = app->tables[i];
        r = compare_table(c);
        if (!r && c->migration && !c->table->existing)
            r = gw_mysql_change_table(c);
    }
    return r;
}

int gw_mysql_outcome(int r)
{
    return r == GW_MYSQL_LOST || r == -ETIMEDOUT || r == -EBUSY ? -EHOSTDOWN : r;
}

int gw_mysql_compare_all(struct mysql_comparison *c, struct gw_store *store,
                         const struct gw_app *app)
{
    uint64_t limit = (uint64_t)store->options.query_timeout_ms * UINT64_C(1000000);
    int r = gw_mysql_connect(c, store);
    if (!r)
        r = gw_mysql_compare_tables(c, app);
    for (size_t i = 0; !r && i < app->n_statements; i++) {
        c->deadline_ns = gw_now_ns() + limit;
        r = compare_statement(c, app->statements[i]);
    }
    gw_conn_free(c->conn ? &c->conn->base : NULL);
    return r ? gw_mysql_outcome(r) : c->differences.any;
}

int gw_mysql_limits(struct gw_conn *base, const struct gw_table *table, uint64_t deadline_ns,
                    struct gw_table_limits *ret)
{
    struct mysql_comparison c = {
        .conn = (struct mysql_conn *)base, .table = table, .deadline_ns = deadline_ns};
    MYSQL_RES *rows;
    int r = GW_MYSQL_LOST;
    for (int attempts = 0; r == GW_MYSQL_LOST && attempts < 2; attempts++) {
        r = gw_mysql_ready(c.conn, false, deadline_ns);
        if (!r)
            r = gw_mysql_ask_table(&c, gw_mysql_columns_query, "'", &rows);
    }
    if (r)
        return r == GW_MYSQL_LOST || r == -EACCES ? -EHOSTDOWN : r;
    for (size_t i = 0; !r && i < table->n_columns; i++) {
        MYSQL_ROW live = gw_mysql_row_named(rows, gw_column_sql(&table->columns[i]));
        if (live)
            r = gw_mysql_column_limits(live, &ret->columns[i]);
    }
    mysql_free_result(rows);
    return r;
}
