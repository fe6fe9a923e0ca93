/* test_wire_records.c: any bytes on the FastCGI socket: records that are no good, parameters beyond
 * their bounds, and noise are answered in bounds or close the connection. */
#include "wire_probe.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(wire, .init = wire_probe_start, .fini = wire_probe_stop, .timeout = 120);

Test(wire, streams_out_of_order_close)
{
    wire_begin(&wire, 1, 1, true);
    wire_record(&wire, 5, 1, "x", 1, 0);
    expect_closed("STDIN before PARAMS");
    wire.len = 0;
    wire_request(&wire, 1, true, "GET", "/fast", NULL);
    wire.len -= 8; /* STDIN has not ended */
    wire_param(&wire, 1, "REQUEST_URI", "/p/me");
    int fd = ask();
    cr_expect_neq(wire_status(&reply), 401);
    close(fd);
    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_begin(&wire, 1, 1, true);
    expect_closed("BEGIN_REQUEST twice");
}

Test(wire, another_version_closes)
{
    wire_begin(&wire, 1, 1, true);
    wire.bytes[0] = 2;
    expect_closed("version 2");
}

Test(wire, a_begin_request_of_another_length_closes)
{
    wire_record(&wire, 1, 1, "\0\1\1", 3, 0);
    expect_closed("three bytes");
}

Test(wire, a_second_request_at_the_same_time_is_refused_and_the_first_served)
{
    wire_begin(&wire, 1, 1, true);
    wire_begin(&wire, 7, 1, true);
    wire_param(&wire, 7, "REQUEST_URI", "/p/me");
    wire_param(&wire, 1, "REQUEST_METHOD", "GET");
    wire_param(&wire, 1, "REQUEST_URI", "/fast");
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = wire_connect(&program);
    wire_send(fd, wire.bytes, wire.len);
    wire_read(fd, 7, 3000, &reply);
    cr_assert(reply.ended);
    cr_assert_eq(reply.protocol_status, 1); /* FCGI_CANT_MPX_CONN */
    wire_read(fd, 1, 3000, &reply);
    cr_assert_eq(wire_status(&reply), 200);
    close(fd);
}

Test(wire, an_unknown_role_is_refused)
{
    wire_begin(&wire, 1, 3, true);
    int fd = ask();
    cr_assert(reply.ended);
    cr_assert_eq(reply.protocol_status, 3); /* FCGI_UNKNOWN_ROLE */
    close(fd);
}

Test(wire, get_values_is_answered_once_however_often_it_names_a_variable)
{
    unsigned char names[512];
    size_t n = 0;
    for (int i = 0; i < 12; i++) {
        names[n++] = 14;
        names[n++] = 0;
        memcpy(names + n, "FCGI_MAX_CONNS", 14);
        n += 14;
    }
    wire_record(&wire, 9, 0, names, n, 0);
    int fd = wire_connect(&program);
    wire_send(fd, wire.bytes, wire.len);
    unsigned char answer[256];
    usleep(200000);
    ssize_t got = read(fd, answer, sizeof(answer));
    cr_assert_gt(got, 8);
    cr_assert_lt(got, 8 + 32);
    cr_assert_eq(answer[1], 10);
    close(fd);
    wire.len = 0;
    static unsigned char many[2000];
    wire_record(&wire, 9, 0, many, sizeof(many), 0);
    expect_closed("a long GET_VALUES");
}

Test(wire, an_unknown_management_record_is_answered_as_such)
{
    wire_record(&wire, 77, 0, "abc", 3, 2);
    int fd = wire_connect(&program);
    wire_send(fd, wire.bytes, wire.len);
    wire_read(fd, 0, 3000, &reply);
    cr_assert_eq(reply.types[11], 1);
    close(fd);
}

Test(wire, parameters_beyond_their_bounds_are_refused)
{
    static char value[60000];
    memset(value, 'v', sizeof(value) - 1);
    wire_begin(&wire, 1, 1, true);
    for (int i = 0; i < 3; i++)
        wire_param(&wire, 1, "HTTP_X", value);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = ask();
    cr_expect_eq(wire_status(&reply), 400);
    close(fd);

    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    for (int i = 0; i < 600; i++)
        wire_param(&wire, 1, "A", "b");
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    fd = ask();
    cr_expect_eq(wire_status(&reply), 400);
    close(fd);

    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_record(&wire, 4, 1,
                "\xff\xff\xff\xff\x01"
                "zz",
                7, 0);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    fd = ask();
    cr_expect_eq(wire_status(&reply), 400);
    close(fd);
}

static void refuses_twice(const char *name, const char *first, const char *second)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "GET");
    if (strcmp(name, "REQUEST_URI"))
        wire_param(&wire, 1, "REQUEST_URI", "/p/me");
    wire_param(&wire, 1, name, first);
    wire_param(&wire, 1, name, second);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = ask();
    cr_expect_eq(wire_status(&reply), 400, "%s: %d", name, wire_status(&reply));
    close(fd);
}

Test(wire, duplicate_parameters_that_matter_are_refused)
{
    refuses_twice("REQUEST_METHOD", "GET", "POST");
    refuses_twice("REQUEST_URI", "/fast", "/p/me");
    refuses_twice("HTTP_AUTHORIZATION", "Bearer a", "Bearer b");
    refuses_twice("CONTENT_LENGTH", "0", "1");
    refuses_twice("HTTP_HOST", "a", "b");
    refuses_twice("CONTENT_TYPE", "application/json", "text/plain");
    refuses_twice("HTTP_TRANSFER_ENCODING", "chunked", "identity");
}

static const char *body_of(const char *uri, const char *name, const char *const *values)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "GET");
    wire_param(&wire, 1, "REQUEST_URI", uri);
    for (; *values; values++)
        wire_param(&wire, 1, name, *values);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    close(ask());
    cr_assert_eq(wire_status(&reply), 200, "%s: %d", name, wire_status(&reply));
    const char *end = strstr(reply.out, "\r\n\r\n");
    cr_assert_not_null(end);
    return end + 4;
}

/* RFC 9110, 5.3: one list, in its order. RFC 9113, 8.2.3: cookies by semicolons. */
Test(wire, repeated_fields_are_one_list)
{
    static const char *const three[] = {"a, b", "", "c", NULL}, *const one[] = {"a", NULL};
    static const char *const cookies[] = {"x=1", "seen=2; y=3", "z=4", NULL};
    static const char *const twice[] = {"seen=1", "seen=2", NULL};
    cr_expect_str_eq(body_of("/header/x", "HTTP_X_SEEN", one), "a -");
    cr_expect_str_eq(body_of("/header/x", "HTTP_X_SEEN", three), "a, b, , c -");
    cr_expect_str_eq(body_of("/cookie", "HTTP_COOKIE", cookies), "2");
    cr_expect_str_eq(body_of("/cookie", "HTTP_COOKIE", twice), "none");
}

Test(wire, a_nul_in_a_parameter_is_refused)
{
    wire_begin(&wire, 1, 1, true);
    wire_param(&wire, 1, "REQUEST_METHOD", "GET");
    wire_record(&wire, 4, 1, "\x0b\x06REQUEST_URI/fa\0st", 19, 0);
    wire_record(&wire, 4, 1, NULL, 0, 0);
    wire_record(&wire, 5, 1, NULL, 0, 0);
    int fd = ask();
    cr_expect_eq(wire_status(&reply), 400);
    close(fd);
}

Test(wire, random_bytes_harm_nobody)
{
    unsigned seed = 20261123;
    wire_request(&wire, 1, true, "POST", "/p/people", "{\"name\":\"Ann\"}");
    size_t whole = wire.len;
    for (int round = 0; round < 3000; round++) {
        static unsigned char bytes[4096];
        size_t len = whole;
        memcpy(bytes, wire.bytes, whole);
        if (round % 3 == 0) {
            len = (size_t)rand_r(&seed) % sizeof(bytes);
            for (size_t i = 0; i < len; i++)
                bytes[i] = (unsigned char)rand_r(&seed);
        }
        for (int i = 0; i < 4 && len; i++)
            bytes[(size_t)rand_r(&seed) % len] = (unsigned char)rand_r(&seed);
        int fd = wire_connect(&program);
        cr_assert_geq(fd, 0);
        wire_send(fd, bytes, len);
        close(fd);
    }
}
