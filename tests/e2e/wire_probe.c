/* wire_probe.c: see wire_probe.h. */
#include "wire_probe.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct wire_program program;
struct wire wire;
struct wire_reply reply;

void wire_probe_start(void)
{
    static const char *const settings[] = {"GW_TRANSPORT=native", "GW_WORKERS=8", NULL};
    cr_assert(wire_start(&program, getenv("E2E_PROBE"), settings));
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

int main(int argc, char **argv)
{
    struct criterion_test_set *tests = criterion_initialize();
    int failed = 0;
    if (criterion_handle_args(argc, argv, true))
        failed = !criterion_run_all_tests(tests);
    criterion_finalize(tests);
    return failed;
}
