/* statement.c: one prepared statement on MariaDB or MySQL.
 *
 * A statement keeps its bindings as long as it is prepared. Texts and blobs have a buffer that
 * starts small; a longer value is told by MYSQL_DATA_TRUNCATED together with its length, and is
 * fetched again into a buffer that has grown. Any other truncation is a failure. */
#include "store/mysql/statement.h"

#include "base/arena.h"
#include "store/column.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MARGIN 64        /* bytes of a packet besides the values */
#define SMALL_PACKET  (1 << 16) /* that every server takes */

void gw_mysql_statement_close(void *data)
{
    struct mysql_statement *statement = data;
    if (statement->handle)
        mysql_stmt_close(statement->handle); /* one packet without an answer, or none */
    for (size_t i = 0; statement->result_cells && i < statement->n_columns; i++)
        free(statement->result_cells[i].buffer);
    free(statement->params);
    free(statement->results);
    free(statement->param_cells);
    free(statement->result_cells);
    free(statement->fetched);
    free(statement);
}

int gw_mysql_statement_failed(struct mysql_conn *conn, MYSQL_STMT *handle, const char *sql)
{
    if (gw_mysql_leaves_unread(mysql_stmt_errno(handle)))
        conn->out_of_step = true;
    return gw_mysql_failed(conn->base.store, mysql_stmt_errno(handle), mysql_stmt_sqlstate(handle),
                           mysql_stmt_error(handle), sql);
}

int gw_mysql_mismatch(const struct mysql_conn *conn, const char *what, const char *sql)
{
    if (conn->base.store->options.log)
        gw_log_line(conn->base.store->options.log, "store: mysql: %s: %s", what, sql);
    return -EIO;
}

static struct mysql_statement *allocate(const struct gw_query *query)
{
    struct mysql_statement *statement = calloc(1, sizeof(*statement));
    size_t n_params = query->n_params ? query->n_params : 1, n_columns;
    if (!statement)
        return NULL;
    statement->table = query->table;
    statement->columns = query->columns;
    statement->n_params = query->n_params;
    statement->n_columns = (size_t)__builtin_popcountll(query->columns);
    n_columns = statement->n_columns ? statement->n_columns : 1;
    statement->params = calloc(n_params, sizeof(*statement->params));
    statement->param_cells = calloc(n_params, sizeof(*statement->param_cells));
    statement->results = calloc(n_columns, sizeof(*statement->results));
    statement->result_cells = calloc(n_columns, sizeof(*statement->result_cells));
    statement->fetched = calloc(n_columns, sizeof(*statement->fetched));
    if (statement->params && statement->param_cells && statement->results &&
        statement->result_cells && statement->fetched)
        return statement;
    gw_mysql_statement_close(statement);
    return NULL;
}

static int bind_results(struct mysql_statement *statement)
{
    size_t at = 0;
    for (size_t i = 0; statement->columns && i < statement->table->n_columns; i++) {
        int r;
        if (!(statement->columns & (UINT64_C(1) << i)))
            continue;
        statement->fetched[at] = &statement->table->columns[i];
        r = gw_mysql_bind_column(statement->fetched[at], &statement->result_cells[at],
                                 &statement->results[at]);
        if (r)
            return r;
        at++;
    }
    if (at && mysql_stmt_bind_result(statement->handle, statement->results))
        return -ENOMEM;
    return 0;
}

/* Prepares on the server. */
static int prepare(struct mysql_conn *conn, struct mysql_statement *statement,
                   const struct gw_query *query)
{
    MYSQL_STMT *handle = mysql_stmt_init(conn->mysql);
    int failed = 0, r;
    if (!handle)
        return -ENOMEM;
    statement->handle = handle;
    r = GW_MYSQL_AWAIT(conn->mysql, query->deadline_ns,
                       mysql_stmt_prepare_start(&failed, handle, query->sql, strlen(query->sql)),
                       mysql_stmt_prepare_cont(&failed, handle, events));
    if (r)
        return r;
    if (failed)
        return gw_mysql_statement_failed(conn, handle, query->sql);
    if (mysql_stmt_param_count(handle) != statement->n_params)
        return gw_mysql_mismatch(conn, "another number of values than the statement takes",
                                 query->sql);
    if (mysql_stmt_field_count(handle) != statement->n_columns)
        return gw_mysql_mismatch(conn, "another number of columns than expected", query->sql);
    return bind_results(statement);
}

/* A transaction that Galera has rolled back for another node's sake is told so by the answer to its
 * next statement, but not if what comes next has an answer of its own, or none, as preparing and
 * closing have: then the statement behind that would be a transaction for itself, and committed. */
int gw_mysql_see_transaction(struct mysql_conn *conn, uint64_t deadline_ns)
{
    int r = gw_mysql_text(conn, "DO 0", deadline_ns, NULL);
    if (r)
        return r;
    return conn->mysql->server_status & SERVER_STATUS_IN_TRANS ? 0 : GW_MYSQL_CONFLICT;
}

int gw_mysql_statement_new(struct mysql_conn *conn, const struct gw_query *query,
                           struct mysql_statement **ret)
{
    struct mysql_statement *statement = allocate(query);
    if (!statement)
        return -ENOMEM;
    int r = prepare(conn, statement, query);
    if (r == -ETIMEDOUT)
        gw_mysql_drop(conn); /* first: the statement hangs in the middle of the protocol */
    if (r)
        gw_mysql_statement_close(statement);
    else
        *ret = statement;
    return r;
}

static int find_or_prepare(struct mysql_conn *conn, const struct gw_query *query,
                           struct mysql_statement **ret)
{
    const void *rows = query->columns ? query->table : NULL;
    struct mysql_statement *statement = gw_cache_find(&conn->cache, query->sql, rows);
    int r;
    if (statement) {
        *ret = statement;
        if (statement->n_params == query->n_params && statement->columns == query->columns)
            return 0;
        return gw_mysql_mismatch(conn, "one text for two statements", query->sql);
    }
    r = gw_mysql_statement_new(conn, query, &statement);
    if (r)
        return r;
    *ret = statement;
    r = gw_cache_add(&conn->cache, query->sql, rows, statement);
    return r || !conn->base.in_transaction ? r : gw_mysql_see_transaction(conn, query->deadline_ns);
}

int gw_mysql_statement_send(struct mysql_conn *conn, struct mysql_statement *statement,
                            const struct gw_query *query)
{
    MYSQL_STMT *handle = statement->handle;
    int failed = 0, r;
    for (size_t i = 0; i < query->n_params; i++)
        gw_mysql_bind_value(&query->params[i], &statement->param_cells[i], &statement->params[i]);
    if (query->n_params && mysql_stmt_bind_param(handle, statement->params))
        return gw_mysql_statement_failed(conn, handle, query->sql);
    r = GW_MYSQL_AWAIT(conn->mysql, query->deadline_ns, mysql_stmt_execute_start(&failed, handle),
                       mysql_stmt_execute_cont(&failed, handle, events));
    if (r || !failed)
        return r;
    return gw_mysql_statement_failed(conn, handle, query->sql);
}

/* The same, and takes the whole answer. */
static int send_and_store(struct mysql_conn *conn, struct mysql_statement *statement,
                          const struct gw_query *query)
{
    MYSQL_STMT *handle = statement->handle;
    int failed = 0, r = gw_mysql_statement_send(conn, statement, query);
    if (!r && query->columns) {
        r = GW_MYSQL_AWAIT(conn->mysql, query->deadline_ns,
                           mysql_stmt_store_result_start(&failed, handle),
                           mysql_stmt_store_result_cont(&failed, handle, events));
        statement->broken_off = failed;
    }
    if (r || !failed)
        return r;
    return gw_mysql_statement_failed(conn, handle, query->sql);
}

/* Makes the buffers as long as the texts and blobs of the row that did not fit. */
static int grow_buffers(struct mysql_statement *statement)
{
    for (size_t i = 0; i < statement->n_columns; i++) {
        struct mysql_cell *cell = &statement->result_cells[i];
        MYSQL_BIND *bind = &statement->results[i];
        char *grown;
        if (!cell->buffer || cell->null || cell->length <= cell->size)
            continue;
        grown = realloc(cell->buffer, cell->length);
        if (!grown)
            return -ENOMEM;
        cell->buffer = grown;
        cell->size = cell->length;
        bind->buffer = grown;
        bind->buffer_length = cell->size;
    }
    return mysql_stmt_bind_result(statement->handle, statement->results) ? -ENOMEM : 0;
}

/* Fetches row `index` again into longer buffers. (mysql_stmt_fetch_column would do for one column;
 * but libmariadb before 3.3.20 gives an empty text after a truncated fetch.) What is still cut is a
 * number of another range, of which its own cell tells. */
static int fetch_longer(struct mysql_statement *statement, size_t index)
{
    int r = grow_buffers(statement);
    if (r)
        return r;
    mysql_stmt_data_seek(statement->handle, index);
    r = mysql_stmt_fetch(statement->handle);
    return r == 0 || r == MYSQL_DATA_TRUNCATED ? 0 : -EIO;
}

int gw_mysql_statement_row(struct mysql_statement *statement, int fetched, size_t index,
                           struct gw_arena *arena, struct gw_row_reader *reader)
{
    int r = fetched;
    if (r == MYSQL_DATA_TRUNCATED)
        r = fetch_longer(statement, index);
    else if (r)
        r = -EIO;
    for (size_t i = 0; !r && i < statement->n_columns; i++) {
        const struct gw_column *column = statement->fetched[i];
        struct gw_value value;
        r = gw_mysql_fetched(column, &statement->result_cells[i], arena, &value);
        r = gw_row_put(reader, (size_t)(column - statement->table->columns), r, &value);
    }
    return r;
}

static int bind_kinds(struct mysql_statement *statement)
{
    bool fit = true;
    for (size_t i = 0; i < statement->n_columns; i++)
        fit = gw_mysql_kind_fits(&statement->handle->fields[i], &statement->result_cells[i],
                                 &statement->results[i]) &&
              fit;
    return !fit && mysql_stmt_bind_result(statement->handle, statement->results) ? -ENOMEM : 0;
}

/* The table may have been changed under a running program. */
static int check_fields(struct mysql_conn *conn, const struct mysql_statement *statement)
{
    if (mysql_stmt_field_count(statement->handle) != statement->n_columns)
        return gw_mysql_mismatch(conn, "has other columns now", statement->table->sql_name);
    for (size_t i = 0; i < statement->n_columns; i++)
        if (!gw_mysql_field_fits(statement->fetched[i], &statement->handle->fields[i]))
            return gw_mysql_mismatch(conn, "is not of its declared type",
                                     gw_column_sql(statement->fetched[i]));
    return 0;
}

int gw_mysql_statement_fit(struct mysql_conn *conn, struct mysql_statement *statement)
{
    int r = check_fields(conn, statement);
    return r ? r : bind_kinds(statement);
}

static int fetch_all(struct mysql_conn *conn, struct mysql_statement *statement,
                     const struct gw_query *query, struct gw_arena *arena, struct gw_result *ret)
{
    size_t n = mysql_stmt_num_rows(statement->handle);
    size_t size = gw_table_stride(query->table, query->columns);
    int r = gw_mysql_statement_fit(conn, statement);
    if (!r && n > query->max_rows)
        r = gw_mysql_mismatch(conn, "more rows than expected", query->sql);
    if (r || n == 0)
        return r;
    ret->rows = gw_arena_array(arena, n, size);
    if (!ret->rows)
        return -ENOMEM;
    for (size_t i = 0; !r && i < n; i++) {
        struct gw_row_reader reader = {
            .store = conn->base.store, .query = query, .row = (char *)ret->rows + i * size};
        r = gw_mysql_statement_row(statement, mysql_stmt_fetch(statement->handle), i, arena,
                                   &reader);
        if (!r)
            r = gw_row_end(&reader, arena, ret);
    }
    return r;
}

static int ask_packet_max(struct mysql_conn *conn, uint64_t deadline_ns)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    int r = gw_mysql_text(conn, "SELECT @@max_allowed_packet", deadline_ns, &rows);
    if (r)
        return r;
    row = mysql_fetch_row(rows);
    conn->packet_max = row && row[0] ? strtoull(row[0], NULL, 10) : UINT64_MAX;
    mysql_free_result(rows);
    return 0;
}

/* Whether the values fit into one packet: the server closes the connection of a client that sends a
 * larger one, often before the answer that says why has been read. Most never ask. */
static int check_size(struct mysql_conn *conn, const struct gw_query *query)
{
    uint64_t size = PACKET_MARGIN;
    int r;
    for (size_t i = 0; i < query->n_params; i++)
        size += gw_mysql_sent_size(&query->params[i]);
    if (size <= SMALL_PACKET)
        return 0;
    r = conn->packet_max ? 0 : ask_packet_max(conn, query->deadline_ns);
    if (r || size <= conn->packet_max)
        return r;
    gw_mysql_mismatch(conn, "larger than max_allowed_packet", query->sql);
    return GW_E_TOO_LARGE;
}

int gw_mysql_execute(struct mysql_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                     struct gw_result *ret, bool *ret_sent)
{
    struct mysql_statement *statement = NULL;
    int r = check_size(conn, query);
    if (!r)
        r = find_or_prepare(conn, query, &statement);
    if (r)
        return r;
    *ret_sent = true;
    r = send_and_store(conn, statement, query);
    if (!r && conn->base.in_transaction && !(conn->mysql->server_status & SERVER_STATUS_IN_TRANS))
        r = GW_MYSQL_CONFLICT; /* it was rolled back, and this ran outside of it */
    if (r == -ETIMEDOUT || r == GW_MYSQL_LOST)
        return r; /* the caller drops the connection, and the statement with it */
    if (r == GW_E_DUPLICATE) {
        ret->duplicate =
            gw_mysql_duplicate_column(conn, query, mysql_stmt_error(statement->handle));
        return r; /* asking may have lost the connection, and the statement with it */
    }
    if (!r && query->columns)
        r = fetch_all(conn, statement, query, arena, ret);
    if (!r && !query->columns) {
        ret->affected = mysql_stmt_affected_rows(statement->handle);
        ret->insert_id = (int64_t)mysql_stmt_insert_id(statement->handle);
    }
    if (statement->broken_off) /* libmariadb would wait for the other rows at its next use */
        gw_cache_remove(&conn->cache, statement);
    else if (query->columns)
        mysql_stmt_free_result(statement->handle);
    return r;
}

static int check_prepared(MYSQL_STMT *handle, const struct gw_query *query, char *why, size_t size)
{
    size_t n_columns = query->table ? query->table->n_columns : 0;
    if (mysql_stmt_param_count(handle) != query->n_params) {
        snprintf(why, size, "takes %lu values, not %zu", mysql_stmt_param_count(handle),
                 query->n_params);
        return 1;
    }
    if (mysql_stmt_field_count(handle) != n_columns) {
        snprintf(why, size, "gives %u columns, not %zu", mysql_stmt_field_count(handle), n_columns);
        return 1;
    }
    for (size_t i = 0; i < n_columns; i++) {
        const struct gw_column *column = &query->table->columns[i];
        if (strcasecmp(handle->fields[i].name, gw_column_sql(column))) {
            snprintf(why, size, "gives column %s, not %s", handle->fields[i].name,
                     gw_column_sql(column));
            return 1;
        }
        if (!gw_mysql_field_fits(column, &handle->fields[i])) {
            snprintf(why, size, "gives column %s in another type than declared",
                     gw_column_sql(column));
            return 1;
        }
    }
    return 0;
}

int gw_mysql_check(struct mysql_conn *conn, const struct gw_query *query, char *why, size_t size)
{
    MYSQL_STMT *handle = mysql_stmt_init(conn->mysql);
    int failed = 0, r;
    if (!handle)
        return -ENOMEM;
    r = GW_MYSQL_AWAIT(conn->mysql, query->deadline_ns,
                       mysql_stmt_prepare_start(&failed, handle, query->sql, strlen(query->sql)),
                       mysql_stmt_prepare_cont(&failed, handle, events));
    if (!r && failed && !strcmp(mysql_stmt_sqlstate(handle), "HY000"))
        r = gw_mysql_statement_failed(conn, handle, query->sql);
    if (!r && failed) {
        snprintf(why, size, "%s", mysql_stmt_error(handle));
        r = 1;
    }
    if (!r)
        r = check_prepared(handle, query, why, size);
    if (r < 0)
        gw_mysql_drop(conn);
    mysql_stmt_close(handle);
    return r;
}
