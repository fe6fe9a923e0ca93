/* test_wire_broken.c: requests that are aborted or break off, and bodies whose length nobody knows,
 * on both FastCGI transports: each is answered or closed at once, has one line in the log, and
 * leaves nothing in flight. */
#include "wire_probe.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TOKEN "a-token-for-the-status-pages"

static bool native;

static void start_with(const char *more, const char *and_more)
{
    char transport[64];
    const char *name = getenv("E2E_TRANSPORT") ? getenv("E2E_TRANSPORT") : "native";
    snprintf(transport, sizeof(transport), "GW_TRANSPORT=%s", name);
    native = !strcmp(name, "native");
    const char *const settings[] = {
        transport, "GW_WORKERS=4", "GW_STATUS_PATH=/-", "GW_STATUS_TOKEN=" TOKEN, more, and_more,
        NULL};
    cr_assert(wire_start(&program, getenv("E2E_PROBE"), settings));
}

static void start(void)
{
    start_with(NULL, NULL);
}

TestSuite(wire_broken, .init = start, .fini = wire_probe_stop, .timeout = 120);
TestSuite(wire_late, .fini = wire_probe_stop, .timeout = 120);

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* How many lines of the log hold `text`, once there is one or a second has passed. */
static int logged(const char *text)
{
    int n = 0;
    for (int tries = 0; !n && tries < 50; tries++) {
        char line[1024];
        FILE *log = fopen(program.log, "r");
        while (log && fgets(line, sizeof(line), log))
            n += strstr(line, text) != NULL;
        if (log)
            fclose(log);
        if (!n)
            usleep(20000);
    }
    return n;
}

/* Requests in flight, but for the one that asks. */
static long in_flight(void)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, false);
    wire_param(&wire, 1, "REQUEST_METHOD", "GET");
    wire_param(&wire, 1, "REQUEST_URI", "/-/metrics");
    wire_param(&wire, 1, "HTTP_AUTHORIZATION", "Bearer " TOKEN);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = ask();
    close(fd);
    const char *at = strstr(reply.out, "\ngatewright_requests_in_flight ");
    cr_assert_not_null(at, "%s", reply.out);
    return strtol(at + strlen("\ngatewright_requests_in_flight "), NULL, 10) - 1;
}

/* Clock ticks of the program's CPU time. */
static long ticks(void)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", program.pid);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = 0;
    long user = 0, system = 0;
    const char *at = strrchr(text, ')');
    cr_assert_not_null(at);
    sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
    return user + system;
}

/* The head of an upload, `length` as Content-Length; NULL: chunked, as Apache says it. */
static void begin_upload(bool keep, const char *length)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, keep);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", "/p/upload");
    wire_param(&wire, 1, length ? "CONTENT_LENGTH" : "HTTP_TRANSFER_ENCODING",
               length ? length : "chunked");
    wire_record(&wire, 4, 1, NULL, 0, 0);
}

/* ---- Aborted ----------------------------------------------------------------------------- */

/* `behind` more bytes of the body follow the abort. */
static void aborts_in_its_body(size_t behind)
{
    static const char body[64];
    begin_upload(true, "100");
    wire_record(&wire, 5, 1, body, 10, 0);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    usleep(100000);
    wire.len = 0;
    wire_record(&wire, 2, 1, NULL, 0, 0);
    if (behind)
        wire_record(&wire, 5, 1, body, behind, 0);
    double begun = now();
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    wire_read(fd, 1, 3000, &reply);
    cr_expect(reply.ended && !reply.len, "%zu behind: %s", behind, reply.out);
    cr_expect_lt(now() - begun, 1);
    wire.len = 0;
    wire_request(&wire, 2, true, "GET", "/fast", NULL);
    wire_send(fd, wire.bytes, wire.len);
    wire_read(fd, 2, 3000, &reply);
    if (native)
        cr_expect_eq(wire_status(&reply), 200, "the next request: %s", reply.out);
    else
        cr_expect(reply.closed);
    close(fd);
    cr_expect_eq(logged("/p/upload 400"), 1);
    cr_expect_eq(logged("body.aborted"), 1);
    cr_expect_eq(in_flight(), 0);
    long before = ticks();
    usleep(500000);
    cr_expect_leq(ticks() - before, 3, "it is busy");
}

Test(wire_broken, an_abort_in_the_body_is_answered_at_once)
{
    aborts_in_its_body(0);
}

Test(wire_broken, an_abort_in_the_body_with_bytes_behind_it_is_answered_at_once)
{
    aborts_in_its_body(1);
}

Test(wire_broken, an_abort_in_the_parameters_has_a_line_in_the_log)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_record(&wire, 2, 1, NULL, 0, 0);
    int fd = ask();
    cr_expect(reply.ended && !reply.len);
    close(fd);
    cr_expect_eq(logged("frame.aborted"), 1);
    cr_expect_eq(in_flight(), 0);
}

/* ---- Broken off -------------------------------------------------------------------------- */

Test(wire_broken, a_body_that_breaks_off_has_a_line_in_the_log)
{
    begin_upload(true, "100");
    wire_record(&wire, 5, 1, "half", 4, 0);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    usleep(100000);
    close(fd);
    cr_expect_eq(logged("/p/upload 400"), 1);
    cr_expect_eq(logged("body.incomplete"), 1);
    cr_expect_eq(in_flight(), 0);
}

Test(wire_broken, more_body_than_announced_has_a_line_in_the_log)
{
    begin_upload(true, "4");
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    usleep(100000);
    wire.len = 0;
    wire_record(&wire, 5, 1, "more than that", 14, 0);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    wire_read(fd, 1, 3000, &reply);
    cr_expect(reply.closed && !reply.len);
    close(fd);
    cr_expect_eq(logged("/p/upload 400"), 1);
    cr_expect_eq(in_flight(), 0);
}

Test(wire_broken, parameters_that_break_off_have_a_line_in_the_log)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    usleep(50000);
    close(fd);
    cr_expect_eq(logged("frame.closed"), 1);
    cr_expect_eq(in_flight(), 0);
}

/* ---- Of unknown length ------------------------------------------------------------------- */

static void echoes_without_a_length(const char *length, size_t size)
{
    char *body = malloc(size);
    memset(body, 'c', size);
    begin_upload(false, length);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    for (size_t at = 0; at < size; at += 50000) {
        wire.len = 0;
        wire_record(&wire, 5, 1, body + at, size - at < 50000 ? size - at : 50000, 0);
        cr_assert(wire_send(fd, wire.bytes, wire.len));
    }
    wire.len = 0;
    wire_record(&wire, 5, 1, NULL, 0, 0);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    wire_read(fd, 1, 5000, &reply);
    cr_assert_eq(wire_status(&reply), 200, "%zu: %.200s", size, reply.out);
    const char *end = strstr(reply.out, "\r\n\r\n");
    cr_assert_eq(reply.len - (size_t)(end + 4 - reply.out), size);
    cr_assert_eq(memcmp(end + 4, body, size), 0);
    close(fd);
    free(body);
}

Test(wire_broken, a_body_of_unknown_length_is_read_to_its_end)
{
    static const size_t sizes[] = {0, 1, 1000, 65537, 3000000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        echoes_without_a_length(NULL, sizes[i]); /* Apache */
        echoes_without_a_length("-1", sizes[i]); /* Caddy */
    }
}

Test(wire_broken, a_json_body_of_unknown_length_is_read_to_its_end)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, false);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", "/p/people");
    wire_param(&wire, 1, "CONTENT_TYPE", "application/json");
    wire_param(&wire, 1, "HTTP_TRANSFER_ENCODING", "chunked");
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, "{\"name\":", 8, 0);
    wire_record(&wire, 5, 1, "\"Ann\"}", 6, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = ask();
    cr_expect_eq(wire_status(&reply), 201, "%s", reply.out);
    close(fd);
}

/* The limit is 16M; nothing is announced. */
Test(wire_broken, a_body_of_unknown_length_beyond_the_limit_is_413)
{
    static char piece[60000];
    begin_upload(false, NULL);
    int fd = wire_connect(&program);
    bool open = wire_send(fd, wire.bytes, wire.len);
    for (size_t at = 0; open && at < 20 << 20; at += sizeof(piece)) {
        wire.len = 0;
        wire_record(&wire, 5, 1, piece, sizeof(piece), 0);
        open = wire_send(fd, wire.bytes, wire.len);
    }
    wire_read(fd, 1, 5000, &reply);
    cr_expect_eq(wire_status(&reply), 413, "%.200s", reply.out);
    close(fd);
    cr_expect_eq(in_flight(), 0);
}

/* ---- Nowhere to keep it ------------------------------------------------------------------ */

/* Files may not grow beyond 1 MiB. */
Test(wire_late, a_body_that_cannot_be_kept_is_503_and_has_a_line_in_the_log)
{
    static char piece[60000];
    struct rlimit limit, before;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){1 << 20, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    start_with(NULL, NULL);
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

Test(wire_late, a_body_without_progress_is_408)
{
    start_with("GW_PROGRESS=1K/2s", NULL);
    double took = dribbles_for("1000");
    cr_expect_eq(wire_status(&reply), 408, "%s", reply.out);
    cr_expect(took > 1.5 && took < 4, "%.1f s", took);
    cr_expect_eq(logged("body.late"), 1);
    cr_expect_eq(in_flight(), 0);
}

/* 10 bytes of content and 80 of headers a second: enough for the rule, and longer than the time for
 * handler and store. */
Test(wire_late, a_body_with_progress_has_no_total_time)
{
    start_with("GW_PROGRESS=64/2s", "GW_REQUEST_TIMEOUT=1s");
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

Test(wire_late, a_reader_without_progress_is_cut_off_and_named_in_the_log)
{
    start_with("GW_PROGRESS=4K/1s", NULL);
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
Test(wire_late, a_reader_that_pauses_gets_all)
{
    start_with(NULL, NULL);
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
