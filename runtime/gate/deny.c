/* deny.c: the deny-list.
 *
 * Off unless GW_DENY_LIST is on: `revokes` columns end all tokens of an account without a query,
 * and are enough for most. This ends one token and leaves the others. It costs a statement for each
 * batch of requests, and a random `jti` in each token.
 *
 * The list is a table like any other, gw_denied_tokens: the token's jti and when it expires. A
 * token whose time has come is refused anyway: its line is swept away, in pieces, by a thread
 * beside the workers (process/beside.c), so that no log-out waits for it. A list that cannot be
 * read lets nobody in. */
#include "gate/deny.h"

#include "store/entity.h"
#include "json/json.h"
#include "request/request.h"
#include "request/context.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#define ID_MAX      64
#define SWEEP_LATER 60 /* seconds that a line stays behind its token's expiry: clocks differ */

struct denied_row {
    const char *jti;
    int64_t expires; /* seconds since 1970 */
};

enum { JTI, EXPIRES };
static const struct gw_column columns[] = {
    {.name = "jti",
     .type = GW_TYPE_TEXT,
     .flags = GW_COL_KEY,
     .max = ID_MAX,
     .offset = offsetof(struct denied_row, jti)},
    {.name = "expires", .type = GW_TYPE_INT, .offset = offsetof(struct denied_row, expires)},
};

/* What is made by hand in docs/tokens.md, too. */
static const struct gw_definition definitions[] = {
    {"VARCHAR(64)", " NOT NULL", "TEXT"},
    {"BIGINT", " NOT NULL", "INTEGER"},
};
_Static_assert(ID_MAX == 64, "as the definitions have it");

static const struct gw_set sets[] = {{.kind = GW_SET_INDEX, .columns = {EXPIRES}, .n = 1}};

static const struct gw_table table = {
    .name = "gw_denied_tokens",
    .sql_name = "gw_denied_tokens",
    .columns = columns,
    .n_columns = 2,
    .row_size = sizeof(struct denied_row),
    .key = 0,
    .revokes = -1,
    .entity = -1,
    .sets = sets,
    .n_sets = 1,
    .definitions = definitions,
    .mysql = "(\n"
             "  `jti` VARCHAR(64) NOT NULL PRIMARY KEY,\n"
             "  `expires` BIGINT NOT NULL,\n"
             "  INDEX (`expires`)\n"
             ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=",
    .sqlite = "(\n"
              "  \"jti\" TEXT NOT NULL PRIMARY KEY CHECK (length(\"jti\") <= 64),\n"
              "  \"expires\" INTEGER NOT NULL\n"
              ") STRICT",
    .sqlite_indexes = "CREATE INDEX IF NOT EXISTS \"gw_denied_tokens by expires\" ON "
                      "\"gw_denied_tokens\" (\"expires\")",
};

const struct gw_app *gw_deny_app(const struct gw_app *app, struct gw_arena *arena)
{
    struct gw_app *ret = gw_arena_alloc(arena, sizeof(*ret));
    const struct gw_table **tables = gw_arena_array(arena, app->n_tables + 1, sizeof(*tables));
    if (!ret || !tables)
        return NULL;
    for (size_t i = 0; i < app->n_tables; i++)
        tables[i] = app->tables[i];
    tables[app->n_tables] = &table;
    *ret = *app;
    ret->tables = tables;
    ret->n_tables = app->n_tables + 1;
    return ret;
}

/* The token's jti where it can be on the list: it is ours and has one. */
static const char *token_id(const struct gw_request *req)
{
    const struct gw_json *jti = req->me.issuer ? NULL : gw_json_member(req->me.claims, "jti");
    bool good = jti && jti->kind == GW_JSON_STRING && jti->text.len && jti->text.len <= ID_MAX;
    return good ? jti->text.ptr : NULL;
}

static int64_t expiry(const struct gw_request *req)
{
    uint64_t seconds = 0; /* verified tokens have it, below 2^53 */
    bool negative, more = false;
    gw_json_split(gw_json_member(req->me.claims, "exp"), &negative, &seconds, &more);
    return (int64_t)seconds + more;
}

void gw_deny_check(struct gw_worker *worker, struct gw_request *const *waiting, size_t n,
                   int *results)
{
    struct gw_load loads[GW_BATCH_MAX];
    size_t asking[GW_BATCH_MAX], n_loads = 0;
    uint64_t deadline = 0;
    assert(n <= GW_BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        const char *jti = token_id(waiting[i]);
        results[i] = GW_E_NOT_FOUND;
        if (!jti)
            continue;
        asking[n_loads] = i;
        loads[n_loads++] = (struct gw_load){.key = {.type = GW_TYPE_TEXT, .as.text = jti},
                                            .arena = waiting[i]->arena};
        uint64_t own = waiting[i]->deadline_ns;
        deadline = own > deadline ? own : deadline;
    }
    if (!n_loads)
        return;
    struct gw_conn *conn = gw_request_conn(waiting[asking[0]]);
    for (size_t i = 0; !conn && i < n_loads; i++)
        loads[i].result = -ENOMEM;
    if (conn)
        gw_entity_load(conn, worker->server->sql, &table, loads, n_loads, deadline);
    for (size_t i = 0; i < n_loads; i++)
        results[asking[i]] = loads[i].result;
}

/* ---- The sweep ------------------------------------------------------------------------------ */

/* When the last of the oldest lines expires that make a piece: an index leads to it. Where there
 * are fewer, `now`. */
static int end_of_piece(struct gw_conn *conn, struct gw_arena *arena, int64_t now, int64_t *ret)
{
    struct gw_value limit = {.type = GW_TYPE_INT, .as.i64 = now};
    struct gw_result result;
    int r = gw_conn_run(
        conn,
        &(struct gw_query){.sql = "SELECT `expires` FROM `gw_denied_tokens` WHERE `expires` < ?"
                                  " ORDER BY `expires` LIMIT 1 OFFSET 999",
                           .params = &limit,
                           .n_params = 1,
                           .table = &table,
                           .columns = UINT64_C(1) << EXPIRES,
                           .max_rows = 1,
                           .read_only = true},
        arena, &result);
    *ret = !r && result.n ? ((struct denied_row *)result.rows)->expires + 1 : now;
    return r;
}

int gw_deny_sweep(struct gw_conn *conn, struct gw_arena *arena, uint64_t *ret_n)
{
    struct gw_value end = {.type = GW_TYPE_INT};
    struct gw_result result = {0};
    int r = end_of_piece(conn, arena, time(NULL) - SWEEP_LATER, &end.as.i64);
    if (!r)
        r = gw_conn_run(
            conn,
            &(struct gw_query){.sql = "DELETE FROM `gw_denied_tokens` WHERE `expires` < ?",
                               .params = &end,
                               .n_params = 1},
            arena, &result);
    *ret_n = result.affected;
    return r;
}

/* A CGI process has no thread beside its worker: a piece goes with each line that is written. A
 * failure leaves the lines for the next time. */
static void sweep_here(struct gw_request *req)
{
    struct gw_conn *conn = gw_request_conn(req);
    uint64_t n;
    if (req->transport->single && conn && !gw_conn_in_transaction(conn))
        gw_deny_sweep(conn, req->arena, &n);
}

/* ---- Denying -------------------------------------------------------------------------------- */

int gw_deny_token(struct gw_request *req)
{
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    struct denied_row row = {
        .jti = token_id(req),
        .expires = expiry(req),
    };
    if (!req->worker->server->config.deny_list || !row.jti)
        return -ENOTSUP;
    sweep_here(req);
    int r = gw_entity_insert(req, &table, &row, NULL);
    return r == GW_E_DUPLICATE ? 0 : r;
}
