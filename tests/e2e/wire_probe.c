/* wire_probe.c: see wire_probe.h. */
#include "wire_probe.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOKEN "a-token-for-the-status-pages"

struct wire_program program;
struct wire wire;
struct wire_reply reply;

void wire_probe_start(void)
{
    static const char *const settings[] = {"GW_TRANSPORT=native", "GW_WORKERS=8", NULL};
    cr_assert(wire_start(&program, getenv("E2E_PROBE"), settings));
}

bool native;

void wire_probe_start_with(const char *more, const char *and_more)
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

void wire_probe_start_watched(void)
{
    wire_probe_start_with(NULL, NULL);
}

void wire_probe_stop(void)
{
    int fd = wire_connect(&program);
    cr_assert_geq(fd, 0);
    wire.len = 0;
    wire_request(&wire, 1, false, "GET", "/fast", NULL);
    cr_assert(wire_send(fd, wire.bytes, wire.len));
    wire_read(fd, 1, 5000, &reply);
    cr_expect_eq(wire_status(&reply), 200, "%s", reply.out);
    close(fd);
    int status = wire_stop(&program);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
}

int ask(void)
{
    int fd = wire_connect(&program);
    wire_send(fd, wire.bytes, wire.len);
    wire_read(fd, 1, 3000, &reply);
    return fd;
}

void expect_closed(const char *what)
{
    int fd = ask();
    cr_expect(reply.closed && !reply.len, "%s: %zu bytes, closed %d", what, reply.len,
              reply.closed);
    close(fd);
}

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int logged(const char *text)
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

long in_flight(void)
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

void begin_upload(bool keep, const char *length)
{
    wire.len = 0;
    wire_begin(&wire, 1, 1, keep);
    wire_param(&wire, 1, "REQUEST_METHOD", "POST");
    wire_param(&wire, 1, "REQUEST_URI", "/p/upload");
    wire_param(&wire, 1, length ? "CONTENT_LENGTH" : "HTTP_TRANSFER_ENCODING",
               length ? length : "chunked");
    wire_record(&wire, 4, 1, NULL, 0, 0);
}

int main(int argc, char **argv)
{
    struct criterion_test_set *tests = criterion_initialize();
    int failed = 0;
    if (criterion_handle_args(argc, argv, true))
        failed = !criterion_run_all_tests(tests);
    criterion_finalize(tests);
    return failed;
}
