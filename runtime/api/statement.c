/* statement.c: the statements that routes.def declares.
 *
 * Values are bound, each exactly in the type that was declared, and rows come back in theirs: what
 * a store would convert is an error here as everywhere. */
#include "api/own.h"

#include "base/clock.h"
#include "base/log.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>
#include <string.h>

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
                 const struct gw_statement_text *text, const struct gw_value *values,
                 struct gw_arena *arena, struct gw_value *ret)
{
    for (size_t i = 0; i < text->n_order; i++) {
        const struct gw_column *param = &statement->params[text->order[i]];
        const char *why;
        int r = gw_column_convert(param, &values[text->order[i]], conn->store->driver->uint_max,
                                  arena, &ret[i], &why);
        if (r)
            return refuse(conn, statement, param->name, why,
                          r == -ERANGE || r == -ENOMEM ? r : -EINVAL);
    }
    return 0;
}

/* The rows that both texts give are alike but for the order of their columns. */
static const struct gw_table *any_result(const struct gw_statement *statement)
{
    return (statement->sqlite ? statement->sqlite : statement->mysql)->result;
}

/* The text for the store of this connection; -ENOTSUP: there is none. */
static int text_of(const struct gw_conn *conn, const struct gw_statement *statement,
                   const struct gw_statement_text **ret)
{
    bool mysql = !strcmp(gw_store_scheme(conn->store), "mysql");
    *ret = mysql ? statement->mysql : statement->sqlite;
    if (*ret)
        return 0;
    return refuse(conn, statement, "",
                  mysql ? "is a statement for SQLite only" : "is a statement for MySQL only",
                  -ENOTSUP);
}

/* Sets how long the statement may take, and gives its deadline. Its own `timeout` holds in place of
 * GW_REQUEST_TIMEOUT, but not of the route's. */
uint64_t gw_statement_bound(struct gw_request *req, struct gw_conn *conn,
                            const struct gw_statement *statement)
{
    uint64_t own = gw_now_ns() + statement->timeout_ms * UINT64_C(1000000);
    if (!statement->timeout_ms)
        return req->deadline_ns;
    conn->timeout_ms = statement->timeout_ms;
    return req->route->timeout_ms && req->deadline_ns < own ? req->deadline_ns : own;
}

int gw_statement_query(struct gw_request *req, struct gw_conn *conn,
                       const struct gw_statement *statement, const struct gw_value *values,
                       struct gw_value ordered[GW_STATEMENT_VALUES], struct gw_query *ret)
{
    const struct gw_statement_text *text;
    int r = text_of(conn, statement, &text);
    if (!r && text->n_order > GW_STATEMENT_VALUES)
        r = -EINVAL;
    if (!r)
        r = order(conn, statement, text, values, gw_request_memory(req), ordered);
    if (r)
        return r;
    req->holds_secret |= text->result && text->result->whole_size;
    *ret = (struct gw_query){.sql = text->sql,
                             .params = ordered,
                             .n_params = text->n_order,
                             .table = text->result,
                             .columns = text->result ? gw_table_all_columns(text->result) : 0,
                             .deadline_ns = gw_statement_bound(req, conn, statement),
                             .read_only = text->read_only};
    return 0;
}

static int run(struct gw_request *req, const struct gw_statement *statement,
               const struct gw_value *values, size_t max_rows, const struct gw_table **ret_table,
               struct gw_result *ret)
{
    struct gw_conn *conn = gw_request_conn(req);
    struct gw_value ordered[GW_STATEMENT_VALUES];
    struct gw_query query;
    int r = conn ? gw_statement_query(req, conn, statement, values, ordered, &query) : -ENOMEM;
    if (r)
        return r;
    query.max_rows = max_rows;
    *ret_table = query.table;
    return gw_conn_run(conn, &query, gw_request_memory(req), ret);
}

int gw_statement_one(struct gw_request *req, const struct gw_statement *statement,
                     const struct gw_value *values, const void **ret_row, void *ret_secrets)
{
    const struct gw_table *table = any_result(statement);
    struct gw_result result;
    if (ret_secrets)
        memset(ret_secrets, 0, table->whole_size - table->secrets);
    int r = run(req, statement, values, 1, &table, &result);
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
    const struct gw_table *table;
    struct gw_result result;
    void *secrets = NULL;
    int r = run(req, statement, values, GW_STATEMENT_ROWS, &table, &result);
    if (!r && result.n && ret_secrets) {
        secrets =
            gw_arena_array(gw_request_memory(req), result.n, table->whole_size - table->secrets);
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
    const struct gw_table *none;
    struct gw_result result;
    int r = run(req, statement, values, 0, &none, &result);
    if (!r && ret_n)
        *ret_n = result.affected;
    return r;
}
