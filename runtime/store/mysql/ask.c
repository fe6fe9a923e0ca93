/* ask.c: asks information_schema about a table. */
#include "store/mysql/change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int gw_mysql_ask_table(struct mysql_comparison *c, const char *before, const char *after,
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
