/* shared_counts.c: see shared_counts.h.
 *
 * The row that is written says how many there are: one statement counts and asks. Of several at
 * once each waits for the row's lock, or is run again where another node of a cluster was first, so
 * each is given a number of its own. No lock outlives the statement. */
#include "store/shared_counts.h"

#include "base/arena.h"
#include "store/runtime_tables.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* Clocks of a cluster's nodes may be so far apart: who is behind counts on in the window that has
 * begun by another's clock. A row that is further ahead than that is of a clock that was put back,
 * and begins anew. */
#define APART 60

/* A row stays so long behind its window, for the same reason. */
#define STAYS 120

static const struct gw_column columns[] = {
    {.name = "n", .type = GW_TYPE_INT, .offset = offsetof(struct gw_limits_row, n)},
    {.name = "left", .type = GW_TYPE_INT, .offset = offsetof(struct gw_limits_row, period)},
};

static const struct gw_table counted = {
    .name = "gw_limits",
    .sql_name = "gw_limits",
    .columns = columns,
    .n_columns = 2,
    .row_size = sizeof(struct gw_limits_row),
    .revokes = -1,
    .entity = -1,
};

/* ---- The statement -------------------------------------------------------------------------- */

/* %1$s now, %2$u shift, %3$u length, %4$u how long the row stays, %5$u windows that it may be
 * ahead. */
#define WINDOW "(%1$s + %2$u)"
#define LEFT   "(%3$u - " WINDOW " %% %3$u)"

static const char *text_returning(struct gw_arena *arena, const char *now,
                                  const struct gw_shared_count *what)
{
#define GOES_ON "CASE WHEN `period` BETWEEN excluded.`period` AND excluded.`period` + %5$u THEN "
    return gw_arena_printf(arena,
                           "INSERT INTO `gw_limits` (`place`, `period`, `n`, `expires`)"
                           " VALUES (?, " WINDOW " / %3$u, 1, %1$s + %4$u)"
                           " ON CONFLICT (`place`) DO UPDATE SET"
                           " `n` = " GOES_ON "`n` + 1 ELSE 1 END,"
                           " `expires` = " GOES_ON "`expires` ELSE excluded.`expires` END,"
                           " `period` = " GOES_ON "`period` ELSE excluded.`period` END"
                           " RETURNING `n`, " LEFT " AS `left`",
                           now, what->shift, what->seconds, what->seconds + STAYS,
                           APART / what->seconds + 1);
#undef GOES_ON
}

/* MySQL's way to learn what was written: LAST_INSERT_ID(x) is x, and is given back with the
 * answer. Of its 64 bits the lower half is the count, the upper what is left of the window. */
static const char *text_last_id(struct gw_arena *arena, const char *now,
                                const struct gw_shared_count *what)
{
#define GOES_ON "IF(`period` BETWEEN VALUES(`period`) AND VALUES(`period`) + %5$u, "
#define GIVE(n) "LAST_INSERT_ID(" n " + 4294967296 * " LEFT ") & 4294967295"
    return gw_arena_printf(
        arena,
        "INSERT INTO `gw_limits` (`place`, `period`, `n`, `expires`)"
        " VALUES (?, " WINDOW " DIV %3$u, " GIVE(
            "1") ", %1$s + %4$u)"
                 " ON DUPLICATE KEY UPDATE"
                 " `n` = " GIVE(GOES_ON "`n` + 1, 1)") ","
                                                       " `expires` = " GOES_ON
                                                       "`expires`, VALUES(`expires`)),"
                                                       " `period` = " GOES_ON
                                                       "`period`, VALUES(`period`))",
        now, what->shift, what->seconds, what->seconds + STAYS, APART / what->seconds + 1);
#undef GIVE
#undef GOES_ON
}

int gw_shared_counts_add(struct gw_conn *conn, const struct gw_shared_count *what,
                         struct gw_arena *arena, uint64_t deadline_ns, uint64_t *ret_n,
                         uint32_t *ret_left)
{
    const struct gw_store_driver *driver = conn->store->driver;
    const char *sql =
        (driver->returning ? text_returning : text_last_id)(arena, driver->seconds, what);
    const char *place = gw_arena_printf(arena, "%u:%05x", what->seconds, what->place);
    const struct gw_value value = {.type = GW_TYPE_TEXT, .as.text = place};
    struct gw_result result = {0};
    assert(what->place < GW_SHARED_PLACES && what->shift < what->seconds);
    if (!sql || !place)
        return -ENOMEM;
    int r = gw_conn_run(conn,
                        &(struct gw_query){.sql = sql,
                                           .params = &value,
                                           .n_params = 1,
                                           .table = driver->returning ? &counted : &gw_limits_table,
                                           .columns = driver->returning ? 3 : 0,
                                           .max_rows = 1,
                                           .deadline_ns = deadline_ns},
                        arena, &result);
    const struct gw_limits_row *row = result.rows;
    if (r)
        return r;
    if (driver->returning && result.n != 1)
        return -EIO;
    *ret_n = row ? (uint64_t)row->n : (uint64_t)result.insert_id & UINT32_MAX;
    *ret_left = row ? (uint32_t)row->period : (uint32_t)((uint64_t)result.insert_id >> 32);
    return *ret_n && *ret_left ? 0 : -EIO;
}

/* ---- The key -------------------------------------------------------------------------------- */

#define KEY_EXPIRES 253402300799 /* the year 9999 */

/* Whoever else makes one at this moment, one is there then. */
static int make_key(struct gw_conn *conn, struct gw_arena *arena, uint64_t deadline_ns)
{
    int64_t random[2];
    struct gw_result result = {0};
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    const struct gw_value values[] = {{.type = GW_TYPE_INT, .as.i64 = random[0]},
                                      {.type = GW_TYPE_INT, .as.i64 = random[1]},
                                      {.type = GW_TYPE_INT, .as.i64 = KEY_EXPIRES}};
    int r = gw_conn_run(conn,
                        &(struct gw_query){.sql = "INSERT INTO `gw_limits` (`place`, `period`, `n`,"
                                                  " `expires`) VALUES ('key', ?, ?, ?)",
                                           .params = values,
                                           .n_params = 3,
                                           .table = &gw_limits_table,
                                           .deadline_ns = deadline_ns},
                        arena, &result);
    return r == GW_E_DUPLICATE ? 0 : r;
}

/* Where writes go, and behind what other nodes of a Galera cluster have written. */
static int read_key(struct gw_conn *conn, struct gw_arena *arena, uint64_t deadline_ns,
                    unsigned char ret[GW_SHARED_KEY])
{
    struct gw_result result = {0};
    int r = gw_conn_run(
        conn,
        &(struct gw_query){.sql = "/*M!100301 SET STATEMENT wsrep_sync_wait = 1 FOR */ SELECT"
                                  " `period`, `n` FROM `gw_limits` WHERE `place` = 'key'",
                           .table = &gw_limits_table,
                           .columns = 1 << GW_LIMITS_period | 1 << GW_LIMITS_n,
                           .max_rows = 1,
                           .deadline_ns = deadline_ns,
                           .read_only = true,
                           .newest = true},
        arena, &result);
    const struct gw_limits_row *row = result.rows;
    if (r || !result.n)
        return r ? r : GW_E_NOT_FOUND;
    for (size_t i = 0; i < GW_SHARED_KEY / 2; i++) { /* the same on machines of either order */
        ret[i] = (unsigned char)((uint64_t)row->period >> (8 * i));
        ret[GW_SHARED_KEY / 2 + i] = (unsigned char)((uint64_t)row->n >> (8 * i));
    }
    return 0;
}

int gw_shared_counts_key(struct gw_conn *conn, struct gw_arena *arena, uint64_t deadline_ns,
                         unsigned char ret[GW_SHARED_KEY])
{
    int r = read_key(conn, arena, deadline_ns, ret);
    if (r != GW_E_NOT_FOUND)
        return r;
    r = make_key(conn, arena, deadline_ns);
    if (!r)
        r = read_key(conn, arena, deadline_ns, ret);
    return r == GW_E_NOT_FOUND ? -EIO : r;
}
