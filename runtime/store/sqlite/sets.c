/* sets.c: columns together beside the live indexes of a SQLite file: keys, uniques, indexes, and
 * what leads to rows by a reference. */
#include "store/column.h"
#include "store/sqlite/live.h"

#include <errno.h>
#include <string.h>

/* "a\nb": the names as the queries below write a list of columns. */
static char *list_of(const struct gw_table *table, const struct gw_set *set)
{
    sqlite3_str *list = sqlite3_str_new(NULL);
    for (size_t i = 0; i < set->n; i++)
        sqlite3_str_appendf(list, "%s%s", i ? "\n" : "",
                            gw_column_sql(&table->columns[set->columns[i]]));
    return sqlite3_str_finish(list);
}

/* Whether an index begins with the columns, or is unique over exactly these in any order. */
static const char leads[] =
    "SELECT 1 FROM pragma_index_list(?1) AS l WHERE NOT l.partial AND lower(?2) || char(10) = "
    "substr((SELECT group_concat(lower(i.name), char(10)) FROM (SELECT name FROM"
    " pragma_index_info(l.name) ORDER BY seqno) AS i) || char(10), 1, length(?2) + 1)"
    " UNION ALL SELECT 1 WHERE lower(?2) || char(10) = substr((SELECT group_concat(lower(k.name),"
    " char(10)) FROM (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk) AS k) ||"
    " char(10), 1, length(?2) + 1)";
static const char is_unique[] =
    "WITH RECURSIVE wanted(name, rest) AS (SELECT NULL, lower(?2) || char(10) UNION ALL SELECT"
    " substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1) FROM"
    " wanted WHERE rest <> ''), w(list) AS (SELECT group_concat(name, char(10)) FROM (SELECT name"
    " FROM wanted WHERE name IS NOT NULL ORDER BY name))"
    " SELECT 1 FROM w, pragma_index_list(?1) AS l WHERE l.\"unique\" AND NOT l.partial AND w.list ="
    " (SELECT group_concat(n, char(10)) FROM (SELECT lower(name) AS n FROM"
    " pragma_index_info(l.name) ORDER BY n))"
    " UNION ALL SELECT 1 FROM w WHERE w.list = (SELECT group_concat(n, char(10)) FROM (SELECT"
    " lower(name) AS n FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY n))";

static int has_index(struct sqlite_comparison *c, const struct gw_set *set, bool *ret)
{
    char *list = list_of(c->table, set);
    int64_t found = 0;
    int r = list ? gw_sqlite_number(c->store, c->db, set->kind == GW_SET_INDEX ? leads : is_unique,
                                    (const char *[]){c->table->sql_name, list, NULL}, &found)
                 : -ENOMEM;
    sqlite3_free(list);
    *ret = found;
    return r;
}

/* The statement that makes it, called as the compiler calls it. */
static void print_index(const struct sqlite_comparison *c, const struct gw_set *set, FILE *to)
{
    const struct gw_table *table = c->table;
    fprintf(to, "CREATE %sINDEX IF NOT EXISTS \"%s", set->kind == GW_SET_UNIQUE ? "UNIQUE " : "",
            table->sql_name);
    for (size_t i = 0; i < set->n; i++)
        fprintf(to, "%s%s", i ? "," : "(", gw_column_sql(&table->columns[set->columns[i]]));
    fprintf(to, ")\" ON \"%s\" (", table->sql_name);
    for (size_t i = 0; i < set->n; i++)
        fprintf(to, "%s\"%s\"", i ? ", " : "", gw_column_sql(&table->columns[set->columns[i]]));
    fputs(");\n", to);
}

static bool is_live(const struct sqlite_comparison *c, const char *column)
{
    return sqlite3_table_column_metadata(c->db, NULL, c->table->sql_name, column, NULL, NULL, NULL,
                                         NULL, NULL) == SQLITE_OK;
}

/* The query for how often values stand in several rows, as the declared columns compare; NULL: they
 * do not, or no memory. A column that is to be added has its default in every row, or NULL. */
static char *twice_query(const struct sqlite_comparison *c, const struct gw_set *set, bool *ret_any)
{
    sqlite3_str *filled = sqlite3_str_new(c->db), *grouped = sqlite3_str_new(c->db);
    char *where, *by, *query = NULL;
    *ret_any = true;
    for (size_t i = 0; i < set->n; i++) {
        const struct gw_column *column = &c->table->columns[set->columns[i]];
        const char *name = gw_column_sql(column);
        if (is_live(c, name)) {
            sqlite3_str_appendf(filled, "\"%w\" IS NOT NULL AND ", name);
            sqlite3_str_appendf(grouped, "\"%w\" COLLATE %s, ", name,
                                column->flags & GW_COL_NOCASE ? "NOCASE" : "BINARY");
        } else if (!(column->flags & GW_COL_DEFAULT)) {
            *ret_any = false;
        }
    }
    where = sqlite3_str_finish(filled);
    by = sqlite3_str_finish(grouped);
    query = sqlite3_mprintf("SELECT count(*) FROM (SELECT 1 FROM \"%w\" WHERE %s 1 GROUP BY %s 1"
                            " HAVING count(*) > 1)",
                            c->table->sql_name, where ? where : "", by ? by : "");
    if (!where || !by) {
        sqlite3_free(query);
        query = NULL;
    }
    sqlite3_free(where);
    sqlite3_free(by);
    return query;
}

/* Values that stand in several rows already. */
static int count_twice(const struct sqlite_comparison *c, const struct gw_set *set, int64_t *ret)
{
    bool any;
    char *query = twice_query(c, set, &any);
    int r = -ENOMEM;
    *ret = 0;
    if (query)
        r = any ? gw_sqlite_number(c->store, c->db, query, (const char *[]){NULL}, ret) : 0;
    sqlite3_free(query);
    return r;
}

static int print_set(const struct sqlite_comparison *c, const struct gw_set *set, const char *names,
                     struct gw_migration *migration)
{
    FILE *to = migration->to;
    int64_t twice = 0;
    int r = set->kind == GW_SET_UNIQUE ? count_twice(c, set, &twice) : 0;
    if (r)
        return r;
    migration->n_refused += set->kind == GW_SET_KEY || twice;
    if (set->kind == GW_SET_KEY)
        fprintf(to, "-- refused: table %s: has another primary key; change it by hand\n",
                c->table->sql_name);
    else if (twice)
        fprintf(to,
                "-- refused: table %s: %lld values of (%s) stand in several rows; they cannot be "
                "unique\n",
                c->table->sql_name, (long long)twice, names);
    else
        print_index(c, set, to);
    return 0;
}

static int compare_set(struct sqlite_comparison *c, const struct gw_set *set,
                       struct gw_migration *migration)
{
    char names[GW_SET_NAMES];
    bool found;
    int r = has_index(c, set, &found);
    if (r || found)
        return r;
    gw_set_names(c->table, set, names);
    if (set->kind != GW_SET_INDEX)
        gw_store_differ(&c->differences, "table %s: (%s) is declared %s but is not unique",
                        c->table->sql_name, names, set->kind == GW_SET_KEY ? "key" : "unique");
    else if (set->n > 1)
        gw_store_warn(&c->differences, "table %s: has no index (%s)", c->table->sql_name, names);
    else
        gw_store_warn(&c->differences, "column %s.%s: has no index", c->table->sql_name, names);
    return migration ? print_set(c, set, names, migration) : 0;
}

/* Whether the column has an index by what is declared of several. */
static bool leads_set(const struct gw_table *table, size_t column)
{
    for (size_t i = 0; i < table->n_sets; i++)
        if (table->sets[i].columns[0] == column)
            return true;
    return false;
}

int gw_sqlite_compare_sets(struct sqlite_comparison *c, struct gw_migration *migration)
{
    int r = 0;
    for (size_t i = 0; !r && c->sql && i < c->table->n_sets; i++)
        r = compare_set(c, &c->table->sets[i], migration);
    for (size_t i = 0; !r && c->sql && i < c->table->n_columns; i++) {
        const struct gw_set alone = {GW_SET_INDEX, {(unsigned char)i}, 1};
        if (c->table->columns[i].references && !leads_set(c->table, i))
            r = compare_set(c, &alone, migration);
    }
    return r;
}
