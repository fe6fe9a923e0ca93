/* test_names.c: names outside of C, and UUIDs as keys. */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANN "0f000000-0000-4000-8000-00000000000a"
#define BOB "0f000000-0000-4000-8000-00000000000b"

static int add_users(struct gw_request *req)
{
    struct users_row ann = {.id = ANN, .first_name = "Ann", .is_default = true};
    /* Upper case is taken, and kept as lower. */
    struct users_row bob = {.id = "0F000000-0000-4000-8000-00000000000B", .first_name = "Bob"};

    cr_assert_eq(users_insert(req, &ann, NULL), 0);
    cr_assert_eq(users_insert(req, &bob, NULL), 0);
    return 0;
}

static void expect_text(const char *sql, const char *expected)
{
    char *text = ask_beside(sql);

    cr_assert_str_eq(text, expected);
    free(text);
}

TABLE_TEST(columns_and_tables_have_their_names_in_sql)
{
    cr_assert_eq(within(add_users), 200);
    expect_text("SELECT `First Name` FROM app_users WHERE `default` = 1", "Ann");
    expect_text("SELECT id FROM app_users WHERE `First Name` = 'Bob'", BOB);
}

TABLE_TEST(rows_have_camel_case_in_json)
{
    struct gw_test_reply reply;

    within(add_users);
    cr_assert_eq(request("GET", "/users/" ANN, NULL, NULL, &reply), 200);
    cr_assert_str_eq(reply.body, "{\"id\":\"" ANN "\",\"firstName\":\"Ann\",\"isDefault\":true}");
    cr_assert_eq(request("GET", "/users/0f000000-0000-4000-8000-00000000000B", NULL, NULL, &reply),
                 200);
    cr_assert_eq(request("GET", "/users/0f000000-0000-4000-8000-00000000000c", NULL, NULL, &reply),
                 404);
}

TABLE_TEST(members_and_parameters_have_their_names_outside)
{
    struct gw_test_reply reply;
    const char *target = "/lessons?pageSize=7&page%5Bafter%5D=0F000000-0000-4000-8000-0000000000FF";

    within(add_users);
    cr_assert_eq(request("POST", target,
                         "{\"ownerId\":\"" ANN "\",\"post[title]\":\"x\",\"a-b\":[\"t\"]}", NULL,
                         &reply),
                 201);
    cr_assert_str_eq(reply.body,
                     "{\"size\":7,\"after\":\"0f000000-0000-4000-8000-0000000000ff\","
                     "\"tags\":1,\"row\":{\"id\":1,\"ownerId\":\"" ANN "\",\"title1\":\"x\"}}");
    cr_assert_eq(
        request("POST", target, "{\"owner_id\":\"" ANN "\",\"title_text\":\"y\"}", NULL, &reply),
        422);
    cr_assert(strstr(reply.body, "\"/ownerId\"") && strstr(reply.body, "\"/post[title]\""), "%s",
              reply.body);
    cr_assert_eq(request("POST", "/lessons?page_size=7",
                         "{\"ownerId\":\"" ANN "\",\"post[title]\":\"x\"}", NULL, &reply),
                 422);
    cr_assert_eq(request("POST", "/lessons", "{\"ownerId\":\"" ANN "\",\"post[title]\":\"x\"}",
                         NULL, &reply),
                 409);
}

static int add_figures(struct gw_request *req)
{
    struct figures_row least = {.least = INT64_MIN};
    struct figures_row most = {
        .least = -1, .most = {true, 9007199254740993}, .plain = {true, INT64_MAX}};

    cr_assert_eq(figures_insert(req, &least, NULL), 0);
    cr_assert_eq(figures_insert(req, &most, NULL), 0);
    return 0;
}

/* JavaScript's numbers have 53 bits. */
TABLE_TEST(quoted_columns_are_texts_in_json)
{
    struct gw_test_reply reply;

    cr_assert_eq(within(add_figures), 200);
    cr_assert_eq(request("GET", "/figures/1", NULL, NULL, &reply), 200);
    cr_assert_str_eq(
        reply.body,
        "{\"id\":\"1\",\"least\":\"-9223372036854775808\",\"most\":null,\"plain\":null}");
    cr_assert_eq(request("GET", "/figures/2", NULL, NULL, &reply), 200);
    cr_assert_str_eq(reply.body, "{\"id\":\"2\",\"least\":\"-1\",\"most\":\"9007199254740993\","
                                 "\"plain\":9223372036854775807}");
    expect_text("SELECT most FROM figures WHERE id = 2", "9007199254740993");
}

static int find_figures(struct gw_request *req)
{
    const struct figures_row *row;
    const struct sums_row *sum;

    add_figures(req);
    cr_assert_eq(figures_find(req, 2, &row), 0);
    json_t *json = figures_json(row);
    char *text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, "{\"id\":\"2\",\"least\":\"-1\",\"most\":\"9007199254740993\","
                           "\"plain\":9223372036854775807}");
    free(text);
    json_decref(json);
    cr_assert_eq(sums(req, &sum), 0);
    json = sums_json(sum);
    text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, "{\"n\":\"-9007199254740993\",\"m\":5}");
    free(text);
    json_decref(json);
    return 0;
}

TABLE_TEST(quoted_columns_are_texts_in_json_of_rows_and_statements)
{
    cr_assert_eq(within(find_figures), 200);
}

static int find_named(struct gw_request *req)
{
    const struct lessons_row *rows;
    const struct user_names_row *names;
    size_t n;

    cr_assert_eq(lessons_named(req, "x", &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(rows[0].title_1, "x");
    cr_assert_str_eq(rows[0].owner_id, ANN);
    cr_assert_eq(user_names(req, &names, &n), 0);
    cr_assert_eq(n, 2);
    json_t *json = user_names_json(&names[0]);
    cr_assert_str_eq(json_string_value(json_object_get(json, "userName")), names[0].user_name);
    cr_assert_eq(json_integer_value(json_object_get(json, "nUsers")), 1);
    json_decref(json);
    return 0;
}

TABLE_TEST(statements_give_columns_by_their_names_in_sql)
{
    struct gw_test_reply reply;

    within(add_users);
    request("POST", "/lessons", "{\"ownerId\":\"" ANN "\",\"post[title]\":\"x\"}", NULL, &reply);
    cr_assert_eq(within(find_named), 200);
}

TABLE_TEST(a_token_opens_the_row_of_its_uuid)
{
    struct gw_test_reply reply;
    const char *ann, *bob;

    within(add_users);
    request("POST", "/lessons", "{\"ownerId\":\"" ANN "\",\"post[title]\":\"x\"}", NULL, &reply);
    cr_assert_eq(gw_test_token(test, "app_users", ANN, &ann), 0);
    cr_assert_eq(gw_test_token(test, "app_users", BOB, &bob), 0);
    cr_assert_eq(request("GET", "/me", NULL, ann, &reply), 200);
    cr_assert(strstr(reply.body, "\"Ann\""));
    cr_assert_eq(request("GET", "/users/" ANN "/lessons/1", NULL, ann, &reply), 200);
    cr_assert_eq(request("GET", "/users/" ANN "/lessons/1", NULL, bob, &reply), 404);
}

static int change_and_list(struct gw_request *req)
{
    struct users_row row = {.id = BOB, .first_name = "Rob"};
    const struct users_row *rows;
    size_t n;

    cr_assert_eq(users_update(req, &row, USERS__FIRST_NAME), 0);
    row.id = "0f000000-0000-4000-8000-00000000000c";
    cr_assert_eq(users_update(req, &row, USERS__FIRST_NAME), GW_E_NOT_FOUND);
    row.id = "not a uuid";
    cr_assert_eq(users_update(req, &row, USERS__FIRST_NAME), GW_E_NOT_FOUND);
    cr_assert_eq(users_insert(req, &row, NULL), -EINVAL);
    cr_assert_eq(users_list(req, ANN, 10, &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(rows[0].first_name, "Rob");
    cr_assert_eq(users_delete(req, BOB), 0);
    cr_assert_eq(users_delete(req, BOB), GW_E_NOT_FOUND);
    return 0;
}

TABLE_TEST(rows_are_changed_listed_and_deleted_by_uuid)
{
    within(add_users);
    cr_assert_eq(within(change_and_list), 200);
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
