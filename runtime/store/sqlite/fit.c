/* fit.c: whether the rows that are there fit what is declared, asked before a change is printed. */
#include "store/sqlite/rebuild.h"

#include "store/column.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Refusing ------------------------------------------------------------------------------- */

void gw_sqlite_refuse(struct rebuild *b, const char *column, const char *format, ...)
{
    va_list args;
    FILE *to = b->migration->to;
    fprintf(to, "-- refused: %s %s%s%s: ", *column ? "column" : "table", b->c->table->sql_name,
            *column ? "." : "", column);
    va_start(args, format);
    vfprintf(to, format, args);
    va_end(args);
    fputc('\n', to);
    b->refused = true;
    b->migration->n_refused++;
}

int gw_sqlite_count(struct rebuild *b, int64_t *ret, const char *format, ...)
{
    char *condition, *sql = NULL;
    va_list args;
    int r = -ENOMEM;
    va_start(args, format);
    condition = sqlite3_vmprintf(format, args);
    va_end(args);
    if (condition)
        sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\" WHERE %s", b->c->table->sql_name,
                              condition);
    if (sql)
        r = gw_sqlite_number(b->c->store, b->c->db, sql, (const char *[]){NULL}, ret);
    sqlite3_free(condition);
    sqlite3_free(sql);
    return r;
}

/* ---- Whether the rows fit ------------------------------------------------------------------- */

static int check_nulls(struct rebuild *b, const struct gw_column *column)
{
    int64_t n;
    int r;
    if (column->flags & GW_COL_OPTIONAL)
        return 0;
    r = gw_sqlite_count(b, &n, "\"%w\" IS NULL", gw_column_sql(column));
    if (!r && n)
        gw_sqlite_refuse(b, gw_column_sql(column),
                         "%lld rows hold NULL; give them a value, or declare it optional",
                         (long long)n);
    return r;
}

int gw_sqlite_check_types(struct rebuild *b, const struct gw_column *column)
{
    const struct gw_table *table = b->c->table;
    const char *type = table->definitions[column - table->columns].sqlite_type;
    const char *others = strcmp(type, "REAL") ? "" : ", 'integer'";
    int64_t n;
    int r = gw_sqlite_count(b, &n, "typeof(\"%w\") NOT IN (lower(%Q), 'null'%s)",
                            gw_column_sql(column), type, others);
    if (!r && n)
        gw_sqlite_refuse(b, gw_column_sql(column),
                         "%lld rows hold another type than %s; convert them by hand", (long long)n,
                         type);
    return r;
}

static int check_unique(struct rebuild *b, const struct gw_column *column)
{
    const char *name = gw_column_sql(column);
    const char *collation = column->flags & GW_COL_NOCASE ? "NOCASE" : "BINARY";
    int64_t n;
    int r;
    if (!(column->flags & (GW_COL_KEY | GW_COL_UNIQUE)))
        return 0;
    r = gw_sqlite_count(b, &n,
                        "\"%w\" COLLATE %s IN (SELECT \"%w\" COLLATE %s FROM \"%w\" WHERE \"%w\" IS"
                        " NOT NULL GROUP BY 1 HAVING count(*) > 1)",
                        name, collation, name, collation, b->c->table->sql_name, name);
    if (!r && n)
        gw_sqlite_refuse(b, gw_column_sql(column),
                         "%lld rows share a value with another; it cannot be unique", (long long)n);
    return r;
}

static int check_reference(struct rebuild *b, const struct gw_column *column)
{
    const struct gw_table *other = column->references;
    const char *key;
    int64_t n;
    int r;
    if (!other)
        return 0;
    key = gw_column_sql(&other->columns[other->key]);
    if (sqlite3_table_column_metadata(b->c->db, NULL, other->sql_name, key, NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK)
        r = gw_sqlite_count(b, &n, "\"%w\" IS NOT NULL", gw_column_sql(column));
    else
        r = gw_sqlite_count(
            b, &n,
            "\"%w\" IS NOT NULL AND \"%w\" NOT IN (SELECT \"%w\" FROM \"%w\" WHERE \"%w\" IS"
            " NOT NULL)",
            gw_column_sql(column), gw_column_sql(column), key, other->sql_name, key);
    if (!r && n)
        gw_sqlite_refuse(b, gw_column_sql(column),
                         "%lld rows refer to a row of %s that is not there", (long long)n,
                         other->sql_name);
    return r;
}

/* "check(length(name)<=": a bound of another length, which the declared one replaces. */
bool gw_sqlite_is_length_check(const struct sqlite_clause *clause, const struct gw_column *column)
{
    char *normal = gw_sqlite_normalised(clause->text.ptr, clause->text.len);
    char *begin = sqlite3_mprintf("check(length(%s)<=", gw_column_sql(column));
    bool found = normal && begin && !strncasecmp(normal, begin, strlen(begin)) &&
                 strspn(normal + strlen(begin), "0123456789") + 1 == strlen(normal + strlen(begin));
    free(normal);
    sqlite3_free(begin);
    return found;
}

/* What is too long can be cut, if that is allowed. */
static void cut_or_refuse(struct rebuild *b, const struct gw_column *column,
                          const struct sqlite_clause *clause, int64_t n)
{
    const struct gw_table *table = b->c->table;
    struct gw_str expression = gw_sqlite_check_expression(clause);
    const char *name = gw_column_sql(column);
    if (!gw_sqlite_is_length_check(clause, column))
        gw_sqlite_refuse(b, name, "%lld rows do not satisfy CHECK %.*s; convert them by hand",
                         (long long)n, (int)expression.len, expression.ptr);
    else if (gw_store_may_lose(b->migration, table->sql_name, name))
        b->cut |= UINT64_C(1) << (column - table->columns);
    else
        gw_sqlite_refuse(b, name,
                         "%lld rows do not satisfy CHECK %.*s; what is longer is lost where"
                         " --allow-loss %s.%s lets it be cut",
                         (long long)n, (int)expression.len, expression.ptr, table->sql_name, name);
}

static int check_checks(struct rebuild *b, const struct gw_column *column,
                        const struct sqlite_column_parts *declared)
{
    int r = 0;
    for (size_t i = 0; !r && i < declared->n; i++) {
        struct gw_str expression = gw_sqlite_check_expression(&declared->clauses[i]);
        int64_t n;
        if (declared->clauses[i].kind != SQLITE_CLAUSE_CHECK || !expression.ptr)
            continue;
        r = gw_sqlite_count(b, &n, "NOT %.*s", (int)expression.len, expression.ptr);
        if (!r && n)
            cut_or_refuse(b, column, &declared->clauses[i], n);
    }
    return r;
}

int gw_sqlite_check_rows(struct rebuild *b, const struct gw_column *column,
                         const struct sqlite_column_parts *declared)
{
    int r = check_nulls(b, column);
    if (!r)
        r = gw_sqlite_check_types(b, column);
    if (!r)
        r = check_checks(b, column, declared);
    if (!r)
        r = check_unique(b, column);
    return r ? r : check_reference(b, column);
}
