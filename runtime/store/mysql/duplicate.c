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

/* The columns of the index, at most two rows of one name each. MySQL says TABLE.INDEX. */
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
             " AND (INDEX_NAME = '%s' OR CONCAT(TABLE_NAME, '.', INDEX_NAME) = '%s') LIMIT 2",
             table, name, name);
    return gw_mysql_text(conn, sql, query->deadline_ns, ret);
}

int gw_mysql_duplicate_column(struct mysql_conn *conn, const struct gw_query *query,
                              const char *message)
{
    struct gw_str index = gw_mysql_duplicate_index(message);
    const struct gw_table *table = query->table;
    MYSQL_RES *rows;
    MYSQL_ROW row;
    int found = -1;
    if (!table || !index.ptr || ask(conn, query, index, &rows))
        return -1;
    row = mysql_num_rows(rows) == 1 ? mysql_fetch_row(rows) : NULL;
    for (size_t i = 0; row && row[0] && i < table->n_columns; i++)
        if (!strcasecmp(row[0], gw_column_sql(&table->columns[i])))
            found = (int)i;
    mysql_free_result(rows);
    return found;
}
