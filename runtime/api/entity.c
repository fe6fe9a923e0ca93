/* entity.c: the typed calls: rows of declared tables, found, written and listed.
 *
 * Two rules make a row trustworthy. A value goes to the store only if it is exactly what its
 * column can hold: otherwise a lookup finds nothing and a write is refused. And what a lookup
 * returns is used only if the fetched column equals the asked value byte for byte: in many
 * collations 'ADMIN ' equals 'admin', an INTEGER matches '1abc', and a caller must never be given
 * a row by such a coincidence. */
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

#define LIST_MAX 1000

/* What every call needs. */
struct call {
    struct gw_conn *conn;
    const struct gw_table *table;
    const struct gw_table_sql *sql;
    struct gw_arena *arena;
    uint64_t deadline_ns;
};

static int start(struct gw_request *req, const struct gw_table *table, struct call *ret)
{
    *ret = (struct call){.conn = gw_request_conn(req),
                         .table = table,
                         .arena = req->arena,
                         .deadline_ns = req->deadline_ns};
    if (!ret->conn)
        return -ENOMEM;
    ret->sql = gw_sql_table(gw_request_sql(req), table);
    return ret->sql ? 0 : -EINVAL;
}

static void log_column(const struct gw_conn *conn, const struct gw_table *table, int column,
                       const char *why)
{
    if (conn->store->options.log)
        gw_log_line(conn->store->options.log, "store: %s.%s: %s", table->sql_name,
                    gw_column_sql(&table->columns[column]), why);
}

/* For a lookup: a value that no row can hold is not found; only another kind of value is wrong. */
static int convert_asked(const struct call *call, int column, const struct gw_value *value,
                         struct gw_value *ret)
{
    const char *why;
    int r = gw_column_convert(&call->table->columns[column], value,
                              call->conn->store->driver->uint_max, call->arena, ret, &why);
    if (!r && ret->null) {
        why = "is NULL";
        r = -EINVAL;
    }
    if (r == -ENOMEM)
        return r;
    if (r != -EINVAL)
        return r ? GW_E_NOT_FOUND : 0;
    log_column(call->conn, call->table, column, why);
    return -EINVAL;
}

/* The value that was asked for as it is sent. */
static int send_asked(const struct call *call, int column, const struct gw_value *asked,
                      struct gw_value *ret)
{
    return gw_conn_sent(call->conn, call->table, column, asked, call->deadline_ns, call->arena,
                        ret);
}

/* A value of the row as it goes into the live column. */
static int convert_one(const struct call *call, const struct gw_table_limits *limits, size_t i,
                       const void *row, struct gw_value *ret)
{
    struct gw_value value = gw_row_value(call->table, (int)i, row);
    const char *why;
    int r = gw_column_convert(&call->table->columns[i], &value, call->conn->store->driver->uint_max,
                              call->arena, ret, &why);
    if (r == -ENOMEM)
        return r;
    if (r) {
        log_column(call->conn, call->table, (int)i, why);
        return r == -ERANGE ? -ERANGE : -EINVAL;
    }
    r = gw_limits_apply(&limits->columns[i], ret, call->arena, &why);
    if (r != -ERANGE)
        return r;
    log_column(call->conn, call->table, (int)i, why);
    return GW_E_RANGE;
}

/* For a write: the values of the columns of `row`, in order, each exactly right or refused. */
static int convert_written(const struct call *call, const void *row, uint64_t columns,
                           struct gw_value *ret, size_t *ret_n)
{
    const struct gw_table_limits *limits;
    size_t n = 0;
    int r = gw_conn_limits(call->conn, call->table, call->deadline_ns, &limits);
    for (size_t i = 0; !r && i < call->table->n_columns; i++)
        if (columns & (UINT64_C(1) << i))
            r = convert_one(call, limits, i, row, &ret[n++]);
    *ret_n = n;
    return r;
}

/* The one row that a statement finds, with all columns. */
static int find_all(const struct call *call, const char *text, const struct gw_value *sent,
                    size_t n, struct gw_result *ret)
{
    int r;
    if (!text)
        return -ENOMEM;
    r = gw_conn_run(call->conn,
                    &(struct gw_query){.sql = text,
                                       .params = sent,
                                       .n_params = n,
                                       .table = call->table,
                                       .columns = gw_table_all_columns(call->table),
                                       .max_rows = 1,
                                       .deadline_ns = call->deadline_ns,
                                       .read_only = true},
                    call->arena, ret);
    if (r) /* GW_E_RANGE: letters that the column's character set has not */
        return r == GW_E_RANGE ? GW_E_NOT_FOUND : r;
    return ret->n ? 0 : GW_E_NOT_FOUND;
}

int gw_entity_find(struct gw_request *req, const struct gw_table *table, int column,
                   const struct gw_value *value, const void **ret_row)
{
    struct gw_value asked, sent, held;
    struct gw_result result;
    struct call call;
    int r = start(req, table, &call);
    if (!r)
        r = convert_asked(&call, column, value, &asked);
    if (!r)
        r = send_asked(&call, column, &asked, &sent);
    if (!r)
        r = find_all(&call, gw_sql_find(call.sql, column, call.arena), &sent, 1, &result);
    if (r)
        return r;
    held = gw_row_value(table, column, result.rows);
    if (!gw_column_found(&table->columns[column], &held, &asked))
        return GW_E_NOT_FOUND;
    *ret_row = result.rows;
    return 0;
}

int gw_entity_find_key(struct gw_request *req, const struct gw_table *table,
                       const struct gw_value *values, const void **ret_row)
{
    struct gw_value asked[GW_MAX_SET], sent[GW_MAX_SET], held;
    size_t n = gw_table_key_size(table);
    struct gw_result result;
    struct call call;
    int r = start(req, table, &call);
    for (size_t i = 0; !r && i < n; i++) {
        r = convert_asked(&call, gw_table_key(table, i), &values[i], &asked[i]);
        if (!r)
            r = send_asked(&call, gw_table_key(table, i), &asked[i], &sent[i]);
    }
    if (!r)
        r = find_all(&call, gw_sql_find_key(call.sql, call.arena), sent, n, &result);
    if (r)
        return r;
    for (size_t i = 0; i < n; i++) {
        held = gw_row_value(table, gw_table_key(table, i), result.rows);
        if (!gw_column_found(&table->columns[gw_table_key(table, i)], &held, &asked[i]))
            return GW_E_NOT_FOUND;
    }
    *ret_row = result.rows;
    return 0;
}

/* Puts the key that the store gave into the row. */
static int take_key(const struct call *call, void *row, int64_t id)
{
    const struct gw_column *key = &call->table->columns[call->table->key];
    struct gw_value value = {.type = key->type};
    if (key->type == GW_TYPE_UINT)
        value.as.u64 = (uint64_t)id;
    else if (key->type == GW_TYPE_INT)
        value.as.i64 = id;
    else
        return -EINVAL;
    if (id == 0) {
        log_column(call->conn, call->table, call->table->key, "the store gave no key");
        return -EIO;
    }
    return gw_column_put(key, row, &value);
}

/* The row's first epoch, where the application has not set one. */
static void begin_epoch(const struct gw_table *table, void *row)
{
    struct gw_value epoch;
    if (table->revokes < 0)
        return;
    epoch = gw_row_value(table, table->revokes, row);
    if (epoch.null || epoch.as.u64)
        return;
    epoch.as.u64 = gw_epoch_first(gw_now_us());
    gw_column_put(&table->columns[table->revokes], row, &epoch);
}

int gw_entity_insert(struct gw_request *req, const struct gw_table *table, void *row,
                     int *ret_column)
{
    struct gw_value values[GW_MAX_COLUMNS];
    struct gw_result result;
    struct call call;
    size_t n;
    int r = start(req, table, &call);
    begin_epoch(table, row);
    if (!r)
        r = convert_written(&call, row, gw_sql_inserted(table), values, &n);
    if (r)
        return r;
    r = gw_conn_run(call.conn,
                    &(struct gw_query){.sql = call.sql->insert,
                                       .params = values,
                                       .n_params = n,
                                       .table = table,
                                       .deadline_ns = call.deadline_ns},
                    call.arena, &result);
    if (r == GW_E_DUPLICATE && ret_column)
        *ret_column = result.duplicate;
    if (r || !(table->columns[table->key].flags & GW_COL_AUTO))
        return r;
    return take_key(&call, row, result.insert_id);
}

/* A text of the key under a collation that takes another text for it: the row of exactly that key
 * is meant. `text` ends in "`key` = ?", whose values are the last of `values`. */
static int mean_one_key(const struct call *call, const char **text, struct gw_value *values,
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

/* The values of a key as they are sent. */
static int send_key(const struct call *call, const struct gw_value *key, struct gw_value *ret)
{
    int r = 0;
    for (size_t i = 0; !r && i < gw_table_key_size(call->table); i++) {
        r = convert_asked(call, gw_table_key(call->table, i), &key[i], &ret[i]);
        if (!r)
            r = send_asked(call, gw_table_key(call->table, i), &ret[i], &ret[i]);
    }
    return r;
}

/* Runs a statement that changes the row of one key; `values` has room for one more. */
static int change_one(const struct call *call, const char *text, struct gw_value *values, size_t n)
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

int gw_entity_update(struct gw_request *req, const struct gw_table *table, const void *row,
                     uint64_t columns)
{
    struct gw_value values[GW_MAX_COLUMNS + 2 * GW_MAX_SET], key[GW_MAX_SET];
    struct call call;
    const char *text;
    size_t n;
    int r = start(req, table, &call);
    for (size_t i = 0; i < gw_table_key_size(table); i++)
        key[i] = gw_row_value(table, gw_table_key(table, i), row);
    if (r)
        return r;
    if (!columns || columns & gw_table_key_columns(table) ||
        columns & ~gw_table_all_columns(table)) {
        log_column(call.conn, table, table->key, "an update names no column, or the key");
        return -EINVAL;
    }
    r = convert_written(&call, row, columns, values, &n);
    if (!r)
        r = send_key(&call, key, &values[n]);
    if (r)
        return r;
    text = gw_sql_update(call.sql, columns, call.arena);
    return text ? change_one(&call, text, values, n + gw_table_key_size(table)) : -ENOMEM;
}

int gw_entity_delete(struct gw_request *req, const struct gw_table *table,
                     const struct gw_value *key)
{
    struct gw_value values[2 * GW_MAX_SET];
    struct call call;
    int r = start(req, table, &call);
    if (!r)
        r = send_key(&call, key, values);
    if (!r)
        r = change_one(&call, call.sql->erase, values, gw_table_key_size(table));
    return r == GW_E_RANGE ? GW_E_NOT_FOUND : r; /* letters that no key can have */
}

int gw_entity_revoke(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_table *table,
                     const struct gw_value *key, uint64_t least, uint64_t deadline_ns)
{
    struct call call = {.conn = conn,
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
    r = convert_asked(&call, table->key, key, &values[2]);
    if (!r)
        r = send_asked(&call, table->key, &values[2], &values[2]);
    return r ? r : change_one(&call, call.sql->revoke, values, 3);
}

/* Leaves the rows that have `value` in column `by`: the database may have found others, which its
 * collation takes for it. They stay in their order. */
static void keep_found(const struct call *call, struct gw_result *result, int by,
                       const struct gw_value *value)
{
    size_t size = call->table->row_size, n = 0;
    char *rows = result->rows;
    for (size_t i = 0; i < result->n; i++) {
        struct gw_value held = gw_row_value(call->table, by, rows + i * size);
        if (!gw_column_found(&call->table->columns[by], &held, value))
            continue;
        if (n < i)
            memcpy(rows + n * size, rows + i * size, size);
        n++;
    }
    result->n = n;
}

/* What a list asks for. */
struct listing {
    int by; /* -1: all rows */
    struct gw_value value, after[GW_MAX_SET];
    bool follows; /* `after` holds */
    unsigned limit;
};

/* At most limit - `have` rows behind `after`, as the database finds them. */
static int find_page(const struct call *call, const struct listing *listing, size_t have,
                     struct gw_result *ret)
{
    const struct gw_table *table = call->table;
    struct gw_value values[2 * GW_MAX_SET + 2];
    unsigned limit = listing->limit - (unsigned)have;
    const char *text = gw_sql_list(call->sql, listing->by, listing->follows, call->arena);
    size_t n = 0;
    int r = text ? 0 : -ENOMEM;
    if (!r && listing->by >= 0)
        r = send_asked(call, listing->by, &listing->value, &values[n++]);
    for (size_t i = 0; !r && listing->follows && i < gw_table_key_size(table); i++) {
        r = send_asked(call, gw_table_key(table, i), &listing->after[i], &values[n++]);
        if (i + 1 < gw_table_key_size(table)) { /* stands there twice */
            values[n] = values[n - 1];
            n++;
        }
    }
    if (r)
        return r;
    values[n++] = (struct gw_value){.type = GW_TYPE_INT, .as.i64 = limit};
    return gw_conn_run(call->conn,
                       &(struct gw_query){.sql = text,
                                          .params = values,
                                          .n_params = n,
                                          .table = table,
                                          .columns = gw_table_open_columns(table),
                                          .max_rows = limit,
                                          .deadline_ns = call->deadline_ns,
                                          .read_only = true},
                       call->arena, ret);
}

/* Page by page until the list is full or the database has no more: a caller takes a short page for
 * the last one. */
static int find_list(const struct call *call, struct listing *listing, struct gw_result *ret)
{
    size_t size = call->table->row_size, found;
    for (;;) {
        struct gw_result page;
        size_t wanted = listing->limit - ret->n;
        int r = find_page(call, listing, ret->n, &page);
        if (r)
            return r;
        found = page.n;
        if (found == wanted) {
            const void *last = (const char *)page.rows + (found - 1) * size;
            for (size_t i = 0; i < gw_table_key_size(call->table); i++)
                listing->after[i] = gw_row_value(call->table, gw_table_key(call->table, i), last);
            listing->follows = true;
        }
        if (listing->by >= 0)
            keep_found(call, &page, listing->by, &listing->value);
        if (!ret->rows && page.n) {
            ret->rows = found == wanted && page.n < wanted
                            ? gw_arena_array(call->arena, listing->limit, size)
                            : page.rows;
            if (!ret->rows)
                return -ENOMEM;
        }
        if (page.n && ret->rows != page.rows)
            memcpy((char *)ret->rows + ret->n * size, page.rows, page.n * size);
        ret->n += page.n;
        if (found < wanted || ret->n == listing->limit)
            return 0;
    }
}

int gw_entity_list(struct gw_request *req, const struct gw_table *table, int by,
                   const struct gw_value *value, const struct gw_value *after, unsigned limit,
                   const void **ret_rows, size_t *ret_n)
{
    struct listing listing = {.by = by, .limit = limit, .follows = after};
    struct gw_result result = {0};
    struct call call;
    int r = start(req, table, &call);
    if (!r &&
        (limit < 1 || limit > LIST_MAX || (by >= 0 && table->columns[by].flags & GW_COL_SECRET)))
        r = -EINVAL;
    if (!r && by >= 0)
        r = convert_asked(&call, by, value, &listing.value);
    for (size_t i = 0; !r && after && i < gw_table_key_size(table); i++)
        r = convert_asked(&call, gw_table_key(table, i), &after[i], &listing.after[i]);
    if (r < 0)
        return r;
    *ret_rows = NULL;
    *ret_n = 0;
    if (!r) /* otherwise no row can hold what was asked for */
        r = find_list(&call, &listing, &result);
    if (r)
        return r < 0 ? r : 0;
    *ret_rows = result.rows;
    *ret_n = result.n;
    return 0;
}
