/* schema.c: declared tables and the live schema of MariaDB or MySQL.
 *
 * Only compared, never made: whoever runs a server has their own way of changing its schema.
 * Besides types it is looked at what the runtime's promises rest on: that keys and unique columns
 * are, that references are foreign keys, and that their collation compares byte for byte. A
 * collation that ignores case or pads with blanks (utf8mb4_bin pads) would let two accounts be
 * one. */
#include "store/mysql/change.h"

#include "base/clock.h"
#include "store/column.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a row of the first query below. */
enum { NAME, DATA_TYPE, COLUMN_TYPE, NULLABLE, HAS_DEFAULT, LENGTH, COLLATION, EXTRA };

static const char columns_query[] =
    "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE = 'YES',"
    " COLUMN_DEFAULT IS NOT NULL OR IS_NULLABLE = 'YES' OR EXTRA <> '',"
    " CHARACTER_MAXIMUM_LENGTH, COLLATION_NAME, EXTRA FROM information_schema.COLUMNS"
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '";

static const char unique_query[] =
    "SELECT MAX(COLUMN_NAME) FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 AND TABLE_NAME = '";
static const char unique_group[] =
    "' GROUP BY INDEX_NAME HAVING COUNT(*) = 1 AND MAX(SUB_PART) IS NULL";

/* Foreign keys of one column each: its name, what it references, and the constraint's name. */
static const char references_query[] =
    "SELECT MAX(COLUMN_NAME), MAX(REFERENCED_TABLE_NAME), MAX(REFERENCED_COLUMN_NAME),"
    " CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE"
    " WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '";
static const char references_group[] = "' GROUP BY CONSTRAINT_NAME HAVING COUNT(*) = 1";

/* Asks about the table, whose name goes between `before` and `after`. */
static int query_table(struct mysql_comparison *c, const char *before, const char *after,
                       MYSQL_RES **ret)
{
    char name[512], sql[1536];
    size_t len = strlen(c->table->sql_name);
    if (len > sizeof(name) / 2 - 1)
        return -EINVAL;
    mysql_real_escape_string(c->conn->mysql, name, c->table->sql_name, len);
    if ((size_t)snprintf(sql, sizeof(sql), "%s%s%s", before, name, after) >= sizeof(sql))
        return -EINVAL;
    return gw_mysql_text(c->conn, sql, c->deadline_ns, ret);
}

static MYSQL_ROW row_named(MYSQL_RES *rows, const char *name)
{
    MYSQL_ROW row;
    mysql_data_seek(rows, 0);
    while ((row = mysql_fetch_row(rows)))
        if (row[0] && !strcasecmp(row[0], name))
            break;
    return row;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (!strcmp(word, *words))
            return true;
    return false;
}

/* Integers narrower than 64 bits are fine, see value.c. */
static bool integer_fits(MYSQL_ROW row, bool is_unsigned)
{
    static const char *const integers[] = {"tinyint", "smallint", "mediumint",
                                           "int",     "bigint",   NULL};
    return is_one_of(row[DATA_TYPE], integers) &&
           (strstr(row[COLUMN_TYPE], "unsigned") != NULL) == is_unsigned;
}

/* Without `max` only the type without a bound holds everything; with it, one of that length or one
 * without a bound, where the runtime checks the length. CHAR is not taken: it strips blanks. */
static bool bytes_fit(MYSQL_ROW row, const struct gw_column *column, const char *bounded,
                      const char *unbounded)
{
    if (!strcmp(row[DATA_TYPE], unbounded))
        return true;
    return column->max && !strcmp(row[DATA_TYPE], bounded) && row[LENGTH] &&
           strtoul(row[LENGTH], NULL, 10) == column->max;
}

static bool type_fits(MYSQL_ROW row, const struct gw_column *column)
{
    char decimal[32];
    switch (column->type) {
    case GW_TYPE_INT:
        return integer_fits(row, false);
    case GW_TYPE_UINT:
        return integer_fits(row, true);
    case GW_TYPE_BOOL:
        return !strcmp(row[DATA_TYPE], "tinyint") && integer_fits(row, false);
    case GW_TYPE_REAL:
        return !strcmp(row[DATA_TYPE], "double");
    case GW_TYPE_DECIMAL:
        snprintf(decimal, sizeof(decimal), "decimal(%u,%u)", column->precision, column->scale);
        return !strcmp(row[COLUMN_TYPE], decimal);
    case GW_TYPE_TIME:
        return !strcmp(row[COLUMN_TYPE], "datetime(6)");
    case GW_TYPE_DATE:
        return !strcmp(row[DATA_TYPE], "date");
    case GW_TYPE_BLOB:
        return bytes_fit(row, column, "varbinary", "longblob");
    case GW_TYPE_JSON:
        return !strcmp(row[DATA_TYPE], "json") || !strcmp(row[DATA_TYPE], "longtext");
    default:
        return bytes_fit(row, column, "varchar", "longtext");
    }
}

static bool compares_bytes(const char *collation)
{
    size_t len = strlen(collation);
    return (len > 9 && !strcmp(collation + len - 9, "nopad_bin")) ||
           (len > 8 && !strcmp(collation + len - 8, "0900_bin"));
}

static void compare_collation(struct mysql_comparison *c, const struct gw_column *column,
                              const char *collation)
{
    if (column->type != GW_TYPE_TEXT || !collation)
        return;
    if (strncmp(collation, "utf8mb4_", 8))
        gw_store_differ(&c->differences, "column %s.%s: the collation %s is not of utf8mb4",
                        c->table->sql_name, column->name, collation);
    if ((column->flags & (GW_COL_KEY | GW_COL_UNIQUE) || column->references) &&
        !compares_bytes(collation))
        gw_store_differ(&c->differences,
                        "column %s.%s: the collation %s does not compare byte for byte",
                        c->table->sql_name, column->name, collation);
}

static void compare_column(struct mysql_comparison *c, size_t i, MYSQL_ROW row)
{
    const struct gw_column *column = &c->table->columns[i];
    const char *table = c->table->sql_name;
    uint64_t bit = UINT64_C(1) << i;
    bool nullable, before;
    if (!row) {
        gw_store_differ(&c->differences, "column %s.%s: is missing", table, column->name);
        c->missing |= bit;
        return;
    }
    before = c->differences.any;
    c->differences.any = false;
    if (!type_fits(row, column))
        gw_store_differ(&c->differences, "column %s.%s: is %s, not %s", table, column->name,
                        row[COLUMN_TYPE], c->table->definitions[i].mysql_type);
    else
        compare_collation(c, column, row[COLLATION]);
    if (c->differences.any)
        c->retyped |= bit;
    c->differences.any = c->differences.any || before;
    nullable = !strcmp(row[NULLABLE], "1");
    if (nullable != !!(column->flags & GW_COL_OPTIONAL))
        gw_store_differ(&c->differences, "column %s.%s: is %s", table, column->name,
                        nullable ? "nullable but not declared optional"
                                 : "NOT NULL but declared optional");
    if (column->flags & GW_COL_AUTO && !strstr(row[EXTRA], "auto_increment"))
        gw_store_differ(&c->differences, "column %s.%s: is not AUTO_INCREMENT", table,
                        column->name);
}

static void compare_columns(struct mysql_comparison *c, MYSQL_RES *rows)
{
    MYSQL_ROW row;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        bool before = c->differences.any;
        c->differences.any = false;
        compare_column(c, i, row_named(rows, c->table->columns[i].name));
        if (c->differences.any)
            c->differing |= UINT64_C(1) << i;
        c->differences.any = c->differences.any || before;
    }
    mysql_data_seek(rows, 0);
    while ((row = mysql_fetch_row(rows))) {
        bool declared = false;
        for (size_t i = 0; i < c->table->n_columns; i++)
            declared = declared || !strcasecmp(row[NAME], c->table->columns[i].name);
        if (declared || !strcmp(row[HAS_DEFAULT], "1"))
            continue;
        gw_store_differ(&c->differences,
                        "column %s.%s: is not declared, and is NOT NULL without a default",
                        c->table->sql_name, row[NAME]);
        c->in_the_way = true;
    }
}

static int compare_unique(struct mysql_comparison *c, MYSQL_RES *columns)
{
    MYSQL_RES *rows;
    int r = query_table(c, unique_query, unique_group, &rows);
    if (r)
        return r;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        const struct gw_column *column = &c->table->columns[i];
        if (!(column->flags & (GW_COL_KEY | GW_COL_UNIQUE)) || row_named(rows, column->name) ||
            !row_named(columns, column->name))
            continue;
        gw_store_differ(&c->differences, "column %s.%s: is declared %s but is not unique",
                        c->table->sql_name, column->name,
                        column->flags & GW_COL_KEY ? "key" : "unique");
        c->not_unique |= UINT64_C(1) << i;
    }
    mysql_free_result(rows);
    return 0;
}

static const char *key_of(const struct gw_table *table)
{
    return table->columns[table->key].name;
}

/* The foreign key of the column that leads where it should; or one that does not. */
static MYSQL_ROW reference_of(MYSQL_RES *rows, const struct gw_column *column, bool *ret_right)
{
    MYSQL_ROW row, found = NULL;
    *ret_right = false;
    mysql_data_seek(rows, 0);
    while (!*ret_right && (row = mysql_fetch_row(rows))) {
        if (!row[0] || strcasecmp(row[0], column->name))
            continue;
        found = row;
        *ret_right = !strcasecmp(row[1], column->references->sql_name) &&
                     !strcasecmp(row[2], key_of(column->references));
    }
    return found;
}

/* A reference is what keeps rows whose owner is gone from falling to somebody else. */
static void compare_reference(struct mysql_comparison *c, const struct gw_column *column,
                              MYSQL_RES *rows, bool is_there)
{
    const char *other = column->references->sql_name;
    bool right;
    MYSQL_ROW row = reference_of(rows, column, &right);
    if (right)
        return;
    if (row)
        gw_store_differ(&c->differences, "column %s.%s: references %s (%s), not %s (%s)",
                        c->table->sql_name, column->name, row[1], row[2], other,
                        key_of(column->references));
    else if (is_there)
        gw_store_differ(&c->differences, "column %s.%s: has no foreign key to %s (%s)",
                        c->table->sql_name, column->name, other, key_of(column->references));
    c->no_reference |= UINT64_C(1) << (column - c->table->columns);
    snprintf(c->wrong_reference[column - c->table->columns], sizeof(c->wrong_reference[0]), "%s",
             row ? row[3] : "");
}

static int compare_references(struct mysql_comparison *c, MYSQL_RES *columns)
{
    MYSQL_RES *rows;
    int r = query_table(c, references_query, references_group, &rows);
    if (r)
        return r;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        const struct gw_column *column = &c->table->columns[i];
        if (column->references)
            compare_reference(c, column, rows, row_named(columns, column->name) != NULL);
    }
    mysql_free_result(rows);
    return 0;
}

static void begin_table(struct mysql_comparison *c, const struct gw_table *table)
{
    uint64_t limit = (uint64_t)c->conn->base.store->options.query_timeout_ms * UINT64_C(1000000);
    c->table = table;
    c->deadline_ns = gw_now_ns() + (c->change ? GW_MYSQL_CHANGE_NS : limit);
    c->differing = c->missing = c->retyped = c->not_unique = c->no_reference = 0;
    c->table_missing = c->in_the_way = false;
}

static int compare_table(struct mysql_comparison *c)
{
    MYSQL_RES *rows;
    int r = query_table(c, columns_query, "'", &rows);
    if (r)
        return r;
    if (mysql_num_rows(rows) == 0) {
        gw_store_differ(&c->differences, "table %s: is missing", c->table->sql_name);
        c->table_missing = true;
    } else {
        compare_columns(c, rows);
        r = compare_unique(c, rows);
        if (!r)
            r = compare_references(c, rows);
    }
    mysql_free_result(rows);
    return r;
}

/* A statement of routes.def must be one here, and give what it declares. */
static int compare_statement(struct mysql_comparison *c, const struct gw_statement *statement)
{
    char why[256];
    const struct gw_query query = {
        .sql = statement->sql,
        .n_params = statement->n_order,
        .table = statement->result,
        .columns = statement->result ? gw_table_all_columns(statement->result) : 0,
        .deadline_ns = c->deadline_ns,
    };
    int r = gw_mysql_check(c->conn, &query, why, sizeof(why));
    if (r != 1)
        return r;
    gw_store_differ(&c->differences, "statement %s (%s): %s", statement->name, statement->where,
                    why);
    return 0;
}

int gw_mysql_compare_all(struct mysql_comparison *c, struct gw_store *store,
                         const struct gw_app *app)
{
    uint64_t limit = (uint64_t)store->options.query_timeout_ms * UINT64_C(1000000);
    struct gw_conn *conn;
    int r = gw_conn_new(store, &conn);
    if (r)
        return r;
    c->conn = (struct mysql_conn *)conn;
    r = gw_mysql_ready(c->conn, gw_now_ns() + limit);
    if (!r)
        c->collation =
            mariadb_connection(c->conn->mysql) ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
    for (size_t i = 0; !r && i < app->n_tables; i++) {
        begin_table(c, app->tables[i]);
        r = compare_table(c);
        if (!r && c->change)
            r = c->change(c);
    }
    for (size_t i = 0; !r && !c->change && i < app->n_statements; i++) {
        c->deadline_ns = gw_now_ns() + limit;
        r = compare_statement(c, app->statements[i]);
    }
    gw_conn_free(conn);
    if (r == GW_MYSQL_LOST || r == -ETIMEDOUT || r == -EBUSY)
        return -EHOSTDOWN;
    if (r)
        return r;
    return c->differences.any ? 1 : 0;
}

int gw_mysql_compare(struct gw_store *store, const struct gw_app *app,
                     void (*report)(void *data, const char *line), void *data)
{
    struct mysql_comparison c = {.differences = {.report = report, .data = data}};
    return gw_mysql_compare_all(&c, store, app);
}
