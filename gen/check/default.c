/* default.c: what a column is filled with where no value is given. */
#include "check/check.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_CHARACTERS 22 /* 128 bits in base64url */

static bool is_int(const char *text)
{
    errno = 0;
    strtoll(text, NULL, 10);
    return !strchr(text, '.') && !errno;
}

static bool is_uint(const char *text)
{
    errno = 0;
    strtoull(text, NULL, 10);
    return *text != '-' && !strchr(text, '.') && !errno;
}

/* Exactly as the column's values are written. */
static bool is_decimal(const char *text, const struct column *column)
{
    const char *digits = text + (*text == '-'), *point = strchr(digits, '.');
    size_t whole = point ? (size_t)(point - digits) : strlen(digits);
    size_t scale = point ? strlen(point + 1) : 0;
    bool zero = strspn(digits, "0.") == strlen(digits);
    bool leading = whole > 1 && *digits == '0';
    return scale == column->scale && !leading && !(zero && *text == '-') &&
           (whole <= column->precision - column->scale || (whole == 1 && *digits == '0'));
}

static bool is_date(const char *text)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || strspn(text, "0123456789-") != 10)
        return false;
    int year = atoi(text), month = atoi(text + 5), day = atoi(text + 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || leap);
}

static bool is_word(const struct column *column)
{
    for (size_t i = 0; i < column->one_of.n; i++) {
        if (!strcmp(column->one_of.items[i].text, column->default_value.text))
            return column->default_kind == DEFAULT_TEXT;
    }
    return false;
}

bool default_fits(const struct column *column)
{
    const char *text = column->default_value.text;
    bool number = column->default_kind == DEFAULT_NUMBER;
    bool string = column->default_kind == DEFAULT_TEXT;
    if (column->one_of.n)
        return is_word(column);
    switch (column->type) {
    case TYPE_INT:
        return number && is_int(text);
    case TYPE_UINT:
        return number && is_uint(text);
    case TYPE_REAL:
        return number && isfinite(strtod(text, NULL));
    case TYPE_DECIMAL:
        return number && is_decimal(text, column);
    case TYPE_BOOL:
        return column->default_kind == DEFAULT_TRUE || column->default_kind == DEFAULT_FALSE;
    case TYPE_TEXT:
        return (string && (!column->max || utf8_characters(text) <= column->max)) ||
               (column->default_kind == DEFAULT_RANDOM &&
                (!column->max || column->max >= RANDOM_CHARACTERS));
    case TYPE_TIME:
        return column->default_kind == DEFAULT_NOW;
    case TYPE_DATE:
        return column->default_kind == DEFAULT_NOW || (string && is_date(text));
    case TYPE_UUID:
        return column->default_kind == DEFAULT_RANDOM;
    default:
        return false;
    }
}

static const char *what_fits(enum type type)
{
    switch (type) {
    case TYPE_BOOL:
        return "`true` or `false`";
    case TYPE_TEXT:
        return "a text that the column holds, or `random` with room for 22 characters";
    case TYPE_TIME:
        return "`now`";
    case TYPE_DATE:
        return "`now` or a date in quotes";
    case TYPE_UUID:
        return "`random`";
    case TYPE_BLOB:
    case TYPE_JSON:
        return "nothing";
    default:
        return "a number that the column holds";
    }
}

static void check_touched(struct tree *tree, const struct column *column)
{
    if (column->type != TYPE_TIME)
        diag_error(tree->diags, column->name.pos, "`touched` is for a time: `%s` is %s",
                   column->name.text, type_phrase(column->type));
    else if (column->default_kind)
        diag_error(tree->diags, column->default_value.pos,
                   "`touched` is the time of an insert, too");
}

void check_default(struct tree *tree, struct table *table, const struct column *column)
{
    table->fills |= column->default_kind || column->touched;
    if (column->touched)
        check_touched(tree, column);
    if (!column->default_kind)
        return;
    if (column->automatic || column->revokes || column->secret)
        diag_error(tree->diags, column->default_value.pos, "what %s has no default",
                   column->automatic ? "is `auto`"
                   : column->revokes ? "revokes"
                                     : "is secret");
    else if (!default_fits(column))
        diag_error(tree->diags, column->default_value.pos, "the default of %s is %s",
                   column->one_of.n ? "`one of`" : type_phrase(column->type),
                   column->one_of.n ? "one of its words" : what_fits(column->type));
    else if (column->key && column->default_kind != DEFAULT_RANDOM)
        diag_error(tree->diags, column->default_value.pos,
                   "a key has no default but `random`: every row needs another");
}
