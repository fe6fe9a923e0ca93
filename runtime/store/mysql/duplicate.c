/* duplicate.c: which column a duplicate was in.
 *
 * The server names the index only. It may be called like its column, like another one, or like
 * nothing that is declared: the schema tells what it is over. */
#include "store/mysql/own.h"

#include "store/column.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct gw_str gw_mysql_duplicate_index(const char *message)
{
    static const char before[] = "for key '";
    size_t len = strlen(message);
    struct gw_str name = {NULL, 0};
    if (len < 2 || message[len - 1] != '\'')
        return name;
    for (const char *p = message; (p = strstr(p, before)); p++)
        name.ptr = p + strlen(before);
    if (!name.ptr || name.ptr > message + len - 1)
        return (struct gw_str){NULL, 0};
    name.len = (size_t)(message + len - 1 - name.ptr);
    return name;
}

/* The columns of the index. MySQL says TABLE.INDEX. */
static int ask(struct mysql_conn *conn, const struct gw_query *query, struct gw_str index,
               MYSQL_RES **ret)
{
    char table[512], name[1024], sql[3072];
    size_t len = strlen(query->table->sql_name);
    if (len > sizeof(table) / 2 - 1 || index.len > sizeof(name) / 2 - 1)
        return -EINVAL;
    mysql_real_escape_string(conn->mysql, table, query->table->sql_name, len);
    mysql_real_escape_string(conn->mysql, name, index.ptr, index.len);
    snprintf(sql, sizeof(sql),
             "SELECT COLUMN_NAME FROM information_schema.STATISTICS"
             " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'"
             " AND (INDEX_NAME = '%s' OR CONCAT(TABLE_NAME, '.', INDEX_NAME) = '%s')",
             table, name, name);
    return gw_mysql_text(conn, sql, query->deadline_ns, ret);
}

static int column_named(const struct gw_table *table, const char *name)
{
    for (size_t i = 0; name && i < table->n_columns; i++)
        if (!strcasecmp(name, gw_column_sql(&table->columns[i])))
            return (int)i;
    return -1;
}

int gw_mysql_duplicate_column(struct mysql_conn *conn, const struct gw_query *query,
                              const char *message)
{
    struct gw_str index = gw_mysql_duplicate_index(message);
    const struct gw_table *table = query->table;
    MYSQL_RES *rows;
    MYSQL_ROW row;
    uint64_t columns = 0;
    int found = -1;
    if (!table || !index.ptr || ask(conn, query, index, &rows))
        return -1;
    while ((row = mysql_fetch_row(rows))) {
        found = column_named(table, row[0]);
        if (found < 0)
            break;
        columns |= UINT64_C(1) << found;
    }
    mysql_free_result(rows);
    return columns & (columns - 1) && found >= 0
               ? gw_set_violated(table, gw_table_set_of(table, columns))
               : found;
}
