/* statement.c: the statements that routes.def declares.
 *
 * Values are bound, each exactly in the type that was declared, and rows come back in theirs: what
 * a store would convert is an error here as everywhere. */
#include "api/own.h"

#include "base/log.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>
#include <string.h>

#define VALUES_MAX 255

static int refuse(const struct gw_conn *conn, const struct gw_statement *statement,
                  const char *param, const char *why, int r)
{
    if (conn->store->options.log)
        gw_log_line(conn->store->options.log, "store: %s: %s%s%s", statement->name, param,
                    *param ? " " : "", why);
    return r;
}

/* The values in the order of the statement's question marks. */
static int order(const struct gw_conn *conn, const struct gw_statement *statement,
                 const struct gw_value *values, struct gw_arena *arena, struct gw_value *ret)
{
    for (size_t i = 0; i < statement->n_order; i++) {
        const struct gw_column *param = &statement->params[statement->order[i]];
        const char *why;
        int r = gw_column_convert(param, &values[statement->order[i]],
                                  conn->store->driver->uint_max, arena, &ret[i], &why);
        if (r)
            return refuse(conn, statement, param->name, why,
                          r == -ERANGE || r == -ENOMEM ? r : -EINVAL);
    }
    return 0;
}

static int run(struct gw_request *req, const struct gw_statement *statement,
               const struct gw_value *values, size_t max_rows, struct gw_result *ret)
{
    struct gw_conn *conn = gw_request_conn(req);
    struct gw_value ordered[VALUES_MAX];
    int r;
    if (!conn)
        return -ENOMEM;
    if (statement->n_order > VALUES_MAX)
        return -EINVAL;
    if (statement->mysql && strcmp(gw_store_scheme(conn->store), "mysql"))
        return refuse(conn, statement, "", "is a statement for MySQL only", -ENOTSUP);
    r = order(conn, statement, values, req->arena, ordered);
    if (r)
        return r;
    req->holds_secret |= statement->result && statement->result->whole_size;
    return gw_conn_run(conn,
                       &(struct gw_query){.sql = statement->sql,
                                          .params = ordered,
                                          .n_params = statement->n_order,
                                          .table = statement->result,
                                          .columns = statement->result
                                                         ? gw_table_all_columns(statement->result)
                                                         : 0,
                                          .max_rows = max_rows,
                                          .deadline_ns = req->deadline_ns,
                                          .read_only = statement->read_only},
                       req->arena, ret);
}

int gw_statement_one(struct gw_request *req, const struct gw_statement *statement,
                     const struct gw_value *values, const void **ret_row, void *ret_secrets)
{
    const struct gw_table *table = statement->result;
    struct gw_result result;
    if (ret_secrets)
        memset(ret_secrets, 0, table->whole_size - table->secrets);
    int r = run(req, statement, values, 1, &result);
    if (!r && !result.n)
        r = GW_E_NOT_FOUND;
    if (!r && ret_secrets)
        r = gw_secrets_take(req, table, &result, ret_secrets);
    if (!r)
        *ret_row = result.rows;
    return r;
}

int gw_statement_many(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, const void **ret_rows,
                      const void **ret_secrets, size_t *ret_n)
{
    const struct gw_table *table = statement->result;
    struct gw_result result;
    void *secrets = NULL;
    int r = run(req, statement, values, GW_STATEMENT_ROWS, &result);
    if (!r && result.n && ret_secrets) {
        secrets = gw_arena_array(req->arena, result.n, table->whole_size - table->secrets);
        r = secrets ? gw_secrets_take(req, table, &result, secrets) : -ENOMEM;
    }
    if (r)
        return r;
    if (ret_secrets)
        *ret_secrets = secrets;
    *ret_rows = result.rows;
    *ret_n = result.n;
    return 0;
}

int gw_statement_exec(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, uint64_t *ret_n)
{
    struct gw_result result;
    int r = run(req, statement, values, 0, &result);
    if (!r && ret_n)
        *ret_n = result.affected;
    return r;
}
