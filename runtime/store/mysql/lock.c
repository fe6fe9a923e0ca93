/* lock.c: one process at a time does what has a name: GET_LOCK in a session of its own, which holds
 * it until the connection ends, however that does. */
#include "store/mysql/hosts.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An answer of one value; 0 where it is "1". */
static int ask(struct mysql_conn *conn, const char *sql, uint64_t deadline_ns)
{
    MYSQL_RES *rows;
    int r = gw_mysql_text(conn, sql, deadline_ns, &rows);
    if (r)
        return r;
    MYSQL_ROW row = mysql_fetch_row(rows);
    r = row && row[0] && !strcmp(row[0], "1") ? 0 : -EALREADY;
    mysql_free_result(rows);
    return r;
}

/* `name` is one of C: it needs no quotes. A server's locks are for all of its databases: the name
 * says of which one this is. */
int gw_mysql_lock(struct gw_store *store, const char *name, struct gw_store_lock *ret)
{
    uint64_t deadline_ns = gw_now_ns() + store->options.query_timeout_ms * UINT64_C(1000000);
    char sql[256];
    int n =
        snprintf(sql, sizeof(sql),
                 "SELECT GET_LOCK(CONCAT('gw_job ', SHA1(CONCAT(DATABASE(), ' %s'))), 0)", name);
    int r = n < (int)sizeof(sql) ? gw_conn_new(store, &ret->conn) : -EINVAL;
    struct mysql_conn *conn = (struct mysql_conn *)ret->conn;
    if (!r)
        r = gw_mysql_ready(conn, true, deadline_ns);
    if (!r) /* it says nothing for as long as the job takes */
        r = gw_mysql_text(conn, "SET SESSION wait_timeout = 31536000", deadline_ns, NULL);
    return r ? r : ask(conn, sql, deadline_ns);
}
