/* test_log.c: lines of requests that were answered together are one write, whole and in their
 * order; messages and the end wait for nothing. */
#include "base/log.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct gw_log *opened;
static char path[64];
static unsigned n_writes;

ssize_t __real_write(int fd, const void *ptr, size_t len);
ssize_t __wrap_write(int fd, const void *ptr, size_t len);
ssize_t __wrap_write(int fd, const void *ptr, size_t len)
{
    n_writes++;
    return __real_write(fd, ptr, len);
}

static void open_log(void)
{
    char target[80];
    strcpy(path, "/tmp/gatewright-log.XXXXXX");
    close(mkstemp(path));
    snprintf(target, sizeof(target), "text:%s", path);
    cr_assert_eq(gw_log_open(target, "test", &opened), 0);
    n_writes = 0;
}

static void close_log(void)
{
    gw_log_close(opened);
    unlink(path);
}

TestSuite(log, .init = open_log, .fini = close_log);

static void tell(unsigned number)
{
    char id[16];
    snprintf(id, sizeof(id), "id-%u", number);
    gw_log_request(opened, &(struct gw_log_request){
                               .id = id, .method = "GET", .pattern = "/x", .status = 200});
}

/* The lines in the file, each of which must be whole and have the next number. */
static unsigned lines(void)
{
    char line[256], id[24];
    unsigned n = 0;
    FILE *file = fopen(path, "r");
    while (fgets(line, sizeof(line), file)) {
        snprintf(id, sizeof(id), " id-%u GET /x 200 ", n);
        if (strstr(line, " id-"))
            cr_assert_not_null(strstr(line, id), "line %u: %s", n, line);
        cr_assert_eq(line[strlen(line) - 1], '\n');
        n++;
    }
    fclose(file);
    return n;
}

Test(log, lines_of_a_batch_are_one_write)
{
    for (unsigned i = 0; i < 64; i++)
        tell(i);
    gw_log_flush(opened);
    cr_expect_eq(n_writes, 1);
    cr_expect_eq(lines(), 64);
    gw_log_flush(opened);
    cr_expect_eq(n_writes, 1, "nothing was left to write");
}

Test(log, more_than_is_kept_is_written_as_it_comes)
{
    for (unsigned i = 0; i < 2000; i++)
        tell(i);
    gw_log_flush(opened);
    cr_expect_eq(lines(), 2000);
    cr_expect_lt(n_writes, 10);
}

Test(log, a_message_is_written_at_once_behind_what_waits)
{
    tell(0);
    gw_log_line(opened, "a message");
    cr_expect_eq(lines(), 2);
}

Test(log, nothing_is_lost_at_the_end)
{
    tell(0);
    tell(1);
    gw_log_close(opened);
    cr_expect_eq(lines(), 2);
    opened = NULL;
}

Test(log, lines_that_waited_go_to_the_file_that_was_moved_away)
{
    char moved[80];
    snprintf(moved, sizeof(moved), "%s.1", path);
    tell(0);
    cr_assert_eq(rename(path, moved), 0);
    gw_log_reopen(opened);
    cr_expect_eq(lines(), 0);
    cr_assert_eq(rename(moved, path), 0);
    cr_expect_eq(lines(), 1);
}

/* A pipe takes 4,096 bytes whole, and processes may share it. */
Test(log, no_write_to_a_pipe_is_longer_than_it_takes_whole)
{
    int ends[2], kept = dup(STDERR_FILENO);
    struct gw_log *piped;
    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    cr_assert_eq(gw_log_open("text:stderr", "test", &piped), 0);
    for (unsigned i = 0; i < 100; i++)
        gw_log_request(piped, &(struct gw_log_request){.id = "id", .method = "GET"});
    gw_log_close(piped);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    char text[65536];
    ssize_t n = read(ends[0], text, sizeof(text));
    cr_expect_gt(n, 4096);
    cr_expect_geq(n_writes, 2);
    close(ends[0]);
}
