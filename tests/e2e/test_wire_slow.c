/* test_wire_slow.c: transfers that are slow or stand still, what cannot be kept, and the limit of
 * connections, on both FastCGI transports: by the rule of progress alone, and without a worker that
 * others wait for. */
#include "wire_probe.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(wire_slow, .fini = wire_probe_stop, .timeout = 120);

/* ---- Nowhere to keep it ------------------------------------------------------------------ */

/* Files may not grow beyond 1 MiB. */
Test(wire_slow, a_body_that_cannot_be_kept_is_503_and_has_a_line_in_the_log)
{
    static char piece[60000];
    struct rlimit limit, before;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){1 << 20, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    wire_probe_start_with(NULL, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    begin_upload(false, "4000000");
    int fd = wire_connect(&program);
    bool open = wire_send(fd, wire.bytes, wire.len);
    for (size_t at = 0; open && at < 4000000; at += 50000) {
        wire.len = 0;
        wire_record(&wire, 5, 1, piece, 50000, 0);
        open = wire_send(fd, wire.bytes, wire.len);
    }
    wire_read(fd, 1, 5000, &reply);
    cr_expect_eq(wire_status(&reply), 503, "%.200s", reply.out);
    close(fd);
    cr_expect_eq(logged("/p/upload 503"), 1);
    cr_expect_eq(in_flight(), 0);
}

/* ---- Time -------------------------------------------------------------------------------- */

/* Sends a byte of the body every 100 ms until the connection has something to say. */
static double dribbles_for(const char *length)
{
    begin_upload(false, length);
    int fd = wire_connect(&program);
    double begun = now();
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    for (int i = 0; i < 100; i++) {
        wire.len = 0;
        wire_record(&wire, 5, 1, "x", 1, 0);
        char byte;
        if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
            !wire_send(fd, wire.bytes, wire.len))
            break;
        usleep(100000);
    }
    double took = now() - begun;
    wire_read(fd, 1, 3000, &reply);
    close(fd);
    return took;
}

Test(wire_slow, a_body_without_progress_is_408)
{
    wire_probe_start_with("GW_PROGRESS=1K/2s", NULL);
    double took = dribbles_for("1000");
    cr_expect_eq(wire_status(&reply), 408, "%s", reply.out);
    cr_expect(took > 1.5 && took < 4, "%.1f s", took);
    cr_expect_eq(logged("body.late"), 1);
    cr_expect_eq(in_flight(), 0);
}

/* 10 bytes of content and 80 of headers a second: enough for the rule, and longer than the time for
 * handler and store. */
Test(wire_slow, a_body_with_progress_has_no_total_time)
{
    wire_probe_start_with("GW_PROGRESS=64/2s", "GW_REQUEST_TIMEOUT=1s");
    begin_upload(false, "50");
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    for (int i = 0; i < 50; i++) {
        wire.len = 0;
        wire_record(&wire, 5, 1, "x", 1, 0);
        cr_assert(wire_send(fd, wire.bytes, wire.len));
        usleep(100000);
    }
    wire.len = 0;
    wire_record(&wire, 5, 1, NULL, 0, 0);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    wire_read(fd, 1, 3000, &reply);
    cr_expect_eq(wire_status(&reply), 200, "%s", reply.out);
    close(fd);
}

Test(wire_slow, a_reader_without_progress_is_cut_off_and_named_in_the_log)
{
    wire_probe_start_with("GW_PROGRESS=4K/1s", NULL);
    wire.len = 0;
    wire_request(&wire, 1, false, "GET", "/big", NULL);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    usleep(4500000);
    wire_read(fd, 1, 3000, &reply);
    cr_expect(reply.closed && !reply.ended);
    cr_expect_lt(reply.len, 4 << 20);
    close(fd);
    if (native)
        cr_expect_eq(logged("reads too little of the answer"), 1);
    cr_expect_eq(in_flight(), 0);
}

/* 12 s without a byte: longer than the time that there once was for an answer. */
Test(wire_slow, a_reader_that_pauses_gets_all)
{
    wire_probe_start_with(NULL, NULL);
    wire.len = 0;
    wire_request(&wire, 1, false, "GET", "/big", NULL);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    usleep(12000000);
    wire_read(fd, 1, 5000, &reply);
    cr_expect(reply.ended);
    cr_expect_gt(reply.len, 4 << 20);
    close(fd);
}

/* A hundred quick requests, and the slowest of them. */
static double slowest_of_others(void)
{
    double worst = 0;
    for (int i = 0; i < 100; i++) {
        wire.len = 0;
        wire_request(&wire, 1, false, "GET", "/fast", NULL);
        double begun = now();
        close(ask());
        worst = now() - begun > worst ? now() - begun : worst;
        cr_expect_eq(wire_status(&reply), 200);
    }
    return worst;
}

static int ask_for_a_long_stream(void)
{
    wire.len = 0;
    wire_request(&wire, 1, false, "GET", "/stream/long", NULL);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    return fd;
}

Test(wire_slow, a_long_stream_waits_for_its_reader_and_nobody_else_does)
{
    wire_probe_start_with(NULL, NULL);
    int fd = ask_for_a_long_stream();
    usleep(3000000);
    cr_expect_lt(slowest_of_others(), 1.5);
    wire_read(fd, 1, 5000, &reply);
    cr_expect(reply.ended);
    cr_expect_geq(reply.types[6], native ? 96 * 32 : 1);
    close(fd);
}

/* Of four workers of `native` one may wait for a reader: the other streams are cut off. */
Test(wire_slow, long_streams_that_nobody_reads_leave_workers_for_others)
{
    int fds[6];
    wire_probe_start_with("GW_PROGRESS=4K/60s", NULL);
    if (!native)
        return; /* each holds a worker there: the manual says so */
    for (int i = 0; i < 6; i++)
        fds[i] = ask_for_a_long_stream();
    cr_expect_geq(logged("/stream/long 200"), 0);
    usleep(4000000);
    cr_expect_lt(slowest_of_others(), 1.5);
    for (int i = 0; i < 6; i++)
        close(fds[i]);
    usleep(500000);
    cr_expect_eq(logged("stream_long failed"), 6);
    cr_expect_eq(in_flight(), 0);
}

/* ---- The limit of connections ------------------------------------------------------------- */

#define CONNECTIONS 48 /* of one loop, where 160 files may be open */

static void start_with_few_descriptors(void)
{
    struct rlimit before, limit;
    getrlimit(RLIMIT_NOFILE, &before);
    limit = (struct rlimit){160, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
    wire_probe_start_with("GW_WORKERS=1", NULL);
    setrlimit(RLIMIT_NOFILE, &before);
}

Test(wire_slow, at_the_limit_the_longest_idle_connection_goes)
{
    int fds[CONNECTIONS + 12];
    start_with_few_descriptors();
    if (!native)
        return; /* it keeps none */
    for (int i = 0; i < CONNECTIONS + 12; i++) {
        fds[i] = wire_connect(&program);
        wire.len = 0;
        wire_request(&wire, 1, true, "GET", "/fast", NULL);
        cr_assert(wire_send(fds[i], wire.bytes, wire.len));
        wire_read(fds[i], 1, 3000, &reply);
        cr_assert_eq(wire_status(&reply), 200, "connection %d", i);
    }
    for (int i = 0; i < CONNECTIONS + 12; i++) {
        char byte;
        ssize_t n = recv(fds[i], &byte, 1, MSG_DONTWAIT);
        cr_expect_eq(n == 0, i < 12, "connection %d", i);
        close(fds[i]);
    }
    cr_expect_eq(logged("idle for longest"), 12);
}

Test(wire_slow, at_the_limit_no_request_under_way_goes)
{
    int fds[CONNECTIONS];
    start_with_few_descriptors();
    if (!native)
        return;
    begin_upload(true, "100");
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = wire_connect(&program);
        cr_assert(wire_send(fds[i], wire.bytes, wire.len));
    }
    usleep(200000);
    wire.len = 0;
    wire_request(&wire, 1, true, "GET", "/fast", NULL);
    close(ask());
    cr_expect(reply.closed && !reply.len);
    cr_expect_eq(logged("have a request under way"), 1);
    for (int i = 0; i < CONNECTIONS; i++)
        close(fds[i]);
    usleep(200000);
}
