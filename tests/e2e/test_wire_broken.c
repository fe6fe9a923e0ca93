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

TestSuite(wire_broken, .init = wire_probe_start_watched, .fini = wire_probe_stop, .timeout = 120);

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
