/* test_store_shared.c: several processes on one SQLite file, as with spawn-fcgi -F or CGI.
 *
 * Readers read all the while; writers read a number and write the next within a transaction. None
 * may be lost, and none may fail but for the lock that did not come until the deadline. */
#include "store_fixture.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 5
#define READERS 3

static int rounds(void)
{
    return getenv("TESTS_FULL") ? 2000 : 60;
}

/* One number more, within a transaction. 0, or what failed. */
static int count_up(struct fixture *f, uint64_t deadline)
{
    struct gw_value key = text_value("n");
    struct codes_row row = {.code = "n"};
    const void *held;
    int r = gw_conn_begin(f->conn, deadline);

    if (r)
        return r;
    r = gw_entity_find(&f->req, &codes_table, 0, &key, &held);
    if (!r) {
        row.worth = ((const struct codes_row *)held)->worth + 1;
        r = gw_entity_update(&f->req, &codes_table, &row, 1 << 1);
    }
    if (!r)
        return gw_conn_commit(f->conn, deadline);
    gw_conn_rollback(f->conn);
    return r;
}

/* The exit status: 0, or 1 for a failure that is none of the deadline. The numbers written go to
 * `fd`. */
static int write_numbers(struct fixture *f, int fd)
{
    int written = 0;

    for (int i = 0; i < rounds(); i++) {
        uint64_t limit = UINT64_C(1000000000), start = gw_now_ns();
        f->req.deadline_ns = start + limit;
        int r = count_up(f, start + limit);

        written += r == 0;
        if (r && ((r != -EBUSY && r != -ETIMEDOUT) || gw_now_ns() - start < limit * 9 / 10)) {
            fprintf(stderr, "round %d: %d after %u ms\n", i, r, fixture_elapsed_ms(start));
            return 1;
        }
        gw_arena_reset(&f->arena);
    }
    return write(fd, &written, sizeof(written)) != sizeof(written);
}

/* What is read never goes back. */
static int read_numbers(struct fixture *f)
{
    struct gw_value key = text_value("n");
    int64_t last = 0;

    for (int i = 0; i < rounds() * 10; i++) {
        const void *row;

        f->req.deadline_ns = gw_now_ns() + UINT64_C(1000000000);
        if (gw_entity_find(&f->req, &codes_table, 0, &key, &row) ||
            ((const struct codes_row *)row)->worth < last)
            return 1;
        last = ((const struct codes_row *)row)->worth;
        gw_arena_reset(&f->arena);
    }
    return 0;
}

Test(sqlite, processes_with_transactions_lose_no_write, .timeout = 600)
{
    struct fixture f;
    struct gw_value key = text_value("n");
    pid_t pids[WRITERS + READERS];
    int numbers[2], sum = 0, status;
    const void *row;

    fixture_open(&f, false, "shared");
    fixture_exec(&f, "INSERT INTO codes VALUES ('n', 0)");
    cr_assert_eq(pipe(numbers), 0);
    gw_conn_free(f.conn); /* nothing may be open at the fork */
    cr_assert_eq(gw_conn_new(f.store, &f.conn), 0);
    fixture_use(&f);
    for (int i = 0; i < WRITERS + READERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(i < WRITERS ? write_numbers(&f, numbers[1]) : read_numbers(&f));
    }
    for (int i = 0; i < WRITERS + READERS; i++) {
        cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
        cr_expect_eq(status, 0, "process %d", i);
    }
    for (int i = 0, written; i < WRITERS; i++, sum += written)
        cr_assert_eq(read(numbers[0], &written, sizeof(written)), sizeof(written));
    f.req.deadline_ns = 0;
    cr_assert_eq(gw_entity_find(&f.req, &codes_table, 0, &key, &row), 0);
    cr_assert_eq(((const struct codes_row *)row)->worth, sum);
    cr_assert_gt(sum, WRITERS * rounds() / 2);
    fixture_close(&f);
}
