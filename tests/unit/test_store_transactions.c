/* test_store_transactions.c: transactions, deadlines and many callers at once, on both stores. */
#include "store_fixture.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Transactions ------------------------------------------------------------------------ */

STORE_TEST(a_rolled_back_transaction_leaves_nothing)
{
    struct gw_value email = text_value("a@b");
    const void *found;

    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    cr_assert(gw_conn_in_transaction(f->conn));
    fixture_account(f, "a@b");
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &found), 0);
    gw_conn_rollback(f->conn);
    cr_assert_not(gw_conn_in_transaction(f->conn));
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &found),
                 GW_E_NOT_FOUND);
}

STORE_TEST(a_committed_transaction_stays)
{
    struct gw_value email = text_value("a@b");
    const void *found;

    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    cr_assert_eq(gw_conn_begin(f->conn, 0), -EINVAL);
    fixture_account(f, "a@b");
    cr_assert_eq(gw_conn_commit(f->conn, 0), 0);
    cr_assert_eq(gw_conn_commit(f->conn, 0), -EINVAL);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &found), 0);
}

STORE_TEST(after_a_failure_a_transaction_cannot_be_committed)
{
    struct gw_value email = text_value("a@b");
    struct gw_result result;
    struct gw_query query = {.sql = "DELETE FROM `nowhere`"};
    const void *found;

    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    fixture_account(f, "a@b");
    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), -EIO);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &found), -EIO);
    cr_assert_eq(gw_conn_commit(f->conn, 0), -EIO);
    cr_assert_not(gw_conn_in_transaction(f->conn));
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &found),
                 GW_E_NOT_FOUND);
}

STORE_TEST(a_duplicate_does_not_end_a_transaction)
{
    struct accounts_row row = {.email = "a@b", .name = "a", .password = "p"};

    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, NULL), 0);
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, NULL), GW_E_DUPLICATE);
    row.email = "c@d";
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, NULL), 0);
    cr_assert_eq(gw_conn_commit(f->conn, 0), 0);
}

/* Begins and ends in one of the ways that there are. */
static void end_in_a_way(struct fixture *f, struct gw_conn *conn, int way)
{
    struct gw_query nowhere = {.sql = "DELETE FROM `nowhere`"};
    struct gw_result result;

    cr_assert_eq(gw_conn_begin(conn, 0), 0);
    if (way == 0)
        cr_assert_eq(gw_conn_commit(conn, 0), 0);
    if (way == 1)
        gw_conn_rollback(conn);
    if (way == 2) {
        cr_assert_eq(gw_conn_run(conn, &nowhere, &f->arena, &result), -EIO);
        cr_assert_eq(gw_conn_commit(conn, 0), -EIO);
    }
    gw_conn_free(conn); /* with its transaction open, perhaps */
}

STORE_TEST(a_transaction_that_ends_somehow_keeps_nobody_from_writing)
{
    for (int way = 0; way < 4; way++) {
        struct gw_conn *other;
        cr_assert_eq(gw_conn_new(f->store, &other), 0);
        end_in_a_way(f, other, way);
        fixture_account(f, gw_arena_printf(&f->arena, "%d@b", way));
    }
}

STORE_TEST(a_transaction_that_could_not_begin_keeps_nobody_from_writing)
{
    struct gw_conn *other;

    cr_assert_eq(gw_conn_new(f->store, &other), 0);
    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    int r = gw_conn_begin(other, gw_now_ns() + UINT64_C(50000000));
    cr_assert_eq(r, f->mysql ? 0 : -EBUSY);
    gw_conn_rollback(f->conn);
    fixture_account(f, "a@b");
    gw_conn_free(other);
}

/* ---- Deadlines --------------------------------------------------------------------------- */

STORE_TEST(a_deadline_in_the_past_makes_no_contact)
{
    struct gw_value email = text_value("a@b");
    const void *found;

    f->req.deadline_ns = 1;
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &found),
                 -ETIMEDOUT);
}

STORE_TEST(a_row_locked_by_another_is_waited_for_until_the_deadline)
{
    struct accounts_row *row = fixture_account(f, "a@b");
    struct gw_conn *other, *mine = f->conn;
    uint64_t start;
    int r;

    cr_assert_eq(gw_conn_new(f->store, &other), 0);
    cr_assert_eq(gw_conn_begin(other, 0), 0);
    f->conn = other;
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 1u << ACCOUNTS_NAME), 0);
    f->conn = mine;
    start = gw_now_ns();
    f->req.deadline_ns = start + UINT64_C(200000000);
    r = gw_entity_update(&f->req, &accounts_table, row, 1u << ACCOUNTS_NAME);
    cr_assert(r == -EBUSY || r == -ETIMEDOUT, "%d", r);
    cr_assert(fixture_elapsed_ms(start) >= 190 && fixture_elapsed_ms(start) < 900, "%u",
              fixture_elapsed_ms(start));
    gw_conn_rollback(other);
    f->req.deadline_ns = 0;
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 1u << ACCOUNTS_NAME), 0);
    gw_conn_free(other);
}

STORE_TEST(a_statement_that_runs_too_long_is_ended)
{
    struct gw_result result;
    uint64_t start = gw_now_ns();
    struct gw_query query = {
        .sql = f->mysql ? "SELECT SLEEP(5) + 1 FROM `accounts`"
                        : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                          " SELECT max(i) FROM n",
        .table = &accounts_table,
        .columns = 1,
        .max_rows = 1,
        .deadline_ns = start + UINT64_C(200000000),
        .read_only = true};

    fixture_account(f, "a@b");
    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), -ETIMEDOUT);
    cr_assert(fixture_elapsed_ms(start) < 900, "%u", fixture_elapsed_ms(start));
    fixture_account(f, "c@d");
}

STORE_TEST(each_process_opens_its_own_connection)
{
    pid_t pid;
    int status;

    if (!f->mysql) { /* SQLite's locks belong to the process: nothing may be open at the fork */
        gw_conn_free(f->conn);
        cr_assert_eq(gw_conn_new(f->store, &f->conn), 0);
    } else {
        fixture_account(f, "before@fork");
    }
    pid = fork();
    if (pid == 0) {
        struct accounts_row row = {.email = "child@b", .name = "N", .password = "h"};
        _exit(gw_entity_insert(&f->req, &accounts_table, &row, NULL) ? 1 : 0);
    }
    fixture_account(f, "parent@b");
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    fixture_account(f, "after@b");
    cr_assert_str_eq(fixture_log(), "");
}

/* ---- Many at once ------------------------------------------------------------------------ */

struct crowd {
    struct fixture *f;
    int64_t first;
    int failures;
};

/* A thread with its own connection: reads and counts up rows that others use too. */
static void *member(void *data)
{
    struct crowd *crowd = data;
    struct gw_arena arena = {0};
    struct gw_conn *conn;

    if (gw_conn_new(crowd->f->store, &conn))
        return NULL;
    for (int i = 0; i < 100; i++) {
        struct gw_load loads[5];
        struct gw_value key = i64_value(1);

        for (int64_t k = 0; k < 5; k++)
            loads[k] = (struct gw_load){.key = i64_value((crowd->first + i + k * 3) % 20 + 1),
                                        .arena = &arena};
        gw_entity_load(conn, crowd->f->sql, &accounts_table, loads, 5, 0);
        for (size_t k = 0; k < 5; k++) {
            const struct accounts_row *row = loads[k].ret_row;

            if (!row || row->id != loads[k].key.as.i64 || atoi(row->email) != row->id)
                crowd->failures++;
        }
        if (i % 10 == 0 && gw_entity_revoke(conn, crowd->f->sql, &accounts_table, &key, 0, 0))
            crowd->failures++;
        gw_arena_reset(&arena);
    }
    gw_arena_free(&arena);
    gw_conn_free(conn);
    return NULL;
}

static void fill_accounts(struct fixture *f)
{
    for (int i = 1; i <= 20; i++)
        fixture_account(f, gw_arena_printf(&f->arena, "%d", i));
}

static uint64_t epoch_of_the_first(struct fixture *f)
{
    struct gw_value key = i64_value(1);
    const void *row;

    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, 0, &key, &row), 0);
    return ((const struct accounts_row *)row)->token_epoch;
}

STORE_TEST(threads_do_not_cross_and_lose_no_write)
{
    struct crowd crowds[6];
    pthread_t threads[6];
    uint64_t begun;

    fill_accounts(f);
    begun = epoch_of_the_first(f);
    for (int i = 0; i < 6; i++) {
        crowds[i] = (struct crowd){.f = f, .first = i * 7};
        cr_assert_eq(pthread_create(&threads[i], NULL, member, &crowds[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_eq(crowds[i].failures, 0);
    }
    cr_assert_eq(epoch_of_the_first(f), begun + 2 * 60 - 1); /* odd once revoked */
}

STORE_TEST(processes_do_not_cross_and_lose_no_write)
{
    pid_t pids[4];
    uint64_t begun;
    int status;

    fill_accounts(f);
    begun = epoch_of_the_first(f);
    if (!f->mysql) { /* nothing may be open at the fork */
        gw_conn_free(f->conn);
        cr_assert_eq(gw_conn_new(f->store, &f->conn), 0);
    }
    for (int i = 0; i < 4; i++) {
        struct crowd crowd = {.f = f, .first = i * 7};

        pids[i] = fork();
        if (pids[i] == 0) {
            member(&crowd);
            _exit(crowd.failures ? 1 : 0);
        }
    }
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
        cr_assert_eq(status, 0);
    }
    cr_assert_eq(epoch_of_the_first(f), begun + 2 * 40 - 1);
}

struct writer {
    struct fixture *f;
    _Atomic bool stops;
    int failures;
};

static void *write_all_the_time(void *data)
{
    struct writer *writer = data;
    struct gw_value key = i64_value(1);
    struct gw_conn *conn;

    if (gw_conn_new(writer->f->store, &conn))
        return NULL;
    while (!writer->stops)
        writer->failures +=
            gw_entity_revoke(conn, writer->f->sql, &accounts_table, &key, 0, 0) != 0;
    gw_conn_free(conn);
    return NULL;
}

STORE_TEST(who_writes_all_the_time_lets_others_write)
{
    struct writer writers[2] = {{.f = f}, {.f = f}};
    pthread_t threads[2];
    struct gw_value key = i64_value(2);

    fill_accounts(f);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, write_all_the_time, &writers[i]), 0);
    for (int i = 0; i < 50; i++)
        cr_expect_eq(gw_entity_revoke(f->conn, f->sql, &accounts_table, &key, 0, 0), 0, "%d", i);
    for (int i = 0; i < 2; i++) {
        writers[i].stops = true;
        pthread_join(threads[i], NULL);
        cr_expect_eq(writers[i].failures, 0);
    }
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
