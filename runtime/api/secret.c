/* secret.c: secret columns, whose values stand beside the rows.
 *
 * A store reads and writes wholes: a row and, where an application has the secrets, the values.
 * What an application gets of them is a row without, and secrets; what it gives becomes a whole
 * here. */
#include "api/own.h"

#include "base/arena.h"
#include "base/str.h"
#include "json/json.h"
#include "json/out.h"
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

/* ---- Values as texts ------------------------------------------------------------------------ */

/* What JSON would have, without quotes. */
static int text_of(const struct gw_value *value, struct gw_arena *arena, struct gw_bytes *ret)
{
    struct gw_jsonout out = {.text.arena = arena};
    char time[32];
    *ret = (struct gw_bytes){0};
    if (value->null)
        return 0;
    switch (value->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_BOOL:
    case GW_TYPE_REAL:
        gw_jsonout_value(&out, value);
        if (!out.text.failed)
            *ret = (struct gw_bytes){out.text.ptr, out.text.len};
        break;
    case GW_TYPE_TIME:
        gw_format_time(value->as.i64, time);
        *ret = (struct gw_bytes){gw_arena_copy(arena, time, strlen(time)), strlen(time)};
        break;
    case GW_TYPE_BLOB:
        ret->ptr = gw_arena_copy(arena, value->as.blob.ptr, value->as.blob.len);
        ret->len = value->as.blob.len;
        break;
    default:
        *ret = (struct gw_bytes){gw_arena_copy(arena, value->as.text, strlen(value->as.text)),
                                 strlen(value->as.text)};
    }
    return ret->ptr ? 0 : -ENOMEM;
}

static bool read_real(struct gw_str text, struct gw_arena *arena, double *ret)
{
    const struct gw_json *number;
    struct gw_json_error error;
    return !gw_json_read(text, 1, arena, &number, &error) && gw_json_f64(number, ret);
}

/* False: the text is no value of the column's type. What the column says of values of its type is
 * looked at when they are written. */
static bool value_of(const struct gw_column *column, struct gw_bytes bytes, struct gw_arena *arena,
                     struct gw_value *ret)
{
    struct gw_str text = {bytes.ptr, bytes.len};
    *ret = (struct gw_value){.type = column->type};
    switch (column->type) {
    case GW_TYPE_INT:
        return gw_parse_i64(text, &ret->as.i64);
    case GW_TYPE_UINT:
        return gw_parse_u64(text, &ret->as.u64);
    case GW_TYPE_BOOL:
        ret->as.boolean = gw_str_equal(text, GW_STR("true"));
        return ret->as.boolean || gw_str_equal(text, GW_STR("false"));
    case GW_TYPE_REAL:
        return read_real(text, arena, &ret->as.f64);
    case GW_TYPE_TIME:
        return gw_parse_time(text, &ret->as.i64);
    case GW_TYPE_BLOB:
        ret->as.blob = bytes;
        return true;
    default:
        ret->as.text = bytes.ptr;
        return strlen(bytes.ptr) == bytes.len;
    }
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
        r = text_of(&value, req->arena, &text);
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
    if (value_of(column, text, req->arena, &value))
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
