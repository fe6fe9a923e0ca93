/* words.c: the CHECK of a `one of` column.
 *
 * MariaDB gives a column's CHECK the column's name. MySQL numbers them, and they are left alone. */
#include "store/words.h"

#include "store/column.h"
#include "store/mysql/change.h"
#include "store/mysql/types.h"

#include <stdlib.h>
#include <string.h>

static const char checks_query[] =
    "SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"
    " WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = '";

static void compare_column(struct mysql_comparison *c, const struct gw_column *column,
                           MYSQL_ROW check)
{
    static const char none[] = "column %s.%s: has no CHECK of its words";
    static const char others[] = "column %s.%s: its CHECK has other words than are declared";
    const char *table = c->table->sql_name, *name = gw_column_sql(column);
    bool before = c->differences.any;
    c->differences.any = false;
    if (!check)
        gw_store_deviate(&c->differences, none, table, name);
    else if (gw_words_said(gw_str_from(check[1]), column, true) == GW_WORDS_OTHERS)
        gw_store_warn(&c->differences, others, table, name);
    if (c->differences.any)
        c->differing |= UINT64_C(1) << (column - c->table->columns);
    c->differences.any = c->differences.any || before;
}

static bool has_words(const struct gw_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].one_of)
            return true;
    return false;
}

int gw_mysql_compare_words(struct mysql_comparison *c)
{
    MYSQL_RES *rows;
    if (!has_words(c->table) || !mariadb_connection(c->conn->mysql))
        return 0;
    int r = gw_mysql_ask_table(c, checks_query, "'", &rows);
    if (r)
        return r;
    for (size_t i = 0; i < c->table->n_columns; i++) {
        const struct gw_column *column = &c->table->columns[i];
        if (column->one_of && !(c->missing >> i & 1))
            compare_column(c, column, gw_mysql_row_named(rows, gw_column_sql(column)));
    }
    mysql_free_result(rows);
    return 0;
}

void gw_mysql_print_words(FILE *to, const struct gw_column *column)
{
    if (!column->one_of)
        return;
    fprintf(to, " CHECK (`%s`", gw_column_sql(column));
    gw_words_print(to, column, " IN (", "))");
}

char *gw_mysql_other_words(const struct gw_column *column, const char *collation)
{
    char *text = NULL;
    size_t size;
    FILE *to = column->one_of ? open_memstream(&text, &size) : NULL;
    if (!to)
        return NULL;
    fprintf(to, "CONVERT(`%s` USING utf8mb4) COLLATE %s", gw_column_sql(column), collation);
    gw_words_print(to, column, " NOT IN (", ")");
    return fclose(to) ? NULL : text;
}
