/* change.c: the statements that lead from a live table of MariaDB or MySQL to the declared one.
 *
 * Each ALTER TABLE does all or nothing, in a shell that goes on behind errors too, and none of them
 * drops anything but a foreign key, which is made again in the same statement or, where the key
 * that it leads to becomes another type, behind that, and a column whose loss was allowed. A column
 * that is declared anew keeps what nobody declared (attributes.c). What the rows that are there
 * would lose by it is looked for first and refused, and once more where the statement is run,
 * behind the table's lock (migrate.c). A script has no such second look: for rows that come in
 * between its session is strict, which stops at most of what does not fit, though not at the
 * further digits of a decimal, and has the zone in which TIMESTAMP becomes DATETIME.
 *
 * What is asked of the live table calls columns as they are called now (c->table), what is printed
 * as they are declared (c->declared): columns are renamed first. */
#include "store/mysql/change.h"

#include "store/column.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Whether the column's rows fit. */
static int check_column(struct mysql_comparison *c, size_t i, struct mysql_fit *ret)
{
    const struct gw_column *column = &c->table->columns[i];
    int r = gw_mysql_check_values(c, column, ret);
    if (!r)
        r = gw_mysql_check_nulls(c, column, ret);
    if (!r && c->retyped >> i & 1)
        r = gw_mysql_check_bonds(c, column, ret);
    if (!r && c->retyped >> i & 1 && column->flags & (GW_COL_KEY | GW_COL_UNIQUE))
        r = gw_mysql_check_unique(c, column, ret);
    return r;
}

/* Values are cut by a statement of its own, in which nothing else can be: it takes another type and
 * is NULL or not as before. Rows that come in meanwhile lose nothing but what may be lost. */
static int plan_cut(struct mysql_comparison *c, size_t i, const char *attributes)
{
    const struct mysql_step step = {
        .phase = MYSQL_ALTER, .table = c->declared->sql_name, .loose = true};
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return -ENOMEM;
    fprintf(to, "ALTER TABLE `%s`\n  MODIFY COLUMN ", step.table);
    gw_mysql_print_type(to, c->declared, i, c->collation);
    fputs(c->nullable >> i & 1 ? " NULL" : " NOT NULL", to);
    gw_mysql_print_renamed(to, attributes, c);
    int r = fclose(to) ? -ENOMEM : gw_mysql_step(c, &step, "%s", text);
    free(text);
    return r;
}

/* What stays of the live column behind its type; for free(). False: it is computed. */
static bool live_attributes(const char *create, const struct gw_column *column, char **ret)
{
    size_t size;
    FILE *to = open_memstream(ret, &size);
    bool found = to && gw_mysql_print_attributes(to, create, column);
    if (to)
        fclose(to);
    return found;
}

static int modify(struct mysql_comparison *c, struct alter *alter, size_t i, const char *create)
{
    const struct gw_column *column = &c->table->columns[i];
    struct mysql_fit fit = {0};
    char *attributes = NULL;
    int r = check_column(c, i, &fit);
    bool found = live_attributes(create, column, &attributes);
    if (!r && !attributes)
        r = -ENOMEM;
    if (!r && !found)
        gw_mysql_refuse(c, gw_column_sql(column), "is computed; change it by hand");
    if (!r && found && !fit.refused && fit.loose)
        r = plan_cut(c, i, attributes);
    if (!r && found && !fit.refused) {
        begin_change(alter);
        fputs("MODIFY COLUMN ", alter->to);
        gw_mysql_print_column(alter->to, c->declared, i, c->collation);
        gw_mysql_print_renamed(alter->to, attributes, c);
    }
    free(attributes);
    return r;
}

static int add(struct mysql_comparison *c, struct alter *alter, size_t i)
{
    const struct gw_column *column = &c->declared->columns[i];
    uint64_t n = 0;
    int r = 0;
    if (!(column->flags & (GW_COL_OPTIONAL | GW_COL_AUTO | GW_COL_REVOKES | GW_COL_DEFAULT))) {
        r = gw_mysql_count(c, "1", &n);
        if (!r && !n)
            r = gw_mysql_ask_again(c, "1");
    }
    if (r)
        return r;
    if (n) {
        gw_mysql_refuse(c, gw_column_sql(column),
                        "must have a value, which the rows that are there have not; declare a"
                        " `default`, or `optional`");
        return 0;
    }
    begin_change(alter);
    fputs("ADD COLUMN ", alter->to);
    gw_mysql_print_column(alter->to, c->declared, i, c->collation);
    if (column->flags & GW_COL_KEY)
        fputs(" PRIMARY KEY", alter->to);
    else if (column->flags & GW_COL_UNIQUE)
        fputs(" UNIQUE", alter->to);
    gw_mysql_print_words(alter->to, column);
    return 0;
}

static int add_unique(struct mysql_comparison *c, struct alter *alter, size_t i)
{
    struct mysql_fit fit = {0};
    int r = gw_mysql_check_unique(c, &c->table->columns[i], &fit);
    if (r || fit.refused)
        return r;
    begin_change(alter);
    fprintf(alter->to, "ADD UNIQUE (`%s`)", gw_column_sql(&c->declared->columns[i]));
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
    char *names = names_of(c->declared, set, ", ", ""), *twice = NULL;
    int r = names ? 0 : -ENOMEM;
    if (!r && set->kind == GW_SET_UNIQUE)
        r = count_twice(c, set, &twice);
    if (!r && set->kind == GW_SET_KEY) {
        gw_mysql_refuse(c, "", "has another primary key than (%s); change it by hand", names);
    } else if (!r && twice && strcmp(twice, "0")) {
        gw_mysql_refuse(c, "", "%s values of (%s) stand in several rows; they cannot be unique",
                        twice, names);
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

/* Behind all other statements: what it leads to may have to be made first. */
static int plan_reference(struct mysql_comparison *c, size_t i)
{
    const struct mysql_step step = {.phase = MYSQL_REFERENCE,
                                    .table = c->declared->sql_name,
                                    .other = c->declared->columns[i].references->sql_name,
                                    .declared = c->declared,
                                    .column = i};
    char *text = gw_mysql_reference_text(c->declared, i, c->on_update[i], c->wrong_reference[i]);
    int r = text ? gw_mysql_step(c, &step, "%s", text) : -ENOMEM;
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
        r = gw_mysql_count(c, condition, &n);
    if (r)
        return r;
    if (n) {
        gw_mysql_refuse(c, gw_column_sql(column),
                        "%" PRIu64 " rows refer to a row of %s that is not there", n,
                        other->sql_name);
        return 0;
    }
    return plan_reference(c, i);
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

static int create_table(struct mysql_comparison *c)
{
    struct mysql_step step = {.phase = MYSQL_CREATE, .table = c->declared->sql_name};
    return gw_mysql_step(c, &step, "CREATE TABLE `%s` %s%s", step.table, c->declared->mysql,
                         c->collation);
}

int gw_mysql_change_table(struct mysql_comparison *c)
{
    struct alter alter = {.table = c->declared->sql_name};
    char *create = NULL, *text = NULL;
    size_t size;
    int r;
    if (c->table_missing) /* what it refers to may follow */
        return create_table(c);
    if (c->in_the_way)
        gw_mysql_refuse(c, "",
                        "a column that is not declared must be written; give it a default, or let"
                        " --allow-loss TABLE.COLUMN drop it");
    if (!(c->differing | c->not_unique | c->no_reference | c->sets_missing))
        return 0;
    r = gw_mysql_askf(c, 1, &create, "SHOW CREATE TABLE `%s`", c->table->sql_name);
    alter.to = open_memstream(&text, &size);
    if (!alter.to)
        r = r ? r : -ENOMEM;
    if (!r)
        r = change_columns(c, &alter, create ? create : "");
    if (alter.to && fclose(alter.to))
        r = r ? r : -ENOMEM;
    if (!r && alter.begun) {
        const struct mysql_step step = {
            .phase = MYSQL_ALTER, .table = alter.table, .unfit = c->unfit};
        c->unfit = NULL; /* the step's, or freed by it */
        r = gw_mysql_step(c, &step, "%s", text);
    }
    free(c->unfit);
    c->unfit = NULL;
    free(create);
    free(text);
    return r;
}
