/* fit.c: whether the rows that are there fit what is declared, asked before a change is printed. */
#include "store/mysql/change.h"

#include "store/column.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gw_mysql_refuse(struct mysql_comparison *c, const char *column, const char *format, ...)
{
    FILE *to = c->migration->to;
    va_list args;
    fprintf(to, "-- refused: %s %s%s%s: ", *column ? "column" : "table", c->table->sql_name,
            *column ? "." : "", column);
    va_start(args, format);
    vfprintf(to, format, args);
    va_end(args);
    fputc('\n', to);
    c->migration->n_refused++;
}

/* ---- Asking --------------------------------------------------------------------------------- */

/* How many rows satisfy the condition; a NULL condition: none. */
int gw_mysql_count(struct mysql_comparison *c, const char *condition, uint64_t *ret)
{
    char *text = NULL;
    int r = 0;
    *ret = 0;
    if (condition)
        r = gw_mysql_askf(c, 0, &text, "SELECT COUNT(*) FROM `%s` WHERE %s", c->table->sql_name,
                          condition);
    if (text)
        *ret = strtoull(text, NULL, 10);
    free(text);
    return r;
}

int gw_mysql_ask_again(struct mysql_comparison *c, const char *condition)
{
    char *text, *before = c->unfit;
    if (asprintf(&text, "%s%s(%s)", before ? before : "", before ? " OR " : "", condition) < 0)
        return -ENOMEM;
    free(before);
    c->unfit = text;
    return 0;
}

/* ---- What would be lost --------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *words)
{
    size_t len = strlen(word);
    for (const char *p = words; (p = strstr(p, word)); p += len)
        if ((p == words || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
            return true;
    return false;
}

#define INTEGERS "tinyint smallint mediumint int bigint"
#define TEXTS    "char varchar tinytext text mediumtext longtext enum set"
#define BINARIES "binary varbinary tinyblob blob mediumblob longblob"

static const char every_row[] = "1";

/* "1000": the smallest number with more than `digits` digits. */
static void power_of_ten(char *text, unsigned digits)
{
    *text++ = '1';
    memset(text, '0', digits);
    text[digits] = '\0';
}

/* The rows that another type would lose or change, as a condition in `text`; NULL: none can be;
 * "1": no value of the live type is one of the declared type. */
static const char *not_fitting(const struct gw_column *column, const char *type, bool is_unsigned,
                               char *text, size_t size)
{
    const char *name = gw_column_sql(column);
    bool integer = is_one_of(type, INTEGERS);
    char limit[80];
    switch (column->type) {
    case GW_TYPE_INT:
        snprintf(text, size, "`%s` > 9223372036854775807", name);
        return !integer ? every_row : is_unsigned ? text : NULL;
    case GW_TYPE_UINT:
        snprintf(text, size, "`%s` < 0", name);
        return !integer ? every_row : is_unsigned ? NULL : text;
    case GW_TYPE_BOOL:
        snprintf(text, size, "`%s` NOT IN (0, 1)", name);
        return integer ? text : every_row;
    case GW_TYPE_REAL:
        return is_one_of(type, "float double") ? NULL : every_row;
    case GW_TYPE_DECIMAL:
        power_of_ten(limit, column->precision - column->scale);
        snprintf(text, size, "`%s` <> ROUND(`%s`, %u) OR ABS(`%s`) >= %s", name, name,
                 column->scale, name, limit);
        return integer || is_one_of(type, "decimal") ? text : every_row;
    case GW_TYPE_TIME:
        return is_one_of(type, "datetime timestamp") ? NULL : every_row;
    case GW_TYPE_DATE:
        return is_one_of(type, "date") ? NULL : every_row;
    case GW_TYPE_BLOB:
        snprintf(text, size, "LENGTH(`%s`) > %u", name, column->max);
        return !is_one_of(type, BINARIES) ? every_row : column->max ? text : NULL;
    case GW_TYPE_UUID:
        return is_one_of(type, "char varchar uuid") ? NULL : every_row;
    case GW_TYPE_JSON:
        snprintf(text, size, "NOT JSON_VALID(`%s`)", name);
        return is_one_of(type, TEXTS " json") ? text : every_row;
    default:
        snprintf(text, size, "CHAR_LENGTH(`%s`) > %u", name, column->max);
        return !is_one_of(type, TEXTS) ? every_row : column->max ? text : NULL;
    }
}

static int live_type(struct mysql_comparison *c, const struct gw_column *column, unsigned at,
                     char **ret)
{
    return gw_mysql_askf(
        c, at, ret,
        "SELECT DATA_TYPE, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ="
        " DATABASE() AND TABLE_NAME = '%s' AND COLUMN_NAME = '%s'",
        c->table->sql_name, gw_column_sql(column));
}

static bool can_be_cut(const struct gw_column *column)
{
    return column->type == GW_TYPE_TEXT || column->type == GW_TYPE_BLOB;
}

/* `fault`: the condition of the rows that do not fit in the live type. */
static void cut_or_refuse(struct mysql_comparison *c, const struct gw_column *column, uint64_t n,
                          const char *whole, const char *fault, struct mysql_fit *io)
{
    const char *table = c->declared->sql_name;
    const char *name = gw_column_sql(&c->declared->columns[column - c->table->columns]);
    bool cut = can_be_cut(column) && fault != every_row && !column->one_of;
    if (cut && gw_store_may_lose(c->migration, table, name)) {
        io->loose = true;
        return;
    }
    io->refused = true;
    if (cut)
        gw_mysql_refuse(c, name,
                        "%" PRIu64 " rows hold values of %s that would be cut (%s); they are where"
                        " --allow-loss %s.%s lets them",
                        n, whole, fault, table, name);
    else
        gw_mysql_refuse(c, name,
                        "%" PRIu64 " rows hold values of %s that would be lost or changed (%s);"
                        " convert them by hand",
                        n, whole, fault == every_row ? "another kind of type" : fault);
}

/* The rows whose values the declared column would lose or change, as a condition; *ret_words: for
 * free(), which it may be. */
static const char *unfit_values(const struct mysql_comparison *c, const struct gw_column *column,
                                const char *type, const char *whole, char condition[256],
                                char **ret_words)
{
    const char *fault = not_fitting(column, type, strstr(whole, "unsigned"), condition, 256);
    *ret_words = fault == every_row ? NULL : gw_mysql_other_words(column, c->collation);
    return *ret_words ? *ret_words : fault;
}

/* With the names that the columns have behind the change. */
static int ask_values_again(struct mysql_comparison *c, const struct gw_column *column,
                            const char *type, const char *whole)
{
    const struct gw_column *declared = &c->declared->columns[column - c->table->columns];
    char condition[256], *words;
    const char *fault = unfit_values(c, declared, type, whole, condition, &words);
    int r = fault ? gw_mysql_ask_again(c, fault) : 0;
    free(words);
    return r;
}

int gw_mysql_check_values(struct mysql_comparison *c, const struct gw_column *column,
                          struct mysql_fit *io)
{
    char *type = NULL, *whole = NULL, *words = NULL, condition[256];
    const char *fault;
    uint64_t n = 0;
    int r = live_type(c, column, 0, &type);
    if (!r)
        r = live_type(c, column, 1, &whole);
    if (!r && type && whole) {
        fault = unfit_values(c, column, type, whole, condition, &words);
        r = gw_mysql_count(c, fault, &n);
        if (!r && n)
            cut_or_refuse(c, column, n, whole, fault, io);
        else if (!r)
            r = ask_values_again(c, column, type, whole);
    }
    free(type);
    free(whole);
    free(words);
    return r;
}

int gw_mysql_check_nulls(struct mysql_comparison *c, const struct gw_column *column,
                         struct mysql_fit *io)
{
    char condition[128];
    uint64_t n;
    int r;
    if (column->flags & GW_COL_OPTIONAL)
        return 0;
    snprintf(condition, sizeof(condition), "`%s` IS NULL", gw_column_sql(column));
    r = gw_mysql_count(c, condition, &n);
    if (r || !n)
        return r;
    gw_mysql_refuse(c, gw_column_sql(column),
                    "%" PRIu64 " rows hold NULL; give them a value, or declare it optional", n);
    io->refused = true;
    return 0;
}

/* ---- What binds a type to others ------------------------------------------------------------ */

/* The declared column that is called so now, and its table; false: none, or it is another
 * application's. */
static bool find_declared(const struct mysql_comparison *c, const char *table, const char *column,
                          const struct gw_table **ret_table, size_t *ret_column)
{
    for (size_t i = 0; i < c->live->n_tables; i++) {
        const struct gw_table *one = c->live->tables[i];
        if (strcasecmp(one->sql_name, table) || one->existing)
            continue;
        *ret_table = c->app->tables[i];
        for (*ret_column = 0; *ret_column < one->n_columns; ++*ret_column)
            if (!strcasecmp(gw_column_sql(&one->columns[*ret_column]), column))
                return true;
    }
    return false;
}

/* What looks for the foreign keys at either end of a column gives of each. */
enum { BOND_NAME, BOND_TABLE, BOND_COLUMN, BOND_OTHER, BOND_OTHER_COLUMN, BOND_ON_UPDATE };

/* A declared foreign key both ends of which become the same type here is dropped before and made
 * again behind that, as it is declared: where the change is broken off, that is known then, too. */
static int unbind(struct mysql_comparison *c, MYSQL_ROW bond, bool *ret_done)
{
    const struct gw_table *from, *to;
    size_t column, key;
    bool plain =
        !strcmp(bond[BOND_ON_UPDATE], "RESTRICT") || !strcmp(bond[BOND_ON_UPDATE], "NO ACTION");
    *ret_done = plain && find_declared(c, bond[BOND_TABLE], bond[BOND_COLUMN], &from, &column) &&
                find_declared(c, bond[BOND_OTHER], bond[BOND_OTHER_COLUMN], &to, &key) &&
                from->columns[column].references == to && (size_t)to->key == key &&
                !strcmp(from->definitions[column].mysql_type, to->definitions[key].mysql_type);
    if (!*ret_done)
        return 0;
    const struct mysql_step step = {.phase = MYSQL_UNBIND,
                                    .table = from->sql_name,
                                    .other = to->sql_name,
                                    .declared = from,
                                    .column = column};
    return gw_mysql_unbind(c, &step, bond[BOND_NAME]);
}

/* Foreign keys want the same type on both sides: the server would refuse (1832, 1833). */
static int check_foreign_keys(struct mysql_comparison *c, const struct gw_column *column,
                              struct mysql_fit *io)
{
    const char *table = c->table->sql_name, *name = gw_column_sql(column);
    MYSQL_RES *rows;
    MYSQL_ROW bond;
    bool done;
    int r = gw_mysql_rowsf(
        c, &rows,
        "SELECT k.CONSTRAINT_NAME, k.TABLE_NAME, COLUMN_NAME, k.REFERENCED_TABLE_NAME,"
        " REFERENCED_COLUMN_NAME, UPDATE_RULE FROM information_schema.KEY_COLUMN_USAGE AS k JOIN"
        " information_schema.REFERENTIAL_CONSTRAINTS AS r ON r.CONSTRAINT_SCHEMA ="
        " k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME ="
        " k.CONSTRAINT_NAME WHERE REFERENCED_TABLE_SCHEMA = DATABASE() AND ((k.TABLE_NAME = '%s'"
        " AND COLUMN_NAME = '%s') OR (k.REFERENCED_TABLE_NAME = '%s' AND REFERENCED_COLUMN_NAME ="
        " '%s'))",
        table, name, table, name);
    if (r)
        return r;
    while (!r && (bond = mysql_fetch_row(rows))) {
        r = unbind(c, bond, &done);
        if (r || done)
            continue;
        gw_mysql_refuse(c, name,
                        "its type is bound by the foreign key %s of %s; drop that, run this again,"
                        " and make it anew",
                        bond[BOND_NAME], bond[BOND_TABLE]);
        io->refused = true;
    }
    mysql_free_result(rows);
    return r;
}

/* Indexes for searching words want one collation (1283). */
int gw_mysql_check_bonds(struct mysql_comparison *c, const struct gw_column *column,
                         struct mysql_fit *io)
{
    char *index = NULL;
    int r = check_foreign_keys(c, column, io);
    if (!r)
        r = gw_mysql_askf(
            c, 0, &index,
            "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_NAME = '%s' AND INDEX_TYPE = 'FULLTEXT' AND COLUMN_NAME = '%s'",
            c->table->sql_name, gw_column_sql(column));
    if (index) {
        gw_mysql_refuse(c, gw_column_sql(column),
                        "its type is bound by the FULLTEXT index %s; drop that, run this again, and"
                        " make it anew",
                        index);
        io->refused = true;
    }
    free(index);
    return r;
}

/* ---- What is to be unique ------------------------------------------------------------------- */

/* As the declared column compares, which may take two of the live one for the same. */
int gw_mysql_check_unique(struct mysql_comparison *c, const struct gw_column *column,
                          struct mysql_fit *io)
{
    const char *name = gw_column_sql(column);
    bool nocase = column->flags & GW_COL_NOCASE;
    char *text = NULL;
    int r = gw_mysql_askf(
        c, 0, &text,
        "SELECT COUNT(*) FROM (SELECT 1 FROM `%s` WHERE `%s` IS NOT NULL GROUP BY %s`%s`%s"
        " HAVING COUNT(*) > 1) AS twice",
        c->table->sql_name, name, nocase ? "CONVERT(" : "BINARY ", name,
        nocase ? " USING utf8mb4) COLLATE utf8mb4_general_ci" : "");
    if (!r && text && strcmp(text, "0")) {
        gw_mysql_refuse(c, name, "%s values stand in several rows; it cannot be unique", text);
        io->refused = true;
    }
    free(text);
    return r;
}
