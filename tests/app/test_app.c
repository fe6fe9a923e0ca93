/* test_app.c: the public API as an application meets it, in memory, on both stores. */
#include "routes.h"

#include "mariadb.h"
#include "site.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct gw_test *test;
static char folder[SITE_FOLDER_MAX], database[64];

/* ---- Handlers ---------------------------------------------------------------------------- */

static void write_misused(struct gw_writer *w, const char *how)
{
    if (!strcmp(how, "nothing"))
        return;
    if (!strcmp(how, "twice")) {
        gw_writer_null(w);
        gw_writer_null(w);
    } else if (!strcmp(how, "end")) {
        gw_writer_end(w);
    } else if (!strcmp(how, "open")) {
        gw_writer_array(w);
    } else if (!strcmp(how, "nameless")) {
        gw_writer_object(w);
        gw_writer_int(w, 1);
        gw_writer_end(w);
    } else if (!strcmp(how, "named")) {
        gw_writer_array(w);
        gw_writer_name(w, "a");
        gw_writer_end(w);
    } else if (!strcmp(how, "dangling")) {
        gw_writer_object(w);
        gw_writer_name(w, "a");
        gw_writer_end(w);
    } else if (!strcmp(how, "bytes")) {
        gw_writer_text(w, "\xff");
    } else if (!strcmp(how, "infinite")) {
        gw_writer_real(w, INFINITY);
    } else if (!strcmp(how, "deep")) {
        for (int i = 0; i < 65; i++)
            gw_writer_array(w);
        for (int i = 0; i < 65; i++)
            gw_writer_end(w);
    }
}

static void write_all(struct gw_writer *w)
{
    gw_writer_object(w);
    gw_writer_name(w, "list");
    gw_writer_array(w);
    gw_writer_int(w, INT64_MIN);
    gw_writer_uint(w, UINT64_MAX);
    gw_writer_real(w, 0.5);
    gw_writer_bool(w, true);
    gw_writer_null(w);
    gw_writer_text(w, "\"");
    gw_writer_text(w, NULL);
    gw_writer_time(w, 0);
    gw_writer_bytes(w, (struct gw_bytes){"a", 1});
    gw_writer_end(w);
    gw_writer_name(w, "rows");
    gw_writer_array(w);
    users_write_json(w, &(struct users_row){.id = 1, .email = "e"});
    users_write_json(w, &(struct users_row){.id = 2, .email = "f"});
    gw_writer_end(w);
    gw_writer_end(w);
}

int write_json(struct gw_request *req, const struct step_body *body)
{
    struct gw_writer *w = gw_writer_new(req);
    if (!strcmp(body->how, "well"))
        write_all(w);
    else
        write_misused(w, body->how);
    return gw_writer_send(req, 200, w);
}

/* "200 application/json TEXT" is answered as it says, with quotes for apostrophes. */
int answer_as(struct gw_request *req, const struct step_body *body)
{
    char type[64];
    int status, n;
    if (!strcmp(body->how, "stream")) {
        int r = gw_begin(req, 203, "text/plain");
        return r ? r : gw_write(req, "streamed", 8);
    }
    if (!strcmp(body->how, "return 409"))
        return 409;
    if (!strcmp(body->how, "problem 418"))
        return gw_problem(req, 418, "/how", "it is a teapot");
    if (sscanf(body->how, "%d %63s %n", &status, type, &n) != 2)
        return gw_empty(req, atoi(body->how));
    char *text = gw_printf(req, "%s", body->how + n);
    for (char *p = text; p && *p; p++)
        *p = *p == '\'' ? '"' : *p;
    return text ? gw_bytes(req, status, type, text, strlen(text)) : 500;
}

static int insert_note(struct gw_request *req, const char *title)
{
    return notes_insert(req, &(struct notes_row){.title = title, .user_id = 1}, NULL);
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    struct gw_writer *w = gw_writer_new(req);
    int r = gw_me_write_json(req, w);
    return r ? r : gw_writer_send(req, 200, w);
}

int transact(struct gw_request *req, const struct step_body *body)
{
    const char *how = body->how;
    int r = gw_tx_begin(req);
    if (!r)
        r = insert_note(req, how);
    if (r)
        return r;
    if (!strcmp(how, "open"))
        return gw_empty(req, 204);
    if (!strcmp(how, "problem"))
        return gw_problem(req, 409, NULL, NULL);
    if (!strcmp(how, "status"))
        return 422;
    if (!strcmp(how, "condition"))
        return GW_E_NOT_FOUND;
    if (!strcmp(how, "errno"))
        return -5;
    if (!strcmp(how, "referred")) /* a foreign key forbids it */
        return notes_insert(req, &(struct notes_row){.title = "x", .user_id = 999}, NULL);
    if (!strcmp(how, "duplicate")) {
        r = insert_note(req, how);
        return r;
    }
    if (!strcmp(how, "streamed")) {
        r = gw_begin(req, 200, "text/plain");
        return r ? r : gw_write(req, "a", 1);
    }
    if (!strcmp(how, "twice"))
        return gw_tx_begin(req);
    if (!strcmp(how, "back")) {
        r = gw_tx_rollback(req);
        return r ? r : gw_empty(req, 204);
    }
    r = gw_tx_commit(req);
    return r ? r : gw_empty(req, 204);
}

static int add_some(struct gw_request *req)
{
    uint64_t n = 0;
    int r = add_note(req, "a", 1, (struct gw_opt_u64){true, 7}, "[1]", &n);
    if (!r && n != 1)
        r = 599;
    if (!r)
        r = add_note(req, "b ? :x", 1, (struct gw_opt_u64){0}, NULL, NULL);
    return r;
}

static int answer_counts(struct gw_request *req)
{
    const struct count_notes_row *counts;
    int r = count_notes(req, &counts);
    if (r)
        return r;
    struct gw_writer *w = gw_writer_new(req);
    count_notes_write_json(w, counts);
    return gw_writer_send(req, 200, w);
}

static int answer_notes(struct gw_request *req)
{
    const struct notes_row *rows;
    size_t n;
    int r = notes_by_user(req, 1, &rows, &n);
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_array(w);
    for (size_t i = 0; !r && i < n; i++)
        notes_write_json(w, &rows[i]);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 200, w);
}

int run_sql(struct gw_request *req, const struct step_body *body)
{
    const char *how = body->how;
    const struct notes_row *note;
    const struct users_row *users;
    uint64_t n = 0;
    size_t n_users;
    int r = 0;
    if (!strcmp(how, "add"))
        r = add_some(req);
    else if (!strcmp(how, "count"))
        return answer_counts(req);
    else if (!strcmp(how, "list"))
        return answer_notes(req);
    else if (!strcmp(how, "rename"))
        r = rename_notes(req, "a", "'; DROP TABLE notes; --", &n);
    else if (!strcmp(how, "null"))
        r = note_named(req, NULL, &note);
    else if (!strcmp(how, "bytes"))
        r = note_named(req, "\xff", &note);
    else if (!strcmp(how, "missing"))
        r = note_named(req, "nobody", &note);
    else if (!strcmp(how, "doc"))
        r = add_note(req, "c", 1, (struct gw_opt_u64){0}, "not json", NULL);
    else if (!strcmp(how, "users"))
        r = all_users(req, &users, &n_users) || n_users != 1 ? 599 : 0;
    if (!r && !strcmp(how, "rename") && n != 1)
        r = 599;
    return r ? r : gw_empty(req, 204);
}

int list_notes(struct gw_request *req)
{
    const struct notes_row *rows;
    size_t n;
    int r = notes_list(req, INT64_MIN, 100, &rows, &n);
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_array(w);
    for (size_t i = 0; !r && i < n; i++)
        gw_writer_text(w, rows[i].title);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 200, w);
}

/* ---- Requests ---------------------------------------------------------------------------- */

static int post(const char *target, const char *how, struct gw_test_reply *ret)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"how\":\"%s\"}", how);
    struct gw_test_call call = {.method = "POST", .target = target, .body = body};
    cr_assert_eq(gw_test_request(test, &call, ret), 0);
    return ret->status;
}

static void expect_notes(const char *json)
{
    struct gw_test_reply reply;
    struct gw_test_call call = {.method = "GET", .target = "/notes"};
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_str_eq(reply.body, json);
}

static const char schema[] =
    "CREATE TABLE users (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " email VARCHAR(100) NOT NULL UNIQUE, password VARCHAR(255) NOT NULL,"
    " token_epoch BIGINT UNSIGNED NOT NULL DEFAULT 0)"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;"
    "CREATE TABLE notes (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " title VARCHAR(50) NOT NULL UNIQUE, user_id BIGINT NOT NULL, big BIGINT UNSIGNED, doc JSON,"
    " FOREIGN KEY (user_id) REFERENCES users (id))"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";

static void open_app(bool mysql)
{
    struct mariadb server;
    char url[256], setting[300], log[128];

    cr_assert(site_folder(folder));
    if (mysql) {
        char sql[256];
        cr_assert(mariadb_published(&server));
        snprintf(database, sizeof(database), "app_%d", getpid());
        snprintf(sql, sizeof(sql), "CREATE DATABASE %s CHARACTER SET utf8mb4", database);
        cr_assert(mariadb_exec(&server, NULL, sql));
        cr_assert(mariadb_exec(&server, database, schema));
        snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/%s", server.port, database);
    } else {
        snprintf(url, sizeof(url), "sqlite:%s/app.db", folder);
    }
    snprintf(setting, sizeof(setting), "GW_DATABASE_URL=%s", url);
    snprintf(log, sizeof(log), "GW_LOG=text:%s/log", folder);
    const char *const settings[] = {setting, log, NULL};
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
}

static void close_app(bool mysql)
{
    struct mariadb server;
    char sql[128];

    gw_test_close(test);
    snprintf(sql, sizeof(sql), "DROP DATABASE %s", database);
    if (mysql && mariadb_published(&server))
        mariadb_exec(&server, NULL, sql);
    site_remove(folder);
}

#define APP_TEST(name)                                                                             \
    static void name(void);                                                                        \
    Test(sqlite, name)                                                                             \
    {                                                                                              \
        open_app(false);                                                                           \
        name();                                                                                    \
        close_app(false);                                                                          \
    }                                                                                              \
    Test(mysql, name)                                                                              \
    {                                                                                              \
        open_app(true);                                                                            \
        name();                                                                                    \
        close_app(true);                                                                           \
    }                                                                                              \
    static void name(void)

static void add_user(void)
{
    const char *sql = "INSERT INTO users (email, password, token_epoch) VALUES ('e', 'p', 0)";
    struct mariadb server;
    char path[128];

    if (database[0] && mariadb_published(&server)) {
        cr_assert(mariadb_exec(&server, database, sql));
        return;
    }
    site_path(folder, "app.db", path);
    cr_assert(site_sqlite(path, sql));
}

/* ---- The writer -------------------------------------------------------------------------- */

APP_TEST(the_writer_writes_json)
{
    struct gw_test_reply reply;
    cr_assert_eq(post("/write", "well", &reply), 200);
    cr_assert(strstr(reply.headers, "Content-Type: application/json\r\n"));
    cr_assert_str_eq(reply.body,
                     "{\"list\":[-9223372036854775808,18446744073709551615,0.5,true,null,\"\\\"\","
                     "null,\"1970-01-01T00:00:00Z\",\"YQ==\"],"
                     "\"rows\":[{\"id\":1,\"email\":\"e\"},{\"id\":2,\"email\":\"f\"}]}");
}

APP_TEST(what_would_not_be_json_is_500)
{
    static const char *const ways[] = {"nothing", "twice",    "end",   "open",     "nameless",
                                       "named",   "dangling", "bytes", "infinite", "deep"};
    struct gw_test_reply reply;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        cr_assert_eq(post("/write", ways[i], &reply), 500, "%s", ways[i]);
}

APP_TEST(the_callers_row_is_written)
{
    struct gw_test_reply reply;
    struct gw_test_call call = {.method = "GET", .target = "/me"};
    add_user();
    cr_assert_eq(gw_test_token(test, "users", "1", &call.token), 0);
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_str_eq(reply.body, "{\"id\":1,\"email\":\"e\"}");
}

/* ---- Transactions ------------------------------------------------------------------------ */

APP_TEST(a_handler_that_fails_leaves_nothing_of_its_transaction)
{
    static const struct {
        const char *how;
        int status;
    } ways[] = {{"open", 500},     {"problem", 500},   {"status", 422}, {"condition", 404},
                {"errno", 500},    {"duplicate", 409}, {"twice", 500},  {"streamed", 200},
                {"referred", 409}, {"back", 204},      {"status", 422}};
    struct gw_test_reply reply;
    add_user();
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        cr_assert_eq(post("/tx", ways[i].how, &reply), ways[i].status, "%s: %d", ways[i].how,
                     reply.status);
        expect_notes("[]");
    }
    cr_assert_eq(post("/tx", "good", &reply), 204);
    expect_notes("[\"good\"]");
}

/* ---- Statements -------------------------------------------------------------------------- */

APP_TEST(statements_bind_their_values_and_give_typed_rows)
{
    struct gw_test_reply reply;
    add_user();
    cr_assert_eq(post("/sql", "count", &reply), 200);
    cr_assert_str_eq(reply.body, "{\"n\":0,\"longest\":null,\"biggest\":null}");
    cr_assert_eq(post("/sql", "add", &reply), 204);
    cr_assert_eq(post("/sql", "add", &reply), 409);
    cr_assert_eq(post("/sql", "list", &reply), 200);
    cr_assert(strstr(reply.body, "\"title\":\"a\",\"user_id\":1,\"big\":7,\"doc\":[1]}"), "%s",
              reply.body);
    cr_assert(strstr(reply.body, "\"title\":\"b ? :x\",\"user_id\":1,\"big\":null,\"doc\":null}"));
    cr_assert_eq(post("/sql", "rename", &reply), 204);
    expect_notes("[\"'; DROP TABLE notes; --\",\"b ? :x\"]");
    cr_assert_eq(post("/sql", "count", &reply), 200);
    cr_assert_str_eq(reply.body, "{\"n\":2,\"longest\":\"b ? :x\",\"biggest\":7}");
    cr_assert_eq(post("/sql", "users", &reply), 204);
}

APP_TEST(a_value_that_is_not_of_its_type_reaches_no_store)
{
    struct gw_test_reply reply;
    add_user();
    cr_assert_eq(post("/sql", "missing", &reply), 404);
    cr_assert_eq(post("/sql", "null", &reply), 500);
    cr_assert_eq(post("/sql", "bytes", &reply), 500);
    cr_assert_eq(post("/sql", "doc", &reply), 500);
}

static void expect_answer(const char *how, int status)
{
    struct gw_test_reply reply;
    cr_expect_eq(post("/returns", how, &reply), status, "%s: %d", how, reply.status);
}

/* The line of the log that names the fault. */
static void expect_logged(const char *text)
{
    char path[128], log[8192];
    snprintf(path, sizeof(path), "%s/log", folder);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    size_t n = fread(log, 1, sizeof(log) - 1, file);
    fclose(file);
    log[n] = 0;
    cr_expect(strstr(log, text), "%s is not in: %s", text, log);
}

APP_TEST(an_answer_as_returns_says_goes_out)
{
    struct gw_test_reply reply;
    const char *good = "200 application/json {'id': 7, 'tags': ['a', 'bcd']}";
    cr_expect_eq(post("/returns", good, &reply), 200);
    cr_expect_str_eq(reply.body, "{\"id\": 7, \"tags\": [\"a\", \"bcd\"]}");
    expect_answer("200 application/json;charset=utf-8 {'id': 7, 'tags': null}", 200);
    expect_answer("202 text/plain anything", 202);
    expect_answer("204", 204);
    expect_answer("return 409", 409); /* a problem document */
    expect_answer("418 application/problem+json {'status': 418, 'code': 'teapot', 'more': 1}", 418);
    /* As gw_problem makes it: openapi.json has both media types. */
    expect_answer("418 application/problem+json {'status': 418}", 418);
    expect_answer("problem 418", 418);
}

APP_TEST(another_answer_than_returns_says_is_500_and_logged)
{
    expect_answer("200 application/json {'id': '7'}", 500);
    expect_logged("answered 200, but not as `returns` in routes.def:");
    expect_logged("`/id`");
    expect_answer("200 application/json {}", 500);
    expect_answer("200 application/json {'id': 7, 'password': 'p'}", 500);
    expect_logged("`/password`");
    expect_answer("200 application/json {'id': 7, 'tags': ['abcd']}", 500);
    expect_logged("`/tags/0`");
    expect_answer("200 application/json {", 500);
    expect_answer("200 text/html {'id': 7}", 500);
    expect_logged("it is not JSON");
    expect_answer("201 application/json {'id': 7}", 500);
    expect_logged("its status is not declared");
    expect_answer("418 application/json {'status': 418}", 500);
    expect_answer("419 application/json {}", 500);
}

APP_TEST(a_streamed_answer_that_returns_does_not_name_is_cut_off)
{
    struct gw_test_reply reply;
    post("/returns", "stream", &reply);
    expect_logged("answered 203, but not as `returns`");
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
