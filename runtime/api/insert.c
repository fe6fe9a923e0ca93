/* insert.c: new rows.
 *
 * What is not given is left to the database, or is ours to fill in: random values, times, epochs. A
 * row of which the database knew more than we did, or that belongs to another application, whose
 * triggers may change it, is read back in the same transaction. */
#include "api/own.h"

#include "base/base64.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "request/request.h"
#include "store/column.h"
#include "store/entity.h"
#include "store/epoch.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* Puts the key that the store gave into the row. */
static int take_key(const struct gw_call *call, void *row, int64_t id)
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
        gw_call_log(call->conn, call->table, call->table->key, "the store gave no key");
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

/* Inserts the columns of `row` that are set. An `auto` key is put into the row. */
static int insert(const struct gw_call *call, void *row, uint64_t columns, int *ret_column)
{
    const struct gw_table *table = call->table;
    bool whole = columns == gw_sql_inserted(table);
    const char *text = whole ? call->sql->insert : gw_sql_insert(table, columns, call->arena);
    struct gw_value values[GW_MAX_COLUMNS];
    struct gw_result result;
    size_t n;
    int r = text ? gw_call_written(call, row, columns, values, &n) : -ENOMEM;
    if (r)
        return r;
    r = gw_conn_run(call->conn,
                    &(struct gw_query){.sql = text,
                                       .params = values,
                                       .n_params = n,
                                       .table = table,
                                       .deadline_ns = call->deadline_ns},
                    call->arena, &result);
    if (r == GW_E_DUPLICATE && ret_column)
        *ret_column = result.duplicate;
    if (r || !(table->columns[table->key].flags & GW_COL_AUTO))
        return r;
    return take_key(call, row, result.insert_id);
}

/* The row with the key of `row`, as the database has it. */
static int read_back(const struct gw_call *call, const void *row, const void **ret)
{
    uint64_t columns = gw_table_open_columns(call->table);
    struct gw_value key[GW_MAX_SET], sent[GW_MAX_SET];
    struct gw_result result;
    size_t n = gw_table_key_size(call->table);
    int r;
    for (size_t i = 0; i < n; i++)
        key[i] = gw_row_value(call->table, gw_table_key(call->table, i), row);
    r = gw_call_key(call, key, sent);
    if (!r)
        r = gw_call_find(call, gw_sql_find_key(call->sql, columns, call->arena), columns, sent, n,
                         &result);
    if (r == GW_E_NOT_FOUND) {
        gw_call_log(call->conn, call->table, call->table->key, "a new row is not found again");
        r = -EIO;
    }
    *ret = r ? NULL : result.rows;
    return r;
}

/* Inserts and reads back, in the transaction that is open or in one of its own. */
static int insert_and_read(const struct gw_call *call, void *row, uint64_t columns,
                           const void **ret, int *ret_column)
{
    bool own = !gw_conn_in_transaction(call->conn);
    int r = own ? gw_conn_begin(call->conn, call->deadline_ns) : 0;
    if (r)
        return r;
    r = insert(call, row, columns, ret_column);
    if (!r)
        r = read_back(call, row, ret);
    if (!own)
        return r;
    if (!r)
        return gw_conn_commit(call->conn, call->deadline_ns);
    gw_conn_rollback(call->conn);
    return r;
}

int gw_entity_insert(struct gw_request *req, const struct gw_table *table, void *row,
                     int *ret_column)
{
    struct gw_call call;
    const void *read;
    int r = gw_call_start(req, table, &call);
    begin_epoch(table, row);
    if (r)
        return r;
    if (!table->existing)
        return insert(&call, row, gw_sql_inserted(table), ret_column);
    r = insert_and_read(&call, row, gw_sql_inserted(table), &read, ret_column);
    if (!r)
        memcpy(row, read, table->row_size);
    return r;
}

int gw_entity_insert_secret(struct gw_request *req, const struct gw_table *table, void *row,
                            const void *secrets, int *ret_column)
{
    uint64_t secret = secrets ? ~gw_table_open_columns(table) : 0;
    void *whole;
    int r = gw_secrets_put(req, table, row, secrets, secret, &whole);
    if (!r)
        r = gw_entity_insert(req, table, whole, ret_column);
    if (!r)
        memcpy(row, whole, table->row_size);
    return r;
}

/* ---- What nobody gave ----------------------------------------------------------------------- */

/* 128 bits in base64url, or a UUID of version 4 (RFC 9562, section 5.4). */
static const char *random_text(enum gw_type type, struct gw_arena *arena)
{
    unsigned char bytes[16];
    char *text = gw_arena_alloc(arena, GW_UUID_TEXT);
    if (!text || getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return NULL;
    if (type == GW_TYPE_UUID) {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        gw_uuid_text(bytes, text);
    } else {
        gw_base64url_encode(bytes, sizeof(bytes), text);
    }
    return text;
}

/* Fills in a column without a value. *ret tells whether it has one now. */
static int fill(const struct gw_call *call, const struct gw_table_limits *limits, size_t i,
                void *row, bool *ret)
{
    const struct gw_column *column = &call->table->columns[i];
    struct gw_value value = {.type = column->type};
    *ret = true;
    if (column->flags & GW_COL_RANDOM) {
        value.as.text = random_text(column->type, call->arena);
        return value.as.text ? gw_column_put(column, row, &value) : -ENOMEM;
    }
    if (column->flags & GW_COL_TOUCHED) {
        value.as.i64 = gw_limits_time(&limits->columns[i], gw_now_us());
        return gw_column_put(column, row, &value);
    }
    /* A value that must be given is missed where the row is written. */
    *ret = !(column->flags & (GW_COL_DEFAULT | GW_COL_OPTIONAL));
    return 0;
}

static int put(const struct gw_call *call, size_t i, const struct gw_value *value, void *row)
{
    if (!gw_column_put(&call->table->columns[i], row, value))
        return 0;
    gw_call_log(call->conn, call->table, (int)i, "is none of its words");
    return -EINVAL;
}

/* Puts what is set in `values` into the row, and fills in the rest. *io_columns: what has one. */
static int fill_row(const struct gw_call *call, const struct gw_table_limits *limits,
                    const void *values, void *row, uint64_t *io_columns)
{
    const struct gw_table *table = call->table;
    int r = 0;
    for (size_t i = 0; !r && i < table->n_columns; i++) {
        struct gw_value value = {.null = true};
        bool set = (int)i == table->revokes;
        if (table->insert[i].name)
            value = gw_column_get(&table->insert[i], values);
        if (!value.null)
            r = put(call, i, &value, row);
        else if (table->insert[i].name)
            r = fill(call, limits, i, row, &set);
        if (!value.null || set)
            *io_columns |= UINT64_C(1) << i;
    }
    return r;
}

int gw_entity_insert_new(struct gw_request *req, const struct gw_table *table, const void *values,
                         const void *secrets, const void **ret_row, int *ret_column)
{
    uint64_t secret = gw_table_all_columns(table) & ~gw_table_open_columns(table);
    const struct gw_table_limits *limits;
    struct gw_call call;
    uint64_t columns = secret; /* has no default in the database */
    void *row;
    int r = gw_call_start(req, table, &call);
    if (!r)
        r = gw_conn_limits(call.conn, table, call.deadline_ns, &limits);
    if (!r)
        r = gw_secrets_put(req, table, NULL, secrets, secrets ? secret : 0, &row);
    if (r)
        return r;
    begin_epoch(table, row);
    r = fill_row(&call, limits, values, row, &columns);
    return r ? r : insert_and_read(&call, row, columns, ret_row, ret_column);
}
