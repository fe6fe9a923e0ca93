/* value.c: values in libmariadb's bindings.
 *
 * Each type goes over the wire as itself: nothing is sent as text that the server would have to
 * guess about, and nothing is taken from a field of another type. Integers of any width and sign
 * are taken by value: one that the declared type cannot hold is its row's fault, and the server
 * refuses to store what a narrower column cannot hold (strict mode). */
#include "store/mysql/value.h"

#include "base/arena.h"
#include "store/column.h"
#include "base/str.h"
#include "store/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE    512 /* of a text at first */
#define BINARY_CHARSET 63
#define DAY_US         INT64_C(86400000000)

/* ---- Dates (the proleptic Gregorian calendar, counted in eras of 400 years) ----------------- */

static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
    unsigned in_era = (unsigned)(y - era * 400);
    unsigned in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static void date_of(int64_t days, MYSQL_TIME *time)
{
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned of_era = (unsigned)(shifted - era * 146097);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    time->day = of_year - (153 * month + 2) / 5 + 1;
    time->month = month < 10 ? month + 3 : month - 9;
    time->year = (unsigned)(year + era * 400 + (time->month <= 2));
}

static void split_time(int64_t microseconds, MYSQL_TIME *time)
{
    int64_t days = microseconds / DAY_US, rest = microseconds % DAY_US;
    if (rest < 0) {
        rest += DAY_US;
        days--;
    }
    *time = (MYSQL_TIME){.time_type = MYSQL_TIMESTAMP_DATETIME};
    date_of(days, time);
    time->second_part = (unsigned long)(rest % 1000000);
    rest /= 1000000;
    time->second = (unsigned)(rest % 60);
    time->minute = (unsigned)(rest / 60 % 60);
    time->hour = (unsigned)(rest / 3600);
}

static int64_t join_time(const MYSQL_TIME *time)
{
    int64_t seconds = days_of(time->year, time->month, time->day) * 86400 + time->hour * 3600 +
                      time->minute * 60 + time->second;
    return seconds * 1000000 + (int64_t)time->second_part;
}

static bool is_real_date(const MYSQL_TIME *time)
{
    return time->year >= 1 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
           time->day >= 1 && time->day <= 31 && !time->neg;
}

static void split_date(const char *text, MYSQL_TIME *time)
{
    *time = (MYSQL_TIME){.time_type = MYSQL_TIMESTAMP_DATE};
    time->year = (unsigned)strtoul(text, NULL, 10);
    time->month = (unsigned)strtoul(text + 5, NULL, 10);
    time->day = (unsigned)strtoul(text + 8, NULL, 10);
}

/* ---- Sending -------------------------------------------------------------------------------- */

static void bind_bytes(enum enum_field_types type, const void *ptr, size_t len,
                       struct mysql_cell *cell, MYSQL_BIND *bind)
{
    bind->buffer_type = type;
    bind->buffer = (void *)ptr;
    bind->buffer_length = len;
    cell->length = len;
    bind->length = &cell->length;
}

void gw_mysql_bind_value(const struct gw_value *value, struct mysql_cell *cell, MYSQL_BIND *bind)
{
    memset(bind, 0, sizeof(*bind));
    bind->buffer = &cell->as;
    if (value->null) {
        bind->buffer_type = MYSQL_TYPE_NULL;
        return;
    }
    switch (gw_type_stored(value->type)) {
    case GW_TYPE_INT:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        cell->as.i64 = value->as.i64;
        break;
    case GW_TYPE_UINT:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->is_unsigned = 1;
        cell->as.u64 = value->as.u64;
        break;
    case GW_TYPE_BOOL:
        bind->buffer_type = MYSQL_TYPE_TINY;
        cell->as.tiny = value->as.boolean;
        break;
    case GW_TYPE_REAL:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        cell->as.f64 = value->as.f64;
        break;
    case GW_TYPE_TIME:
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        split_time(value->as.i64, &cell->as.time);
        break;
    case GW_TYPE_DATE:
        bind->buffer_type = MYSQL_TYPE_DATE;
        split_date(value->as.text, &cell->as.time);
        break;
    case GW_TYPE_DECIMAL:
        bind_bytes(MYSQL_TYPE_NEWDECIMAL, value->as.text, strlen(value->as.text), cell, bind);
        break;
    case GW_TYPE_BLOB:
        bind_bytes(MYSQL_TYPE_BLOB, value->as.blob.ptr, value->as.blob.len, cell, bind);
        break;
    default:
        bind_bytes(MYSQL_TYPE_STRING, value->as.text, strlen(value->as.text), cell, bind);
        break;
    }
}

size_t gw_mysql_sent_size(const struct gw_value *value)
{
    size_t overhead = 16; /* type, length, place in the bitmap of NULLs; or a number or time */
    if (value->null)
        return overhead;
    switch (gw_type_stored(value->type)) {
    case GW_TYPE_TEXT:
    case GW_TYPE_JSON:
    case GW_TYPE_DECIMAL:
        return overhead + strlen(value->as.text);
    case GW_TYPE_BLOB:
        return overhead + value->as.blob.len;
    default:
        return overhead;
    }
}

/* ---- Fetching ------------------------------------------------------------------------------- */

int gw_mysql_bind_column(const struct gw_column *column, struct mysql_cell *cell, MYSQL_BIND *bind)
{
    memset(bind, 0, sizeof(*bind));
    bind->buffer = &cell->as;
    bind->length = &cell->length;
    bind->is_null = &cell->null;
    bind->error = &cell->error;
    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_BOOL:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        return 0;
    case GW_TYPE_REAL:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        return 0;
    case GW_TYPE_TIME:
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        return 0;
    case GW_TYPE_DATE:
        bind->buffer_type = MYSQL_TYPE_DATE;
        return 0;
    default:
        break;
    }
    cell->size = BUFFER_SIZE;
    cell->buffer = malloc(cell->size);
    bind->buffer_type = column->type == GW_TYPE_BLOB ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
    bind->buffer = cell->buffer;
    bind->buffer_length = cell->size;
    return cell->buffer ? 0 : -ENOMEM;
}

static bool is_integer(enum enum_field_types type)
{
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
           type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG;
}

static bool is_bytes(enum enum_field_types type)
{
    return type == MYSQL_TYPE_STRING || type == MYSQL_TYPE_VAR_STRING ||
           type == MYSQL_TYPE_VARCHAR || type == MYSQL_TYPE_TINY_BLOB || type == MYSQL_TYPE_BLOB ||
           type == MYSQL_TYPE_MEDIUM_BLOB || type == MYSQL_TYPE_LONG_BLOB;
}

bool gw_mysql_field_fits(const struct gw_column *column, const MYSQL_FIELD *field)
{
    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
        return is_integer(field->type);
    case GW_TYPE_BOOL: /* an expression, EXISTS(...), is as wide as any integer */
        return is_integer(field->type) || (field->type == MYSQL_TYPE_BIT && field->length == 1);
    case GW_TYPE_REAL:
        return field->type == MYSQL_TYPE_DOUBLE || field->type == MYSQL_TYPE_FLOAT;
    case GW_TYPE_DECIMAL:
        return field->type == MYSQL_TYPE_NEWDECIMAL;
    case GW_TYPE_TIME:
        return field->type == MYSQL_TYPE_DATETIME || field->type == MYSQL_TYPE_TIMESTAMP;
    case GW_TYPE_DATE:
        return field->type == MYSQL_TYPE_DATE;
    case GW_TYPE_BLOB:
        return is_bytes(field->type) && field->charsetnr == BINARY_CHARSET;
    case GW_TYPE_UUID:
        return is_bytes(field->type) && (field->charsetnr != BINARY_CHARSET || field->length == 16);
    case GW_TYPE_JSON:
        return field->type == MYSQL_TYPE_JSON ||
               (is_bytes(field->type) && field->charsetnr != BINARY_CHARSET);
    default:
        return is_bytes(field->type) && field->charsetnr != BINARY_CHARSET;
    }
}

bool gw_mysql_kind_fits(const MYSQL_FIELD *field, struct mysql_cell *cell, MYSQL_BIND *bind)
{
    bool is_unsigned = field->flags & UNSIGNED_FLAG, is_bit = field->type == MYSQL_TYPE_BIT;
    cell->is_binary = field->charsetnr == BINARY_CHARSET;
    if (cell->buffer || (cell->is_unsigned == is_unsigned && cell->is_bit == is_bit))
        return true;
    if (is_bit != cell->is_bit) { /* a BIT comes as a byte */
        bind->buffer_type = is_bit ? MYSQL_TYPE_BLOB : MYSQL_TYPE_LONGLONG;
        bind->buffer_length = is_bit ? 1 : 0;
    }
    cell->is_bit = is_bit;
    cell->is_unsigned = is_unsigned;
    bind->is_unsigned = is_unsigned;
    return false;
}

/* An integer as what it is declared to be, if it is. */
static int fetched_integer(const struct gw_column *column, const struct mysql_cell *cell,
                           struct gw_value *ret)
{
    bool above_int = cell->is_unsigned && cell->as.u64 > INT64_MAX;
    bool negative = !cell->is_unsigned && cell->as.i64 < 0;
    switch (column->type) {
    case GW_TYPE_UINT:
        ret->as.u64 = cell->as.u64;
        return negative ? -EIO : 0;
    case GW_TYPE_BOOL:
        if (cell->is_bit) {
            ret->as.boolean = cell->as.tiny == 1;
            return cell->length == 1 ? 0 : -EIO;
        }
        ret->as.boolean = cell->as.u64 == 1;
        return cell->as.u64 > 1 ? -EIO : 0;
    default:
        ret->as.i64 = cell->as.i64;
        return above_int ? -EIO : 0;
    }
}

static int fetched_text(const struct mysql_cell *cell, struct gw_arena *arena, struct gw_value *ret)
{
    if (memchr(cell->buffer, '\0', cell->length) ||
        !gw_utf8_valid(cell->buffer, cell->length, NULL))
        return -EIO;
    ret->as.text = gw_arena_copy(arena, cell->buffer, cell->length);
    return ret->as.text ? 0 : -ENOMEM;
}

/* A live column of another scale: zeros behind the point are written or left out, and a number that
 * has others there is not one of the declared type. */
static int fetched_decimal(const struct gw_column *column, const struct mysql_cell *cell,
                           struct gw_arena *arena, struct gw_value *ret)
{
    const char *point = memchr(cell->buffer, '.', cell->length);
    size_t whole = point ? (size_t)(point - cell->buffer) : cell->length;
    size_t fraction = point ? cell->length - whole - 1 : 0;
    char *text = gw_arena_alloc(arena, whole + column->scale + 2);
    if (!text)
        return -ENOMEM;
    memcpy(text, cell->buffer, whole);
    text[whole] = column->scale ? '.' : '\0';
    for (size_t i = 0; i < fraction && i < column->scale; i++)
        text[whole + 1 + i] = point[1 + i];
    for (size_t i = fraction; i < column->scale; i++)
        text[whole + 1 + i] = '0';
    ret->as.text = text;
    for (size_t i = column->scale; i < fraction; i++)
        if (point[1 + i] != '0')
            return -EIO;
    return 0;
}

static int fetched_uuid(const struct mysql_cell *cell, struct gw_arena *arena, struct gw_value *ret)
{
    char *text;
    if (cell->is_binary ? cell->length != 16 : cell->length != GW_UUID_TEXT - 1)
        return -EIO;
    text = gw_arena_alloc(arena, GW_UUID_TEXT);
    if (!text)
        return -ENOMEM;
    ret->as.text = text;
    if (cell->is_binary) {
        gw_uuid_text((const unsigned char *)cell->buffer, text);
        return 0;
    }
    for (size_t i = 0; i < cell->length; i++)
        text[i] = gw_lower(cell->buffer[i]);
    text[cell->length] = '\0';
    return 0;
}

static int fetched_date(const struct mysql_cell *cell, struct gw_arena *arena, struct gw_value *ret)
{
    const MYSQL_TIME *date = &cell->as.time;
    if (!is_real_date(date))
        return -EIO;
    ret->as.text = gw_arena_printf(arena, "%04u-%02u-%02u", date->year, date->month, date->day);
    return ret->as.text ? 0 : -ENOMEM;
}

int gw_mysql_fetched(const struct gw_column *column, const struct mysql_cell *cell,
                     struct gw_arena *arena, struct gw_value *ret)
{
    *ret = (struct gw_value){.type = column->type, .null = cell->null};
    if (cell->null)
        return 0;
    if (cell->error)
        return -EIO;
    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_BOOL:
        return fetched_integer(column, cell, ret);
    case GW_TYPE_REAL:
        ret->as.f64 = cell->as.f64;
        return 0;
    case GW_TYPE_TIME:
        ret->as.i64 = join_time(&cell->as.time);
        return is_real_date(&cell->as.time) ? 0 : -EIO;
    case GW_TYPE_DATE:
        return fetched_date(cell, arena, ret);
    case GW_TYPE_DECIMAL:
        return fetched_decimal(column, cell, arena, ret);
    case GW_TYPE_UUID:
        return fetched_uuid(cell, arena, ret);
    case GW_TYPE_BLOB:
        ret->as.blob.len = cell->length;
        ret->as.blob.ptr = gw_arena_copy(arena, cell->buffer, cell->length);
        return ret->as.blob.ptr ? 0 : -ENOMEM;
    default:
        return fetched_text(cell, arena, ret);
    }
}
