/* test_wire.c: requests on the FastCGI socket at any speed, cut anywhere: a bounded answer or a
 * closed connection, and never a handler run on a request that did not arrive whole. */
#include "wire_probe.h"

#include <criterion/criterion.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

TestSuite(wire, .init = wire_probe_start, .fini = wire_probe_stop, .timeout = 120);

/* How often the log has a line of a request to that route. */
static int served(const char *pattern)
{
    char line[1024];
    int n = 0;
    FILE *log = fopen(program.log, "r");
    while (log && fgets(line, sizeof(line), log))
        n += strstr(line, pattern) != NULL;
    if (log)
        fclose(log);
    return n;
}

/* ---- Requests as they should be ---------------------------------------------------------- */

Test(wire, a_request_is_answered_and_the_connection_kept)
{
    int fd = wire_connect(&program);
    for (uint16_t id = 1; id < 50; id++) {
        wire.len = 0;
        wire_request(&wire, id, true, "GET", "/fast", NULL);
        cr_assert(wire_send(fd, wire.bytes, wire.len));
        wire_read(fd, id, 3000, &reply);
        cr_assert_eq(wire_status(&reply), 200);
        cr_assert(reply.ended && !reply.closed);
    }
    close(fd);
}

Test(wire, without_keep_conn_the_connection_is_closed_after_the_answer)
{
    wire_request(&wire, 1, false, "GET", "/fast", NULL);
    int fd = ask();
    cr_assert(reply.ended);
    wire_read(fd, 1, 3000, &reply);
    cr_assert(reply.closed);
    close(fd);
}

Test(wire, a_request_cut_anywhere_is_answered_the_same)
{
    wire_request(&wire, 1, false, "POST", "/p/people", "{\"name\":\"Ann\"}");
    for (size_t cut = 1; cut < wire.len; cut++) {
        int fd = wire_connect(&program);
        cr_assert(wire_send(fd, wire.bytes, cut));
        if (cut % 8 == 0)
            usleep(500);
        cr_assert(wire_send(fd, wire.bytes + cut, wire.len - cut));
        wire_read(fd, 1, 3000, &reply);
        cr_assert_eq(wire_status(&reply), 201, "cut at %zu: %s", cut, reply.out);
        close(fd);
    }
}

Test(wire, a_request_byte_by_byte_is_answered_the_same)
{
    wire_request(&wire, 1, false, "POST", "/p/people", "{\"name\":\"Ann\"}");
    int fd = wire_connect(&program);
    for (size_t i = 0; i < wire.len; i++) {
        cr_assert(wire_send(fd, wire.bytes + i, 1));
        usleep(200);
    }
    wire_read(fd, 1, 3000, &reply);
    cr_assert_eq(wire_status(&reply), 201, "%s", reply.out);
    close(fd);
}

Test(wire, two_requests_in_one_write_are_two_answers)
{
    wire_request(&wire, 1, true, "GET", "/fast", NULL);
    wire_request(&wire, 2, true, "GET", "/p/guest", NULL);
    int fd = ask();
    cr_assert_eq(wire_status(&reply), 200);
    wire_read(fd, 2, 3000, &reply);
    cr_assert_eq(wire_status(&reply), 200);
    cr_assert_not_null(strstr(reply.out, "a guest"));
    close(fd);
}

static void echoes(const char *uri, size_t size)
{
    size_t at = 0;
    char length[24], *body = malloc(size);
    for (size_t i = 0; i < size; i++)
        body[i] = (char)(i * 31 >> 3);
    snprintf(length, sizeof(length), "%zu", size);
    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", uri);
    wire_param(&wire, 1, "CONTENT_LENGTH", length);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    int fd = wire_connect(&program);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    while (at < size) {
        size_t n = size - at < 50000 ? size - at : 50000;
        wire.len = 0;
        wire_record(&wire, 5, 1, body + at, n, 7);
        cr_assert(wire_send(fd, wire.bytes, wire.len));
        at += n;
    }
    wire.len = 0;
    wire_record(&wire, 5, 1, NULL, 0, 0);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    wire_read(fd, 1, 5000, &reply);
    cr_assert_eq(wire_status(&reply), 200, "%zu: %.200s", size, reply.out);
    const char *end = strstr(reply.out, "\r\n\r\n");
    cr_assert_not_null(end);
    cr_assert_eq(reply.len - (size_t)(end + 4 - reply.out), size);
    cr_assert_eq(memcmp(end + 4, body, size), 0, "%zu bytes came back otherwise", size);
    close(fd);
    free(body);
}

Test(wire, bodies_of_all_sizes_come_back_as_they_were)
{
    static const size_t sizes[] = {1, 1000, 65535, 65536, 65537, 200000, 5000000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        echoes("/p/echo", sizes[i]);
}

Test(wire, raw_bodies_read_piece_by_piece_come_back_as_they_were)
{
    static const size_t sizes[] = {1, 1000, 65535, 65536, 65537, 200000, 5000000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        echoes("/p/upload", sizes[i]);
}

Test(wire, a_large_answer_arrives_whole_at_a_slow_reader)
{
    wire_request(&wire, 1, false, "GET", "/big", NULL);
    int fd = wire_connect(&program);
    wire_send(fd, wire.bytes, wire.len);
    usleep(500000);
    wire_read(fd, 1, 3000, &reply);
    cr_assert_eq(wire_status(&reply), 200);
    cr_assert_gt(reply.len, 4 << 20);
    cr_assert(reply.ended);
    close(fd);
}

Test(wire, a_stream_that_fails_is_cut_and_not_ended)
{
    wire_request(&wire, 1, true, "GET", "/stream/cut", NULL);
    int fd = ask();
    cr_assert(reply.closed && !reply.ended);
    close(fd);
}

/* ---- Requests that do not arrive whole --------------------------------------------------- */

Test(wire, a_request_cut_off_runs_no_handler)
{
    wire_request(&wire, 1, true, "POST", "/p/people", "{\"name\":\"Ann\"}");
    size_t whole = wire.len;
    for (size_t cut = 1; cut < whole; cut += 3) {
        int fd = wire_connect(&program);
        cr_assert(wire_send(fd, wire.bytes, cut));
        close(fd);
    }
    usleep(300000);
    cr_assert_eq(served("/p/people 201"), 0);
}

Test(wire, a_body_shorter_than_announced_runs_no_handler)
{
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", "/p/people");
    wire_param(&wire, 1, "CONTENT_TYPE", "application/json");
    wire_param(&wire, 1, "CONTENT_LENGTH", "15");
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, "{\"name\":\"Ann\"}", 14, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = ask();
    cr_assert(reply.closed);
    cr_assert_neq(wire_status(&reply), 201);
    close(fd);
    cr_assert_eq(served("/p/people 201"), 0);
}

Test(wire, a_body_longer_than_announced_closes)
{
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", "/p/people");
    wire_param(&wire, 1, "CONTENT_TYPE", "application/json");
    wire_param(&wire, 1, "CONTENT_LENGTH", "13");
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, "{\"name\":\"Ann\"}", 14, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    expect_closed("more body than announced");
}

Test(wire, an_unread_body_is_never_taken_for_a_request)
{
    static struct wire inner;
    char length[24];
    inner.len = 0;
    wire_request(&inner, 1, true, "POST", "/p/people", "{\"name\":\"Eve\"}");
    snprintf(length, sizeof(length), "%zu", inner.len);
    /* The route takes no body: it is refused before the body is read. */
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "GET");
    wire_param(&wire, 1, "REQUEST_URI", "/fast");
    wire_param(&wire, 1, "CONTENT_LENGTH", length);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, inner.bytes, inner.len, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    wire_request(&wire, 2, true, "GET", "/fast", NULL);
    int fd = ask();
    cr_assert_eq(wire_status(&reply), 413);
    wire_read(fd, 2, 3000, &reply);
    cr_assert_eq(wire_status(&reply), 200);
    close(fd);
    cr_assert_eq(served("/p/people"), 0);
}

Test(wire, an_aborted_request_is_ended)
{
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_record(&wire, 2, 1, NULL, 0, 0);
    wire_request(&wire, 2, true, "GET", "/fast", NULL);
    int fd = ask();
    cr_assert(reply.ended && !reply.len);
    wire_read(fd, 2, 3000, &reply);
    cr_assert_eq(wire_status(&reply), 200);
    close(fd);
}

Test(wire, a_request_aborted_in_its_body_runs_no_handler)
{
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", "/p/people");
    wire_param(&wire, 1, "CONTENT_TYPE", "application/json");
    wire_param(&wire, 1, "CONTENT_LENGTH", "14");
    wire_record(&wire, 4, 1, NULL, 0, 0);
    int fd = wire_connect(&program);
    wire_send(fd, wire.bytes, wire.len);
    usleep(50000);
    wire.len = 0;
    wire_record(&wire, 2, 1, NULL, 0, 0);
    wire_send(fd, wire.bytes, wire.len);
    wire_read(fd, 1, 3000, &reply);
    cr_assert_neq(wire_status(&reply), 201);
    close(fd);
    cr_assert_eq(served("/p/people 201"), 0);
}

/* ---- Time -------------------------------------------------------------------------------- */

Test(wire, a_dribbling_peer_is_closed_at_the_total_deadline_of_its_head)
{
    wire_request(&wire, 1, true, "GET", "/fast", NULL);
    int fd = wire_connect(&program);
    double begun = now();
    size_t at = 0;
    bool closed = false;
    while (!closed && now() - begun < 8) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        wire_send(fd, wire.bytes + at, 1);
        at = at + 2 < wire.len ? at + 1 : at;
        closed = poll(&event, 1, 200) > 0;
    }
    cr_expect(closed);
    cr_expect_gt(now() - begun, 4.5);
    cr_expect_lt(now() - begun, 6.0);
    close(fd);
}

Test(wire, an_idle_connection_is_left_alone_and_costs_nobody)
{
    int idle[1000];
    struct rlimit limit = {4096, 4096};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 1000; i++) {
        idle[i] = wire_connect(&program);
        cr_assert_geq(idle[i], 0);
    }
    wire_request(&wire, 1, true, "GET", "/fast", NULL);
    for (int i = 0; i < 100; i++) {
        double begun = now();
        int fd = ask();
        cr_expect_eq(wire_status(&reply), 200);
        cr_expect_lt(now() - begun, 0.5);
        close(fd);
    }
    for (int i = 0; i < 1000; i += 100) {
        wire_send(idle[i], wire.bytes, wire.len);
        wire_read(idle[i], 1, 3000, &reply);
        cr_expect_eq(wire_status(&reply), 200);
    }
    for (int i = 0; i < 1000; i++)
        close(idle[i]);
}

struct slow_client {
    pthread_t thread;
    int status;
};

static void *ask_slowly(void *data)
{
    struct slow_client *client = data;
    static const int ms = 10000;
    struct wire *own = calloc(1, sizeof(*own));
    struct wire_reply *answer = calloc(1, sizeof(*answer));
    wire_request(own, 1, true, "GET", "/slow", NULL);
    int fd = wire_connect(&program);
    wire_send(fd, own->bytes, own->len);
    wire_read(fd, 1, ms, answer);
    client->status = wire_status(answer);
    close(fd);
    free(own);
    free(answer);
    return NULL;
}

/* 200 ms each, and 8 workers: some wait in the queue, none is lost, and nobody else waits long. */
Test(wire, slow_handlers_hold_up_nobody_else)
{
    struct slow_client clients[5];
    for (int i = 0; i < 5; i++)
        pthread_create(&clients[i].thread, NULL, ask_slowly, &clients[i]);
    wire_request(&wire, 1, true, "GET", "/fast", NULL);
    double worst = 0;
    int fd = wire_connect(&program);
    for (int i = 0; i < 200; i++) {
        double begun = now();
        wire_send(fd, wire.bytes, wire.len);
        wire_read(fd, 1, 3000, &reply);
        cr_expect_eq(wire_status(&reply), 200);
        worst = now() - begun > worst ? now() - begun : worst;
    }
    close(fd);
    cr_expect_lt(worst, 0.15, "a fast request took %.3f s", worst);
    for (int i = 0; i < 5; i++) {
        pthread_join(clients[i].thread, NULL);
        cr_expect_eq(clients[i].status, 200);
    }
}

Test(wire, more_slow_requests_than_workers_wait_their_turn)
{
    struct slow_client clients[40];
    for (int i = 0; i < 40; i++)
        pthread_create(&clients[i].thread, NULL, ask_slowly, &clients[i]);
    for (int i = 0; i < 40; i++) {
        pthread_join(clients[i].thread, NULL);
        cr_expect_eq(clients[i].status, 200, "%d", clients[i].status);
    }
}
