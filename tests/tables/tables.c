/* tables.c: see tables.h. */
#include "tables.h"

#include <errno.h>
#include <mysql.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct gw_test *test;
const char *tables_setting;
static char folder[SITE_FOLDER_MAX], database[64], file[SITE_FOLDER_MAX + 16];
static struct mariadb server;
static bool on_mysql;

static void make_tables(void)
{
    static char text[65536];
    char sql[256];
    FILE *from = popen(getenv("TESTS_SCHEMA"), "r");

    cr_assert_not_null(from);
    text[fread(text, 1, sizeof(text) - 1, from)] = '\0';
    cr_assert(pclose(from) == 0 && *text);
    cr_assert(mariadb_published(&server));
    snprintf(database, sizeof(database), "tables_%d", getpid());
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s CHARACTER SET latin1", database);
    cr_assert(mariadb_exec(&server, NULL, sql));
    cr_assert(mariadb_exec(&server, database, text));
}

static char setting[400];

const char *tables_url(void)
{
    return strchr(setting, '=') + 1;
}

const char *tables_log(void)
{
    static char text[4096];
    char path[SITE_FOLDER_MAX + 16];
    snprintf(path, sizeof(path), "%s/log", folder);
    FILE *from = fopen(path, "r");
    text[from ? fread(text, 1, sizeof(text) - 1, from) : 0] = '\0';
    if (from)
        fclose(from);
    return text;
}

void open_tables(bool mysql)
{
    char log[128];

    on_mysql = mysql;
    cr_assert(site_folder(folder));
    snprintf(file, sizeof(file), "%s/app.db", folder);
    if (mysql)
        make_tables();
    if (mysql)
        snprintf(setting, sizeof(setting), "GW_DATABASE_URL=mysql://root@127.0.0.1:%u/%s",
                 server.port, database);
    else
        snprintf(setting, sizeof(setting), "GW_DATABASE_URL=sqlite:%s", file);
    snprintf(log, sizeof(log), "GW_LOG=text:%s/log", folder);
    const char *const settings[] = {setting, log, tables_setting, NULL};
    int r = gw_test_open(settings, NULL, &test);
    cr_assert_eq(r, 0, "%s", tables_log());
}

void close_tables(void)
{
    char sql[128];

    gw_test_close(test);
    snprintf(sql, sizeof(sql), "DROP DATABASE %s", database);
    if (on_mysql)
        mariadb_exec(&server, NULL, sql);
    site_remove(folder);
}

int request(const char *method, const char *target, const char *body, const char *token,
            struct gw_test_reply *ret)
{
    struct gw_test_call call = {.method = method, .target = target, .body = body, .token = token};

    cr_assert_eq(gw_test_request(test, &call, ret), 0);
    return ret->status;
}

static int (*current)(struct gw_request *req);

int run(struct gw_request *req)
{
    int r = current(req);

    return r ? r : gw_empty(req, 200);
}

int tidy(struct gw_request *req)
{
    return current(req);
}

int as_job(int (*step)(struct gw_request *req))
{
    current = step;
    return gw_test_job(test, "tidy");
}

static int within_route(const char *path, int (*step)(struct gw_request *req))
{
    struct gw_test_reply reply;

    current = step;
    return request("POST", path, NULL, NULL, &reply);
}

int within(int (*step)(struct gw_request *req))
{
    return within_route("/run", step);
}

int within_a_minute(int (*step)(struct gw_request *req))
{
    return within_route("/run-long", step);
}

void run_beside(const char *mysql, const char *sqlite)
{
    if (on_mysql)
        cr_assert(mariadb_exec(&server, database, mysql), "%s", mysql);
    else
        cr_assert(site_sqlite(file, sqlite), "%s", sqlite);
}

static char *ask_mysql(const char *sql)
{
    MYSQL *mysql = mysql_init(NULL);
    MYSQL_RES *rows;
    MYSQL_ROW row;
    char *text;

    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    cr_assert(mysql_real_connect(mysql, "localhost", "root", "", database, 0, server.socket, 0));
    cr_assert_eq(mysql_query(mysql, sql), 0, "%s: %s", sql, mysql_error(mysql));
    rows = mysql_store_result(mysql);
    row = mysql_fetch_row(rows);
    text = strdup(row && row[0] ? row[0] : "NULL");
    mysql_free_result(rows);
    mysql_close(mysql);
    return text;
}

char *ask_beside(const char *sql)
{
    sqlite3_stmt *stmt;
    sqlite3 *db;
    char *text;

    if (on_mysql)
        return ask_mysql(sql);
    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(db));
    int last = sqlite3_column_count(stmt) - 1; /* of a plan: what it says */
    text = sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, last)
               ? strdup((const char *)sqlite3_column_text(stmt, last))
               : strdup("NULL");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return text;
}

/* ---- Handlers ---------------------------------------------------------------------------- */

int show_me(struct gw_request *req, const struct users_row *me)
{
    return gw_json(req, 200, users_json(me));
}

int take_whole(struct gw_request *req)
{
    struct gw_bytes body = gw_raw_body(req);

    return body.ptr ? gw_text(req, 200, gw_printf(req, "%zu", body.len)) : -ENOMEM;
}

int show_robot(struct gw_request *req, const struct robots_row *me)
{
    return gw_json(req, 200, robots_json(me));
}

int show_user(struct gw_request *req, const char *id)
{
    const struct users_row *row;
    int r = users_find(req, id, &row);
    struct gw_writer *w = gw_writer_new(req);

    if (!r)
        users_write_json(w, row);
    return r ? r : gw_writer_send(req, 200, w);
}

int show_figures(struct gw_request *req, uint64_t id)
{
    const struct figures_row *row;
    int r = figures_find(req, id, &row);
    struct gw_writer *w = gw_writer_new(req);

    if (!r)
        figures_write_json(w, row);
    return r ? r : gw_writer_send(req, 200, w);
}

int add_lesson(struct gw_request *req, const struct page_body *query,
               const struct lesson_body *body)
{
    struct lessons_row row = {.owner_id = body->owner_id, .title_1 = body->title_text};
    int r = lessons_insert(req, &row, NULL);
    struct gw_writer *w = gw_writer_new(req);

    gw_writer_object(w);
    gw_writer_name(w, "size");
    gw_writer_int(w, query->page_size.set ? query->page_size.value : -1);
    gw_writer_name(w, "after");
    gw_writer_text(w, query->after);
    gw_writer_name(w, "tags");
    gw_writer_int(w, (int64_t)body->tags.n);
    gw_writer_name(w, "row");
    lessons_write_json(w, &row);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 201, w);
}

int own_lesson(struct gw_request *req, const struct users_row *me, const char *user, int64_t id,
               const struct lessons_row *owned)
{
    return gw_json(req, 200, lessons_json(owned));
}

int show_vault(struct gw_request *req, const struct vaults_row *me)
{
    return gw_json(req, 200, vaults_json(me));
}
