/* entity_json.c: a row as a jansson tree and as JSON text, without its secret columns and its
 * revokes column (which is the gate's business).
 *
 * Both hold the same values: times as RFC 3339, blobs in base64, `json` columns as the JSON they
 * hold, whole numbers that are `quoted` as texts. A uint above 2^63-1, which jansson has no number
 * for, becomes a text of its digits and not a rounded number. */
#include "store/entity.h"

#include "base/base64.h"
#include "store/column.h"
#include "json/out.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_SIZE 24

/* Whether JSON has the value as text, whose digits these are. */
static bool is_quoted(const struct gw_column *column, const struct gw_value *value,
                      char digits[DIGITS_SIZE])
{
    bool is_signed = value->type == GW_TYPE_INT, is_unsigned = value->type == GW_TYPE_UINT;
    if (value->null || (!is_signed && !is_unsigned) ||
        (!(column->flags & GW_COL_QUOTED) && !(is_unsigned && value->as.u64 > INT64_MAX)))
        return false;
    if (is_signed)
        snprintf(digits, DIGITS_SIZE, "%" PRId64, value->as.i64);
    else
        snprintf(digits, DIGITS_SIZE, "%" PRIu64, value->as.u64);
    return true;
}

static json_t *time_json(int64_t microseconds)
{
    char text[32];
    gw_format_time(microseconds, text);
    return json_string(text);
}

static json_t *blob_json(struct gw_bytes blob)
{
    char *text = malloc((blob.len + 2) / 3 * 4 + 1);
    json_t *json = NULL;
    if (text)
        json = json_stringn(text, gw_base64_encode(blob.ptr, blob.len, text));
    free(text);
    return json;
}

static json_t *value_json(const struct gw_column *column, const struct gw_value *value)
{
    char digits[DIGITS_SIZE];
    if (is_quoted(column, value, digits))
        return json_string(digits);
    if (value->null)
        return json_null();
    switch (value->type) {
    case GW_TYPE_INT:
        return json_integer(value->as.i64);
    case GW_TYPE_UINT:
        return json_integer((json_int_t)value->as.u64);
    case GW_TYPE_BOOL:
        return json_boolean(value->as.boolean);
    case GW_TYPE_REAL:
        return json_real(value->as.f64);
    case GW_TYPE_TIME:
        return time_json(value->as.i64);
    case GW_TYPE_BLOB:
        return blob_json(value->as.blob);
    case GW_TYPE_JSON:
        return json_loads(value->as.text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    default:
        return json_string(value->as.text);
    }
}

json_t *gw_entity_json(const struct gw_table *table, const void *row)
{
    json_t *object = json_object();
    for (size_t i = 0; object && i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];
        struct gw_value value;
        if (column->flags & (GW_COL_SECRET | GW_COL_REVOKES))
            continue;
        value = gw_column_get(column, row);
        if (json_object_set_new(object, column->name, value_json(column, &value))) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

void gw_entity_jsonout(struct gw_jsonout *out, const struct gw_table *table, const void *row)
{
    char digits[DIGITS_SIZE];
    gw_jsonout_object(out);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];
        struct gw_value value;
        if (column->flags & (GW_COL_SECRET | GW_COL_REVOKES))
            continue;
        value = gw_column_get(column, row);
        gw_jsonout_name(out, column->name);
        if (is_quoted(column, &value, digits))
            gw_jsonout_text(out, digits);
        else
            gw_jsonout_value(out, &value);
    }
    gw_jsonout_end_object(out);
}
