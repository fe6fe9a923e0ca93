/* change.c: prints the statements that lead from a live table of MariaDB or MySQL to the declared
 * one.
 *
 * Each ALTER TABLE does all or nothing, in a shell that goes on behind errors too, and none of them
 * drops anything but a foreign key that leads elsewhere, in the statement that makes the right one.
 * A column that is declared anew keeps what nobody declared (attributes.c). What the rows that are
 * there would lose by it is looked for first and refused; for rows that come in between, the script
 * makes its session strict, and sets the zone in which TIMESTAMP becomes DATETIME. */
#include "store/mysql/change.h"

#include "store/column.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct mysql_comparison *c, const char *column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct mysql_comparison *c, const char *column, const char *format, ...)
{
    va_list args;
    fprintf(c->to, "-- refused: %s %s%s%s: ", *column ? "column" : "table", c->table->sql_name,
            *column ? "." : "", column);
    va_start(args, format);
    vfprintf(c->to, format, args);
    va_end(args);
    fputc('\n', c->to);
}

/* ---- Asking --------------------------------------------------------------------------------- */

/* How many rows satisfy the condition; a NULL condition: none. */
static int count(struct mysql_comparison *c, const char *condition, uint64_t *ret)
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

/* *io_refused is set, and the line printed, where rows do not fit. */
static int check_values(struct mysql_comparison *c, const struct gw_column *column,
                        bool *io_refused)
{
    char *type = NULL, *whole = NULL, *words = NULL, condition[256];
    const char *fault;
    uint64_t n = 0;
    int r = live_type(c, column, 0, &type);
    if (!r)
        r = live_type(c, column, 1, &whole);
    if (!r && type && whole) {
        fault = not_fitting(column, type, strstr(whole, "unsigned"), condition, sizeof(condition));
        words = fault == every_row ? NULL : gw_mysql_other_words(column, c->collation);
        fault = words ? words : fault;
        r = count(c, fault, &n);
        if (!r && n) {
            refuse(c, gw_column_sql(column),
                   "%" PRIu64 " rows hold values of %s that would be lost or changed (%s);"
                   " convert them by hand",
                   n, whole, fault == every_row ? "another kind of type" : fault);
            *io_refused = true;
        }
    }
    free(type);
    free(whole);
    free(words);
    return r;
}

static int check_nulls(struct mysql_comparison *c, const struct gw_column *column, bool *io_refused)
{
    char condition[128];
    uint64_t n;
    int r;
    if (column->flags & GW_COL_OPTIONAL)
        return 0;
    snprintf(condition, sizeof(condition), "`%s` IS NULL", gw_column_sql(column));
    r = count(c, condition, &n);
    if (r || !n)
        return r;
    refuse(c, gw_column_sql(column),
           "%" PRIu64 " rows hold NULL; give them a value, or declare it optional", n);
    *io_refused = true;
    return 0;
}

/* Foreign keys want the same type on both sides, and indexes for searching words one collation:
 * the server would refuse (1832, 1833, 1283). */
static int check_bonds(struct mysql_comparison *c, const struct gw_column *column, bool *io_refused)
{
    const char *table = c->table->sql_name;
    char *bond = NULL;
    int r = gw_mysql_askf(
        c, 0, &bond,
        "SELECT CONCAT('foreign key ', CONSTRAINT_NAME, ' of ', TABLE_NAME) FROM"
        " information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA = DATABASE()"
        " AND ((TABLE_NAME = '%s' AND COLUMN_NAME = '%s') OR (REFERENCED_TABLE_NAME ="
        " '%s' AND REFERENCED_COLUMN_NAME = '%s'))",
        table, gw_column_sql(column), table, gw_column_sql(column));
    if (!r && !bond)
        r = gw_mysql_askf(
            c, 0, &bond,
            "SELECT CONCAT('FULLTEXT index ', INDEX_NAME) FROM information_schema.STATISTICS"
            " AS s WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s' AND INDEX_TYPE ="
            " 'FULLTEXT' AND COLUMN_NAME = '%s'",
            table, gw_column_sql(column));
    if (!r && bond) {
        refuse(c, gw_column_sql(column),
               "its type is bound by the %s; drop that, run this again, and make it anew", bond);
        *io_refused = true;
    }
    free(bond);
    return r;
}

/* As the declared column compares, which may take two of the live one for the same. */
static int check_unique(struct mysql_comparison *c, const struct gw_column *column,
                        bool *io_refused)
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
        refuse(c, name, "%s values stand in several rows; it cannot be unique", text);
        *io_refused = true;
    }
    free(text);
    return r;
}

/* ---- Columns -------------------------------------------------------------------------------- */

/* One ALTER TABLE with several changes, of which the first begins it. */
struct alter {
    FILE *to;
    const char *table;
    bool begun;
};

static void begin_change(struct alter *alter)
{
    if (alter->begun)
        fputs(",\n  ", alter->to);
    else
        fprintf(alter->to, "ALTER TABLE `%s`\n  ", alter->table);
    alter->begun = true;
}

static int modify(struct mysql_comparison *c, struct alter *alter, size_t i, const char *create)
{
    const struct gw_column *column = &c->table->columns[i];
    char *attributes = NULL;
    bool refused = false, found;
    size_t size;
    FILE *kept;
    int r = check_values(c, column, &refused);
    if (!r)
        r = check_nulls(c, column, &refused);
    if (!r && c->retyped >> i & 1)
        r = check_bonds(c, column, &refused);
    if (!r && c->retyped >> i & 1 && column->flags & (GW_COL_KEY | GW_COL_UNIQUE))
        r = check_unique(c, column, &refused);
    kept = open_memstream(&attributes, &size);
    if (!kept)
        return -ENOMEM;
    found = gw_mysql_print_attributes(kept, create, column);
    fclose(kept);
    if (!r && !found)
        refuse(c, gw_column_sql(column), "is computed; change it by hand");
    if (!r && found && !refused) {
        begin_change(alter);
        fputs("MODIFY COLUMN ", alter->to);
        gw_mysql_print_column(alter->to, c->table, i, c->collation);
        fputs(attributes ? attributes : "", alter->to);
    }
    free(attributes);
    return r;
}

static int add(struct mysql_comparison *c, struct alter *alter, size_t i)
{
    const struct gw_column *column = &c->table->columns[i];
    uint64_t n = 0;
    int r = 0;
    if (!(column->flags & (GW_COL_OPTIONAL | GW_COL_AUTO | GW_COL_REVOKES | GW_COL_DEFAULT)))
        r = count(c, every_row, &n);
    if (r)
        return r;
    if (n) {
        refuse(c, gw_column_sql(column),
               "must have a value, which the rows that are there have not; add it by hand"
               " with their values, or declare it optional");
        return 0;
    }
    begin_change(alter);
    fputs("ADD COLUMN ", alter->to);
    gw_mysql_print_column(alter->to, c->table, i, c->collation);
    if (column->flags & GW_COL_KEY)
        fputs(" PRIMARY KEY", alter->to);
    else if (column->flags & GW_COL_UNIQUE)
        fputs(" UNIQUE", alter->to);
    gw_mysql_print_words(alter->to, column);
    return 0;
}

static int add_unique(struct mysql_comparison *c, struct alter *alter, size_t i)
{
    bool refused = false;
    int r = check_unique(c, &c->table->columns[i], &refused);
    if (r || refused)
        return r;
    begin_change(alter);
    fprintf(alter->to, "ADD UNIQUE (`%s`)", gw_column_sql(&c->table->columns[i]));
    return 0;
}

/* "`a`, `b`", or each between `before` and `after`. */
static char *names_of(const struct gw_table *table, const struct gw_set *set, const char *comma,
                      const char *after)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    for (size_t i = 0; i < set->n; i++)
        fprintf(to, "%s`%s`%s", i ? comma : "", gw_column_sql(&table->columns[set->columns[i]]),
                after);
    fclose(to);
    return text;
}

/* How often values stand in several rows; "0" where a column is to be added that is NULL in all of
 * them. One with a default has that in every row. */
static int count_twice(struct mysql_comparison *c, const struct gw_set *set, char **ret)
{
    struct gw_set live = {set->kind, {0}, 0};
    for (size_t i = 0; i < set->n; i++) {
        if (!(c->missing >> set->columns[i] & 1))
            live.columns[live.n++] = set->columns[i];
        else if (!(c->table->columns[set->columns[i]].flags & GW_COL_DEFAULT))
            return 0;
    }
    char *names = names_of(c->table, &live, ", ", "");
    char *filled = names_of(c->table, &live, " AND ", " IS NOT NULL");
    int r = names && filled ? 0 : -ENOMEM;
    if (!r)
        r = gw_mysql_askf(
            c, 0, ret,
            "SELECT COUNT(*) FROM (SELECT 1 FROM `%s` WHERE %s GROUP BY %s HAVING COUNT(*) >"
            " 1) AS twice",
            c->table->sql_name, live.n ? filled : "1", live.n ? names : "NULL");
    free(names);
    free(filled);
    return r;
}

static int add_set(struct mysql_comparison *c, struct alter *alter, const struct gw_set *set)
{
    char *names = names_of(c->table, set, ", ", ""), *twice = NULL;
    int r = names ? 0 : -ENOMEM;
    if (!r && set->kind == GW_SET_UNIQUE)
        r = count_twice(c, set, &twice);
    if (!r && set->kind == GW_SET_KEY) {
        refuse(c, "", "has another primary key than (%s); change it by hand", names);
    } else if (!r && twice && strcmp(twice, "0")) {
        refuse(c, "", "%s values of (%s) stand in several rows; they cannot be unique", twice,
               names);
    } else if (!r) {
        begin_change(alter);
        fprintf(alter->to, "ADD %s (%s)", set->kind == GW_SET_UNIQUE ? "UNIQUE" : "INDEX", names);
    }
    free(names);
    free(twice);
    return r;
}

/* ---- References ----------------------------------------------------------------------------- */

static int is_there(struct mysql_comparison *c, const struct gw_table *table, bool *ret)
{
    char *text = NULL;
    int r =
        gw_mysql_askf(c, 0, &text,
                      "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND"
                      " TABLE_NAME = '%s' AND COLUMN_NAME = '%s'",
                      table->sql_name, gw_column_sql(&table->columns[table->key]));
    *ret = text;
    free(text);
    return r;
}

static int add_reference(struct mysql_comparison *c, size_t i)
{
    const struct gw_column *column = &c->table->columns[i];
    const struct gw_table *other = column->references;
    const char *key = gw_column_sql(&other->columns[other->key]);
    char condition[512];
    uint64_t n = 0;
    bool there;
    int r = is_there(c, other, &there);
    if (there)
        snprintf(condition, sizeof(condition),
                 "`%s` IS NOT NULL AND `%s` NOT IN (SELECT `%s` FROM `%s`)", gw_column_sql(column),
                 gw_column_sql(column), key, other->sql_name);
    else
        snprintf(condition, sizeof(condition), "`%s` IS NOT NULL", gw_column_sql(column));
    if (!r && !(c->missing >> i & 1))
        r = count(c, condition, &n);
    if (r)
        return r;
    if (n) {
        refuse(c, gw_column_sql(column), "%" PRIu64 " rows refer to a row of %s that is not there",
               n, other->sql_name);
        return 0;
    }
    fprintf(c->late, "ALTER TABLE `%s` ", c->table->sql_name);
    if (*c->wrong_reference[i])
        fprintf(c->late, "DROP FOREIGN KEY `%s`, ", c->wrong_reference[i]);
    fprintf(c->late, "ADD FOREIGN KEY (`%s`) REFERENCES `%s` (`%s`)%s%s%s;\n",
            gw_column_sql(column), other->sql_name, key, *c->on_update[i] ? " ON UPDATE " : "",
            c->on_update[i],
            column->flags & GW_COL_CASCADE    ? " ON DELETE CASCADE"
            : column->flags & GW_COL_SET_NULL ? " ON DELETE SET NULL"
                                              : "");
    return 0;
}

/* ---- A table -------------------------------------------------------------------------------- */

static int change_columns(struct mysql_comparison *c, struct alter *alter, const char *create)
{
    int r = 0;
    for (size_t i = 0; !r && i < c->table->n_columns; i++)
        if (c->missing >> i & 1)
            r = add(c, alter, i);
        else if (c->differing >> i & 1)
            r = modify(c, alter, i, create);
    for (size_t i = 0; !r && i < c->table->n_columns; i++)
        if (c->not_unique >> i & 1)
            r = add_unique(c, alter, i);
    for (size_t i = 0; !r && i < c->table->n_sets; i++)
        if (c->sets_missing >> i & 1)
            r = add_set(c, alter, &c->table->sets[i]);
    for (size_t i = 0; !r && i < c->table->n_columns; i++)
        if (c->no_reference >> i & 1)
            r = add_reference(c, i);
    return r;
}

static int change_table(struct mysql_comparison *c)
{
    struct alter alter = {.table = c->table->sql_name};
    char *create = NULL, *text = NULL;
    size_t size;
    int r;
    if (c->table_missing) { /* what it refers to may follow */
        fputs("SET FOREIGN_KEY_CHECKS = 0;\n", c->to);
        gw_mysql_print_table(c->to, c->table, c->collation);
        fputs("SET FOREIGN_KEY_CHECKS = 1;\n", c->to);
        return 0;
    }
    if (c->in_the_way)
        refuse(c, "",
               "a column that is not declared must be written; give it a default, or drop it by"
               " hand");
    if (!(c->differing | c->not_unique | c->no_reference | c->sets_missing))
        return 0;
    r = gw_mysql_askf(c, 1, &create, "SHOW CREATE TABLE `%s`", c->table->sql_name);
    alter.to = open_memstream(&text, &size);
    if (!alter.to)
        r = r ? r : -ENOMEM;
    if (!r)
        r = change_columns(c, &alter, create ? create : "");
    if (alter.to)
        fclose(alter.to);
    if (!r && alter.begun)
        fprintf(c->to, "%s;\n", text);
    free(create);
    free(text);
    return r;
}

int gw_mysql_diff(struct gw_store *store, const struct gw_app *app, FILE *to)
{
    struct mysql_comparison c = {.host = GW_MYSQL_ANY_HOST,
                                 .differences = {.report = gw_store_print_difference, .data = to},
                                 .change = change_table,
                                 .to = to};
    char *late = NULL;
    size_t size;
    int r;
    c.late = open_memstream(&late, &size);
    if (!c.late)
        return -ENOMEM;
    fputs("SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
          "NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', FOREIGN_KEY_CHECKS = 1;\n",
          to);
    r = gw_mysql_compare_all(&c, store, app);
    fclose(c.late);
    if (late)
        fputs(late, to);
    free(late);
    return r;
}
