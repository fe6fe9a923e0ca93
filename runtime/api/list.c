/* list.c: rows in the order of their key, page by page. */
#include "api/own.h"

#include "base/arena.h"
#include "request/request.h"
#include "store/column.h"
#include "store/entity.h"

#include <errno.h>
#include <string.h>

#define LIST_MAX 1000

bool gw_listing_holds(const struct gw_call *call, const struct gw_listing *listing, const void *row)
{
    if (listing->by < 0)
        return true;
    struct gw_value held = gw_row_value(call->table, listing->by, row);
    return gw_column_found(&call->table->columns[listing->by], &held, &listing->value);
}

/* Leaves the rows that are asked for, in their order. */
static void keep_found(const struct gw_call *call, struct gw_result *result,
                       const struct gw_listing *listing)
{
    size_t size = call->table->row_size, n = 0;
    char *rows = result->rows;
    for (size_t i = 0; i < result->n; i++) {
        if (!gw_listing_holds(call, listing, rows + i * size))
            continue;
        if (n < i)
            memcpy(rows + n * size, rows + i * size, size);
        n++;
    }
    result->n = n;
}

int gw_listing_query(const struct gw_call *call, const struct gw_listing *listing, unsigned limit,
                     struct gw_value values[GW_LISTING_VALUES], struct gw_query *ret)
{
    const struct gw_table *table = call->table;
    const char *text = gw_sql_list(call->sql, listing->by, listing->follows, call->arena);
    size_t n = 0;
    int r = text ? 0 : -ENOMEM;
    if (!r && listing->by >= 0)
        r = gw_call_sent(call, listing->by, &listing->value, &values[n++]);
    for (size_t i = 0; !r && listing->follows && i < gw_table_key_size(table); i++) {
        r = gw_call_sent(call, gw_table_key(table, i), &listing->after[i], &values[n++]);
        if (i + 1 < gw_table_key_size(table)) { /* stands there twice */
            values[n] = values[n - 1];
            n++;
        }
    }
    if (r)
        return r;
    values[n++] = (struct gw_value){.type = GW_TYPE_INT, .as.i64 = limit};
    *ret = (struct gw_query){.sql = text,
                             .params = values,
                             .n_params = n,
                             .table = table,
                             .columns = gw_table_open_columns(table),
                             .max_rows = limit,
                             .deadline_ns = call->deadline_ns,
                             .read_only = true};
    return 0;
}

/* At most limit - `have` rows behind `after`, as the database finds them. */
static int find_page(const struct gw_call *call, const struct gw_listing *listing, size_t have,
                     struct gw_result *ret)
{
    struct gw_value values[GW_LISTING_VALUES];
    struct gw_query query;
    int r = gw_listing_query(call, listing, listing->limit - (unsigned)have, values, &query);
    return r ? r : gw_conn_run(call->conn, &query, call->arena, ret);
}

/* Page by page until the list is full or the database has no more: a caller takes a short page for
 * the last one. */
static int find_list(const struct gw_call *call, struct gw_listing *listing, struct gw_result *ret)
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
            keep_found(call, &page, listing);
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
    struct gw_listing listing = {.by = by, .limit = limit, .follows = after};
    struct gw_result result = {0};
    struct gw_call call;
    int r = gw_call_start(req, table, &call);
    if (!r &&
        (limit < 1 || limit > LIST_MAX || (by >= 0 && table->columns[by].flags & GW_COL_SECRET)))
        r = -EINVAL;
    if (!r && by >= 0)
        r = gw_call_asked(&call, by, value, &listing.value);
    for (size_t i = 0; !r && after && i < gw_table_key_size(table); i++)
        r = gw_call_asked(&call, gw_table_key(table, i), &after[i], &listing.after[i]);
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
