/* meaning.c: see meaning.h. */
#include "store/sqlite/meaning.h"

#include "store/sqlite/live.h"
#include "store/sqlite/types.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Types ---------------------------------------------------------------------------------- */

enum place {
    ANYWHERE,  /* in the type */
    BEGINNING, /* of a word: POINT is no INT */
    WHOLE,     /* type */
};

/* In the order in which they are looked for. */
static const struct meaning {
    const char *part;
    enum place place;
    const char *word;
    enum gw_type type;
    bool vague; /* the type is said besides */
} meanings[] = {
    {"BOOL", BEGINNING, "bool", GW_TYPE_BOOL, false},
    {"TINYINT(1)", BEGINNING, "bool", GW_TYPE_BOOL, false},
    {"BIT(1)", BEGINNING, "bool", GW_TYPE_BOOL, false},
    {"UUID", WHOLE, "uuid", GW_TYPE_UUID, false},
    {"BINARY(16)", BEGINNING, "uuid", GW_TYPE_UUID, true},
    {"JSON", WHOLE, "json", GW_TYPE_JSON, false},
    {"DATETIME", BEGINNING, "time", GW_TYPE_TIME, false},
    {"TIMESTAMP", BEGINNING, "time", GW_TYPE_TIME, false},
    {"DATE", WHOLE, "date", GW_TYPE_DATE, false},
    {"DECIMAL(", BEGINNING, "decimal", GW_TYPE_DECIMAL, false},
    {"NUMERIC(", BEGINNING, "decimal", GW_TYPE_DECIMAL, false},
    {"DECIMAL", WHOLE, "real", GW_TYPE_REAL, true},
    {"NUMERIC", WHOLE, "real", GW_TYPE_REAL, true},
    {"REAL", BEGINNING, "real", GW_TYPE_REAL, false},
    {"FLOAT", BEGINNING, "real", GW_TYPE_REAL, false},
    {"DOUBLE", BEGINNING, "real", GW_TYPE_REAL, false},
    {"UNSIGNED", BEGINNING, "uint", GW_TYPE_UINT, false},
    {"INT", BEGINNING, "int", GW_TYPE_INT, false},
    {"TINYINT", BEGINNING, "int", GW_TYPE_INT, false},
    {"SMALLINT", BEGINNING, "int", GW_TYPE_INT, false},
    {"MEDIUMINT", BEGINNING, "int", GW_TYPE_INT, false},
    {"BIGINT", BEGINNING, "int", GW_TYPE_INT, false},
    {"CHAR", ANYWHERE, "text", GW_TYPE_TEXT, false},
    {"CLOB", BEGINNING, "text", GW_TYPE_TEXT, false},
    {"TEXT", ANYWHERE, "text", GW_TYPE_TEXT, false},
    {"BLOB", ANYWHERE, "blob", GW_TYPE_BLOB, false},
    {"BINARY", BEGINNING, "blob", GW_TYPE_BLOB, false},
    {"VARBINARY", BEGINNING, "blob", GW_TYPE_BLOB, false},
};

static bool matches(const char *type, const struct meaning *meaning)
{
    int len = (int)strlen(meaning->part);
    for (const char *at = type; *at; at++) {
        bool begins = at == type || !isalnum((unsigned char)at[-1]);
        if (sqlite3_strnicmp(at, meaning->part, len) != 0)
            continue;
        if (meaning->place == ANYWHERE || (meaning->place == BEGINNING && begins))
            return true;
        if (at == type && at[len] == '\0')
            return true;
    }
    return false;
}

/* The numbers in the brackets of "DECIMAL(10,2)". */
static void numbers_of(const char *type, unsigned long *first, unsigned long *second)
{
    const char *open = strchr(type, '('), *comma = open ? strchr(open, ',') : NULL;
    *first = open ? strtoul(open + 1, NULL, 10) : 0;
    *second = comma ? strtoul(comma + 1, NULL, 10) : 0;
    *first = *first <= INT32_MAX ? *first : 0;
    *second = *second <= INT32_MAX ? *second : 0;
}

static const struct meaning *meaning_of(const char *type)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (matches(type, &meanings[i]))
            return &meanings[i];
    return NULL;
}

void gw_sqlite_read_type(struct gw_live_column *column)
{
    const struct meaning *meaning = meaning_of(column->type);
    struct gw_column declared = {0};
    unsigned long first, second;
    if (!*column->type)
        column->why = "it has no type, and may hold anything";
    if (!meaning)
        return;
    numbers_of(column->type, &first, &second);
    declared.type = meaning->type;
    declared.precision = first <= UINT8_MAX ? (uint8_t)first : UINT8_MAX;
    if (!gw_sqlite_type_readable(column->type, &declared))
        return;
    column->word = meaning->word;
    column->number = meaning->type == GW_TYPE_BOOL ? "int" : NULL;
    if (meaning->type == GW_TYPE_TEXT || meaning->type == GW_TYPE_BLOB)
        column->max = (unsigned)first;
    column->precision = (unsigned)first;
    column->scale = (unsigned)second;
    column->note = meaning->vague ? column->type : NULL;
}

/* ---- Checks of a column --------------------------------------------------------------------- */

/* Whether the text, without blanks and quotes, is `format` with the column's name. */
static bool is_check(const char *live, const char *name, const char *format)
{
    char *wanted = sqlite3_mprintf(format, name);
    char *normal = wanted ? gw_sqlite_normalised(wanted, strlen(wanted)) : NULL;
    bool same = normal && !strcmp(live, normal);
    free(normal);
    sqlite3_free(wanted);
    return same;
}

/* "(length(x)<=40)": its number; 0: it is another check. */
static unsigned length_of(const char *live, const char *name)
{
    const char *number = strstr(live, "<=");
    unsigned long length = number ? strtoul(number + 2, NULL, 10) : 0;
    char format[64];
    snprintf(format, sizeof(format), "(length(%%s)<=%lu)", length);
    return length <= UINT32_MAX && is_check(live, name, format) ? (unsigned)length : 0;
}

bool gw_sqlite_take_check(struct gw_live_column *column, const char *live)
{
    bool integer = !strcmp(column->word, "int") || !strcmp(column->word, "uint");
    bool bounded = !strcmp(column->word, "text") || !strcmp(column->word, "blob");
    unsigned length = length_of(live, column->name);
    if (integer && is_check(live, column->name, "(%s>=0)"))
        column->word = "uint";
    else if (integer && is_check(live, column->name, "(%sIN(0,1))"))
        column->word = "bool";
    else if (bounded && length)
        column->max = !column->max || length < column->max ? length : column->max;
    else
        return !strcmp(column->word, "bool") && is_check(live, column->name, "(%sIN(0,1))");
    return true;
}

/* ---- Defaults ------------------------------------------------------------------------------- */

/* The text of 'it''s' in its place. */
static void unquote(char *text, size_t len)
{
    char *to = text;
    for (const char *at = text + 1; at < text + len - 1; at += 1 + (*at == '\''))
        *to++ = *at;
    *to = '\0';
}

/* What SQLite fills in where it is written so. Nothing but the default says of an INTEGER or TEXT
 * that `gatewright schema` made it for a time or date. */
static bool read_now(struct gw_live_column *column, const char *text)
{
    static const struct {
        const char *word, *text, *as;
    } nows[] = {{"int", "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", "time"},
                {"text", "date('now')", "date"},
                {"date", "CURRENT_DATE", "date"},
                {"time", "CURRENT_TIMESTAMP", "time"}};

    for (size_t i = 0; i < sizeof(nows) / sizeof(nows[0]); i++) {
        if (strcmp(column->word, nows[i].word) || strcasecmp(text, nows[i].text))
            continue;
        column->word = nows[i].as;
        column->default_kind = GW_LIVE_DEFAULT_NOW;
        return true;
    }
    return false;
}

void gw_sqlite_read_default(struct gw_live_column *column, char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (!text || !strcasecmp(text, "NULL"))
        return;
    column->default_text = text;
    column->default_kind = GW_LIVE_DEFAULT_OTHER;
    if (!column->word || read_now(column, text))
        return;
    if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'') {
        unquote(text, len);
        column->default_kind = GW_LIVE_DEFAULT_TEXT;
    } else if (strspn(text, "-.0123456789") == len) {
        column->default_kind = GW_LIVE_DEFAULT_NUMBER;
    } else if (!strcasecmp(text, "true") || !strcasecmp(text, "false")) {
        column->default_text = strcasecmp(text, "true") ? "0" : "1";
        column->default_kind = GW_LIVE_DEFAULT_NUMBER;
    }
}
