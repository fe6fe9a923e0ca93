/* statement.h: a prepared statement with room for its values, for the files that run one. */
#ifndef GW_MYSQL_STATEMENT_H
#define GW_MYSQL_STATEMENT_H

#include "store/mysql/own.h"
#include "store/mysql/value.h"
#include "store/row.h"

/* Arrays follow the column order of the statement. */
struct mysql_statement {
    MYSQL_STMT *handle; /* its `mysql` is NULL once the connection is lost */
    const struct gw_table *table;
    uint64_t columns;
    size_t n_params, n_columns;
    MYSQL_BIND *params, *results;
    struct mysql_cell *param_cells, *result_cells;
    const struct gw_column **fetched; /* the n_columns that come back */
    bool broken_off;                  /* an error came in place of the next row */
};

/* Prepares it. In a transaction gw_mysql_see_transaction comes behind it. */
int gw_mysql_statement_new(struct mysql_conn *conn, const struct gw_query *query,
                           struct mysql_statement **ret);

/* Sends it with its values, and takes the beginning of the answer. */
int gw_mysql_statement_send(struct mysql_conn *conn, struct mysql_statement *statement,
                            const struct gw_query *query);

/* Whether the columns of the answer are those that were asked for; binds to them. */
int gw_mysql_statement_fit(struct mysql_conn *conn, struct mysql_statement *statement);

/* What the fetch of row `index` of those in memory gave (`fetched`), into reader->row. */
int gw_mysql_statement_row(struct mysql_statement *statement, int fetched, size_t index,
                           struct gw_arena *arena, struct gw_row_reader *reader);

int gw_mysql_statement_failed(struct mysql_conn *conn, MYSQL_STMT *handle, const char *sql);
int gw_mysql_mismatch(const struct mysql_conn *conn, const char *what, const char *sql);

/* GW_MYSQL_CONFLICT: the transaction is not there any more. */
int gw_mysql_see_transaction(struct mysql_conn *conn, uint64_t deadline_ns);

#endif
