/* types.c: live columns of SQLite, and what is read of their values.
 *
 * A column of a table that is not STRICT holds values of any kind; its type only says into what
 * SQLite converts them on their way in ("affinity", in "Datatypes In SQLite", section 3.1). A
 * column can be written where nothing that we write is converted, and is read value by value. */
#include "store/sqlite/live.h"

#include "base/arena.h"
#include "store/column.h"
#include "store/sqlite/types.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Affinities ----------------------------------------------------------------------------- */

static bool has(const char *type, const char *word)
{
    size_t len = strlen(word);
    for (; *type; type++)
        if (sqlite3_strnicmp(type, word, (int)len) == 0)
            return true;
    return false;
}

/* In the order of the documentation. */
static enum sqlite_affinity affinity(const char *type)
{
    if (!type || !*type)
        return SQLITE_AFFINITY_NONE;
    if (has(type, "INT"))
        return SQLITE_AFFINITY_INTEGER;
    if (has(type, "CHAR") || has(type, "CLOB") || has(type, "TEXT"))
        return SQLITE_AFFINITY_TEXT;
    if (has(type, "BLOB"))
        return SQLITE_AFFINITY_NONE;
    if (has(type, "REAL") || has(type, "FLOA") || has(type, "DOUB"))
        return SQLITE_AFFINITY_REAL;
    return SQLITE_AFFINITY_NUMERIC;
}

#define DOUBLE_DIGITS 15 /* that any double has */

bool gw_sqlite_type_readable(const char *type, const struct gw_column *column)
{
    enum sqlite_affinity is = affinity(type);
    switch (column->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_BOOL:
        return is == SQLITE_AFFINITY_INTEGER || is == SQLITE_AFFINITY_NUMERIC ||
               is == SQLITE_AFFINITY_NONE;
    case GW_TYPE_REAL:
        return is != SQLITE_AFFINITY_TEXT && is != SQLITE_AFFINITY_INTEGER;
    case GW_TYPE_DECIMAL:
        return is == SQLITE_AFFINITY_TEXT || is == SQLITE_AFFINITY_NONE ||
               (is == SQLITE_AFFINITY_NUMERIC && column->precision <= DOUBLE_DIGITS);
    case GW_TYPE_TIME:
        return is != SQLITE_AFFINITY_REAL;
    case GW_TYPE_DATE:
    case GW_TYPE_JSON:
    case GW_TYPE_UUID: /* with its hyphens never a number */
        return is == SQLITE_AFFINITY_TEXT || is == SQLITE_AFFINITY_NONE ||
               is == SQLITE_AFFINITY_NUMERIC;
    case GW_TYPE_BLOB:
        return true;
    default:
        return is == SQLITE_AFFINITY_TEXT || is == SQLITE_AFFINITY_NONE;
    }
}

void gw_sqlite_column_limits(const char *type, const struct gw_column *column,
                             struct gw_limits *ret)
{
    enum sqlite_affinity is = affinity(type);
    if (column->type == GW_TYPE_TIME &&
        (is == SQLITE_AFFINITY_TEXT || (is == SQLITE_AFFINITY_NUMERIC && has(type, "TIME"))))
        ret->form = GW_FORM_TEXT;
    if (column->type == GW_TYPE_UUID && type && (has(type, "BLOB") || has(type, "BINARY")))
        ret->form = GW_FORM_BYTES;
    ret->converts = column->type == GW_TYPE_JSON && is == SQLITE_AFFINITY_NUMERIC;
}

bool gw_sqlite_is_strict_type(struct gw_str type)
{
    static const char *const types[] = {"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (gw_str_equal_nocase(type, gw_str_from(types[i])))
            return true;
    return false;
}

/* ---- Values of another kind than ours ------------------------------------------------------- */

/* A number that SQLite has made of the decimal's text. */
static int number_as_decimal(sqlite3_stmt *stmt, int at, const struct gw_column *column,
                             struct gw_arena *arena, struct gw_value *ret)
{
    double number = sqlite3_column_double(stmt, at);
    char text[80];
    int len;
    if (!isfinite(number) || column->precision > DOUBLE_DIGITS || fabs(number) >= 1e15)
        return -EIO;
    len = snprintf(text, sizeof(text), "%.*f", column->scale, number);
    if (strtod(text, NULL) != number)
        return -EIO;
    if (strspn(text, "-0.") == (size_t)len && *text == '-')
        memmove(text, text + 1, (size_t)len--);
    ret->as.text = gw_arena_copy(arena, text, (size_t)len);
    return ret->as.text ? 0 : -ENOMEM;
}

static int text_as_time(sqlite3_stmt *stmt, int at, struct gw_value *ret)
{
    const char *text = (const char *)sqlite3_column_text(stmt, at);
    if (!text)
        return -ENOMEM;
    if (strlen(text) != (size_t)sqlite3_column_bytes(stmt, at))
        return -EIO;
    return gw_time_from_text(text, &ret->as.i64) ? -EIO : 0;
}

static int bytes_as_uuid(sqlite3_stmt *stmt, int at, struct gw_arena *arena, struct gw_value *ret)
{
    const unsigned char *bytes = sqlite3_column_blob(stmt, at);
    char *text;
    if (sqlite3_column_bytes(stmt, at) != 16)
        return -EIO;
    text = gw_arena_alloc(arena, GW_UUID_TEXT);
    if (!bytes || !text)
        return -ENOMEM;
    gw_uuid_text(bytes, text);
    ret->as.text = text;
    return 0;
}

int gw_sqlite_fetch_other(sqlite3_stmt *stmt, int at, const struct gw_column *column,
                          struct gw_arena *arena, struct gw_value *ret)
{
    int class = sqlite3_column_type(stmt, at);
    bool number = class == SQLITE_INTEGER || class == SQLITE_FLOAT;
    if (column->type == GW_TYPE_REAL && class == SQLITE_INTEGER) {
        int64_t integer = sqlite3_column_int64(stmt, at);
        ret->as.f64 = (double)integer;
        return llabs(integer) <= INT64_C(1) << 53 ? 0 : -EIO;
    }
    if (column->type == GW_TYPE_DECIMAL && number)
        return number_as_decimal(stmt, at, column, arena, ret);
    if (column->type == GW_TYPE_UUID && class == SQLITE_BLOB)
        return bytes_as_uuid(stmt, at, arena, ret);
    if (column->type == GW_TYPE_TIME && class == SQLITE_TEXT)
        return text_as_time(stmt, at, ret);
    return -EIO;
}
