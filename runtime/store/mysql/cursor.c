/* cursor.c: the rows of a statement, a few at a time.
 *
 * By a cursor: the server puts the rows aside when the statement is run, holds no lock of them and
 * hands them out as they are asked for, so that a handler can take its time and run other
 * statements on the connection meanwhile. How many are asked for at once depends on how long rows
 * are, as declared and as seen. A statement of its own, for one of the same text may be run
 * meanwhile. */
#include "store/mysql/statement.h"

#include "store/column.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE      ((size_t)64 << 10) /* bytes that are asked for at once, about */
#define PIECE_ROWS 64                 /* rows, at most */

struct mysql_cursor {
    struct gw_cursor base;
    struct mysql_statement *statement;
    size_t index;           /* of the row among those in memory */
    size_t n_rows, n_bytes; /* so far */
    unsigned long most;     /* that may be asked for at once */
};

/* How many bytes a row has at most, as declared; 0: as many as it likes. */
static uint64_t bytes_declared(const struct gw_query *query)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < query->table->n_columns; i++) {
        const struct gw_column *column = &query->table->columns[i];
        bool is_long = gw_type_is_text(column->type) || column->type == GW_TYPE_BLOB;
        if (!(query->columns >> i & 1))
            continue;
        if (is_long && !column->max)
            return 0;
        sum += is_long ? 4 * (uint64_t)column->max : sizeof(uint64_t);
    }
    return sum;
}

/* What is not bounded by its declaration could become longer from one row to the next: few at a
 * time bound that. */
static unsigned long most_at_once(const struct gw_query *query)
{
    uint64_t bytes = bytes_declared(query), fit = bytes ? 16 * PIECE / bytes : 16;
    return fit < 1 ? 1 : fit < PIECE_ROWS ? (unsigned long)fit : PIECE_ROWS;
}

static void set_piece(struct mysql_cursor *cursor)
{
    size_t each = cursor->n_rows ? cursor->n_bytes / cursor->n_rows + 1 : PIECE;
    unsigned long n = each < PIECE ? PIECE / each : 1;
    if (n > cursor->most)
        n = cursor->most;
    mysql_stmt_attr_set(cursor->statement->handle, STMT_ATTR_PREFETCH_ROWS, &n);
}

/* Runs it with a cursor. Without one libmariadb would be left with an answer half read. */
static int start(struct mysql_conn *conn, struct mysql_cursor *cursor, bool *ret_sent)
{
    struct mysql_statement *statement = cursor->statement;
    const struct gw_query *query = &cursor->base.query;
    unsigned long kind = CURSOR_TYPE_READ_ONLY;
    int r = conn->base.in_transaction ? gw_mysql_see_transaction(conn, query->deadline_ns) : 0;
    if (r)
        return r;
    if (mysql_stmt_attr_set(statement->handle, STMT_ATTR_CURSOR_TYPE, &kind))
        return -ENOMEM;
    *ret_sent = true;
    r = gw_mysql_statement_send(conn, statement, query);
    if (r)
        return r;
    if (!(statement->handle->upsert_status.server_status & SERVER_STATUS_CURSOR_EXISTS)) {
        conn->out_of_step = true;
        return gw_mysql_mismatch(conn, "the server opens no cursor", query->sql);
    }
    return gw_mysql_statement_fit(conn, statement);
}

int gw_mysql_cursor_open(struct mysql_conn *conn, const struct gw_query *query,
                         struct gw_cursor **ret, bool *ret_sent)
{
    struct mysql_cursor *cursor = calloc(1, sizeof(*cursor));
    if (!cursor)
        return -ENOMEM;
    cursor->base = (struct gw_cursor){.conn = &conn->base, .query = *query};
    cursor->most = most_at_once(query);
    int r = gw_mysql_statement_new(conn, query, &cursor->statement);
    if (!r)
        r = start(conn, cursor, ret_sent);
    if (!r) {
        *ret = &cursor->base;
        return 0;
    }
    if (r == -ETIMEDOUT || r == GW_MYSQL_LOST || conn->out_of_step)
        gw_mysql_drop(conn); /* first: closing it would wait for the rest of an answer */
    if (cursor->statement)
        gw_mysql_statement_close(cursor->statement);
    free(cursor);
    return r;
}

/* The next row as libmariadb has it: 0, MYSQL_NO_DATA, MYSQL_DATA_TRUNCATED in *ret. */
static int fetch(struct mysql_conn *conn, struct mysql_cursor *cursor, int *ret)
{
    MYSQL_STMT *handle = cursor->statement->handle;
    bool asks = !handle->result_cursor; /* there is none left in memory */
    if (asks)
        set_piece(cursor);
    int r = GW_MYSQL_AWAIT(conn->mysql, cursor->base.query.deadline_ns,
                           mysql_stmt_fetch_start(ret, handle),
                           mysql_stmt_fetch_cont(ret, handle, events));
    cursor->index = asks ? 0 : cursor->index + 1;
    if (r || *ret == 0 || *ret == MYSQL_NO_DATA || *ret == MYSQL_DATA_TRUNCATED)
        return r;
    return gw_mysql_statement_failed(conn, handle, cursor->base.query.sql);
}

int gw_mysql_cursor_next(struct gw_cursor *base, struct gw_arena *arena, struct gw_result *ret)
{
    struct mysql_cursor *cursor = (struct mysql_cursor *)base;
    struct mysql_conn *conn = (struct mysql_conn *)base->conn;
    struct mysql_statement *statement = cursor->statement;
    struct gw_row_reader reader = {.store = base->conn->store, .query = &base->query};
    int fetched, r;
    if (!statement->handle->mysql) /* the connection was lost under another statement */
        return -EHOSTDOWN;
    r = fetch(conn, cursor, &fetched);
    if (r || fetched == MYSQL_NO_DATA)
        return r;
    reader.row = ret->rows =
        gw_arena_alloc(arena, gw_table_stride(base->query.table, base->query.columns));
    if (!reader.row)
        return -ENOMEM;
    r = gw_mysql_statement_row(statement, fetched, cursor->index, arena, &reader);
    for (size_t i = 0; i < statement->n_columns; i++)
        cursor->n_bytes += statement->result_cells[i].length;
    cursor->n_rows++;
    return r ? r : gw_row_end(&reader, arena, ret);
}

int gw_mysql_cursor_close(struct gw_cursor *base, int r)
{
    struct mysql_cursor *cursor = (struct mysql_cursor *)base;
    struct mysql_conn *conn = (struct mysql_conn *)base->conn;
    bool lost = !cursor->statement->handle->mysql;
    uint64_t deadline_ns = base->query.deadline_ns;
    gw_mysql_statement_close(cursor->statement); /* one packet without an answer, or none */
    free(cursor);
    if (r || lost || !conn->base.in_transaction || conn->base.failed)
        return 0;
    return gw_mysql_see_transaction(conn, deadline_ns);
}
