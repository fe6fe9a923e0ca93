/* column.c: values and the members of row structures. See column.h.
 *
 * Databases are generous: they round, cut, pad, coerce and replace what does not fit. Nothing here
 * is: a value either is exactly what its column can hold or it is refused before a statement runs,
 * so that what was stored is what was given. */
#include "store/column.h"

#include "base/arena.h"
#include "base/str.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* 0001-01-01T00:00:00Z and the last microsecond of the year 9999: what a DATETIME can hold. */
#define TIME_MIN INT64_C(-62135596800000000)
#define TIME_MAX INT64_C(253402300799999999)

_Static_assert(GW_MAX_COLUMNS < 64, "a mask of columns is a uint64_t");

enum gw_type gw_type_stored(enum gw_type type)
{
    switch (type) {
    case GW_TYPE_EMAIL:
    case GW_TYPE_UUID:
    case GW_TYPE_SLUG:
    case GW_TYPE_WORD:
    case GW_TYPE_FREE:
    case GW_TYPE_PATH:
        return GW_TYPE_TEXT;
    default:
        return type;
    }
}

static struct gw_value get_optional(const struct gw_column *column, const void *at)
{
    struct gw_value value = {.type = column->type};
    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME: {
        const struct gw_opt_i64 *opt = at;
        value.null = !opt->set;
        value.as.i64 = opt->value;
        break;
    }
    case GW_TYPE_UINT: {
        const struct gw_opt_u64 *opt = at;
        value.null = !opt->set;
        value.as.u64 = opt->value;
        break;
    }
    case GW_TYPE_REAL: {
        const struct gw_opt_f64 *opt = at;
        value.null = !opt->set;
        value.as.f64 = opt->value;
        break;
    }
    default: {
        const struct gw_opt_bool *opt = at;
        value.null = !opt->set;
        value.as.boolean = opt->value;
        break;
    }
    }
    return value;
}

static bool is_scalar(enum gw_type type)
{
    return type == GW_TYPE_INT || type == GW_TYPE_TIME || type == GW_TYPE_UINT ||
           type == GW_TYPE_REAL || type == GW_TYPE_BOOL;
}

/* An enumerator that is none becomes a text that no column holds: it is refused where it is
 * written, and not taken for NULL. */
static struct gw_value get_word(const struct gw_column *column, const void *at)
{
    unsigned value = *(const unsigned *)at;
    const char *word = gw_word_name(column->one_of, value);
    return (struct gw_value){.type = column->type, .null = !value, .as.text = word ? word : "\xff"};
}

struct gw_value gw_column_get(const struct gw_column *column, const void *row)
{
    const void *at = (const char *)row + column->offset;
    struct gw_value value = {.type = column->type};
    if (column->one_of)
        return get_word(column, at);
    if (column->flags & GW_COL_OPTIONAL && is_scalar(column->type))
        return get_optional(column, at);

    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        value.as.i64 = *(const int64_t *)at;
        break;
    case GW_TYPE_UINT:
        value.as.u64 = *(const uint64_t *)at;
        break;
    case GW_TYPE_REAL:
        value.as.f64 = *(const double *)at;
        break;
    case GW_TYPE_BOOL:
        value.as.boolean = *(const bool *)at;
        break;
    case GW_TYPE_BLOB:
        value.as.blob = *(const struct gw_bytes *)at;
        value.null = !value.as.blob.ptr;
        break;
    default:
        value.as.text = *(const char *const *)at;
        value.null = !value.as.text;
        break;
    }
    return value;
}

static void put_optional(const struct gw_column *column, void *at, const struct gw_value *value)
{
    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        *(struct gw_opt_i64 *)at = (struct gw_opt_i64){true, value->as.i64};
        break;
    case GW_TYPE_UINT:
        *(struct gw_opt_u64 *)at = (struct gw_opt_u64){true, value->as.u64};
        break;
    case GW_TYPE_REAL:
        *(struct gw_opt_f64 *)at = (struct gw_opt_f64){true, value->as.f64};
        break;
    default:
        *(struct gw_opt_bool *)at = (struct gw_opt_bool){true, value->as.boolean};
        break;
    }
}

int gw_column_put(const struct gw_column *column, void *row, const struct gw_value *value)
{
    void *at = (char *)row + column->offset;
    if (value->null)
        return column->flags & GW_COL_OPTIONAL ? 0 : -EIO; /* rows begin as zero bytes: NULL */
    if (column->one_of)
        return (*(unsigned *)at = gw_word_of(column->one_of, value->as.text)) ? 0 : -EIO;
    if (column->flags & GW_COL_OPTIONAL && is_scalar(column->type)) {
        put_optional(column, at, value);
        return 0;
    }

    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        *(int64_t *)at = value->as.i64;
        break;
    case GW_TYPE_UINT:
        *(uint64_t *)at = value->as.u64;
        break;
    case GW_TYPE_REAL:
        *(double *)at = value->as.f64;
        break;
    case GW_TYPE_BOOL:
        *(bool *)at = value->as.boolean;
        break;
    case GW_TYPE_BLOB:
        *(struct gw_bytes *)at = value->as.blob;
        break;
    default:
        *(const char **)at = value->as.text;
        break;
    }
    return 0;
}

/* "-12.30": no leading zeros, no "-0.00", exactly `scale` decimals, so that equal numbers are
 * equal texts, as a key or in a SQLite column. */
static bool is_decimal(const char *text, unsigned precision, unsigned scale)
{
    bool negative = *text == '-', zero = true;
    const char *digits = text + negative;
    size_t whole = strspn(digits, "0123456789"), decimals = 0;
    const char *end = digits + whole;
    if (whole == 0 || (whole > 1 && digits[0] == '0'))
        return false;
    if (whole > precision - scale && !(whole == 1 && digits[0] == '0'))
        return false;
    if (scale > 0) {
        if (*end++ != '.')
            return false;
        decimals = strspn(end, "0123456789");
        end += decimals;
    }
    for (const char *p = digits; p < end; p++)
        zero = zero && (*p == '0' || *p == '.');
    return decimals == scale && *end == '\0' && !(negative && zero);
}

static const char *text_fault(const struct gw_column *column, const char *text)
{
    size_t chars;
    if (!gw_utf8_valid(text, strlen(text), &chars))
        return "is not valid UTF-8";
    if (column->max && chars > column->max)
        return "is longer than the column";
    return NULL;
}

/* What a row's writer and its jansson tree can both give back. */
static const char *json_fault(const char *text)
{
    struct gw_arena scratch = {.limit = 0};
    struct gw_json_error error;
    const struct gw_json *tree;
    const char *why = NULL;
    int r = gw_json_read(gw_str_from(text), GW_JSON_STORED_DEPTH, &scratch, &tree, &error);
    if (r == GW_E_MISMATCH)
        why = error.fault == GW_JSON_DEPTH ? "is JSON of too many levels" : "is not strict JSON";
    else if (r)
        why = "cannot be read as JSON: no memory";
    else if (!gw_json_fits_jansson(tree))
        why = "is JSON with a number beyond 64 bits or a double";
    gw_arena_free(&scratch);
    return why;
}

/* Why a value of the right type cannot be in the column, or NULL. */
static const char *fault(const struct gw_column *column, const struct gw_value *value)
{
    switch (column->type) {
    case GW_TYPE_TEXT:
        return column->one_of && !gw_word_of(column->one_of, value->as.text)
                   ? "is none of its words"
                   : text_fault(column, value->as.text);
    case GW_TYPE_JSON:
        return json_fault(value->as.text);
    case GW_TYPE_DATE:
        return gw_is_date(gw_str_from(value->as.text)) ? NULL : "is not a date";
    case GW_TYPE_UUID:
        return gw_is_uuid(gw_str_from(value->as.text)) ? NULL : "is not a UUID";
    case GW_TYPE_DECIMAL:
        return is_decimal(value->as.text, column->precision, column->scale)
                   ? NULL
                   : "is not a decimal of the declared precision and scale";
    case GW_TYPE_REAL:
        return isfinite(value->as.f64) ? NULL : "is not finite";
    case GW_TYPE_TIME:
        return value->as.i64 >= TIME_MIN && value->as.i64 <= TIME_MAX
                   ? NULL
                   : "is outside the years 0001 to 9999";
    case GW_TYPE_BLOB:
        return !column->max || value->as.blob.len <= column->max ? NULL
                                                                 : "is longer than the column";
    default:
        return NULL;
    }
}

int gw_column_check(const struct gw_column *column, const struct gw_value *value)
{
    int r;
    switch (column->type) {
    case GW_TYPE_JSON: /* numbers that jansson has not are written all the same */
        r = gw_json_check(gw_str_from(value->as.text), GW_JSON_STORED_DEPTH);
        return r == GW_E_MISMATCH ? -EIO : r;
    case GW_TYPE_DATE:
    case GW_TYPE_UUID:
    case GW_TYPE_DECIMAL:
    case GW_TYPE_TIME:
    case GW_TYPE_REAL:
        return fault(column, value) ? -EIO : 0;
    default:
        return 0;
    }
}

/* Makes value->type the column's: texts that the column's own rules check, and integers that keep
 * their value. 0, -EINVAL or -EDOM. */
static int retype(const struct gw_column *column, struct gw_value *value)
{
    enum gw_type from = gw_type_stored(value->type), to = column->type;
    value->type = to;
    if (from == to)
        return 0;
    if (from == GW_TYPE_TEXT)
        return to == GW_TYPE_DATE || to == GW_TYPE_DECIMAL || to == GW_TYPE_JSON ||
                       to == GW_TYPE_UUID
                   ? 0
                   : -EINVAL;
    if (from == GW_TYPE_INT && to == GW_TYPE_UINT) {
        if (value->as.i64 < 0)
            return -EDOM;
        value->as.u64 = (uint64_t)value->as.i64;
        return 0;
    }
    if (from == GW_TYPE_UINT && to == GW_TYPE_INT) {
        if (value->as.u64 > INT64_MAX)
            return -EDOM;
        value->as.i64 = (int64_t)value->as.u64;
        return 0;
    }
    return -EINVAL;
}

/* NULL is told by the flag, or by the pointer of what has one. */
static bool is_null(const struct gw_value *value)
{
    if (value->null || is_scalar(value->type))
        return value->null;
    return value->type == GW_TYPE_BLOB ? !value->as.blob.ptr : !value->as.text;
}

/* RFC 9562, section 4: read in either case, written in lower. */
static int lower_uuid(struct gw_value *value, struct gw_arena *arena)
{
    char *text;
    if (!value->as.text[strcspn(value->as.text, "ABCDEF")])
        return 0;
    text = gw_arena_copy(arena, value->as.text, strlen(value->as.text));
    if (!text)
        return -ENOMEM;
    for (char *p = text; *p; p++)
        *p = gw_lower(*p);
    value->as.text = text;
    return 0;
}

int gw_column_convert(const struct gw_column *column, const struct gw_value *value,
                      uint64_t uint_max, struct gw_arena *arena, struct gw_value *ret,
                      const char **ret_why)
{
    struct gw_value converted = *value;
    int r;
    if (is_null(value)) {
        *ret_why = "is NULL";
        if (!(column->flags & GW_COL_OPTIONAL))
            return -EINVAL;
        *ret = (struct gw_value){.type = column->type, .null = true};
        return 0;
    }
    r = retype(column, &converted);
    if (r) {
        *ret_why = r == -EDOM ? "is out of range" : "is of another type";
        return r;
    }
    *ret_why = fault(column, &converted);
    if (*ret_why)
        return -EDOM;
    if (column->type == GW_TYPE_UINT && converted.as.u64 > uint_max) {
        *ret_why = "is greater than the store can hold";
        return -ERANGE;
    }
    if (column->type == GW_TYPE_UUID && lower_uuid(&converted, arena)) {
        *ret_why = "cannot be read: no memory";
        return -ENOMEM;
    }
    *ret = converted;
    return 0;
}

bool gw_value_equal(const struct gw_value *a, const struct gw_value *b)
{
    if (a->type != b->type || a->null || b->null)
        return false;
    switch (a->type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        return a->as.i64 == b->as.i64;
    case GW_TYPE_UINT:
        return a->as.u64 == b->as.u64;
    case GW_TYPE_BOOL:
        return a->as.boolean == b->as.boolean;
    case GW_TYPE_REAL:
        return a->as.f64 == b->as.f64;
    case GW_TYPE_BLOB:
        return a->as.blob.len == b->as.blob.len &&
               !memcmp(a->as.blob.ptr, b->as.blob.ptr, a->as.blob.len);
    default:
        return !strcmp(a->as.text, b->as.text);
    }
}

bool gw_column_found(const struct gw_column *column, const struct gw_value *held,
                     const struct gw_value *asked)
{
    if (!(column->flags & GW_COL_NOCASE) || held->null || asked->null)
        return gw_value_equal(held, asked);
    return gw_str_equal_nocase(gw_str_from(held->as.text), gw_str_from(asked->as.text));
}

void *gw_row_copy(const struct gw_table *table, const void *row, struct gw_arena *arena)
{
    char *copy = gw_arena_alloc(arena, table->row_size);
    if (!copy)
        return NULL;
    memcpy(copy, row, table->row_size);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];
        struct gw_value value;
        if (column->flags & GW_COL_SECRET || column->one_of) /* in no row; a number */
            continue;
        value = gw_column_get(column, row);
        if (value.null || is_scalar(column->type))
            continue;
        if (column->type == GW_TYPE_BLOB)
            value.as.blob.ptr = gw_arena_copy(arena, value.as.blob.ptr, value.as.blob.len);
        else
            value.as.text = gw_arena_copy(arena, value.as.text, strlen(value.as.text));
        if (!value.as.text && column->type != GW_TYPE_BLOB)
            return NULL;
        if (column->type == GW_TYPE_BLOB && !value.as.blob.ptr)
            return NULL;
        gw_column_put(column, copy, &value);
    }
    return copy;
}

uint64_t gw_table_all_columns(const struct gw_table *table)
{
    return (UINT64_C(1) << table->n_columns) - 1; /* GW_MAX_COLUMNS is below 64 */
}

uint64_t gw_table_open_columns(const struct gw_table *table)
{
    uint64_t columns = gw_table_all_columns(table);
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].flags & GW_COL_SECRET)
            columns &= ~(UINT64_C(1) << i);
    return columns;
}

size_t gw_table_stride(const struct gw_table *table, uint64_t columns)
{
    bool secret = table->whole_size && columns & ~gw_table_open_columns(table);
    return secret ? table->whole_size : table->row_size;
}

struct gw_value gw_row_value(const struct gw_table *table, int column, const void *row)
{
    return gw_column_get(&table->columns[column], row);
}

const char *gw_key_text(const struct gw_value *key, char buffer[GW_KEY_TEXT])
{
    if (gw_type_is_text(key->type))
        return key->as.text;
    if (key->type == GW_TYPE_UINT)
        snprintf(buffer, GW_KEY_TEXT, "%" PRIu64, key->as.u64);
    else
        snprintf(buffer, GW_KEY_TEXT, "%" PRId64, key->as.i64);
    return buffer;
}

uint64_t gw_set_columns(const struct gw_set *set)
{
    uint64_t columns = 0;
    for (size_t i = 0; i < set->n; i++)
        columns |= UINT64_C(1) << set->columns[i];
    return columns;
}

uint64_t gw_table_key_columns(const struct gw_table *table)
{
    return table->keys ? gw_set_columns(table->keys) : UINT64_C(1) << table->key;
}

const struct gw_set *gw_table_set_of(const struct gw_table *table, uint64_t columns)
{
    for (size_t i = 0; i < table->n_sets; i++)
        if (table->sets[i].kind != GW_SET_INDEX && gw_set_columns(&table->sets[i]) == columns)
            return &table->sets[i];
    return NULL;
}

int gw_set_violated(const struct gw_table *table, const struct gw_set *set)
{
    return set ? GW_MAX_COLUMNS + (int)(set - table->sets) : -1;
}

uint64_t gw_table_violated(const struct gw_table *table, int column)
{
    return column < 0                ? 0
           : column < GW_MAX_COLUMNS ? UINT64_C(1) << column
                                     : gw_set_columns(&table->sets[column - GW_MAX_COLUMNS]);
}

void gw_set_names(const struct gw_table *table, const struct gw_set *set, char text[GW_SET_NAMES])
{
    size_t len = 0;
    *text = '\0';
    for (size_t i = 0; i < set->n && len < GW_SET_NAMES; i++)
        len += (size_t)snprintf(text + len, GW_SET_NAMES - len, "%s%s", i ? ", " : "",
                                gw_column_sql(&table->columns[set->columns[i]]));
}
