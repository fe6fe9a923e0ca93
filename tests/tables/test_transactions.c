/* test_transactions.c: transactions that are repeated as a whole. */
#include "tables.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANN "0f000000-0000-4000-8000-00000000000a"
#define BOB "0f000000-0000-4000-8000-00000000000b"

static int add(struct gw_request *req, const char *id)
{
    return users_insert(req, &(struct users_row){.id = id, .first_name = "x"}, NULL);
}

static void expect_users(const char *n)
{
    char *found = ask_beside("SELECT COUNT(*) FROM app_users");
    cr_assert_str_eq(found, n);
    free(found);
}

/* In vain twice; then with the result that `data` is. */
static unsigned calls;

static int insert_the_third_time(struct gw_request *req, void *data)
{
    int r = add(req, ANN);
    cr_assert_eq(r, 0); /* what an earlier call inserted is gone */
    return ++calls < 3 ? GW_E_CONFLICT : *(int *)data;
}

static int repeat_until_good(struct gw_request *req)
{
    int then = 0;
    return gw_tx_run(req, insert_the_third_time, &then);
}

TABLE_TEST(a_transaction_in_conflict_is_repeated_as_a_whole)
{
    calls = 0;
    cr_assert_eq(within(repeat_until_good), 200);
    cr_assert_eq(calls, 3);
    expect_users("1");
}

static int repeat_until_refused(struct gw_request *req)
{
    int then = 422;
    return gw_tx_run(req, insert_the_third_time, &then);
}

TABLE_TEST(what_is_refused_in_the_end_leaves_nothing)
{
    calls = 0;
    cr_assert_eq(within(repeat_until_refused), 422);
    expect_users("0");
}

static int give_up(struct gw_request *req)
{
    int r = gw_tx_begin(req);
    return r ? r : add(req, ANN) ? 599 : GW_E_CONFLICT;
}

TABLE_TEST(a_conflict_that_is_not_repeated_is_503)
{
    cr_assert_eq(within(give_up), 503);
    expect_users("0");
}

/* ---- A deadlock, with a transaction beside the program -------------------------------------- */

static int rename_both(struct gw_request *req, void *data)
{
    struct users_row ann = {.id = ANN, .first_name = "renamed"},
                     bob = {.id = BOB, .first_name = "renamed"};
    int r = users_update(req, &ann, USERS__FIRST_NAME);
    calls++;
    if (!r && calls == 1)
        usleep(400000); /* the other one waits for this row by then, and holds the next */
    return r ? r : users_update(req, &bob, USERS__FIRST_NAME);
}

static int rename_in_one(struct gw_request *req)
{
    return gw_tx_run(req, rename_both, NULL);
}

static int add_both(struct gw_request *req)
{
    int r = add(req, ANN);
    return r ? r : add(req, BOB);
}

Test(mysql, a_transaction_that_deadlocks_is_repeated_and_nothing_of_either_is_lost)
{
    open_tables(true);
    cr_assert_eq(within(add_both), 200);
    pid_t pid = fork();
    if (pid == 0) { /* which changes more rows: the server ends the program's */
        usleep(150000);
        run_beside("CREATE TABLE filler (n INT);"
                   "START TRANSACTION; INSERT INTO filler SELECT seq FROM seq_1_to_100;"
                   "UPDATE app_users SET `default` = 1 WHERE id = '" BOB "';"
                   "UPDATE app_users SET `default` = 1 WHERE id = '" ANN "';"
                   "COMMIT",
                   NULL);
        _exit(0);
    }
    calls = 0;
    cr_assert_eq(within(rename_in_one), 200);
    int status;
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_gt(calls, 1); /* or this shows nothing */
    char *found = ask_beside(
        "SELECT COUNT(*) FROM app_users WHERE `First Name` = 'renamed' AND `default` = 1");
    cr_assert_str_eq(found, "2");
    free(found);
    close_tables();
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
