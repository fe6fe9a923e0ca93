/* tickets.c: see tickets.h. */
#include "store/tickets.h"

#include "base/arena.h"
#include "store/column.h"

#include <errno.h>

/* A spent ticket is kept for longer than it was good: by our clock, and the sweep goes by the
 * database's. */
#define CLOCKS_APART 86400

static int insert(struct gw_conn *conn, const char *jti, int64_t expires, struct gw_arena *arena,
                  uint64_t deadline_ns)
{
    const struct gw_value values[] = {
        {.type = GW_TYPE_TEXT, .as.text = jti},
        {.type = GW_TYPE_INT, .as.i64 = expires + CLOCKS_APART},
    };
    struct gw_result result;
    return gw_conn_run(
        conn,
        &(struct gw_query){.sql = "INSERT INTO `gw_tickets` (`jti`, `expires`) VALUES (?, ?)",
                           .params = values,
                           .n_params = 2,
                           .table = &gw_tickets_table,
                           .deadline_ns = deadline_ns},
        arena, &result);
}

/* What is read after it is what the last commit left. */
static int lock(struct gw_conn *conn, const struct gw_table *table, const struct gw_value *key,
                struct gw_arena *arena, uint64_t deadline_ns)
{
    const char *column = gw_column_sql(&table->columns[table->key]);
    struct gw_value sent;
    struct gw_result result;
    int r = gw_conn_sent(conn, table, table->key, key, deadline_ns, arena, &sent);
    const char *sql = gw_arena_printf(arena, "SELECT `%s` FROM `%s` WHERE `%s` = ?%s", column,
                                      table->sql_name, column, conn->store->driver->locking);
    if (r || !sql)
        return r ? r : -ENOMEM;
    return gw_conn_run(conn,
                       &(struct gw_query){.sql = sql,
                                          .params = &sent,
                                          .n_params = 1,
                                          .table = table,
                                          .columns = UINT64_C(1) << table->key,
                                          .max_rows = 2,
                                          .deadline_ns = deadline_ns},
                       arena, &result);
}

int gw_tickets_spend(struct gw_conn *conn, const char *jti, int64_t expires,
                     const struct gw_table *table, const struct gw_value *key,
                     struct gw_arena *arena, uint64_t deadline_ns)
{
    int r = insert(conn, jti, expires, arena, deadline_ns);
    return r ? r : lock(conn, table, key, arena, deadline_ns);
}
