/* entity_load.c: the rows of many callers with few statements, and the row that `own` names.
 *
 * Requests that are ready together are loaded together: one statement fetches up to 64 keys. What
 * one statement returns belongs to several callers, so each row is handed on only by an exact
 * comparison of its key with the asked one, and is copied into its own request's memory. Sizes are
 * powers of two so that a connection keeps seven statements and not sixty-four; spare places
 * repeat the last key, which no database minds. */
#include "store/entity.h"

#include "base/arena.h"
#include "store/column.h"
#include "store/entity_sql.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

/* The keys of one statement: each once, with the loads that ask for it found by comparison. */
struct batch {
    struct gw_value keys[GW_LOAD_MAX];
    struct gw_value sids[GW_LIVE_MAX]; /* beside them, where sessions are `strict` */
    size_t n;
    size_t end; /* the first load that is not of this batch */
};

static bool pending(const struct gw_load *load)
{
    return load->result == -EINPROGRESS;
}

/* Sessions are asked for with their keys: each load has a place of its own. */
static void fill_live(struct batch *batch, const struct gw_load *loads, size_t from, size_t n)
{
    batch->n = 0;
    for (batch->end = from; batch->end < n && batch->n < GW_LIVE_MAX; batch->end++) {
        const struct gw_load *load = &loads[batch->end];
        if (!pending(load))
            continue;
        batch->keys[batch->n] = load->key;
        batch->sids[batch->n++] = (struct gw_value){.type = GW_TYPE_TEXT, .as.text = load->sid};
    }
}

/* Takes loads from `from` on until the batch is full. */
static void fill(struct batch *batch, const struct gw_load *loads, size_t from, size_t n)
{
    batch->n = 0;
    for (batch->end = from; batch->end < n; batch->end++) {
        const struct gw_load *load = &loads[batch->end];
        size_t i = 0;
        if (!pending(load))
            continue;
        while (i < batch->n && !gw_value_equal(&batch->keys[i], &load->key))
            i++;
        if (i < batch->n)
            continue;
        if (batch->n == GW_LOAD_MAX)
            return;
        batch->keys[batch->n++] = load->key;
    }
}

/* Finds the one row with that key, byte for byte. -EEXIST: there are two; -EIO: it cannot be
 * read. */
static int pick(const struct gw_table *table, size_t stride, const struct gw_result *result,
                const struct gw_value *key, const void **ret)
{
    const void *found = NULL;
    bool unreadable = false;
    for (size_t i = 0; i < result->n; i++) {
        const void *row = (const char *)result->rows + i * stride;
        struct gw_value held = gw_column_get(&table->columns[table->key], row);
        if (!gw_value_equal(&held, key))
            continue;
        if (found)
            return -EEXIST;
        found = row;
        unreadable = result->unreadable && result->unreadable[i];
    }
    *ret = found;
    if (unreadable)
        return -EIO;
    return found ? 0 : GW_E_NOT_FOUND;
}

/* Whether the load's session is among those that there are: its bit is that of the first place
 * where it was asked for. */
static bool is_live(const struct gw_table_sql *sql, const struct batch *batch,
                    const struct gw_load *load, const void *row)
{
    const struct gw_column *column = &sql->live->columns[sql->live->n_columns - 1];
    int64_t bits = *(const int64_t *)((const char *)row + column->offset);
    for (size_t i = 0; i < batch->n; i++)
        if (!strcmp(batch->sids[i].as.text, load->sid))
            return bits >> i & 1;
    return false;
}

/* Gives one load its row. A statement for one key that returned two rows is wrong even if only one
 * of them compares equal. */
static void settle(struct gw_conn *conn, const struct gw_table_sql *sql, const struct batch *batch,
                   const struct gw_result *result, size_t n_keys, struct gw_load *load)
{
    const struct gw_table *table = sql->table;
    const void *row;
    size_t stride = sql->live ? sql->live->row_size : table->row_size;
    int r = n_keys == 1 && result->n > 1 ? -EEXIST : pick(table, stride, result, &load->key, &row);
    if (!r && sql->live && !is_live(sql, batch, load, row))
        r = GW_E_MISMATCH;
    if (!r) {
        load->ret_row = gw_row_copy(table, row, load->arena);
        r = load->ret_row ? 0 : -ENOMEM;
    }
    if (r == -EEXIST && conn->store->options.log)
        gw_log_line(conn->store->options.log, "store: %s.%s: more than one row for one key",
                    table->sql_name, gw_column_sql(&table->columns[table->key]));
    load->result = r == -EEXIST ? -EIO : r;
}

/* The sessions twice, and the keys. */
static int run_live(struct gw_conn *conn, const struct gw_table_sql *sql, const struct batch *batch,
                    const char *text, uint64_t deadline_ns, struct gw_result *ret)
{
    struct gw_value values[3 * GW_LIVE_MAX];
    size_t n = batch->n;
    memcpy(values, batch->sids, n * sizeof(values[0]));
    memcpy(values + n, batch->sids, n * sizeof(values[0]));
    memcpy(values + 2 * n, batch->keys, n * sizeof(values[0]));
    return gw_conn_run(conn,
                       &(struct gw_query){.sql = text,
                                          .params = values,
                                          .n_params = 3 * n,
                                          .table = sql->live,
                                          .columns = gw_table_open_columns(sql->live),
                                          .max_rows = n * 2,
                                          .deadline_ns = deadline_ns,
                                          .read_only = true,
                                          .by_row = true},
                       &conn->scratch, ret);
}

/* Runs the statement for the keys. */
static int run_batch(struct gw_conn *conn, const struct gw_table_sql *sql, struct batch *batch,
                     uint64_t deadline_ns, struct gw_result *ret)
{
    bool forms = gw_type_has_forms(sql->table->columns[sql->table->key].type);
    size_t size = 0;
    int r = 0;
    gw_arena_reset(&conn->scratch);
    for (size_t i = 0; forms && !r && i < batch->n; i++)
        r = gw_conn_sent(conn, sql->table, sql->table->key, &batch->keys[i], deadline_ns,
                         &conn->scratch, &batch->keys[i]);
    if (r)
        return r < 0 ? r : GW_E_RANGE;
    while ((1u << size) < batch->n)
        size++;
    while (batch->n < (1u << size)) {
        batch->keys[batch->n] = batch->keys[batch->n - 1];
        if (sql->live)
            batch->sids[batch->n] = batch->sids[batch->n - 1];
        batch->n++;
    }
    if (sql->live)
        return run_live(conn, sql, batch, sql->load[size], deadline_ns, ret);
    return gw_conn_run(conn,
                       &(struct gw_query){.sql = sql->load[size],
                                          .params = batch->keys,
                                          .n_params = batch->n,
                                          .table = sql->table,
                                          .columns = gw_table_open_columns(sql->table),
                                          .max_rows = batch->n * 2,
                                          .deadline_ns = deadline_ns,
                                          .read_only = true,
                                          .by_row = true},
                       &conn->scratch, ret);
}

static void load_batch(struct gw_conn *conn, const struct gw_table_sql *sql, struct batch *batch,
                       struct gw_load *loads, size_t from, uint64_t deadline_ns)
{
    struct gw_result result;
    size_t n_keys = batch->n;
    int r = run_batch(conn, sql, batch, deadline_ns, &result);
    if (r == GW_E_RANGE && n_keys > 1) /* of one key, which nobody else shall feel */
        for (size_t i = from; i < batch->end; i++) {
            struct batch one = {.keys = {loads[i].key}, .n = 1, .end = i + 1};
            one.sids[0] = (struct gw_value){.type = GW_TYPE_TEXT, .as.text = loads[i].sid};
            if (pending(&loads[i]))
                load_batch(conn, sql, &one, loads, i, deadline_ns);
        }
    for (size_t i = from; i < batch->end; i++) {
        if (!pending(&loads[i]))
            continue;
        if (r == GW_E_RANGE) /* letters that the column's character set has not */
            loads[i].result = GW_E_NOT_FOUND;
        else if (r)
            loads[i].result = r < 0 ? r : -EIO;
        else
            settle(conn, sql, batch, &result, n_keys, &loads[i]);
    }
}

/* Settles what needs no statement: keys that no row can have. */
static void prepare(const struct gw_conn *conn, const struct gw_table *table, struct gw_load *load)
{
    const char *why;
    int r = gw_column_convert(&table->columns[table->key], &load->key,
                              conn->store->driver->uint_max, load->arena, &load->key, &why);
    load->ret_row = NULL;
    load->sid = load->sid ? load->sid : "";
    load->result = -EINPROGRESS;
    if (r)
        load->result = r == -EINVAL || r == -ENOMEM ? r : GW_E_NOT_FOUND;
}

void gw_entity_load(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_table *table,
                    struct gw_load *loads, size_t n, uint64_t deadline_ns)
{
    const struct gw_table_sql *texts = gw_sql_table(sql, table);
    struct batch batch;
    for (size_t i = 0; i < n; i++) {
        prepare(conn, table, &loads[i]);
        if (!texts)
            loads[i].result = -EINVAL;
    }
    for (size_t from = 0; from < n; from = batch.end) {
        (texts && texts->live ? fill_live : fill)(&batch, loads, from, n);
        if (batch.n)
            load_batch(conn, texts, &batch, loads, from, deadline_ns);
    }
    gw_arena_reset(&conn->scratch); /* no row of one request stays for the next */
}

int gw_entity_owned(struct gw_conn *conn, const struct gw_sql *sql, const struct gw_own *own,
                    const struct gw_value *values, struct gw_arena *arena, uint64_t deadline_ns,
                    const void **ret_row)
{
    const struct gw_table *table = own->table;
    const struct gw_table_sql *texts = gw_sql_table(sql, table);
    struct gw_value exact[GW_MAX_COLUMNS], sent[GW_MAX_COLUMNS];
    struct gw_result result;
    const char *why, *text;
    int r;
    if (!texts || own->n_terms == 0 || own->n_terms > GW_MAX_COLUMNS)
        return -EINVAL;
    for (size_t i = 0; i < own->n_terms; i++) {
        if (values[i].null)
            return GW_E_NOT_FOUND;
        r = gw_column_convert(&table->columns[own->terms[i].column], &values[i],
                              conn->store->driver->uint_max, arena, &exact[i], &why);
        if (r)
            return r == -EINVAL || r == -ENOMEM ? r : GW_E_NOT_FOUND;
        r = gw_conn_sent(conn, table, own->terms[i].column, &exact[i], deadline_ns, arena,
                         &sent[i]);
        if (r)
            return r;
    }
    text = gw_sql_owned(texts, own, arena);
    if (!text)
        return -ENOMEM;
    r = gw_conn_run(conn,
                    &(struct gw_query){.sql = text,
                                       .params = sent,
                                       .n_params = own->n_terms,
                                       .table = table,
                                       .columns = gw_table_open_columns(table),
                                       .max_rows = 1,
                                       .deadline_ns = deadline_ns,
                                       .read_only = true},
                    arena, &result);
    if (r)
        return r == GW_E_RANGE ? GW_E_NOT_FOUND : r;
    if (result.n == 0)
        return GW_E_NOT_FOUND;
    for (size_t i = 0; i < own->n_terms; i++) {
        const struct gw_column *column = &table->columns[own->terms[i].column];
        struct gw_value held;
        if (column->flags & GW_COL_SECRET) /* was not loaded: nobody has a row by it */
            return GW_E_NOT_FOUND;
        held = gw_column_get(column, result.rows);
        if (!gw_column_found(column, &held, &exact[i]))
            return GW_E_NOT_FOUND;
    }
    *ret_row = result.rows;
    return 0;
}
