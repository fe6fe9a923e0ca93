/* test_schema.c: what `gatewright schema` prints against what the runtime makes and compares.
 *
 * The tables have every type of the language. How two databases are compared is asked of the
 * databases: SHOW CREATE TABLE, sqlite_schema. */
#include "mariadb.h"
#include "process/drivers.h"
#include "routes.h"
#include "site.h"
#include "store/store.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <mysql.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gw_table *const tables[] = {&gwt_table_users, &gwt_table_devices,
                                                &gwt_table_everything};
#define N_TABLES (sizeof(tables) / sizeof(*tables))

/* The runtime's library asks for it. */
const struct gw_app gw_app = {
    .source = "routes.def", .prefix = "", .tables = tables, .n_tables = N_TABLES, .n_entities = 2};

static char folder[64];

struct database {
    bool mysql;
    char name[64], url[256];
};

/* ---- Databases --------------------------------------------------------------------------- */

static MYSQL *connect_to(const struct database *database)
{
    struct mariadb server;
    MYSQL *mysql = mysql_init(NULL);

    cr_assert(mariadb_published(&server), "no MariaDB server");
    cr_assert(mysql && mysql_real_connect(mysql, NULL, "root", NULL, database->name, 0,
                                          server.socket, CLIENT_MULTI_STATEMENTS));
    return mysql;
}

static sqlite3 *open_file(const struct database *database)
{
    sqlite3 *db;

    cr_assert_eq(sqlite3_open(database->url + strlen("sqlite:"), &db), SQLITE_OK);
    return db;
}

static void make_database(struct database *database, bool mysql, const char *name)
{
    struct mariadb server;
    char sql[200];

    *database = (struct database){.mysql = mysql};
    snprintf(database->name, sizeof(database->name), "schema_%s_%d", name, getpid());
    if (mysql) {
        cr_assert(mariadb_published(&server), "no MariaDB server");
        snprintf(sql, sizeof(sql), "CREATE DATABASE %s CHARACTER SET latin1", database->name);
        cr_assert(mariadb_exec(&server, NULL, sql));
        snprintf(database->url, sizeof(database->url), "mysql://root@/%s?socket=%s", database->name,
                 server.socket);
    } else {
        snprintf(database->url, sizeof(database->url), "sqlite:%s/%s.db", folder, name);
    }
}

static void run(const struct database *database, const char *sql)
{
    struct mariadb server;
    char *why = NULL;

    if (database->mysql) {
        cr_assert(mariadb_published(&server));
        cr_assert(mariadb_exec(&server, database->name, sql), "%s", sql);
        return;
    }
    sqlite3 *db = open_file(database);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK, "%s: %s", why, sql);
    sqlite3_close(db);
}

/* The table as the database describes it; for free(). */
static char *description(const struct database *database, const char *table)
{
    char *ret = NULL, sql[128];

    if (database->mysql) {
        MYSQL *mysql = connect_to(database);
        snprintf(sql, sizeof(sql), "SHOW CREATE TABLE `%s`", table);
        cr_assert_eq(mysql_query(mysql, sql), 0, "%s", mysql_error(mysql));
        MYSQL_RES *rows = mysql_store_result(mysql);
        ret = strdup(mysql_fetch_row(rows)[1]);
        mysql_free_result(rows);
        mysql_close(mysql);
        return ret;
    }
    sqlite3 *db = open_file(database);
    sqlite3_stmt *stmt = NULL;
    snprintf(sql, sizeof(sql), "SELECT sql FROM sqlite_schema WHERE name = '%s'", table);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW, "no table %s", table);
    ret = strdup((const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return ret;
}

static void expect_same_tables(const struct database *a, const struct database *b)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        char *left = description(a, tables[i]->sql_name);
        char *right = description(b, tables[i]->sql_name);
        cr_expect_str_eq(left, right);
        free(left);
        free(right);
    }
}

/* ---- The two makers ---------------------------------------------------------------------- */

static void run_printed(const struct database *database)
{
    static char text[65536];
    FILE *from = popen(getenv(database->mysql ? "TESTS_MYSQL" : "TESTS_SQLITE"), "r");

    cr_assert_not_null(from);
    text[fread(text, 1, sizeof(text) - 1, from)] = '\0';
    cr_assert(pclose(from) == 0 && *text);
    run(database, text);
}

static struct gw_store *open_store(const struct database *database)
{
    struct gw_store_options options = {0};
    struct gw_arena arena = {0};
    struct gw_store *store = NULL;
    const char *why = "";

    cr_assert_eq(gw_store_new(gw_store_schemes, database->url, &options, &arena, &store, &why), 0,
                 "%s", why);
    gw_arena_free(&arena);
    return store;
}

static void print(void *data, const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static void expect_declared(const struct database *database)
{
    struct gw_store *store = open_store(database);

    cr_assert_eq(gw_store_compare(store, &gw_app, print, NULL), 0);
    gw_store_free(store);
}

static void run_difference(const struct database *database)
{
    struct gw_store *store = open_store(database);
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);

    cr_assert_eq(gw_store_diff(store, &gw_app, to), 1);
    fclose(to);
    gw_store_free(store);
    run(database, text);
    free(text);
}

/* ---- Tests ------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    return remove(path);
}

static void begin(void)
{
    strcpy(folder, "/tmp/gw-schema-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void end(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define SCHEMA_TEST(name)                                                                          \
    static void name(bool mysql);                                                                  \
    Test(sqlite, name, .init = begin, .fini = end)                                                 \
    {                                                                                              \
        name(false);                                                                               \
    }                                                                                              \
    Test(mysql, name, .init = begin, .fini = end)                                                  \
    {                                                                                              \
        name(true);                                                                                \
    }                                                                                              \
    static void name(bool mysql)

SCHEMA_TEST(what_the_compiler_prints_is_the_declared_schema)
{
    struct database printed;

    make_database(&printed, mysql, "printed");
    run_printed(&printed);
    expect_declared(&printed);
}

SCHEMA_TEST(the_way_from_nothing_leads_to_what_the_compiler_prints)
{
    struct database printed, mended;

    make_database(&printed, mysql, "printed");
    make_database(&mended, mysql, "mended");
    run_printed(&printed);
    run_difference(&mended);
    expect_same_tables(&printed, &mended);
    expect_declared(&mended);
}

Test(sqlite, a_program_makes_what_the_compiler_prints, .init = begin, .fini = end)
{
    struct database printed, made;
    struct gw_store *store;

    make_database(&printed, false, "printed");
    make_database(&made, false, "made");
    run_printed(&printed);
    store = open_store(&made);
    cr_assert_eq(gw_store_create(store, &gw_app), 0);
    gw_store_free(store);
    expect_same_tables(&printed, &made);
}

/* One column after the other is lost and comes back, at the table's end. */
SCHEMA_TEST(every_column_comes_back_as_it_is_declared)
{
    const struct gw_table *table = &gwt_table_everything;
    struct database database;
    char sql[160];

    make_database(&database, mysql, "columns");
    run_printed(&database);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];
        /* What others lean on cannot be dropped alone. */
        if (column->flags & GW_COL_KEY || column->references ||
            (!mysql && column->flags & GW_COL_UNIQUE))
            continue;
        snprintf(sql, sizeof(sql), "ALTER TABLE %s DROP COLUMN %s", table->sql_name, column->name);
        run(&database, sql);
        run_difference(&database);
        expect_declared(&database);
    }
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
