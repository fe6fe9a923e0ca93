/* run.c: one statement on SQLite: bind, step, fetch.
 *
 * SQLite would convert whatever it is asked to; here a value leaves and arrives in the storage
 * class of its column or not at all. */
#include "store/sqlite/own.h"

#include "base/arena.h"
#include "store/column.h"
#include "base/log.h"
#include "base/str.h"
#include "store/row.h"
#include "store/sqlite/types.h"

#include <errno.h>
#include <string.h>

#define FIRST_ROWS 8 /* room for rows at first; doubled as they come */

static int statement(struct sqlite_conn *conn, const char *sql, sqlite3_stmt **ret)
{
    sqlite3_stmt *stmt = gw_cache_find(&conn->cache, sql, NULL);
    int code;
    if (!stmt) {
        code = sqlite3_prepare_v3(conn->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
        if (code != SQLITE_OK)
            return gw_sqlite_failed(conn->base.store, conn->db, code, sql);
        if (gw_cache_add(&conn->cache, sql, NULL, stmt))
            return -ENOMEM;
    }
    *ret = stmt;
    return 0;
}

/* 0 or SQLite's code. The value outlives the statement's run, so nothing is copied. */
static int bind(sqlite3_stmt *stmt, int at, const struct gw_value *value)
{
    if (value->null)
        return sqlite3_bind_null(stmt, at);
    switch (gw_type_stored(value->type)) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        return sqlite3_bind_int64(stmt, at, value->as.i64);
    case GW_TYPE_UINT:
        return sqlite3_bind_int64(stmt, at, (int64_t)value->as.u64);
    case GW_TYPE_BOOL:
        return sqlite3_bind_int64(stmt, at, value->as.boolean);
    case GW_TYPE_REAL:
        return sqlite3_bind_double(stmt, at, value->as.f64);
    case GW_TYPE_BLOB:
        return sqlite3_bind_blob64(stmt, at, value->as.blob.ptr, value->as.blob.len, SQLITE_STATIC);
    default:
        return sqlite3_bind_text(stmt, at, value->as.text, -1, SQLITE_STATIC);
    }
}

int gw_sqlite_bind(struct sqlite_conn *conn, sqlite3_stmt *stmt, const struct gw_query *query)
{
    if (sqlite3_bind_parameter_count(stmt) != (int)query->n_params ||
        sqlite3_column_count(stmt) != __builtin_popcountll(query->columns))
        return gw_sqlite_failed(conn->base.store, NULL, SQLITE_MISUSE, query->sql);
    for (size_t i = 0; i < query->n_params; i++) {
        const struct gw_value *value = &query->params[i];
        int code;
        if (!value->null && value->type == GW_TYPE_UINT && value->as.u64 > INT64_MAX) {
            if (conn->base.store->options.log)
                gw_log_line(conn->base.store->options.log, "store: sqlite: a uint above 2^63-1: %s",
                            query->sql);
            return -ERANGE;
        }
        code = bind(stmt, (int)i + 1, value);
        if (code != SQLITE_OK)
            return gw_sqlite_failed(conn->base.store, conn->db, code, query->sql);
    }
    return 0;
}

/* The storage class that a column's values have. */
static int storage_class(enum gw_type type)
{
    switch (type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_BOOL:
    case GW_TYPE_TIME:
        return SQLITE_INTEGER;
    case GW_TYPE_REAL:
        return SQLITE_FLOAT;
    case GW_TYPE_BLOB:
        return SQLITE_BLOB;
    default:
        return SQLITE_TEXT;
    }
}

static int fetch_integer(const struct gw_column *column, int64_t integer, struct gw_value *ret)
{
    switch (column->type) {
    case GW_TYPE_UINT:
        if (integer < 0)
            return -EIO;
        ret->as.u64 = (uint64_t)integer;
        return 0;
    case GW_TYPE_BOOL:
        if (integer != 0 && integer != 1)
            return -EIO;
        ret->as.boolean = integer == 1;
        return 0;
    default:
        ret->as.i64 = integer;
        return 0;
    }
}

static int fetch_text(sqlite3_stmt *stmt, int at, struct gw_arena *arena, struct gw_value *ret)
{
    const char *text = (const char *)sqlite3_column_text(stmt, at);
    size_t len = (size_t)sqlite3_column_bytes(stmt, at);
    if (!text)
        return -ENOMEM;
    if (memchr(text, '\0', len) || !gw_utf8_valid(text, len, NULL))
        return -EIO;
    char *copy = gw_arena_copy(arena, text, len);
    for (char *p = copy; ret->type == GW_TYPE_UUID && p && *p; p++)
        *p = gw_lower(*p);
    ret->as.text = copy;
    return copy ? 0 : -ENOMEM;
}

static int fetch_blob(sqlite3_stmt *stmt, int at, struct gw_arena *arena, struct gw_value *ret)
{
    const void *ptr = sqlite3_column_blob(stmt, at);
    size_t len = (size_t)sqlite3_column_bytes(stmt, at);
    if (!ptr && len)
        return -ENOMEM;
    ret->as.blob.ptr = gw_arena_copy(arena, ptr ? ptr : "", len);
    ret->as.blob.len = len;
    return ret->as.blob.ptr ? 0 : -ENOMEM;
}

static int fetch_value(sqlite3_stmt *stmt, int at, const struct gw_column *column,
                       struct gw_arena *arena, struct gw_value *ret)
{
    int class = sqlite3_column_type(stmt, at);
    *ret = (struct gw_value){.type = column->type, .null = class == SQLITE_NULL};
    if (ret->null)
        return 0;
    if (class != storage_class(column->type))
        return gw_sqlite_fetch_other(stmt, at, column, arena, ret);
    switch (class) {
    case SQLITE_INTEGER:
        return fetch_integer(column, sqlite3_column_int64(stmt, at), ret);
    case SQLITE_FLOAT:
        ret->as.f64 = sqlite3_column_double(stmt, at);
        return 0;
    case SQLITE_BLOB:
        return fetch_blob(stmt, at, arena, ret);
    default:
        return fetch_text(stmt, at, arena, ret);
    }
}

int gw_sqlite_fetch(struct gw_row_reader *reader, sqlite3_stmt *stmt, struct gw_arena *arena)
{
    const struct gw_query *query = reader->query;
    int at = 0, r = 0;
    for (size_t i = 0; !r && i < query->table->n_columns; i++) {
        struct gw_value value;
        if (!(query->columns & (UINT64_C(1) << i)))
            continue;
        r = fetch_value(stmt, at++, &query->table->columns[i], arena, &value);
        r = gw_row_put(reader, i, r, &value);
    }
    return r;
}

/* Room for one more row. */
static void *next_row(const struct gw_query *query, struct gw_arena *arena, struct gw_result *ret,
                      size_t *room)
{
    size_t size = gw_table_stride(query->table, query->columns);
    if (ret->n == *room) {
        size_t more = *room ? *room * 2 : FIRST_ROWS;
        char *rows = gw_arena_array(arena, more < query->max_rows ? more : query->max_rows, size);
        if (!rows)
            return NULL;
        if (ret->n)
            memcpy(rows, ret->rows, ret->n * size);
        ret->rows = rows;
        *room = more;
    }
    return (char *)ret->rows + ret->n * size;
}

/* The column at the beginning of "TABLE.COLUMN, ..."; -1: another table's. *io_at goes behind. */
static int column_at(const struct gw_table *table, const char **io_at)
{
    size_t len = strlen(table->sql_name);
    const char *at = *io_at;
    if (sqlite3_strnicmp(at, table->sql_name, (int)len) != 0 || at[len] != '.')
        return -1;
    at += len + 1;
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = gw_column_sql(&table->columns[i]), *end = at + strlen(name);
        if (sqlite3_strnicmp(at, name, (int)strlen(name)) != 0 ||
            (*end != '\0' && strncmp(end, ", ", 2)))
            continue;
        *io_at = *end ? end + 2 : end;
        return (int)i;
    }
    return -1;
}

/* What a constraint's message names: "UNIQUE constraint failed: users.email", or several columns. A
 * trigger may have written to another table. */
static int violated(sqlite3 *db, const struct gw_table *table)
{
    static const char before[] = "UNIQUE constraint failed: ";
    const char *message = sqlite3_errmsg(db);
    uint64_t columns = 0;
    int found = -1;
    if (!table || strncmp(message, before, strlen(before)))
        return -1;
    message += strlen(before);
    while (*message) {
        found = column_at(table, &message);
        if (found < 0)
            return -1;
        columns |= UINT64_C(1) << found;
    }
    return columns & (columns - 1) ? gw_set_violated(table, gw_table_set_of(table, columns))
                                   : found;
}

static int step_failed(struct sqlite_conn *conn, int code, const struct gw_query *query,
                       struct gw_result *ret)
{
    int r = gw_sqlite_failed(conn->base.store, conn->db, code, query->sql);
    if (r == GW_E_DUPLICATE)
        ret->duplicate = violated(conn->db, query->table);
    return r;
}

static int step_all(struct sqlite_conn *conn, sqlite3_stmt *stmt, const struct gw_query *query,
                    struct gw_arena *arena, struct gw_result *ret)
{
    const struct gw_store *store = conn->base.store;
    size_t room = 0;
    int code, r;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct gw_row_reader reader = {.store = store, .query = query};
        if (!query->columns || ret->n == query->max_rows) {
            if (store->options.log)
                gw_log_line(store->options.log, "store: sqlite: more rows than expected: %s",
                            query->sql);
            return -EIO;
        }
        reader.row = next_row(query, arena, ret, &room);
        if (!reader.row)
            return -ENOMEM;
        r = gw_sqlite_fetch(&reader, stmt, arena);
        if (!r)
            r = gw_row_end(&reader, arena, ret);
        if (r)
            return r;
    }
    if (code != SQLITE_DONE)
        return step_failed(conn, code, query, ret);
    if (!query->read_only) {
        gw_sqlite_unlocked(conn);
        ret->affected = (uint64_t)sqlite3_changes64(conn->db);
        ret->insert_id = sqlite3_last_insert_rowid(conn->db);
    }
    return 0;
}

static int run_ready(struct sqlite_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                     struct gw_result *ret)
{
    sqlite3_stmt *stmt = NULL;
    int r = gw_sqlite_ready(conn, !query->read_only, query->deadline_ns);
    if (!r)
        r = statement(conn, query->sql, &stmt);
    if (r)
        return r;
    r = gw_sqlite_bind(conn, stmt, query);
    if (!r)
        r = step_all(conn, stmt, query, arena, ret);
    sqlite3_reset(stmt); /* gives its locks back; repeats the error that step told */
    sqlite3_clear_bindings(stmt);
    return r;
}

int gw_sqlite_run(struct gw_conn *base, const struct gw_query *query, struct gw_arena *arena,
                  struct gw_result *ret)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    conn->deadline_ns = query->deadline_ns;
    int r = query->read_only ? 0 : gw_sqlite_take_turn(conn);
    if (!r)
        r = run_ready(conn, query, arena, ret);
    if (!base->in_transaction)
        gw_sqlite_end_turn(conn);
    return r;
}
