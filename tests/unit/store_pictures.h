/* store_pictures.h: what is in the tables of test_store_change.c, asked by the stores' own
 * libraries: rows, and all that nobody declared. */
#ifndef GW_TEST_STORE_PICTURES_H
#define GW_TEST_STORE_PICTURES_H

#include "store_fixture.h"

#include <mysql.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 1000

/* ---- What is there ----------------------------------------------------------------------- */

static int add_line(void *data, int n, char **values, char **names)
{
    char **text = data;

    (void)names;
    for (int i = 0; i < n; i++) {
        char *longer;

        cr_assert_neq(asprintf(&longer, "%s%s%c", *text, values[i] ? values[i] : "NULL",
                               i + 1 < n ? '|' : '\n'),
                      -1);
        free(*text);
        *text = longer;
    }
    return 0;
}

static char *answer_mysql(struct fixture *f, const char *sql)
{
    MYSQL *mysql = mysql_init(NULL);
    char *text = strdup("");
    MYSQL_RES *rows;
    MYSQL_ROW row;

    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    cr_assert(
        mysql_real_connect(mysql, "localhost", "root", "", f->database, 0, f->server.socket, 0));
    cr_assert_eq(mysql_query(mysql, "SET group_concat_max_len = 10000000"), 0);
    cr_assert_eq(mysql_query(mysql, sql), 0, "%s: %s", sql, mysql_error(mysql));
    rows = mysql_store_result(mysql);
    while ((row = mysql_fetch_row(rows)))
        add_line(&text, (int)mysql_num_fields(rows), row, NULL);
    mysql_free_result(rows);
    mysql_close(mysql);
    return text;
}

/* What a query gives, a line for each row; for free(). Fails on another result than rows. */
static char *answer(struct fixture *f, const char *sql)
{
    char *text;
    sqlite3 *db;

    if (f->mysql)
        return answer_mysql(f, sql);
    text = strdup("");
    cr_assert_eq(sqlite3_open(f->url + strlen("sqlite:"), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, add_line, &text, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(db));
    sqlite3_close(db);
    return text;
}

/* The columns of the live table, as a query for all rows in one line. */
static const char *rows_query(struct fixture *f)
{
    char *list = answer(
        f, f->mysql ? "SELECT GROUP_CONCAT('IFNULL(HEX(CONVERT(', COLUMN_NAME, ' USING utf8mb4)), "
                      "0)' ORDER BY"
                      " ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ="
                      " DATABASE() AND TABLE_NAME = 'accounts'"
                    : "SELECT group_concat('quote(' || name || ')', ' || ') FROM"
                      " pragma_table_info('accounts')");
    const char *query;

    list[strcspn(list, "\n")] = '\0';
    query = gw_arena_printf(&f->arena,
                            f->mysql ? "SELECT GROUP_CONCAT(CONCAT_WS('|', %s) ORDER BY id) FROM"
                                       " accounts"
                                     : "SELECT group_concat(line) FROM (SELECT %s AS line FROM"
                                       " accounts ORDER BY id)",
                            list);
    free(list);
    return query;
}

/* Everything besides the rows that nobody declared: names and texts. */
static char *objects(struct fixture *f)
{
    return answer(
        f, f->mysql
               ? "SELECT 'index', INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX)"
                 " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND"
                 " TABLE_NAME = 'accounts' AND INDEX_NAME <> 'email' GROUP BY INDEX_NAME"
                 " UNION SELECT 'trigger', TRIGGER_NAME, ACTION_STATEMENT FROM"
                 " information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
                 " UNION SELECT 'view', TABLE_NAME, VIEW_DEFINITION FROM"
                 " information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
                 " UNION SELECT 'text', COLUMN_NAME, CONCAT(COLUMN_COMMENT, '|',"
                 " IFNULL(IF(COLUMN_NAME IN ('name', 'nick'), COLUMN_DEFAULT, ''), 'NULL')) FROM"
                 " information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME ="
                 " 'accounts' AND (COLUMN_COMMENT <> '' OR COLUMN_NAME = 'nick')"
                 " UNION SELECT 'check', '', GROUP_CONCAT(CHECK_CLAUSE ORDER BY CHECK_CLAUSE)"
                 " FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA ="
                 " DATABASE() AND TABLE_NAME = 'accounts'"
                 " UNION SELECT 'table', TABLE_NAME, TABLE_COMMENT FROM"
                 " information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND"
                 " TABLE_NAME = 'accounts'"
               : "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND"
                 " type <> 'table' UNION ALL SELECT 'default', name, dflt_value FROM"
                 " pragma_table_info('accounts') WHERE name IN ('nick', 'name') AND dflt_value"
                 " IS NOT NULL UNION ALL SELECT 'check', 'accounts', instr(sql, 'CONSTRAINT"
                 " short CHECK (length(email) < 1000)') > 0 || instr(sql, 'CONSTRAINT c"
                 " CHECK (name <> ''x'')') > 0 || instr(sql, 'COLLATE NOCASE DEFAULT') > 0"
                 " FROM sqlite_schema WHERE name = 'accounts' ORDER BY 1, 2");
}

struct picture {
    const char *query;
    char *rows, *kids, *objects, *seen;
};

static struct picture picture_of(struct fixture *f, const char *query)
{
    struct picture p = {.query = query ? query : rows_query(f)};

    p.rows = answer(f, p.query);
    p.kids = answer(f, "SELECT COUNT(*), SUM(of) FROM kids");
    p.objects = objects(f);
    p.seen = answer(f, "SELECT COUNT(*), SUM(id), MAX(email) FROM seen");
    return p;
}

static void expect_same(struct fixture *f, const struct picture *before, const char *what)
{
    struct picture after = picture_of(f, before->query);

    cr_assert_gt(strlen(before->rows), ROWS * 10);
    cr_assert(strcmp(before->rows, after.rows) == 0, "%s: other rows", what);
    cr_assert_str_eq(before->kids, after.kids, "%s", what);
    cr_assert_str_eq(before->seen, after.seen, "%s", what);
    cr_assert_str_eq(before->objects, after.objects, "%s", what);
    free(after.rows);
    free(after.kids);
    free(after.objects);
    free(after.seen);
}

static void forget(struct picture *p)
{
    free(p->rows);
    free(p->kids);
    free(p->objects);
    free(p->seen);
}

#endif
