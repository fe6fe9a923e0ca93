/* call.c: see own.h. */
#include "api/own.h"

#include "base/arena.h"
#include "base/log.h"
#include "request/request.h"
#include "store/column.h"
#include "store/entity.h"

#include <errno.h>
#include <string.h>

int gw_call_start(struct gw_request *req, const struct gw_table *table, struct gw_call *ret)
{
    *ret = (struct gw_call){.conn = gw_request_conn(req),
                            .table = table,
                            .arena = gw_request_memory(req),
                            .deadline_ns = req->deadline_ns};
    if (!ret->conn)
        return -ENOMEM;
    ret->sql = gw_sql_table(gw_request_sql(req), table);
    return ret->sql ? 0 : -EINVAL;
}

void gw_call_log(const struct gw_conn *conn, const struct gw_table *table, int column,
                 const char *why)
{
    if (conn->store->options.log)
        gw_log_line(conn->store->options.log, "store: %s.%s: %s", table->sql_name,
                    gw_column_sql(&table->columns[column]), why);
}

int gw_call_asked(const struct gw_call *call, int column, const struct gw_value *value,
                  struct gw_value *ret)
{
    const char *why;
    int r = gw_column_convert(&call->table->columns[column], value,
                              call->conn->store->driver->uint_max, call->arena, ret, &why);
    if (!r && ret->null) {
        why = "is NULL";
        r = -EINVAL;
    }
    if (r == -ENOMEM)
        return r;
    if (r != -EINVAL)
        return r ? GW_E_NOT_FOUND : 0;
    gw_call_log(call->conn, call->table, column, why);
    return -EINVAL;
}

int gw_call_sent(const struct gw_call *call, int column, const struct gw_value *asked,
                 struct gw_value *ret)
{
    return gw_conn_sent(call->conn, call->table, column, asked, call->deadline_ns, call->arena,
                        ret);
}

/* A value of the row as it goes into the live column. */
static int convert_one(const struct gw_call *call, const struct gw_table_limits *limits, size_t i,
                       const void *row, struct gw_value *ret)
{
    struct gw_value value = gw_row_value(call->table, (int)i, row);
    const char *why;
    int r = gw_column_convert(&call->table->columns[i], &value, call->conn->store->driver->uint_max,
                              call->arena, ret, &why);
    if (r == -ENOMEM)
        return r;
    if (r) {
        gw_call_log(call->conn, call->table, (int)i, why);
        return r == -ERANGE ? -ERANGE : -EINVAL;
    }
    r = gw_limits_apply(&limits->columns[i], ret, call->arena, &why);
    if (r != -ERANGE)
        return r;
    gw_call_log(call->conn, call->table, (int)i, why);
    return GW_E_RANGE;
}

int gw_call_written(const struct gw_call *call, const void *row, uint64_t columns,
                    struct gw_value *ret, size_t *ret_n)
{
    const struct gw_table_limits *limits;
    size_t n = 0;
    int r = gw_conn_limits(call->conn, call->table, call->deadline_ns, &limits);
    for (size_t i = 0; !r && i < call->table->n_columns; i++)
        if (columns & (UINT64_C(1) << i))
            r = convert_one(call, limits, i, row, &ret[n++]);
    *ret_n = n;
    return r;
}

int gw_call_find(const struct gw_call *call, const char *text, uint64_t columns,
                 const struct gw_value *sent, size_t n, struct gw_result *ret)
{
    int r;
    if (!text)
        return -ENOMEM;
    r = gw_conn_run(call->conn,
                    &(struct gw_query){.sql = text,
                                       .params = sent,
                                       .n_params = n,
                                       .table = call->table,
                                       .columns = columns,
                                       .max_rows = 1,
                                       .deadline_ns = call->deadline_ns,
                                       .read_only = true},
                    call->arena, ret);
    if (r) /* GW_E_RANGE: letters that the column's character set has not */
        return r == GW_E_RANGE ? GW_E_NOT_FOUND : r;
    return ret->n ? 0 : GW_E_NOT_FOUND;
}

int gw_call_key(const struct gw_call *call, const struct gw_value *key, struct gw_value *ret)
{
    int r = 0;
    for (size_t i = 0; !r && i < gw_table_key_size(call->table); i++) {
        r = gw_call_asked(call, gw_table_key(call->table, i), &key[i], &ret[i]);
        if (!r)
            r = gw_call_sent(call, gw_table_key(call->table, i), &ret[i], &ret[i]);
    }
    return r;
}
