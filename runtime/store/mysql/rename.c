/* rename.c: columns that are called otherwise, and columns that go.
 *
 * Both are statements in front of all others. What is asked of the tables before is asked of a copy
 * of their declaration, in which the columns have the names of now. */
#include "store/mysql/change.h"
#include "store/mysql/types.h"

#include "base/clock.h"
#include "store/column.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A live column's name, which nobody of ours has chosen, as it stands in a statement. */
#define NAME_SIZE 520 /* twice 64 characters of UTF-8, and a NUL */
struct live_name {
    char ticks[NAME_SIZE];          /* between backticks */
    char text[NAME_SIZE];           /* between single quotes */
    char ticks_text[2 * NAME_SIZE]; /* the former, as it stands in a view, between single quotes */
};

static void write_name(struct mysql_comparison *c, const char *name, struct live_name *ret)
{
    size_t n = 0, len = strlen(name);
    len = len < NAME_SIZE / 2 ? len : NAME_SIZE / 2 - 1;
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '`')
            ret->ticks[n++] = '`';
        ret->ticks[n++] = name[i];
    }
    ret->ticks[n] = '\0';
    mysql_real_escape_string(c->conn->mysql, ret->text, name, len);
    mysql_real_escape_string(c->conn->mysql, ret->ticks_text, ret->ticks, n);
}

/* ---- The tables as they are called now ------------------------------------------------------ */

static const struct gw_table *copy_of(const struct gw_app *app, const struct gw_table *const *live,
                                      const struct gw_table *table)
{
    for (size_t i = 0; i < app->n_tables; i++)
        if (app->tables[i] == table)
            return live[i];
    return table;
}

static int copy_tables(const struct gw_app *app, struct gw_arena *arena, struct gw_app *ret)
{
    struct gw_table *tables = gw_arena_array(arena, app->n_tables + 1, sizeof(*tables));
    const struct gw_table **list = gw_arena_array(arena, app->n_tables + 1, sizeof(*list));
    *ret = *app;
    if (!tables || !list)
        return -ENOMEM;
    for (size_t i = 0; i < app->n_tables; i++) {
        tables[i] = *app->tables[i];
        list[i] = &tables[i];
    }
    for (size_t i = 0; i < app->n_tables; i++) {
        size_t n = tables[i].n_columns;
        struct gw_column *columns = gw_arena_array(arena, n, sizeof(*columns));
        if (!columns)
            return -ENOMEM;
        memcpy(columns, tables[i].columns, n * sizeof(*columns));
        for (size_t j = 0; j < n; j++)
            columns[j].references = copy_of(app, list, columns[j].references);
        tables[i].columns = columns;
    }
    ret->tables = list;
    return 0;
}

void gw_mysql_print_renamed(FILE *to, const char *text, const struct mysql_comparison *c)
{
    for (const char *at = text; *at;) {
        const char *end = strchr("'`", *at) ? strchr(at + 1, *at) : at;
        size_t len = end ? (size_t)(end - at) + 1 : strlen(at), name = len > 2 ? len - 2 : 0;
        bool printed = false;
        for (size_t i = 0; i < c->table->n_columns && *at == '`' && !printed; i++) {
            const char *now = gw_column_sql(&c->table->columns[i]);
            printed = strlen(now) == name && !strncasecmp(now, at + 1, name);
            if (printed)
                fprintf(to, "`%s`", gw_column_sql(&c->declared->columns[i]));
        }
        if (!printed)
            fwrite(at, 1, len, to);
        at += len;
    }
}

/* What its user may not see cannot be looked through. */
static int check_sight(struct mysql_comparison *c, const char *column, bool *ret_sees)
{
    char *hidden = NULL;
    int r = gw_mysql_askf(
        c, 0, &hidden,
        "SELECT CONCAT('view ', TABLE_NAME, ' (it needs SHOW VIEW)') FROM information_schema.VIEWS"
        " WHERE TABLE_SCHEMA = DATABASE() AND VIEW_DEFINITION = '' UNION SELECT 'triggers (it needs"
        " TRIGGER)' FROM (SELECT CONCAT('\\'', REPLACE(CURRENT_USER(), '@', '\\'@\\''), '\\'') AS "
        "who)"
        " AS w WHERE NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE GRANTEE ="
        " who AND PRIVILEGE_TYPE = 'TRIGGER') AND NOT EXISTS (SELECT 1 FROM"
        " information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = who AND PRIVILEGE_TYPE = 'TRIGGER'"
        " AND DATABASE() LIKE TABLE_SCHEMA) LIMIT 1");
    *ret_sees = !r && !hidden;
    if (hidden)
        gw_mysql_refuse(c, column,
                        "the user of the database may not see %s, which may name it and would fail"
                        " without",
                        hidden);
    free(hidden);
    return r;
}

/* Views and triggers keep the name of a column, and fail without it; the server says so only when
 * they are next used. *ret_free: none names it; refused otherwise. */
static int check_names(struct mysql_comparison *c, const char *column, bool *ret_free)
{
    const char *table = c->declared->sql_name;
    struct live_name name;
    char *holder = NULL;
    write_name(c, column, &name);
    int r = check_sight(c, column, ret_free);
    if (r || !*ret_free)
        return r;
    r = gw_mysql_askf(
        c, 0, &holder,
        "SELECT CONCAT('view ', TABLE_NAME) FROM information_schema.VIEWS WHERE TABLE_SCHEMA ="
        " DATABASE() AND INSTR(VIEW_DEFINITION, '`%s`') AND INSTR(VIEW_DEFINITION, '`%s`') UNION"
        " SELECT CONCAT('trigger ', TRIGGER_NAME) FROM information_schema.TRIGGERS WHERE"
        " TRIGGER_SCHEMA = DATABASE() AND INSTR(ACTION_STATEMENT, '%s') AND (EVENT_OBJECT_TABLE ="
        " '%s' OR INSTR(ACTION_STATEMENT, '%s')) LIMIT 1",
        table, name.ticks_text, name.text, table, table);
    *ret_free = !r && !holder;
    if (holder)
        gw_mysql_refuse(c, column,
                        "the %s names it and would fail without; drop that, run this again, and"
                        " make it anew",
                        holder);
    free(holder);
    return r;
}

/* ---- Renaming ------------------------------------------------------------------------------- */

static int rename_column(struct mysql_comparison *c, const struct gw_rename *rename,
                         MYSQL_RES *columns)
{
    const struct gw_column *column = &c->declared->columns[rename->column];
    const char *table = c->declared->sql_name, *name = gw_column_sql(column);
    if (!gw_mysql_row_named(columns, rename->was))
        return 0;
    if (!gw_mysql_row_named(columns, name)) {
        struct mysql_step step = {.phase = MYSQL_RENAME, .table = table};
        bool is_free;
        int r = check_names(c, rename->was, &is_free);
        gw_store_differ(&c->differences, "column %s.%s: is called %s", table, name, rename->was);
        ((struct gw_column *)&c->table->columns[rename->column])->sql_name = rename->was;
        return r || !is_free
                   ? r
                   : gw_mysql_step(c, &step, "ALTER TABLE `%s` RENAME COLUMN `%s` TO `%s`", table,
                                   rename->was, name);
    }
    if (!gw_store_may_lose(c->migration, table, rename->was)) {
        gw_mysql_refuse(c, name, GW_STORE_BOTH_THERE, rename->was, table, rename->was);
        c->differences.any = true;
    }
    return 0;
}

/* ---- Dropping ------------------------------------------------------------------------------- */

static bool is_declared(const struct mysql_comparison *c, const char *name)
{
    for (size_t i = 0; i < c->table->n_columns; i++)
        if (!strcasecmp(gw_column_sql(&c->table->columns[i]), name))
            return true;
    return false;
}

/* What the server would not let go: a part of the primary key, and what other tables refer to. */
static int check_held(struct mysql_comparison *c, const char *column, const struct live_name *name,
                      bool *ret_free)
{
    const char *table = c->declared->sql_name;
    char *holder = NULL;
    int r = gw_mysql_askf(
        c, 0, &holder,
        "SELECT IF(REFERENCED_TABLE_NAME IS NULL, 'the primary key has it',"
        " CONCAT('the table ', TABLE_NAME, ' refers to it')) FROM"
        " information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND ((TABLE_NAME ="
        " '%s' AND COLUMN_NAME = '%s' AND CONSTRAINT_NAME = 'PRIMARY') OR (REFERENCED_TABLE_NAME ="
        " '%s' AND REFERENCED_COLUMN_NAME = '%s')) LIMIT 1",
        table, name->text, table, name->text);
    *ret_free = !r && !holder;
    if (holder)
        gw_mysql_refuse(c, column, "cannot be dropped, for %s; change that by hand first", holder);
    free(holder);
    return r;
}

/* Whether rows are unique hangs on the column with others: each such index goes, and one of the
 * others takes its place, which a foreign key of theirs may want. Free
 * *ret, which is NULL without one. */
static int find_sets(struct mysql_comparison *c, const struct live_name *name, char **ret)
{
    const char *table = c->declared->sql_name;
    return gw_mysql_askf(
        c, 0, ret,
        "SELECT GROUP_CONCAT(CONCAT('DROP INDEX `', name, '`, ADD INDEX `', name, '` (', others,"
        " '), ') SEPARATOR '') FROM (SELECT REPLACE(INDEX_NAME, '`', '``') AS name,"
        " GROUP_CONCAT(CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`', IF(SUB_PART IS NULL, '',"
        " CONCAT('(', SUB_PART, ')'))) ORDER BY SEQ_IN_INDEX SEPARATOR ', ') AS others FROM"
        " information_schema.STATISTICS AS s WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'"
        " AND NON_UNIQUE = 0 AND COLUMN_NAME <> '%s' AND EXISTS (SELECT 1 FROM"
        " information_schema.STATISTICS AS t WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME ="
        " s.TABLE_NAME AND t.INDEX_NAME = s.INDEX_NAME AND t.COLUMN_NAME = '%s') GROUP BY"
        " INDEX_NAME) AS sets",
        table, name->text, name->text);
}

/* With the foreign keys that begin at it, which would hold it. */
static int drop_column(struct mysql_comparison *c, const char *name)
{
    const char *table = c->declared->sql_name;
    struct mysql_step step = {.phase = MYSQL_RENAME, .table = table};
    char *keys = NULL, *sets = NULL;
    struct live_name live;
    bool is_free;
    int r = check_names(c, name, &is_free);
    write_name(c, name, &live);
    gw_store_differ(&c->differences, "column %s.%s: is not declared, and its values are lost",
                    table, name);
    if (!r && is_free)
        r = check_held(c, name, &live, &is_free);
    if (r || !is_free)
        return r;
    r = gw_mysql_askf(
        c, 0, &keys,
        "SELECT GROUP_CONCAT(CONCAT('DROP FOREIGN KEY `', REPLACE(CONSTRAINT_NAME, '`', '``'),"
        " '`, ') SEPARATOR '')"
        " FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND"
        " REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_NAME = '%s' AND COLUMN_NAME = '%s'",
        table, live.text);
    if (!r)
        r = find_sets(c, &live, &sets);
    if (!r)
        r = gw_mysql_step(c, &step, "ALTER TABLE `%s` %s%sDROP COLUMN `%s`", table,
                          keys ? keys : "", sets ? sets : "", live.ticks);
    free(keys);
    free(sets);
    return r;
}

static int drop_columns(struct mysql_comparison *c, MYSQL_RES *columns)
{
    MYSQL_ROW row;
    int r = 0;
    mysql_data_seek(columns, 0);
    while (!r && (row = mysql_fetch_row(columns)))
        if (!is_declared(c, row[LIVE_NAME]) &&
            gw_store_may_lose(c->migration, c->declared->sql_name, row[LIVE_NAME]))
            r = drop_column(c, row[LIVE_NAME]);
    return r;
}

int gw_mysql_rename(struct mysql_comparison *c, const struct gw_app *app, struct gw_arena *arena,
                    struct gw_app *ret)
{
    int r = copy_tables(app, arena, ret);
    for (size_t i = 0; !r && i < app->n_tables; i++) {
        MYSQL_RES *columns;
        c->declared = app->tables[i];
        c->table = ret->tables[i];
        if (c->table->existing || (!c->table->n_renames && !c->migration->losses))
            continue;
        c->deadline_ns = gw_now_ns() + GW_MYSQL_CHANGE_NS;
        r = gw_mysql_ask_table(c, gw_mysql_columns_query, "'", &columns);
        if (r)
            continue;
        for (size_t j = 0; !r && j < c->table->n_renames; j++)
            r = rename_column(c, &c->table->renames[j], columns);
        if (!r)
            r = drop_columns(c, columns);
        mysql_free_result(columns);
    }
    return r;
}
