/* ask.c: asks information_schema about a table, and a table about its rows. */
#include "store/mysql/change.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

static int ask(struct mysql_comparison *c, const char *format, va_list args, MYSQL_RES **ret)
    __attribute__((format(printf, 2, 0)));

static int ask(struct mysql_comparison *c, const char *format, va_list args, MYSQL_RES **ret)
{
    char *sql = NULL;
    if (vasprintf(&sql, format, args) < 0)
        return -ENOMEM;
    int r = gw_mysql_text(c->conn, sql, gw_now_ns() + GW_MYSQL_CHANGE_NS, ret);
    free(sql);
    return r;
}

int gw_mysql_rowsf(struct mysql_comparison *c, MYSQL_RES **ret, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int r = ask(c, format, args, ret);
    va_end(args);
    return r;
}

int gw_mysql_askf(struct mysql_comparison *c, unsigned at, char **ret, const char *format, ...)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    va_list args;
    va_start(args, format);
    int r = ask(c, format, args, &rows);
    va_end(args);
    *ret = NULL;
    if (r)
        return r;
    row = mysql_fetch_row(rows);
    if (row && at < mysql_num_fields(rows) && row[at]) {
        *ret = strdup(row[at]);
        r = *ret ? 0 : -ENOMEM;
    }
    mysql_free_result(rows);
    return r;
}
