/* test_inserts.c: what an insert leaves out, and what an update touches. */
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The clocks of program and database are the machine's; SQLite's has milliseconds. */
static void expect_now(int64_t time)
{
    int64_t now = now_us();

    cr_assert(time > now - 30000000 && time < now + 1000000, "%lld beside %lld", (long long)time,
              (long long)now);
}

static int insert_little(struct gw_request *req)
{
    struct posts_insert values = {.title = "T"};
    const struct posts_row *row;
    char today[16];
    time_t now = time(NULL);
    struct tm tm;

    cr_assert_eq(posts_insert(req, &values, &row, NULL), 0);
    cr_assert_str_eq(row->title, "T");
    cr_assert_str_eq(row->state, "draft");
    cr_assert_str_eq(row->words, "it's \\ \"x\"");
    cr_assert_eq(row->n, -5);
    cr_assert_eq(row->big, 9223372036854775807);
    cr_assert_str_eq(row->price, "1.50");
    cr_assert_eq(row->ratio, 0.5);
    cr_assert(row->is_open);
    cr_assert_str_eq(row->day, "2024-02-29");
    strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm));
    cr_assert_str_eq(row->today, today); /* but at midnight */
    expect_now(row->made);
    expect_now(row->changed);
    cr_assert_null(row->note);
    return 0;
}

TABLE_TEST(what_is_not_given_is_what_the_file_says)
{
    cr_assert_eq(within(insert_little), 200);
}

static int insert_all(struct gw_request *req)
{
    struct posts_insert values = {
        .id = "0f000000-0000-4000-8000-00000000000a",
        .title = "T",
        .state = "",
        .words = "w",
        .n = {true, 0},
        .big = {true, 0},
        .price = "0.00",
        .ratio = {true, 0},
        .is_open = {true, false},
        .day = "0001-01-01",
        .today = "9999-12-31",
        .made = {true, 7},
        .changed = {true, 8},
        .code = "c",
        .note = "n",
    };
    const struct posts_row *row;

    cr_assert_eq(posts_insert(req, &values, &row, NULL), 0);
    cr_assert_str_eq(row->id, values.id);
    cr_assert_str_eq(row->state, "");
    cr_assert_eq(row->n, 0);
    cr_assert_eq(row->big, 0);
    cr_assert_str_eq(row->price, "0.00");
    cr_assert_eq(row->ratio, 0);
    cr_assert(!row->is_open);
    cr_assert_str_eq(row->day, "0001-01-01");
    cr_assert_str_eq(row->today, "9999-12-31");
    cr_assert_eq(row->made, 7);
    cr_assert_eq(row->changed, 8);
    cr_assert_str_eq(row->code, "c");
    cr_assert_str_eq(row->note, "n");
    return 0;
}

TABLE_TEST(what_is_given_stays)
{
    cr_assert_eq(within(insert_all), 200);
}

static int insert_many(struct gw_request *req)
{
    const struct posts_row *rows[20];

    for (int i = 0; i < 20; i++) {
        cr_assert_eq(posts_insert(req, &(struct posts_insert){.title = "T"}, &rows[i], NULL), 0);
        cr_assert_eq(rows[i]->id[14], '4'); /* RFC 9562, 5.4: version and variant */
        cr_assert(strchr("89ab", rows[i]->id[19]));
        cr_assert_eq(strlen(rows[i]->id), 36);
        cr_assert_eq(strlen(rows[i]->code), 22);
        for (int j = 0; j < i; j++) {
            cr_assert_str_neq(rows[i]->id, rows[j]->id);
            cr_assert_str_neq(rows[i]->code, rows[j]->code);
        }
    }
    return 0;
}

TABLE_TEST(random_values_are_others_each_time)
{
    cr_assert_eq(within(insert_many), 200);
}

static int insert_wrong(struct gw_request *req)
{
    struct posts_insert values = {.title = NULL}, same = {.title = "T"};
    enum posts_column column = 0;
    const struct posts_row *row, *rows;
    size_t n;

    cr_assert_eq(posts_insert(req, &values, &row, NULL), -EINVAL);
    values = (struct posts_insert){.title = "T", .price = "1.5"};
    cr_assert_eq(posts_insert(req, &values, &row, NULL), -EINVAL);
    cr_assert_eq(posts_insert(req, &same, &row, NULL), 0);
    same.id = row->id;
    cr_assert_eq(posts_insert(req, &same, NULL, &column), GW_E_DUPLICATE);
    cr_assert_eq(column, POSTS__ID);
    cr_assert_eq(posts_list(req, NULL, 10, &rows, &n), 0);
    cr_assert_eq(n, 1);
    return 0;
}

TABLE_TEST(a_wrong_insert_leaves_nothing)
{
    cr_assert_eq(within(insert_wrong), 200);
}

static int update_touches(struct gw_request *req)
{
    struct posts_insert values = {.title = "T", .changed = {true, 8}};
    const struct posts_row *row, *read;
    struct posts_row changed;

    cr_assert_eq(posts_insert(req, &values, &row, NULL), 0);
    changed = *row;
    changed.title = "U";
    cr_assert_eq(posts_update(req, &changed, POSTS__TITLE), 0);
    cr_assert_eq(posts_find(req, row->id, &read), 0);
    cr_assert_str_eq(read->title, "U");
    expect_now(read->changed);
    cr_assert_eq(read->made, row->made);
    changed.changed = 9;
    cr_assert_eq(posts_update(req, &changed, POSTS__CHANGED), 0); /* what is named is taken */
    cr_assert_eq(posts_find(req, row->id, &read), 0);
    cr_assert_eq(read->changed, 9);
    return 0;
}

TABLE_TEST(each_update_touches)
{
    cr_assert_eq(within(update_touches), 200);
}

static int insert_robot(struct gw_request *req)
{
    const struct robots_row *row;
    const char *token;

    cr_assert_eq(robots_insert(req, &(struct robots_insert){{0}}, &row, NULL), 0);
    cr_assert_eq(row->id, 1);
    cr_assert_eq(row->level, 1);
    cr_assert_gt(row->epoch, 0); /* begins at the time */
    cr_assert_eq(robots_create_token(req, row, &token), 0);
    return 0;
}

TABLE_TEST(an_account_that_is_read_back_gets_a_token_that_opens)
{
    struct gw_test_reply reply;
    const char *token;

    cr_assert_eq(within(insert_robot), 200);
    cr_assert_eq(gw_test_token(test, "robots", "1", &token), 0);
    cr_assert_eq(request("GET", "/robot", NULL, token, &reply), 200);
    cr_assert_str_eq(reply.body, "{\"id\":1,\"level\":1}");
}

static int insert_seen(struct gw_request *req)
{
    const struct posts_row *row;

    cr_assert_eq(posts_insert(req, &(struct posts_insert){.title = "T"}, &row, NULL), 0);
    cr_assert_str_eq(row->state, "seen");
    return 0;
}

TABLE_TEST(the_row_is_as_the_database_has_it)
{
    run_beside("CREATE TRIGGER t BEFORE INSERT ON posts FOR EACH ROW SET NEW.state = 'seen'",
               "CREATE TRIGGER t AFTER INSERT ON posts BEGIN UPDATE posts SET state = 'seen'"
               " WHERE id = NEW.id; END");
    cr_assert_eq(within(insert_seen), 200);
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
