/* test_store_rogue.c: servers that lie, fall silent or are not who they say. */
#include "store_fixture.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Servers that lie -------------------------------------------------------------------- */

/* A process that says `bytes` to whoever connects, and then nothing. */
static pid_t rogue(const void *bytes, size_t len, unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pid_t pid;

    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            int peer = accept(fd, NULL, NULL);

            if (peer >= 0)
                (void)!write(peer, bytes, len);
        }
    }
    close(fd);
    return pid;
}

Test(rogue, silence_and_nonsense_are_bounded)
{
    static const char greeting[] = "J\0\0\0\n5.5.5-10.11.0-MariaDB\0"; /* cut short */
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"", 0},         {"HTTP/1.1 400 Bad Request\r\n\r\n", 28}, {"\xff\xff\xff\0", 4},
        {"\0\0\0\0", 4}, {greeting, sizeof(greeting) - 1},         {"\x05\0\0\0\xff\x10\x04#0", 9},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned port;
        pid_t pid = rogue(cases[i].bytes, cases[i].len, &port);
        struct gw_arena arena = {0};
        struct gw_store *store;
        struct gw_conn *conn;
        uint64_t start;
        char url[64];
        int r;

        snprintf(url, sizeof(url), "mysql://u:p@127.0.0.1:%u/db", port);
        store = fixture_store(url, NULL);
        cr_assert_eq(gw_conn_new(store, &conn), 0);
        start = gw_now_ns();
        r = gw_conn_begin(conn, start + UINT64_C(200000000));
        cr_assert(r == -ETIMEDOUT || r == -EHOSTDOWN || r == -EBUSY, "%zu: %d", i, r);
        cr_assert(fixture_elapsed_ms(start) < 900, "%zu: %u", i, fixture_elapsed_ms(start));
        gw_conn_free(conn);
        gw_store_free(store);
        gw_arena_free(&arena);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

Test(tls, a_server_without_tls_is_not_talked_to_when_tls_is_asked_for)
{
    struct mariadb server;
    char url[128];

    cr_assert(mariadb_published(&server));
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/mysql?tls=verify", server.port);
    cr_assert_eq(fixture_compare(url), -EHOSTDOWN);
}

Test(tls, a_server_that_takes_nobody_without_tls_is_an_error_and_not_away)
{
    struct mariadb server;
    char url[128];

    cr_assert(mariadb_start_tls(&server));
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/mysql", server.port);
    cr_assert(mariadb_exec(&server, NULL, "SET GLOBAL require_secure_transport = ON"));
    cr_assert_eq(fixture_compare(url), -EACCES, "%s", fixture_log());
    mariadb_remove(&server);
}

static int compare_tls(const struct mariadb *server, const char *host, const char *options)
{
    char url[256];

    snprintf(url, sizeof(url), "mysql://root@%s:%u/mysql?%s", host, server->port, options);
    return fixture_compare(url);
}

Test(tls, a_server_is_believed_only_with_the_right_certificate_for_its_name, .timeout = 60)
{
    struct mariadb server, other;
    char ca[128], wrong_ca[128];

    cr_assert(mariadb_start_tls(&server));
    cr_assert(mariadb_start_tls(&other));
    snprintf(ca, sizeof(ca), "tls=verify&ca=%s/cert.pem", server.folder);
    snprintf(wrong_ca, sizeof(wrong_ca), "tls=verify&ca=%s/cert.pem", other.folder);
    cr_assert(mariadb_exec(&server, NULL, "ALTER USER root@'127.0.0.1' REQUIRE SSL"));
    cr_assert_eq(compare_tls(&server, "localhost", ca), 1, "%s", fixture_log());
    cr_assert_eq(compare_tls(&server, "localhost", "tls=off"), -EACCES);
    cr_assert_eq(compare_tls(&server, "localhost", wrong_ca), -EHOSTDOWN);
    cr_assert_eq(compare_tls(&server, "127.0.0.1", ca), -EHOSTDOWN); /* not in the certificate */
    cr_assert_eq(compare_tls(&server, "localhost", "tls=verify"), -EHOSTDOWN);
    cr_assert_eq(compare_tls(&server, "localhost", "tls=verify&ca=/nonexistent"), -EHOSTDOWN);
    mariadb_remove(&other);
    mariadb_remove(&server);
}

Test(tls, the_deadline_holds_within_tls_too, .timeout = 60)
{
    struct mariadb server;
    struct gw_store *store;
    struct gw_conn *conn;
    uint64_t start;
    char url[256];

    cr_assert(mariadb_start_tls(&server));
    snprintf(url, sizeof(url), "mysql://root@localhost:%u/mysql?tls=verify&ca=%s/cert.pem",
             server.port, server.folder);
    store = fixture_store(url, NULL);
    cr_assert_eq(gw_conn_new(store, &conn), 0);
    cr_assert_eq(gw_conn_begin(conn, 0), 0);
    cr_assert_eq(gw_conn_commit(conn, 0), 0);
    mariadb_freeze(&server);
    for (int i = 0; i < 3; i++) {
        start = gw_now_ns();
        cr_assert_eq(gw_conn_begin(conn, start + UINT64_C(200000000)), -ETIMEDOUT);
        cr_assert(fixture_elapsed_ms(start) < 900, "%u", fixture_elapsed_ms(start));
        usleep(300000);
    }
    kill(server.pid, SIGCONT);
    usleep(300000);
    cr_assert_eq(gw_conn_begin(conn, 0), 0);
    gw_conn_free(conn);
    gw_store_free(store);
    mariadb_remove(&server);
}

/* Listens, greets as a server that offers TLS, and falls silent: before the handshake, or with
 * `shake` after it. */
static pid_t rogue_tls(const struct mariadb *identity, bool shake, unsigned *ret_port)
{
    static const char greeting[] = "\x51\0\0\0\n5.5.5-10.11.0\0\1\0\0\0abcdefgh\0\xff\xff\x2d\2\0"
                                   "\xff\xc1\x15\0\0\0\0\0\0\0\0\0\0"
                                   "abcdefghijkl\0mysql_native_password";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pid_t pid;

    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    pid = fork();
    if (pid) {
        close(fd);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int peer = accept(fd, NULL, NULL);
        SSL_CTX *context = SSL_CTX_new(TLS_server_method());
        char path[128], request[36];
        SSL *ssl;

        snprintf(path, sizeof(path), "%s/cert.pem", identity->folder);
        SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM);
        snprintf(path, sizeof(path), "%s/key.pem", identity->folder);
        SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
        ssl = SSL_new(context);
        (void)!write(peer, greeting, sizeof(greeting));
        if (shake && recv(peer, request, sizeof(request), MSG_WAITALL) == sizeof(request)) {
            SSL_set_fd(ssl, peer);
            if (SSL_accept(ssl) == 1)
                (void)!SSL_read(ssl, request, sizeof(request)); /* and no answer */
        }
    }
}

/* What the runtime waits with. With `lingers` it sees what is there a moment late, as on a busy
 * machine: then the greeting has come before libmariadb asks for it. */
static bool lingers;

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec left = timeout ? *timeout : (struct timespec){0};

    if (lingers)
        usleep(50000);
    return (int)syscall(SYS_ppoll, fds, n, timeout ? &left : NULL, mask, _NSIG / 8);
}

static void expect_bounded(const struct mariadb *server, bool shake)
{
    struct gw_store *store;
    struct gw_conn *conn;
    unsigned port;
    pid_t pid = rogue_tls(server, shake, &port);
    uint64_t start;
    char url[256];

    snprintf(url, sizeof(url), "mysql://root@localhost:%u/mysql?tls=verify&ca=%s/cert.pem", port,
             server->folder);
    store = fixture_store(url, NULL);
    cr_assert_eq(gw_conn_new(store, &conn), 0);
    start = gw_now_ns();
    cr_assert_eq(gw_conn_begin(conn, start + UINT64_C(300000000)), -ETIMEDOUT, "%s", fixture_log());
    cr_assert(fixture_elapsed_ms(start) < 900, "%u", fixture_elapsed_ms(start));
    cr_assert(strstr(fixture_log(), shake ? "does not answer" : "TLS"), "%s", fixture_log());
    fixture_log_clear();
    gw_conn_free(conn);
    gw_store_free(store);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

Test(tls, a_server_that_falls_silent_around_the_handshake_is_bounded, .timeout = 60)
{
    struct mariadb server;

    cr_assert(mariadb_start_tls(&server));
    expect_bounded(&server, false);
    expect_bounded(&server, true);
    mariadb_remove(&server);
}

Test(tls, a_greeting_that_came_early_does_not_make_the_handshake_block, .timeout = 60)
{
    struct mariadb server;

    cr_assert(mariadb_start_tls(&server));
    lingers = true;
    expect_bounded(&server, false);
    mariadb_remove(&server);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
