/* secret.c: secret columns, whose values stand beside the rows.
 *
 * A store reads and writes wholes: a row and, where an application has the secrets, the values.
 * What an application gets of them is a row without, and secrets; what it gives becomes a whole
 * here. */
#include "api/own.h"
#include "api/value.h"

#include "base/arena.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct gw_secret) >= sizeof(struct gw_bytes) &&
                   sizeof(struct gw_secret) >= sizeof(struct gw_opt_i64),
               "a value stands where the secret does");

static bool is_secret(const struct gw_column *column)
{
    return column->flags & GW_COL_SECRET;
}

/* ---- Wholes --------------------------------------------------------------------------------- */

static int take_row(struct gw_request *req, const struct gw_table *table, const void *whole,
                    char *secrets)
{
    int r = 0;
    for (size_t i = 0; !r && i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];
        struct gw_bytes text;
        if (!is_secret(column))
            continue;
        struct gw_value value = gw_column_get(column, whole);
        r = gw_text_of_value(&value, req->arena, &text);
        if (!r)
            r = gw_secret_keep(
                req, text, (struct gw_secret *)(void *)(secrets + column->offset - table->secrets));
    }
    return r;
}

int gw_secrets_take(struct gw_request *req, const struct gw_table *table, struct gw_result *result,
                    void *ret_secrets)
{
    char *rows = result->rows, *secrets = ret_secrets;
    for (size_t i = 0; i < result->n; i++) {
        char *whole = rows + i * table->whole_size;
        int r = take_row(req, table, whole, secrets + i * (table->whole_size - table->secrets));
        if (r)
            return r;
        memmove(rows + i * table->row_size, whole, table->row_size);
    }
    return 0;
}

/* Puts what the secret stands for into the whole; none leaves NULL there. */
static int put_one(struct gw_request *req, const struct gw_table *table, size_t i,
                   const char *secrets, void *whole)
{
    const struct gw_column *column = &table->columns[i];
    struct gw_secret secret;
    struct gw_bytes text;
    struct gw_value value;
    memcpy(&secret, secrets + column->offset - table->secrets, sizeof(secret));
    int r = gw_secret_text(req, secret, &text);
    if (r || !text.ptr)
        return r;
    if (gw_value_of_text(column, text, req->arena, &value))
        return gw_column_put(column, whole, &value);
    gw_log(req, "store: %s.%s: the secret is not of the column's type", table->sql_name,
           gw_column_sql(column));
    return -EINVAL;
}

int gw_secrets_put(struct gw_request *req, const struct gw_table *table, const void *row,
                   const void *secrets, uint64_t columns, void **ret)
{
    void *whole = gw_arena_alloc(gw_request_memory(req), gw_table_whole_size(table));
    int r = whole ? 0 : -ENOMEM;
    if (!r && row)
        memcpy(whole, row, table->row_size);
    for (size_t i = 0; !r && i < table->n_columns; i++)
        if (columns >> i & 1 && is_secret(&table->columns[i]))
            r = put_one(req, table, i, secrets, whole);
    *ret = whole;
    return r;
}
