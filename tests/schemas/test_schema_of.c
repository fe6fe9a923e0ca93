/* test_schema_of.c: the tables of one schema that was made elsewhere (NAME.sql), declared as
 * `existing` (NAME.def): the program accepts them untouched, and every generated call does what it
 * says on the rows that stand in NAME.sql, whatever the server's sql_mode is, and in a file of
 * SQLite. */
#include "routes.h"

#include "generated.h"
#include "mariadb.h"
#include "process/drivers.h"
#include "site.h"
#include "store/column.h"
#include "store/store.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct gw_test *test;
static char folder[SITE_FOLDER_MAX], database[64], url[256];
static struct mariadb server;

static void run_file(const char *path)
{
    static char text[65536];
    FILE *from = fopen(path, "r");
    MYSQL *mysql = mysql_init(NULL);
    int r;

    cr_assert_not_null(from, "%s", path);
    text[fread(text, 1, sizeof(text) - 1, from)] = '\0';
    fclose(from);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    cr_assert(mysql_real_connect(mysql, "localhost", "root", "", database, 0, server.socket,
                                 CLIENT_MULTI_STATEMENTS));
    cr_assert_eq(mysql_query(mysql, text), 0, "%s", mysql_error(mysql));
    do
        mysql_free_result(mysql_store_result(mysql));
    while ((r = mysql_next_result(mysql)) == 0);
    cr_assert_eq(r, -1, "%s", mysql_error(mysql));
    mysql_close(mysql);
}

static void make_database(void)
{
    char sql[128];
    cr_assert(mariadb_published(&server));
    snprintf(database, sizeof(database), "schema_of_%d", getpid());
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s CHARACTER SET utf8mb4", database);
    cr_assert(mariadb_exec(&server, NULL, sql));
    run_file(getenv("TESTS_SCHEMA_SQL"));
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/%s", server.port, database);
}

/* A copy of the file that the schema is in SQLite, if it is asked for. */
static bool make_file(void)
{
    const char *from = getenv("TESTS_SCHEMA_FILE");
    char command[600];
    if (!from)
        return false;
    snprintf(url, sizeof(url), "sqlite:%s/schema.db", folder);
    snprintf(command, sizeof(command), "cp %s %s/schema.db", from, folder);
    cr_assert_eq(system(command), 0);
    return true;
}

static void begin(void)
{
    char setting[300], log[128];
    cr_assert(site_folder(folder));
    if (!make_file())
        make_database();
    snprintf(setting, sizeof(setting), "GW_DATABASE_URL=%s", url);
    snprintf(log, sizeof(log), "GW_LOG=text:%s/log", folder);
    const char *const settings[] = {setting, log, NULL};
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
}

static void end(void)
{
    char sql[128];

    gw_test_close(test);
    snprintf(sql, sizeof(sql), "DROP DATABASE %s", database);
    if (*database)
        mariadb_exec(&server, NULL, sql);
    site_remove(folder);
}

static int (*current)(struct gw_request *req);

int run(struct gw_request *req)
{
    int r = current(req);
    return r ? r : gw_empty(req, 200);
}

static void within(int (*step)(struct gw_request *req))
{
    struct gw_test_reply reply;
    struct gw_test_call call = {.method = "POST", .target = "/run"};

    current = step;
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_eq(reply.status, 200);
}

/* ---- The comparison ---------------------------------------------------------------------- */

static char told[65536];

static void collect(void *data, const char *line)
{
    strncat(told, line, sizeof(told) - strlen(told) - 2);
    strcat(told, "\n");
}

/* The live tables that nobody declared, with the reasons that stand in NAME.def, are counted by its
 * comments. */
Test(schema, every_table_is_accepted_untouched, .init = begin, .fini = end)
{
    struct gw_store_options options = {0};
    struct gw_arena arena = {0};
    struct gw_store *store;
    const char *why = "";

    cr_assert_eq(gw_store_new(gw_store_schemes, url, &options, &arena, &store, &why), 0);
    cr_assert_eq(gw_store_compare(store, &gw_app, collect, NULL), 0, "%s", told);
    gw_store_free(store);
    gw_arena_free(&arena);
    printf("%zu tables are accepted\n", gw_app.n_tables);
}

/* ---- The calls --------------------------------------------------------------------------- */

static void key_of(const struct gw_table *table, const void *row, struct gw_value *ret)
{
    for (size_t i = 0; i < gw_table_key_size(table); i++)
        ret[i] = gw_row_value(table, gw_table_key(table, i), row);
}

static const void *find(struct gw_request *req, const struct gw_table *table, const void *row)
{
    struct gw_value key[GW_MAX_SET];
    const void *found = NULL;

    key_of(table, row, key);
    cr_assert_eq(gw_entity_find_key(req, table, key, &found), 0, "%s: find", table->sql_name);
    return found;
}

static size_t all_rows(struct gw_request *req, const struct gw_table *table, const void **ret)
{
    size_t n = 0;

    cr_assert_eq(gw_entity_list(req, table, -1, NULL, NULL, 1000, ret, &n), 0, "%s: list",
                 table->sql_name);
    cr_assert_gt(n, 0, "%s has no rows", table->sql_name);
    return n;
}

static char *json_of(const struct gw_table *table, const void *row)
{
    json_t *json = gw_entity_json(table, row);
    char *text = json_dumps(json, JSON_SORT_KEYS);

    json_decref(json);
    return text;
}

static void expect_same(const struct gw_table *table, const void *a, const void *b)
{
    char *left = json_of(table, a), *right = json_of(table, b);

    cr_assert_str_eq(left, right, "%s", table->sql_name);
    free(left);
    free(right);
}

/* Every page of one row, to the end. */
static void list_pages(struct gw_request *req, const struct gw_table *table, size_t n)
{
    struct gw_value after[GW_MAX_SET];
    const void *rows;
    size_t seen = 0, got = 1;

    while (got) {
        cr_assert_eq(gw_entity_list(req, table, -1, NULL, seen ? after : NULL, 1, &rows, &got), 0);
        if (got)
            key_of(table, rows, after);
        seen += got;
        cr_assert_leq(seen, n, "%s: pages go round", table->sql_name);
    }
    cr_assert_eq(seen, n, "%s: pages", table->sql_name);
}

static int read_all(struct gw_request *req)
{
    for (size_t t = 0; t < gw_app.n_tables; t++) {
        const struct gw_table *table = gw_app.tables[t];
        const void *rows, *found;
        size_t n = all_rows(req, table, &rows), n_by;

        list_pages(req, table, n);
        for (size_t i = 0; i < n; i++) {
            const void *row = (const char *)rows + i * table->row_size, *by;
            expect_same(table, row, find(req, table, row));
            for (size_t c = 0; c < table->n_columns; c++) {
                struct gw_value value = gw_row_value(table, (int)c, row);
                if (value.null)
                    continue;
                if (table->columns[c].flags & GW_COL_UNIQUE) {
                    cr_assert_eq(gw_entity_find(req, table, (int)c, &value, &found), 0, "%s.%s",
                                 table->sql_name, table->columns[c].name);
                    expect_same(table, row, found);
                }
                if (table->columns[c].references) {
                    cr_assert_eq(gw_entity_list(req, table, (int)c, &value, NULL, 1000, &by, &n_by),
                                 0);
                    cr_assert_gt(n_by, 0);
                }
            }
        }
    }
    return 0;
}

Test(schema, every_row_is_read_listed_and_found, .init = begin, .fini = end)
{
    within(read_all);
}

/* Writing back what was read changes nothing, in any column. */
static int write_back(struct gw_request *req)
{
    for (size_t t = 0; t < gw_app.n_tables; t++) {
        const struct gw_table *table = gw_app.tables[t];
        uint64_t columns = gw_table_all_columns(table) & ~gw_table_key_columns(table);
        const void *rows;
        size_t n = all_rows(req, table, &rows);

        for (size_t i = 0; columns && i < n; i++) {
            const void *row = (const char *)rows + i * table->row_size;
            int r = gw_entity_update(req, table, row, columns);
            cr_assert_eq(r, 0, "%s: update: %d", table->sql_name, r);
            expect_same(table, row, find(req, table, row));
        }
    }
    return 0;
}

Test(schema, every_row_is_written_back_as_it_was_read, .init = begin, .fini = end)
{
    within(write_back);
}

/* A row that nothing refers to is deleted and inserted again, with its key where that is not the
 * store's; one that is there already is a duplicate. What refers comes first: a row may take others
 * along. */
static int delete_and_insert(struct gw_request *req)
{
    for (size_t t = 1; t <= gw_app.n_tables; t++) {
        const struct gw_table *table = gw_app.tables[gw_app.n_tables - t];
        bool automatic = table->columns[table->key].flags & GW_COL_AUTO;
        struct gw_value key[GW_MAX_SET];
        const void *rows, *last;
        size_t n = all_rows(req, table, &rows);
        char copy[4096];
        int r, column = -1;

        last = find(req, table, (const char *)rows + (n - 1) * table->row_size);
        cr_assert_leq(table->row_size, sizeof(copy));
        memcpy(copy, last, table->row_size);
        if (!automatic)
            cr_assert_eq(gw_entity_insert(req, table, copy, &column), GW_E_DUPLICATE, "%s",
                         table->sql_name);
        key_of(table, last, key);
        r = gw_entity_delete(req, table, key);
        cr_assert(r == 0 || r == GW_E_REFERENCED, "%s: delete: %d", table->sql_name, r);
        if (r)
            continue;
        cr_assert_eq(gw_entity_delete(req, table, key), GW_E_NOT_FOUND);
        r = gw_entity_insert(req, table, copy, &column);
        if (automatic && (r == GW_E_RANGE || r == -EBUSY)) /* the greatest key was there already */
            continue;
        cr_assert_eq(r, 0, "%s: insert: %d", table->sql_name, r);
        if (!automatic)
            expect_same(table, last, find(req, table, copy));
        else
            find(req, table, copy);
    }
    return 0;
}

Test(schema, a_row_is_deleted_and_inserted_again, .init = begin, .fini = end)
{
    within(delete_and_insert);
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, !getenv("TESTS_SCHEMA_FILE"));
}
