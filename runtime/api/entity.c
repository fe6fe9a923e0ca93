/* entity.c: the typed calls: rows of declared tables, found, written and listed.
 *
 * Two rules make a row trustworthy. A value goes to the store only if it is exactly what its
 * column can hold: otherwise a lookup finds nothing and a write is refused. And what a lookup
 * returns is used only if the fetched column equals the asked value byte for byte: in many
 * collations 'ADMIN ' equals 'admin', an INTEGER matches '1abc', and a caller must never be given
 * a row by such a coincidence. */
#include "api/own.h"
#include "store/entity.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/column.h"
#include "store/entity_sql.h"
#include "store/epoch.h"
#include "base/log.h"
#include "request/request.h"

#include <errno.h>
#include <string.h>

/* The columns that a lookup fetches: of the secret ones all that are there, or none. */
static uint64_t fetched(struct gw_request *req, const struct gw_table *table, bool secret)
{
    req->holds_secret |= secret;
    return secret ? gw_table_all_columns(table) : gw_table_open_columns(table);
}

static int find(struct gw_request *req, const struct gw_table *table, int column,
                const struct gw_value *value, bool with_secrets, struct gw_result *ret)
{
    bool secret = with_secrets || table->columns[column].flags & GW_COL_SECRET;
    uint64_t columns = fetched(req, table, secret);
    struct gw_value asked, sent, held;
    struct gw_call call;
    int r = gw_call_start(req, table, &call);
    if (!r)
        r = gw_call_asked(&call, column, value, &asked);
    if (!r)
        r = gw_call_sent(&call, column, &asked, &sent);
    if (!r)
        r = gw_call_find(&call, gw_sql_find(call.sql, columns, column, call.arena), columns, &sent,
                         1, ret);
    if (r)
        return r;
    held = gw_row_value(table, column, ret->rows);
    return gw_column_found(&table->columns[column], &held, &asked) ? 0 : GW_E_NOT_FOUND;
}

int gw_entity_find(struct gw_request *req, const struct gw_table *table, int column,
                   const struct gw_value *value, const void **ret_row)
{
    struct gw_result result;
    int r = find(req, table, column, value, false, &result);
    if (!r)
        *ret_row = result.rows;
    return r;
}

int gw_entity_find_whole(struct gw_request *req, const struct gw_table *table,
                         const struct gw_value *key, const void **ret_whole)
{
    struct gw_result result;
    int r = find(req, table, table->key, key, true, &result);
    if (!r)
        *ret_whole = result.rows;
    return r;
}

int gw_entity_find_secret(struct gw_request *req, const struct gw_table *table, int column,
                          const struct gw_value *value, const void **ret_row, void *ret_secrets)
{
    struct gw_result result;
    memset(ret_secrets, 0, table->whole_size - table->secrets);
    int r = find(req, table, column, value, true, &result);
    if (!r)
        r = gw_secrets_take(req, table, &result, ret_secrets);
    if (!r)
        *ret_row = result.rows;
    return r;
}

static int find_key(struct gw_request *req, const struct gw_table *table,
                    const struct gw_value *values, bool with_secrets, struct gw_result *ret)
{
    uint64_t columns = fetched(req, table, with_secrets);
    struct gw_value asked[GW_MAX_SET], sent[GW_MAX_SET], held;
    size_t n = gw_table_key_size(table);
    struct gw_call call;
    int r = gw_call_start(req, table, &call);
    for (size_t i = 0; !r && i < n; i++) {
        r = gw_call_asked(&call, gw_table_key(table, i), &values[i], &asked[i]);
        if (!r)
            r = gw_call_sent(&call, gw_table_key(table, i), &asked[i], &sent[i]);
    }
    if (!r)
        r = gw_call_find(&call, gw_sql_find_key(call.sql, columns, call.arena), columns, sent, n,
                         ret);
    if (r)
        return r;
    for (size_t i = 0; i < n; i++) {
        held = gw_row_value(table, gw_table_key(table, i), ret->rows);
        if (!gw_column_found(&table->columns[gw_table_key(table, i)], &held, &asked[i]))
            return GW_E_NOT_FOUND;
    }
    return 0;
}

int gw_entity_find_key(struct gw_request *req, const struct gw_table *table,
                       const struct gw_value *values, const void **ret_row)
{
    struct gw_result result;
    int r = find_key(req, table, values, false, &result);
    if (!r)
        *ret_row = result.rows;
    return r;
}

int gw_entity_find_key_secret(struct gw_request *req, const struct gw_table *table,
                              const struct gw_value *values, const void **ret_row,
                              void *ret_secrets)
{
    struct gw_result result;
    memset(ret_secrets, 0, table->whole_size - table->secrets);
    int r = find_key(req, table, values, true, &result);
    if (!r)
        r = gw_secrets_take(req, table, &result, ret_secrets);
    if (!r)
        *ret_row = result.rows;
    return r;
}

/* A text of the key under a collation that takes another text for it: the row of exactly that key
 * is meant. `text` ends in "`key` = ?", whose values are the last of `values`. */
static int mean_one_key(const struct gw_call *call, const char **text, struct gw_value *values,
                        size_t *n)
{
    const struct gw_table *table = call->table;
    size_t n_keys = gw_table_key_size(table), first = *n - n_keys;
    const struct gw_table_limits *limits;
    for (size_t i = 0; i < n_keys; i++) {
        int key = gw_table_key(table, i), r;
        if (table->columns[key].type != GW_TYPE_TEXT)
            continue;
        r = gw_conn_limits(call->conn, table, call->deadline_ns, &limits);
        if (r)
            return r;
        if (!limits->columns[key].loose)
            continue;
        *text = gw_sql_same_bytes(*text, &table->columns[key],
                                  call->conn->store->driver->same_bytes, call->arena);
        if (!*text)
            return -ENOMEM;
        values[(*n)++] = values[first + i];
    }
    return 0;
}

/* Runs a statement that changes the row of one key; `values` has room for one more. */
static int change_one(const struct gw_call *call, const char *text, struct gw_value *values,
                      size_t n)
{
    struct gw_result result;
    int r = mean_one_key(call, &text, values, &n);
    if (!r)
        r = gw_conn_run(call->conn,
                        &(struct gw_query){.sql = text,
                                           .params = values,
                                           .n_params = n,
                                           .table = call->table,
                                           .deadline_ns = call->deadline_ns},
                        call->arena, &result);
    if (r)
        return r;
    return result.affected ? 0 : GW_E_NOT_FOUND;
}

/* The row with the time in the columns that each update touches, unless it names them. */
static int touch(const struct gw_call *call, const void **io_row, uint64_t *io_columns)
{
    const struct gw_table *table = call->table;
    const struct gw_table_limits *limits;
    void *copy = NULL;
    for (size_t i = 0; i < table->n_columns; i++) {
        struct gw_value now = {.type = GW_TYPE_TIME};
        int r;
        if (!(table->columns[i].flags & GW_COL_TOUCHED) || *io_columns >> i & 1)
            continue;
        r = gw_conn_limits(call->conn, table, call->deadline_ns, &limits);
        if (r)
            return r;
        if (!copy) {
            copy = gw_arena_copy(call->arena, *io_row, gw_table_whole_size(table));
            if (!copy)
                return -ENOMEM;
            *io_row = copy;
        }
        now.as.i64 = gw_limits_time(&limits->columns[i], gw_now_us());
        gw_column_put(&table->columns[i], copy, &now);
        *io_columns |= UINT64_C(1) << i;
    }
    return 0;
}

int gw_entity_update(struct gw_request *req, const struct gw_table *table, const void *row,
                     uint64_t columns)
{
    struct gw_value values[GW_MAX_COLUMNS + 2 * GW_MAX_SET], key[GW_MAX_SET];
    struct gw_call call;
    const char *text;
    size_t n;
    int r = gw_call_start(req, table, &call);
    for (size_t i = 0; i < gw_table_key_size(table); i++)
        key[i] = gw_row_value(table, gw_table_key(table, i), row);
    if (r)
        return r;
    if (!columns || columns & gw_table_key_columns(table) ||
        columns & ~gw_table_all_columns(table)) {
        gw_call_log(call.conn, table, table->key, "an update names no column, or the key");
        return -EINVAL;
    }
    r = touch(&call, &row, &columns);
    if (!r)
        r = gw_call_written(&call, row, columns, values, &n);
    if (!r)
        r = gw_call_key(&call, key, &values[n]);
    if (r)
        return r;
    text = gw_sql_update(call.sql, columns, call.arena);
    return text ? change_one(&call, text, values, n + gw_table_key_size(table)) : -ENOMEM;
}

int gw_entity_update_secret(struct gw_request *req, const struct gw_table *table, const void *row,
                            const void *secrets, uint64_t columns)
{
    uint64_t secret = columns & gw_table_all_columns(table) & ~gw_table_open_columns(table);
    void *whole;
    if (secret && !secrets) {
        gw_log(req, "store: %s: an update names a secret column and has no secrets",
               table->sql_name);
        return -EINVAL;
    }
    int r = gw_secrets_put(req, table, row, secrets, secret, &whole);
    return r ? r : gw_entity_update(req, table, whole, columns);
}

int gw_entity_delete(struct gw_request *req, const struct gw_table *table,
                     const struct gw_value *key)
{
    struct gw_value values[2 * GW_MAX_SET];
    struct gw_call call;
    int r = gw_call_start(req, table, &call);
    if (!r)
        r = gw_call_key(&call, key, values);
    if (!r)
        r = change_one(&call, call.sql->erase, values, gw_table_key_size(table));
    return r == GW_E_RANGE ? GW_E_NOT_FOUND : r; /* letters that no key can have */
}

int gw_entity_revoke(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_table *table,
                     const struct gw_value *key, uint64_t least, uint64_t deadline_ns)
{
    struct gw_call call = {.conn = conn,
                           .table = table,
                           .sql = gw_sql_table(sql, table),
                           .arena = &conn->scratch,
                           .deadline_ns = deadline_ns};
    struct gw_value values[4];
    int r;
    if (!call.sql)
        return -EINVAL;
    if (!call.sql->revoke)
        return -ENOTSUP;
    values[0] = values[1] = (struct gw_value){.type = GW_TYPE_UINT, .as.u64 = least};
    r = gw_call_asked(&call, table->key, key, &values[2]);
    if (!r)
        r = gw_call_sent(&call, table->key, &values[2], &values[2]);
    return r ? r : change_one(&call, call.sql->revoke, values, 3);
}
