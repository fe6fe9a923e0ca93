/* sets.c: columns together beside the live indexes of MariaDB or MySQL: keys, uniques, indexes, and
 * what leads to rows by a reference. */
#include "store/mysql/change.h"

#include "store/column.h"
#include "store/mysql/types.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of each index: its columns, one a line, whether it is not unique, and whether it holds less than
 * a whole column. */
enum { COLUMNS, NOT_UNIQUE, PARTIAL };
static const char indexes_query[] =
    "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR '\\n'), MAX(NON_UNIQUE),"
    " MAX(SUB_PART IS NOT NULL) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
    " AND INDEX_TYPE = 'BTREE' AND TABLE_NAME = '";

/* The column that is line `n` of the list; -1: the list is shorter; -2: it is not declared. */
static int column_at(const struct gw_table *table, const char *list, size_t n)
{
    size_t len;
    for (; n && list; n--) {
        list = strchr(list, '\n');
        list += list != NULL;
    }
    if (!list)
        return -1;
    len = strcspn(list, "\n");
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = gw_column_sql(&table->columns[i]);
        if (strlen(name) == len && !strncasecmp(name, list, len))
            return (int)i;
    }
    return -2;
}

/* Whether the index is unique over exactly these columns, in any order. */
static bool is_unique_over(const struct gw_table *table, MYSQL_ROW index, const struct gw_set *set)
{
    uint64_t columns = 0;
    if (strcmp(index[NOT_UNIQUE], "0") || strcmp(index[PARTIAL], "0"))
        return false;
    for (size_t i = 0; i < set->n; i++) {
        int column = column_at(table, index[COLUMNS], i);
        if (column < 0)
            return false;
        columns |= UINT64_C(1) << column;
    }
    return columns == gw_set_columns(set) && column_at(table, index[COLUMNS], set->n) == -1;
}

static bool begins_with(const struct gw_table *table, MYSQL_ROW index, const struct gw_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (column_at(table, index[COLUMNS], i) != set->columns[i])
            return false;
    return true;
}

static bool has_index(const struct gw_table *table, MYSQL_RES *indexes, const struct gw_set *set)
{
    MYSQL_ROW index;
    mysql_data_seek(indexes, 0);
    while ((index = mysql_fetch_row(indexes)))
        if (index[COLUMNS] &&
            (set->kind == GW_SET_INDEX ? begins_with : is_unique_over)(table, index, set))
            return true;
    return false;
}

static void compare_set(struct mysql_comparison *c, size_t i, MYSQL_RES *indexes)
{
    const struct gw_set *set = &c->table->sets[i];
    char names[GW_SET_NAMES];
    if (has_index(c->table, indexes, set))
        return;
    gw_set_names(c->table, set, names);
    if (set->kind == GW_SET_INDEX)
        gw_store_warn(&c->differences, "table %s: has no index (%s)", c->table->sql_name, names);
    else
        gw_store_differ(&c->differences, "table %s: (%s) is declared %s but is not unique",
                        c->table->sql_name, names, set->kind == GW_SET_KEY ? "key" : "unique");
    c->sets_missing |= UINT64_C(1) << i;
}

int gw_mysql_compare_sets(struct mysql_comparison *c)
{
    MYSQL_RES *indexes;
    int r = gw_mysql_ask_table(c, indexes_query, "' GROUP BY INDEX_NAME", &indexes);
    if (r)
        return r;
    for (size_t i = 0; i < c->table->n_sets; i++)
        compare_set(c, i, indexes);
    for (size_t i = 0; i < c->table->n_columns; i++) {
        const struct gw_set alone = {GW_SET_INDEX, {(unsigned char)i}, 1};
        if (c->table->columns[i].references && !(c->missing >> i & 1) &&
            !(c->no_reference >> i & 1) && !has_index(c->table, indexes, &alone))
            gw_store_warn(&c->differences, "column %s.%s: has no index", c->table->sql_name,
                          gw_column_sql(&c->table->columns[i]));
    }
    mysql_free_result(indexes);
    return 0;
}
