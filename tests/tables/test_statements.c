/* test_statements.c: statements with a text for each store, and how long they may take. */
#include "tables.h"

#include <string.h>

static __attribute__((constructor)) void shorten(void)
{
    tables_setting = "GW_STORE_TIMEOUT=200ms";
}

static bool is_mysql(void)
{
    return !strncmp(tables_url(), "mysql", 5);
}

static int ask_each(struct gw_request *req)
{
    const struct spelled_secrets *secrets;
    const struct spelled_row *rows;
    const char *pin;
    size_t n;
    cr_assert_eq(spelled(req, "a", "b", &rows, &secrets, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(rows->store, is_mysql() ? "mysql" : "sqlite");
    cr_assert_str_eq(rows->said, is_mysql() ? "ba" : "aba");
    cr_assert_eq(gw_secret_reveal(req, secrets->pin, &pin, NULL), 0);
    cr_assert_str_eq(pin, is_mysql() ? "m" : "s");
    return 0;
}

TABLE_TEST(each_store_has_its_own_text_of_one_statement)
{
    cr_assert_eq(within_a_minute(ask_each), 200);
}

static int ask_in_turns(struct gw_request *req)
{
    const struct this_number_row *one;
    const struct that_number_row *other;
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(this_number(req, &one), 0);
        cr_assert_eq(that_number(req, &other), 0);
        cr_assert(one->n == 17 && other->n == 17);
    }
    return 0;
}

TABLE_TEST(two_statements_may_have_one_text)
{
    cr_assert_eq(within_a_minute(ask_in_turns), 200);
}

static int wait_long(struct gw_request *req)
{
    const struct slow_row *row;
    int r = slow(req, 7, &row);
    return r ? r : row->n == 7 ? 0 : 500;
}

TABLE_TEST(a_statement_ends_when_the_store_has_had_its_time)
{
    cr_assert_eq(within(wait_long), 503);
}

TABLE_TEST(the_timeout_of_a_route_gives_its_statements_more_time)
{
    cr_assert_eq(within_a_minute(wait_long), 200);
    cr_assert_eq(within(wait_long), 503); /* and nobody else's */
}

static int wait_with_leave(struct gw_request *req)
{
    const struct slow_with_leave_row *row;
    int r = slow_with_leave(req, 7, &row);
    return r ? r : row->n == 7 ? 0 : 500;
}

static int wait_with_and_without(struct gw_request *req)
{
    int r = wait_with_leave(req);
    return r ? r : wait_long(req);
}

TABLE_TEST(a_statement_may_have_a_timeout_of_its_own)
{
    cr_assert_eq(within(wait_with_leave), 200);
    int status = within(wait_with_and_without);
    cr_assert_eq(status, 503, "%d %s", status, tables_log()); /* the other has none */
}

static int hurry(struct gw_request *req)
{
    const struct hurried_row *row;
    return hurried(req, 7, &row);
}

TABLE_TEST(its_own_timeout_may_be_the_shorter_one)
{
    cr_assert_eq(within_a_minute(hurry), 503);
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
