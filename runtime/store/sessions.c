/* sessions.c: see sessions.h. */
#include "store/sessions.h"

#include "base/arena.h"
#include "base/base64.h"
#include "store/column.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#define ATTEMPTS 16 /* at a row that others change each time between reading and writing */

enum gw_session_step gw_session_step(const struct gw_session_row *row, int64_t generation)
{
    bool fresh = row->now - row->replaced < GW_SESSION_GRACE;
    if (row->expires <= row->now || row->ends <= row->now)
        return GW_SESSION_GONE;
    if (generation > row->generation)
        return GW_SESSION_AHEAD;
    if (generation == row->generation)
        return fresh ? GW_SESSION_CURRENT : GW_SESSION_ROTATE;
    bool repeats = generation == row->generation - 1 && fresh && !row->confirmed &&
                   row->repeats < GW_SESSION_REPEATS;
    return repeats ? GW_SESSION_REPEAT : GW_SESSION_REUSED;
}

int gw_session_owner(const struct gw_table *table, const struct gw_value *key,
                     char ret[GW_SESSION_OWNER + 1])
{
    char buffer[GW_KEY_TEXT];
    const char *text = gw_key_text(key, buffer);
    unsigned char hash[32];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    /* The NUL parts the two: no name has one. */
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, table->sql_name, strlen(table->sql_name) + 1) == 1 &&
                EVP_DigestUpdate(context, text, strlen(text)) == 1 &&
                EVP_DigestFinal_ex(context, hash, NULL) == 1;
    EVP_MD_CTX_free(context);
    if (!good)
        return -ENOMEM;
    _Static_assert(GW_BASE64URL_ENCODED(sizeof(hash)) == GW_SESSION_OWNER, "its characters");
    ret[gw_base64url_encode(hash, sizeof(hash), ret)] = 0;
    return 0;
}

/* ---- Statements ----------------------------------------------------------------------------- */

#define COLUMN_TEXT(column, length)                                                                \
    {.name = #column,                                                                              \
     .type = GW_TYPE_TEXT,                                                                         \
     .max = (length),                                                                              \
     .offset = offsetof(struct gw_session_row, column)},
#define COLUMN_INT(column)                                                                         \
    {.name = #column, .type = GW_TYPE_INT, .offset = offsetof(struct gw_session_row, column)},
#define NAME(column, ...) "`" #column "`, "

static const struct gw_column columns[] = {GW_SESSIONS_COLUMNS(COLUMN_TEXT, COLUMN_TEXT, COLUMN_INT)
                                               COLUMN_INT(now)};

static const struct gw_table read_rows = {
    .name = "gw_sessions",
    .sql_name = "gw_sessions",
    .columns = columns,
    .n_columns = GW_SESSIONS_N + 1,
    .row_size = sizeof(struct gw_session_row),
    .revokes = -1,
    .entity = -1,
};

/* What all statements of a call share. */
struct call {
    struct gw_conn *conn;
    struct gw_arena *arena;
    uint64_t deadline_ns;
};

/* Rows as the last commit left them. Galera's other nodes apply it a moment later: there it is
 * waited for. What stands between the marks is a comment but for MariaDB. */
static int read(const struct call *call, const char *where, const struct gw_value *values, size_t n,
                struct gw_result *ret)
{
    const char *sql = gw_arena_printf(
        call->arena,
        "/*M!100301 SET STATEMENT wsrep_sync_wait = 1 FOR */ SELECT " GW_SESSIONS_COLUMNS(
            NAME, NAME, NAME) "%s AS `now` FROM `gw_sessions` WHERE %s",
        call->conn->store->driver->seconds, where);
    if (!sql)
        return -ENOMEM;
    return gw_conn_run(call->conn,
                       &(struct gw_query){.sql = sql,
                                          .params = values,
                                          .n_params = n,
                                          .table = &read_rows,
                                          .columns = (UINT64_C(2) << GW_SESSIONS_N) - 1,
                                          .max_rows = 2 * GW_SESSIONS_OF_OWNER,
                                          .deadline_ns = call->deadline_ns,
                                          .read_only = true,
                                          .newest = true},
                       call->arena, ret);
}

static int write(const struct call *call, const char *sql, const struct gw_value *values, size_t n,
                 uint64_t *ret_n)
{
    struct gw_result result = {0};
    int r = sql ? gw_conn_run(call->conn,
                              &(struct gw_query){.sql = sql,
                                                 .params = values,
                                                 .n_params = n,
                                                 .table = &gw_sessions_table,
                                                 .deadline_ns = call->deadline_ns},
                              call->arena, &result)
                : -ENOMEM;
    *ret_n = r ? 0 : result.affected;
    return r;
}

static struct gw_value text(const char *value)
{
    return (struct gw_value){.type = GW_TYPE_TEXT, .as.text = value};
}

static struct gw_value number(int64_t value)
{
    return (struct gw_value){.type = GW_TYPE_INT, .as.i64 = value};
}

static int read_one(const struct call *call, const char *sid, const struct gw_session_row **ret)
{
    const struct gw_value values[] = {text(sid)};
    struct gw_result result = {0};
    int r = read(call, "`sid` = ?", values, 1, &result);
    *ret = !r && result.n ? result.rows : NULL;
    return r ? r : *ret ? 0 : GW_E_NOT_FOUND;
}

/* ---- Opening -------------------------------------------------------------------------------- */

static int new_id(struct gw_arena *arena, const char **ret)
{
    unsigned char random[16];
    char *sid = gw_arena_alloc(arena, GW_SESSION_ID + 1);
    if (!sid)
        return -ENOMEM;
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    _Static_assert(GW_BASE64URL_ENCODED(sizeof(random)) == GW_SESSION_ID, "its characters");
    sid[gw_base64url_encode(random, sizeof(random), sid)] = 0;
    *ret = sid;
    return 0;
}

static int insert(const struct call *call, const struct gw_session_terms *terms, const char *sid,
                  const char *owner, const struct gw_session_client *client)
{
    const char *now = call->conn->store->driver->seconds;
    const struct gw_value values[] = {text(sid),
                                      text(owner),
                                      number((int64_t)terms->refresh),
                                      number((int64_t)terms->longest),
                                      text(client->agent),
                                      text(client->address)};
    uint64_t n;
    const char *sql = gw_arena_printf(
        call->arena,
        "INSERT INTO `gw_sessions` (`sid`, `owner`, `generation`, `replaced`, `confirmed`,"
        " `repeats`, `created`, `used`, `expires`, `ends`, `agent`, `address`)"
        " VALUES (?, ?, 1, %s, 0, 0, %s, %s, %s + ?, %s + ?, ?, ?)",
        now, now, now, now, now);
    return write(call, sql, values, sizeof(values) / sizeof(values[0]), &n);
}

/* What is more than an owner may have goes, whoever else opens one at this moment. */
static int trim(const struct call *call, const struct gw_session_row *newest)
{
    const struct gw_value values[] = {text(newest->owner), text(newest->sid),
                                      number(GW_SESSIONS_OF_OWNER - 1)};
    struct gw_result result = {0};
    int r = read(call, "`owner` = ? AND `sid` <> ? ORDER BY `used` DESC, `sid` LIMIT 100 OFFSET ?",
                 values, 3, &result);
    const struct gw_session_row *rows = result.rows;
    for (size_t i = 0; !r && i < result.n; i++) {
        r = gw_sessions_end(call->conn, rows[i].sid, rows[i].owner, call->arena, call->deadline_ns);
        r = r == GW_E_NOT_FOUND ? 0 : r;
    }
    return r;
}

int gw_sessions_open(struct gw_conn *conn, const struct gw_session_terms *terms, const char *owner,
                     const struct gw_session_client *client, struct gw_arena *arena,
                     uint64_t deadline_ns, const struct gw_session_row **ret)
{
    const struct call call = {conn, arena, deadline_ns};
    const char *sid;
    int r = new_id(arena, &sid);
    if (!r)
        r = insert(&call, terms, sid, owner, client);
    if (!r)
        r = read_one(&call, sid, ret);
    if (r == GW_E_NOT_FOUND) /* somebody has ended all of them meanwhile */
        r = -EBUSY;
    return r ? r : trim(&call, *ret);
}

/* ---- Refreshing ----------------------------------------------------------------------------- */

/* Each of these writes where the row is still as it was read: *ret_n is 0 where it is not. */

static int rotate(const struct call *call, const struct gw_session_terms *terms,
                  const struct gw_session_client *client, struct gw_session_row *row,
                  uint64_t *ret_n)
{
    int64_t expires = row->now + (int64_t)terms->refresh;
    if (expires > row->ends)
        expires = row->ends;
    const struct gw_value values[] = {
        number(row->generation + 1),
        number(row->now),
        number(row->now),
        number(expires),
        text(client->agent),
        text(client->address),
        text(row->sid),
        number(row->generation),
        number(row->replaced),
    };
    int r = write(call,
                  "UPDATE `gw_sessions` SET `generation` = ?, `replaced` = ?, `used` = ?,"
                  " `expires` = ?, `agent` = ?, `address` = ?, `confirmed` = 0, `repeats` = 0"
                  " WHERE `sid` = ? AND `generation` = ? AND `replaced` = ?",
                  values, sizeof(values) / sizeof(values[0]), ret_n);
    row->generation++;
    row->replaced = row->now;
    row->expires = expires;
    return r;
}

/* The new generation has arrived: the one before it is answered no more. */
static int confirm(const struct call *call, const struct gw_session_row *row, uint64_t *ret_n)
{
    const struct gw_value values[] = {text(row->sid), number(row->generation)};
    *ret_n = 1;
    if (row->confirmed)
        return 0;
    return write(call,
                 "UPDATE `gw_sessions` SET `confirmed` = 1 WHERE `sid` = ? AND `generation` = ?",
                 values, 2, ret_n);
}

static int repeat(const struct call *call, const struct gw_session_row *row, uint64_t *ret_n)
{
    const struct gw_value values[] = {text(row->sid), number(row->generation),
                                      number(row->repeats)};
    return write(call,
                 "UPDATE `gw_sessions` SET `repeats` = `repeats` + 1 WHERE `sid` = ?"
                 " AND `generation` = ? AND `confirmed` = 0 AND `repeats` = ?",
                 values, 3, ret_n);
}

/* A row that is below the generation, as a node that lags may have it, is never ended. */
static int end_reused(const struct call *call, const char *sid, int64_t generation)
{
    const struct gw_value values[] = {text(sid), number(generation)};
    uint64_t n;
    int r = write(call, "DELETE FROM `gw_sessions` WHERE `sid` = ? AND `generation` > ?", values, 2,
                  &n);
    return r ? r : GW_E_NOT_FOUND;
}

int gw_sessions_refresh(struct gw_conn *conn, const struct gw_session_terms *terms, const char *sid,
                        const char *owner, int64_t generation,
                        const struct gw_session_client *client, struct gw_arena *arena,
                        uint64_t deadline_ns, const struct gw_session_row **ret,
                        enum gw_session_step *ret_step)
{
    const struct call call = {conn, arena, deadline_ns};
    const struct gw_session_row *read;
    *ret_step = GW_SESSION_GONE;
    for (int i = 0; i < ATTEMPTS; i++) {
        uint64_t n = 0;
        int r = read_one(&call, sid, &read);
        if (r)
            return r;
        struct gw_session_row *row = gw_arena_alloc(arena, sizeof(*row));
        if (!row)
            return -ENOMEM;
        *row = *read;
        *ret = row;
        if (strcmp(row->owner, owner))
            return GW_E_NOT_FOUND;
        *ret_step = gw_session_step(row, generation);
        switch (*ret_step) {
        case GW_SESSION_GONE:
            return GW_E_NOT_FOUND;
        case GW_SESSION_AHEAD:
            return -EBUSY;
        case GW_SESSION_REUSED:
            return end_reused(&call, sid, generation);
        case GW_SESSION_CURRENT:
            r = confirm(&call, row, &n);
            break;
        case GW_SESSION_REPEAT:
            r = repeat(&call, row, &n);
            break;
        case GW_SESSION_ROTATE:
            r = rotate(&call, terms, client, row, &n);
            break;
        }
        if (r || n)
            return r;
    }
    return -EBUSY;
}

/* ---- The owner's ---------------------------------------------------------------------------- */

int gw_sessions_list(struct gw_conn *conn, const char *owner, struct gw_arena *arena,
                     uint64_t deadline_ns, const struct gw_session_row **ret, size_t *ret_n)
{
    const struct call call = {conn, arena, deadline_ns};
    const struct gw_value values[] = {text(owner), number(GW_SESSIONS_OF_OWNER)};
    struct gw_result result = {0};
    size_t n = 0;
    int r = read(&call, "`owner` = ? ORDER BY `used` DESC, `sid` LIMIT ?", values, 2, &result);
    struct gw_session_row *rows = result.rows;
    for (size_t i = 0; !r && i < result.n; i++)
        if (rows[i].expires > rows[i].now && rows[i].ends > rows[i].now)
            rows[n++] = rows[i];
    *ret = rows;
    *ret_n = n;
    return r;
}

int gw_sessions_end(struct gw_conn *conn, const char *sid, const char *owner,
                    struct gw_arena *arena, uint64_t deadline_ns)
{
    const struct call call = {conn, arena, deadline_ns};
    const struct gw_value values[] = {text(owner), text(sid)};
    uint64_t n;
    int r = write(&call,
                  sid ? "DELETE FROM `gw_sessions` WHERE `owner` = ? AND `sid` = ?"
                      : "DELETE FROM `gw_sessions` WHERE `owner` = ?",
                  values, sid ? 2 : 1, &n);
    return r ? r : n ? 0 : GW_E_NOT_FOUND;
}
