/* read.c: the live schema of MariaDB or MySQL, read as a whole from information_schema: a query for
 * each kind of thing and not for each table, of which there may be thousands. What belongs to a
 * table that came or went between two of them is left out. */
#include "store/reading.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/mysql/hosts.h"
#include "store/mysql/types.h"
#include "store/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The whole of it: information_schema opens every table. */
#define READ_NS    UINT64_C(120000000000)
#define CONNECT_NS UINT64_C(20000000000) /* to the first of all hosts that serves */

struct reading {
    struct mysql_conn *conn;
    struct gw_arena *arena;
    struct gw_live_schema *schema;
    uint64_t deadline_ns;
    bool mariadb;
};

static int ask(struct reading *reading, const char *sql, MYSQL_RES **ret)
{
    int r = gw_mysql_text(reading->conn, sql, reading->deadline_ns, ret);
    return r > 0 ? -EIO : r;
}

static const char *copy(const struct reading *reading, const char *text)
{
    return gw_arena_copy(reading->arena, text, strlen(text));
}

/* ---- Tables --------------------------------------------------------------------------------- */

static const char tables_query[] =
    "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES"
    " WHERE TABLE_SCHEMA = DATABASE() ORDER BY CAST(TABLE_NAME AS BINARY)";

static const char *no_table(const char *type)
{
    if (!strcmp(type, "BASE TABLE") || !strcmp(type, "SYSTEM VERSIONED"))
        return NULL;
    return strstr(type, "VIEW") ? "it is a view, which has no key" : "it is a sequence";
}

static int read_tables(struct reading *reading)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    int r = ask(reading, tables_query, &rows);
    if (r)
        return r;
    while (!r && (row = mysql_fetch_row(rows))) {
        struct gw_live_table *table =
            GW_LIVE_ADD(reading->arena, reading->schema->tables, reading->schema->n_tables);
        if (!table || !(table->name = copy(reading, row[0])))
            r = -ENOMEM;
        else
            table->why = no_table(row[1]);
    }
    mysql_free_result(rows);
    return r;
}

/* ---- Columns -------------------------------------------------------------------------------- */

enum { LIVE_TABLE = N_LIVE, LIVE_DEFAULT, LIVE_PRIVILEGES };
static const char columns_query[] =
    "SELECT " GW_MYSQL_LIVE ", TABLE_NAME, COLUMN_DEFAULT, PRIVILEGES"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    " ORDER BY CAST(TABLE_NAME AS BINARY), ORDINAL_POSITION";

static bool begins(const char *text, const char *with)
{
    return !strncasecmp(text, with, strlen(with));
}

/* Whether the live type was made for the declared one, where several could read it. A CHAR(36) that
 * compares by bytes, blanks included, is what `gatewright schema` makes of a uuid. */
static bool is_meant(MYSQL_ROW live, enum gw_type type)
{
    const char *is = live[LIVE_COLUMN_TYPE];
    switch (type) {
    case GW_TYPE_BOOL:
        return begins(is, "tinyint(1)") || begins(is, "bit(1)");
    case GW_TYPE_JSON:
        return !strcmp(live[LIVE_DATA_TYPE], "json");
    case GW_TYPE_UUID:
        return !strcmp(live[LIVE_DATA_TYPE], "uuid") || !strcmp(is, "binary(16)") ||
               (!strcmp(is, "char(36)") && gw_mysql_compares_bytes(live[LIVE_COLLATION]));
    default:
        return true;
    }
}

static const struct {
    enum gw_type type;
    const char *word;
} candidates[] = {
    {GW_TYPE_BOOL, "bool"}, {GW_TYPE_INT, "int"},         {GW_TYPE_UINT, "uint"},
    {GW_TYPE_REAL, "real"}, {GW_TYPE_DECIMAL, "decimal"}, {GW_TYPE_TIME, "time"},
    {GW_TYPE_DATE, "date"}, {GW_TYPE_JSON, "json"},       {GW_TYPE_UUID, "uuid"},
    {GW_TYPE_TEXT, "text"}, {GW_TYPE_BLOB, "blob"},
};

static const char *word_of(MYSQL_ROW live)
{
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        const struct gw_column column = {.type = candidates[i].type};
        if (is_meant(live, column.type) && gw_mysql_type_readable(live, &column))
            return candidates[i].word;
    }
    return NULL;
}

/* LONGTEXT and LONGBLOB have no bound; the others of their kind count bytes. */
static unsigned max_of(MYSQL_ROW live, const char *word)
{
    const char *type = live[LIVE_DATA_TYPE];
    bool bytes = !strcmp(word, "blob"), kind_of_text = strstr(type, "text") != NULL;
    unsigned long length = live[LIVE_LENGTH] ? strtoul(live[LIVE_LENGTH], NULL, 10) : 0;
    if ((!bytes && strcmp(word, "text")) || kind_of_text || !strcmp(type, "longblob"))
        return 0;
    return (unsigned)length;
}

/* 'it\'s' without its quotes, in `to`; false: it has an escape of something else than a quote or a
 * backslash. */
static bool unquote(const char *text, char *to)
{
    size_t len = strlen(text);
    if (len < 2 || text[0] != '\'' || text[len - 1] != '\'')
        return false;
    for (const char *at = text + 1; at < text + len - 1; at++) {
        bool escapes = *at == '\'' || *at == '\\';
        bool good = at + 1 < text + len - 1 && strchr(*at == '\'' ? "'" : "\\'\"", at[1]);
        if (escapes && !good)
            return false;
        at += escapes;
        *to++ = *at;
    }
    *to = '\0';
    return true;
}

static enum gw_live_default kind_of_literal(const struct gw_live_column *column)
{
    bool text = column->word && (!strcmp(column->word, "text") || !strcmp(column->word, "date"));
    return text ? GW_LIVE_DEFAULT_TEXT : GW_LIVE_DEFAULT_NUMBER;
}

/* "current_timestamp(6)", and nothing behind it. */
static bool is_call(const char *text, const char *name)
{
    size_t digits;
    if (!begins(text, name))
        return false;
    text += strlen(name);
    digits = strspn(text, "(0123456789");
    return !*text || (*text == '(' && !strcmp(text + digits, ")"));
}

static bool is_now(const struct gw_live_column *column, const char *text)
{
    const char *word = column->word ? column->word : "";
    return (!strcmp(word, "time") && is_call(text, "current_timestamp")) ||
           (!strcmp(word, "date") && (is_call(text, "curdate") || is_call(text, "current_date")));
}

/* MariaDB writes an expression, and texts in quotes; MySQL a literal as it is, or an expression
 * that EXTRA tells. */
static int read_default(const struct reading *reading, MYSQL_ROW live,
                        struct gw_live_column *column)
{
    const char *text = live[LIVE_DEFAULT];
    bool quoted = reading->mariadb && text && *text == '\'';
    char *value;
    if (!text || (reading->mariadb && !strcasecmp(text, "NULL")))
        return 0;
    if (is_now(column, text)) {
        column->default_kind = GW_LIVE_DEFAULT_NOW;
        return 0;
    }
    column->default_text = value = gw_arena_copy(reading->arena, text, strlen(text));
    if (!value)
        return -ENOMEM;
    column->default_kind = GW_LIVE_DEFAULT_OTHER;
    if (quoted ? unquote(text, value)
               : !strstr(live[LIVE_EXTRA], "DEFAULT_GENERATED") &&
                     (!reading->mariadb || kind_of_literal(column) == GW_LIVE_DEFAULT_NUMBER))
        column->default_kind = kind_of_literal(column);
    else
        strcpy(value, text);
    return 0;
}

/* ON UPDATE is what `touched` does where it is the time of an insert, too. */
static int read_touched(const struct reading *reading, MYSQL_ROW live,
                        struct gw_live_column *column)
{
    const char *extra = live[LIVE_EXTRA];
    while (*extra && !begins(extra, "on update"))
        extra++;
    if (!*extra)
        return 0;
    if (column->default_kind == GW_LIVE_DEFAULT_NOW) {
        column->touched = true;
        column->default_kind = GW_LIVE_DEFAULT_NONE;
        return 0;
    }
    column->note = copy(reading, extra);
    return column->note ? 0 : -ENOMEM;
}

static const char *why_not(MYSQL_ROW live)
{
    const char *extra = live[LIVE_EXTRA];
    if (!strstr(live[LIVE_PRIVILEGES], "select"))
        return "this user may not read it";
    if (strstr(extra, "GENERATED") && !strstr(extra, "DEFAULT_GENERATED"))
        return "the database computes it";
    return NULL;
}

/* Words of a list, a fixed length, digits that numbers are rounded to: what the declared type does
 * not say. */
static bool says_more(MYSQL_ROW live, const char *word)
{
    const char *type = live[LIVE_DATA_TYPE], *is = live[LIVE_COLUMN_TYPE];
    return !strcmp(type, "enum") || !strcmp(type, "set") || !strcmp(is, "binary(16)") ||
           (!strcmp(is, "char(36)") && !strcmp(word, "text")) ||
           (!strcmp(word, "real") && strchr(is, '('));
}

static int read_column(const struct reading *reading, MYSQL_ROW live, struct gw_live_column *ret)
{
    int r;
    ret->name = copy(reading, live[LIVE_NAME]);
    ret->type = copy(reading, live[LIVE_COLUMN_TYPE]);
    if (!ret->name || !ret->type)
        return -ENOMEM;
    ret->must_be_given = !strcmp(live[LIVE_HAS_DEFAULT], "0");
    ret->optional = !strcmp(live[LIVE_NULLABLE], "1");
    ret->why = why_not(live);
    ret->word = ret->why ? NULL : word_of(live);
    if (!ret->word)
        return 0;
    if (begins(live[LIVE_COLUMN_TYPE], "tinyint(1)"))
        ret->number = strstr(live[LIVE_COLUMN_TYPE], "unsigned") ? "uint" : "int";
    ret->max = max_of(live, ret->word);
    ret->precision = live[LIVE_DIGITS] ? (unsigned)strtoul(live[LIVE_DIGITS], NULL, 10) : 0;
    ret->scale = live[LIVE_SCALE] ? (unsigned)strtoul(live[LIVE_SCALE], NULL, 10) : 0;
    ret->automatic = strstr(live[LIVE_EXTRA], "auto_increment") != NULL;
    ret->ignores_case = gw_mysql_ignores_case(live[LIVE_COLLATION]);
    ret->compares_bytes = gw_mysql_compares_bytes(live[LIVE_COLLATION]);
    if (says_more(live, ret->word))
        ret->note = ret->type;
    if (gw_words_of_enum(ret->type, ret, reading->arena))
        return -ENOMEM;
    r = read_default(reading, live, ret);
    return r ? r : read_touched(reading, live, ret);
}

static int read_columns(struct reading *reading)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    int r = ask(reading, columns_query, &rows);
    if (r)
        return r;
    while (!r && (row = mysql_fetch_row(rows))) {
        struct gw_live_table *table = gw_live_table_named(reading->schema, row[LIVE_TABLE]);
        struct gw_live_column *column =
            table ? GW_LIVE_ADD(reading->arena, table->columns, table->n_columns) : NULL;
        if (table)
            r = column ? read_column(reading, row, column) : -ENOMEM;
    }
    mysql_free_result(rows);
    return r;
}

/* ---- Keys and indexes ----------------------------------------------------------------------- */

enum { SET_TABLE, SET_NAME, SET_NOT_UNIQUE, SET_COLUMN, SET_PART, SET_TYPE, SET_FIRST };
static const char sets_query[] =
    "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, INDEX_TYPE,"
    " SEQ_IN_INDEX = 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
    " ORDER BY CAST(TABLE_NAME AS BINARY), INDEX_NAME, SEQ_IN_INDEX";

/* The same conditions as where a declared set is looked for (sets.c). */
static const char *set_fault(MYSQL_ROW row)
{
    if (!strcmp(row[SET_TYPE], "FULLTEXT"))
        return "it is for a search of words";
    if (strcmp(row[SET_TYPE], "BTREE"))
        return "it is no ordered index";
    if (row[SET_PART])
        return "it holds the beginnings of columns only";
    return row[SET_COLUMN] ? NULL : "it is over an expression";
}

static int read_set(const struct reading *reading, MYSQL_ROW row, struct gw_live_table *table)
{
    struct gw_live_set *set;
    const char **column;
    if (!strcmp(row[SET_FIRST], "1")) {
        set = GW_LIVE_ADD(reading->arena, table->sets, table->n_sets);
        if (!set || !(set->name = copy(reading, row[SET_NAME])))
            return -ENOMEM;
        set->key = !strcmp(set->name, "PRIMARY");
        set->unique = !strcmp(row[SET_NOT_UNIQUE], "0");
    }
    if (!table->n_sets)
        return 0;
    set = &table->sets[table->n_sets - 1];
    set->why = set->why ? set->why : set_fault(row);
    column = GW_LIVE_ADD(reading->arena, set->columns, set->n_columns);
    if (!column)
        return -ENOMEM;
    *column = row[SET_COLUMN] ? copy(reading, row[SET_COLUMN]) : NULL;
    return row[SET_COLUMN] && !*column ? -ENOMEM : 0;
}

/* ---- Foreign keys --------------------------------------------------------------------------- */

enum { RULE_TABLE, RULE_NAME, RULE_ACTION };
static const char rules_query[] =
    "SELECT TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE FROM"
    " information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"
    " ORDER BY CAST(TABLE_NAME AS BINARY), CONSTRAINT_NAME";

enum { USE_TABLE, USE_NAME, USE_COLUMN, USE_TO, USE_TO_COLUMN };
static const char uses_query[] =
    "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME,"
    " IF(REFERENCED_TABLE_SCHEMA = DATABASE(), REFERENCED_TABLE_NAME, NULL),"
    " REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE"
    " WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL"
    " ORDER BY CAST(TABLE_NAME AS BINARY), CONSTRAINT_NAME, ORDINAL_POSITION";

static int read_rule(const struct reading *reading, MYSQL_ROW row, struct gw_live_table *table)
{
    struct gw_live_reference *reference =
        GW_LIVE_ADD(reading->arena, table->references, table->n_references);
    if (!reference)
        return -ENOMEM;
    reference->name = copy(reading, row[RULE_NAME]);
    reference->action = copy(reading, row[RULE_ACTION]);
    return reference->name && reference->action ? 0 : -ENOMEM;
}

static struct gw_live_reference *reference_named(const struct gw_live_table *table,
                                                 const char *name)
{
    for (size_t i = 0; i < table->n_references; i++)
        if (!strcmp(table->references[i].name, name))
            return &table->references[i];
    return NULL;
}

static int read_use(const struct reading *reading, MYSQL_ROW row, struct gw_live_table *table)
{
    struct gw_live_reference *reference = reference_named(table, row[USE_NAME]);
    const char **column, **to;
    size_t n;
    if (!reference)
        return 0;
    n = reference->n_columns;
    to = GW_LIVE_ADD(reading->arena, reference->to_columns, n);
    column = GW_LIVE_ADD(reading->arena, reference->columns, reference->n_columns);
    if (!to || !column)
        return -ENOMEM;
    *to = copy(reading, row[USE_TO_COLUMN]);
    *column = copy(reading, row[USE_COLUMN]);
    if (row[USE_TO])
        reference->to = copy(reading, row[USE_TO]);
    return *to && *column && (reference->to || !row[USE_TO]) ? 0 : -ENOMEM;
}

/* ---- What is no part of a declaration ------------------------------------------------------- */

enum { OTHER_TABLE, OTHER_NAME, OTHER_CLAUSE };
static const char triggers_query[] =
    "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, NULL FROM information_schema.TRIGGERS"
    " WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY EVENT_OBJECT_TABLE, TRIGGER_NAME";
static const char mariadb_checks[] =
    "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"
    " WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY TABLE_NAME, CONSTRAINT_NAME";
static const char mysql_checks[] =
    "SELECT TABLE_NAME, CONSTRAINT_NAME, NULL FROM information_schema.TABLE_CONSTRAINTS"
    " WHERE CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_TYPE = 'CHECK'"
    " ORDER BY TABLE_NAME, CONSTRAINT_NAME";

static int read_other(const struct reading *reading, MYSQL_ROW row, struct gw_live_table *table,
                      const char *kind)
{
    const char **item = GW_LIVE_ADD(reading->arena, table->others, table->n_others);
    if (!item)
        return -ENOMEM;
    *item = gw_arena_printf(reading->arena, "%s %s%s%s", kind, row[OTHER_NAME],
                            row[OTHER_CLAUSE] ? ": " : "", row[OTHER_CLAUSE] ?: "");
    return *item ? 0 : -ENOMEM;
}

static int read_trigger(const struct reading *reading, MYSQL_ROW row, struct gw_live_table *table)
{
    return read_other(reading, row, table, "trigger");
}

/* MariaDB's JSON is a LONGTEXT with a check of the column's name. */
static bool is_json(MYSQL_ROW row, const struct gw_live_column *column)
{
    const char *clause = row[OTHER_CLAUSE];
    size_t len = strlen(row[OTHER_NAME]);
    return column && column->word && !strcmp(column->word, "text") &&
           begins(clause, "json_valid(`") && !strncmp(clause + 12, row[OTHER_NAME], len) &&
           !strcmp(clause + 12 + len, "`)");
}

static int read_check(const struct reading *reading, MYSQL_ROW row, struct gw_live_table *table)
{
    struct gw_live_column *column = gw_live_column_named(table, row[OTHER_NAME]);
    bool taken = false;
    int r = 0;
    if (row[OTHER_CLAUSE] && is_json(row, column)) {
        column->word = "json";
        column->max = 0;
        return 0;
    }
    if (row[OTHER_CLAUSE])
        r = gw_words_of_check(gw_str_from(row[OTHER_CLAUSE]), table, true, reading->arena, &taken);
    return r || taken ? r : read_other(reading, row, table, "check");
}

/* ---- Everything ----------------------------------------------------------------------------- */

/* The rows of a query whose first column is a table's name. */
static int read_rows(struct reading *reading, const char *query,
                     int (*read)(const struct reading *reading, MYSQL_ROW row,
                                 struct gw_live_table *table))
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    int r = ask(reading, query, &rows);
    if (r)
        return r;
    while (!r && (row = mysql_fetch_row(rows))) {
        struct gw_live_table *table = gw_live_table_named(reading->schema, row[0]);
        if (table)
            r = read(reading, row, table);
    }
    mysql_free_result(rows);
    return r;
}

static int read_all(struct reading *reading)
{
    int r = read_tables(reading);
    if (!r)
        r = read_columns(reading);
    if (!r)
        r = read_rows(reading, reading->mariadb ? mariadb_checks : mysql_checks, read_check);
    if (!r)
        r = read_rows(reading, sets_query, read_set);
    if (!r)
        r = read_rows(reading, rules_query, read_rule);
    if (!r)
        r = read_rows(reading, uses_query, read_use);
    return r ? r : read_rows(reading, triggers_query, read_trigger);
}

int gw_mysql_read(struct gw_store *store, struct gw_arena *arena, struct gw_live_schema *ret)
{
    struct reading reading = {.arena = arena, .schema = ret};
    struct gw_conn *conn;
    int r = gw_conn_new(store, &conn);
    if (r)
        return r;
    reading.conn = (struct mysql_conn *)conn;
    reading.deadline_ns = gw_now_ns() + READ_NS;
    r = gw_mysql_ready(reading.conn, false, gw_now_ns() + CONNECT_NS);
    if (!r) {
        reading.mariadb = mariadb_connection(reading.conn->mysql);
        r = read_all(&reading);
    }
    gw_conn_free(conn);
    return r == GW_MYSQL_LOST ? -EHOSTDOWN : r;
}
