/* cursor.c: the rows of a statement, one by one.
 *
 * What stands on a row holds a read transaction, and a connection that has one cannot write once
 * another has written: so a statement beside which others are run has a connection of its own.
 * Within a transaction there is nobody else who writes, and a database in memory lets nobody write
 * while another connection reads: there it is run on the connection itself. It is prepared for
 * itself, too, for one of the same text may be run meanwhile. */
#include "store/sqlite/own.h"

#include "store/column.h"
#include "store/row.h"

#include <errno.h>
#include <stdlib.h>

struct sqlite_cursor {
    struct gw_cursor base;
    struct gw_conn *own; /* NULL: base.conn's is used */
    sqlite3_stmt *stmt;
};

static struct sqlite_conn *conn_of(const struct sqlite_cursor *cursor)
{
    return (struct sqlite_conn *)(cursor->own ? cursor->own : cursor->base.conn);
}

int gw_sqlite_cursor_close(struct gw_cursor *base, int r)
{
    struct sqlite_cursor *cursor = (struct sqlite_cursor *)base;
    (void)r;
    sqlite3_finalize(cursor->stmt);
    gw_conn_free(cursor->own);
    free(cursor);
    return 0;
}

static int start(struct sqlite_cursor *cursor)
{
    struct sqlite_conn *conn = conn_of(cursor);
    const struct gw_query *query = &cursor->base.query;
    int r = gw_sqlite_ready(conn, false, query->deadline_ns);
    if (r)
        return r;
    int code = sqlite3_prepare_v2(conn->db, query->sql, -1, &cursor->stmt, NULL);
    if (code != SQLITE_OK)
        return gw_sqlite_failed(conn->base.store, conn->db, code, query->sql);
    return gw_sqlite_bind(conn, cursor->stmt, query);
}

int gw_sqlite_cursor_open(struct gw_conn *conn, const struct gw_query *query, bool aside,
                          struct gw_cursor **ret)
{
    const struct sqlite_store *store = (const struct sqlite_store *)conn->store;
    struct sqlite_cursor *cursor = calloc(1, sizeof(*cursor));
    int r = 0;
    if (!cursor)
        return -ENOMEM;
    cursor->base = (struct gw_cursor){.conn = conn, .query = *query};
    if (aside && !conn->in_transaction && !store->anchor)
        r = gw_conn_new(conn->store, &cursor->own);
    if (!r)
        r = start(cursor);
    if (r)
        gw_sqlite_cursor_close(&cursor->base, r);
    else
        *ret = &cursor->base;
    return r;
}

int gw_sqlite_cursor_next(struct gw_cursor *base, struct gw_arena *arena, struct gw_result *ret)
{
    struct sqlite_cursor *cursor = (struct sqlite_cursor *)base;
    struct sqlite_conn *conn = conn_of(cursor);
    const struct gw_query *query = &base->query;
    struct gw_row_reader reader = {.store = base->conn->store, .query = query};
    conn->deadline_ns = query->deadline_ns;
    int code = sqlite3_step(cursor->stmt);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return gw_sqlite_failed(base->conn->store, conn->db, code, query->sql);
    reader.row = ret->rows = gw_arena_alloc(arena, gw_table_stride(query->table, query->columns));
    if (!reader.row)
        return -ENOMEM;
    int r = gw_sqlite_fetch(&reader, cursor->stmt, arena);
    return r ? r : gw_row_end(&reader, arena, ret);
}
