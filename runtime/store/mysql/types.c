/* types.c: what the types of live columns are to the declared ones. See types.h. */
#include "store/mysql/types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char gw_mysql_columns_query[] = "SELECT " GW_MYSQL_LIVE " FROM information_schema.COLUMNS"
                                      " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '";

MYSQL_ROW gw_mysql_row_named(MYSQL_RES *rows, const char *name)
{
    MYSQL_ROW row;
    mysql_data_seek(rows, 0);
    while ((row = mysql_fetch_row(rows)))
        if (row[0] && !strcasecmp(row[0], name))
            break;
    return row;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (!strcmp(word, *words))
            return true;
    return false;
}

static const char *const integers[] = {"tinyint", "smallint", "mediumint", "int", "bigint", NULL};
static const char *const texts[] = {"char",       "varchar",  "tinytext", "text",
                                    "mediumtext", "longtext", NULL};
static const char *const binaries[] = {"binary",     "varbinary", "tinyblob", "blob",
                                       "mediumblob", "longblob",  NULL};

static bool is_unsigned(MYSQL_ROW live)
{
    return strstr(live[LIVE_COLUMN_TYPE], "unsigned") != NULL;
}

static unsigned long number(const char *text)
{
    return text ? strtoul(text, NULL, 10) : 0;
}

/* ---- Reading -------------------------------------------------------------------------------- */

bool gw_mysql_type_readable(MYSQL_ROW live, const struct gw_column *column)
{
    const char *type = live[LIVE_DATA_TYPE];
    switch (column->type) {
    case GW_TYPE_INT:
        return is_one_of(type, integers) && !is_unsigned(live);
    case GW_TYPE_UINT: /* one that holds no negative numbers */
        return is_one_of(type, integers);
    case GW_TYPE_BOOL:
        return !strcmp(type, "tinyint") || !strcmp(live[LIVE_COLUMN_TYPE], "bit(1)");
    case GW_TYPE_REAL:
        return !strcmp(type, "double") || !strcmp(type, "float");
    case GW_TYPE_DECIMAL:
        return !strcmp(type, "decimal");
    case GW_TYPE_TIME:
        return !strcmp(type, "datetime") || !strcmp(type, "timestamp");
    case GW_TYPE_DATE:
        return !strcmp(type, "date");
    case GW_TYPE_BLOB:
        return is_one_of(type, binaries);
    case GW_TYPE_JSON:
        return !strcmp(type, "json") || is_one_of(type, texts);
    case GW_TYPE_UUID:
        return !strcmp(type, "uuid") || !strcmp(live[LIVE_COLUMN_TYPE], "binary(16)") ||
               (is_one_of(type, texts) && number(live[LIVE_LENGTH]) >= 36);
    default:
        return is_one_of(type, texts) || !strcmp(type, "enum") || !strcmp(type, "set");
    }
}

/* ---- The declared schema -------------------------------------------------------------------- */

/* Without `max` only the type without a bound holds everything; with it, one of that length or one
 * without a bound, where the runtime checks the length. */
static bool bytes_declared(MYSQL_ROW live, const struct gw_column *column, const char *bounded,
                           const char *unbounded)
{
    if (!strcmp(live[LIVE_DATA_TYPE], unbounded))
        return true;
    return column->max && !strcmp(live[LIVE_DATA_TYPE], bounded) &&
           number(live[LIVE_LENGTH]) == column->max;
}

/* Of the declared sign; integers narrower than 64 bits are left as they are. */
static bool integer_declared(MYSQL_ROW live, bool unsigned_wanted)
{
    return is_one_of(live[LIVE_DATA_TYPE], integers) && is_unsigned(live) == unsigned_wanted;
}

bool gw_mysql_type_declared(MYSQL_ROW live, const struct gw_column *column)
{
    char decimal[32];
    switch (column->type) {
    case GW_TYPE_INT:
        return integer_declared(live, false);
    case GW_TYPE_UINT:
        return integer_declared(live, true);
    case GW_TYPE_BOOL:
        return !strcmp(live[LIVE_DATA_TYPE], "tinyint") && !is_unsigned(live);
    case GW_TYPE_REAL:
        return !strcmp(live[LIVE_DATA_TYPE], "double");
    case GW_TYPE_DECIMAL:
        snprintf(decimal, sizeof(decimal), "decimal(%u,%u)", column->precision, column->scale);
        return !strcmp(live[LIVE_COLUMN_TYPE], decimal);
    case GW_TYPE_TIME:
        return !strcmp(live[LIVE_COLUMN_TYPE], "datetime(6)");
    case GW_TYPE_DATE:
        return !strcmp(live[LIVE_DATA_TYPE], "date");
    case GW_TYPE_BLOB:
        return bytes_declared(live, column, "varbinary", "longblob");
    case GW_TYPE_UUID:
        return !strcmp(live[LIVE_COLUMN_TYPE], "char(36)");
    case GW_TYPE_JSON:
        return !strcmp(live[LIVE_DATA_TYPE], "json") || !strcmp(live[LIVE_DATA_TYPE], "longtext");
    default:
        return bytes_declared(live, column, "varchar", "longtext");
    }
}

/* ---- Collations ----------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len > n && !strcmp(text + len - n, end);
}

bool gw_mysql_compares_bytes(const char *collation)
{
    return collation && (ends_with(collation, "nopad_bin") || ends_with(collation, "0900_bin"));
}

bool gw_mysql_ignores_case(const char *collation)
{
    return collation && ends_with(collation, "_ci") && !strstr(collation, "turkish") &&
           !strstr(collation, "_tr_");
}

/* ---- Limits --------------------------------------------------------------------------------- */

static void integer_limits(MYSQL_ROW live, struct gw_limits *ret)
{
    static const unsigned char bits[] = {8, 16, 24, 32, 64};
    for (size_t i = 0; integers[i]; i++) {
        if (strcmp(live[LIVE_DATA_TYPE], integers[i]))
            continue;
        ret->integers = true;
        ret->high = UINT64_MAX >> (64 - bits[i] + !is_unsigned(live));
        ret->low = is_unsigned(live) ? 0 : -(int64_t)ret->high - 1;
    }
}

/* A server counts the bytes of the column's own character set, of which we send UTF-8. What the set
 * has not is refused by the server. */
static void text_limits(MYSQL_ROW live, struct gw_limits *ret)
{
    const char *type = live[LIVE_DATA_TYPE], *charset = live[LIVE_CHARSET];
    bool bounded = !strcmp(type, "char") || !strcmp(type, "varchar");
    unsigned long bytes = number(live[LIVE_BYTES]);
    ret->loose = !gw_mysql_compares_bytes(live[LIVE_COLLATION]);
    ret->stripped = !strcmp(type, "char");
    if (bounded)
        ret->chars = (uint32_t)number(live[LIVE_LENGTH]);
    else if (charset && !strncmp(charset, "utf8", 4))
        ret->bytes = bytes;
    else if (bytes < UINT32_MAX)
        ret->chars = (uint32_t)number(live[LIVE_LENGTH]);
}

static int word_limits(MYSQL_ROW live, struct gw_limits *ret)
{
    const char *list = strchr(live[LIVE_COLUMN_TYPE], '(');
    ret->set = !strcmp(live[LIVE_DATA_TYPE], "set");
    ret->words = list ? strdup(list) : NULL;
    return list && !ret->words ? -ENOMEM : 0;
}

int gw_mysql_column_limits(MYSQL_ROW live, struct gw_limits *ret)
{
    const char *type = live[LIVE_DATA_TYPE];
    integer_limits(live, ret);
    ret->floats = !strcmp(type, "float");
    if (!strcmp(type, "decimal")) {
        ret->decimals = true;
        ret->fraction = (uint8_t)number(live[LIVE_SCALE]);
        ret->whole = (uint8_t)(number(live[LIVE_DIGITS]) - ret->fraction);
    } else if (!strcmp(type, "datetime") || !strcmp(type, "timestamp")) {
        ret->times = true;
        ret->fraction = (uint8_t)number(live[LIVE_FRACTION]);
    } else if (!strcmp(type, "enum") || !strcmp(type, "set")) {
        return word_limits(live, ret);
    } else if (is_one_of(type, texts)) {
        text_limits(live, ret);
    } else if (is_one_of(type, binaries)) {
        ret->bytes = number(live[LIVE_BYTES]);
        ret->padded = !strcmp(type, "binary");
        if (!strcmp(live[LIVE_COLUMN_TYPE], "binary(16)"))
            ret->form = GW_FORM_BYTES;
    }
    return 0;
}
