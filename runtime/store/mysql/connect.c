/* connect.c: connections to MariaDB and MySQL.
 *
 * Every wait, the handshake included, is libmariadb's non-blocking API and a poll of ours, so that
 * a server that stalls anywhere costs what is left until the deadline and not a millisecond more:
 * libmariadb's own timeouts are whole seconds per read and do not bound a handshake. Names
 * are looked up beside it (names.c). */
#include "store/mysql/own.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS          UINT64_C(1000000)
#define KEEPALIVE_S 30

/* Beside the socket, what ends every wait of this thread; -1: nothing. */
static _Thread_local int stop_fd = -1;

void gw_mysql_stop_waiting_at(int fd)
{
    stop_fd = fd;
}

/* As poll() until the deadline: 1, 0 when it has come or the thread is to end, or -1. */
static int poll_until(struct pollfd *fd, uint64_t deadline_ns)
{
    struct pollfd fds[2] = {*fd, {.fd = stop_fd, .events = POLLIN}};
    int n;
    do {
        uint64_t now = gw_now_ns(), left = deadline_ns > now ? deadline_ns - now : 0;
        struct timespec wait = {.tv_sec = (time_t)(left / (1000 * MS)),
                                .tv_nsec = (long)(left % (1000 * MS))};
        n = ppoll(fds, stop_fd >= 0 ? 2 : 1, &wait, NULL);
    } while (n < 0 && errno == EINTR);
    if (n > 0 && fds[1].revents)
        return 0;
    *fd = fds[0];
    return n;
}

int gw_mysql_wait(MYSQL *mysql, int events, uint64_t deadline_ns)
{
    struct pollfd fd = {.fd = mysql_get_socket(mysql)};
    fd.events = (short)((events & MYSQL_WAIT_READ ? POLLIN : 0) |
                        (events & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                        (events & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
    if (poll_until(&fd, deadline_ns) <= 0)
        return -ETIMEDOUT;
    if (fd.revents & (POLLERR | POLLHUP | POLLNVAL)) /* the next read or write tells */
        return events & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
    return (fd.revents & POLLIN ? MYSQL_WAIT_READ : 0) |
           (fd.revents & POLLOUT ? MYSQL_WAIT_WRITE : 0) |
           (fd.revents & POLLPRI ? MYSQL_WAIT_EXCEPT : 0);
}

/* Closes without a word to the server: a goodbye could block, and after a fork it would end the
 * parent's session. Whatever libmariadb still writes goes to /dev/null. */
static void abandon(MYSQL *mysql)
{
    int fd = mysql_get_socket(mysql), null = fd >= 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (null >= 0) {
        dup3(null, fd, O_CLOEXEC);
        close(null);
    }
    mysql_close(mysql);
}

void gw_mysql_drop(struct mysql_conn *conn)
{
    if (!conn->mysql)
        return;
    abandon(conn->mysql); /* its statements lose their connection, so closing them is silent */
    conn->mysql = NULL;
    conn->out_of_step = false;
    conn->packet_max = 0;
    gw_cache_clear(&conn->cache);
}

/* What a session must be like whatever the server's defaults are. The wait for a lock ends soon
 * after we gave up on it. */
static void init_command(const struct mysql_store *store, char *command, size_t size)
{
    char sync[40] = "";
    if (store->sync_wait >= 0)
        snprintf(sync, sizeof(sync), ", wsrep_sync_wait = %d", store->sync_wait);
    snprintf(command, size,
             "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
             "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',"
             " autocommit = 1, innodb_lock_wait_timeout = %u%s",
             store->base.options.query_timeout_ms / 1000 + 1, sync);
}

/* Until when the step that this thread is in may wait. libmariadb's own callback for waiting, which
 * its TLS handshake uses in place of the non-blocking API, passes nothing that would tell. */
static _Thread_local uint64_t step_deadline_ns;

void gw_mysql_until(uint64_t deadline_ns)
{
    step_deadline_ns = deadline_ns;
}

/* As poll(): 1, or 0 with errno when the time is up. The timeout that libmariadb asks for, seconds
 * taken for milliseconds, is not of use. */
static int wait_in_handshake(my_socket socket, my_bool is_read, int timeout)
{
    struct pollfd fd = {.fd = socket, .events = is_read ? POLLIN : POLLOUT};
    int n = poll_until(&fd, step_deadline_ns);
    (void)timeout;
    if (n == 0)
        errno = ETIMEDOUT;
    return n;
}

/* An option that was not taken would leave a safeguard out: then there is no connection. */
struct setup {
    MYSQL *mysql;
    bool failed;
};

static void set(struct setup *setup, enum mysql_option option, const void *value)
{
    if (!setup->failed && mysql_options(setup->mysql, option, value))
        setup->failed = true;
}

static void set_tls(struct setup *setup, const struct mysql_store *store)
{
    my_bool on = 1;
    if (!store->tls)
        return;
    set(setup, MYSQL_OPT_SSL_ENFORCE, &on);
    set(setup, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
    if (store->ca)
        set(setup, MYSQL_OPT_SSL_CA, store->ca);
    else
        set(setup, MYSQL_OPT_SSL_CAPATH, X509_get_default_cert_dir());
    if (store->cert)
        set(setup, MYSQL_OPT_SSL_CERT, store->cert);
    if (store->key)
        set(setup, MYSQL_OPT_SSL_KEY, store->key);
}

static MYSQL *prepare(const struct mysql_store *store, const struct mysql_host *host)
{
    unsigned tcp = MYSQL_PROTOCOL_TCP, off = 0, seconds;
    struct setup setup = {.mysql = mysql_init(NULL)};
    my_bool no = 0, yes = 1;
    char command[512];
    if (!setup.mysql)
        return NULL;
    init_command(store, command, sizeof(command));
    seconds = store->base.options.connect_timeout_ms / 1000 + 1; /* ours is the exact one */
    set(&setup, MYSQL_OPT_NONBLOCK, 0);
    set(&setup, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    set(&setup, MYSQL_OPT_LOCAL_INFILE, &off);
    set(&setup, MYSQL_OPT_RECONNECT, &no);
    set(&setup, MYSQL_REPORT_DATA_TRUNCATION, &yes);
    set(&setup, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    set(&setup, MYSQL_INIT_COMMAND, command);
    set(&setup, MARIADB_OPT_RESTRICTED_AUTH, gw_mysql_plugins(store));
    if (store->server_key)
        set(&setup, MYSQL_SERVER_PUBLIC_KEY, store->server_key_copy);
    set(&setup, MARIADB_OPT_IO_WAIT, (const void *)wait_in_handshake);
    set_tls(&setup, store);
    setup.failed = setup.failed || !gw_mysql_key_is_there(store);
    if (!store->socket && host->port)
        set(&setup, MYSQL_OPT_PROTOCOL, &tcp); /* "localhost:3306" too */
    if (!setup.failed)
        return setup.mysql;
    mysql_close(setup.mysql);
    return NULL;
}

/* Under TLS libmariadb reads from the socket as it is, even in its non-blocking API: so it must not
 * block. libmariadb makes it block again around the handshake, where the millisecond's timeout of
 * guard.c stands in until the connection is made. */
static void unblock(MYSQL *mysql)
{
    int fd = mysql_get_socket(mysql);
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* One attempt. */
struct attempt {
    const struct mysql_store *store;
    const struct mysql_host *to;
    MYSQL *mysql, *connected;
    struct mysql_addresses known;
};

static int connect_start(struct attempt *attempt)
{
    const struct mysql_store *store = attempt->store;
    gw_mysql_guard(true, attempt->to->address ? &attempt->known : NULL);
    int events = mysql_real_connect_start(&attempt->connected, attempt->mysql,
                                          store->socket ? "localhost" : attempt->to->name,
                                          store->user, store->password, store->database,
                                          attempt->to->port, store->socket, CLIENT_FOUND_ROWS);
    gw_mysql_guard(false, NULL);
    return events;
}

static int connect_cont(struct attempt *attempt, int ready)
{
    if (attempt->store->tls)
        unblock(attempt->mysql);
    gw_mysql_guard(true, attempt->to->address ? &attempt->known : NULL);
    int events = mysql_real_connect_cont(&attempt->connected, attempt->mysql, ready);
    gw_mysql_guard(false, NULL);
    return events;
}

/* 0, -ETIMEDOUT, -EHOSTDOWN: then the mark that follows keeps others from waiting for it. */
static int find_addresses(struct attempt *attempt, struct gw_log *log, uint64_t deadline_ns)
{
    const char *why = NULL;
    int r = attempt->to->address
                ? gw_mysql_name_find(attempt->to->address, deadline_ns, &attempt->known, &why)
                : 0;
    if (r && log)
        gw_log_line(log, "store: mysql: the name %s cannot be looked up: %s", attempt->to->name,
                    why);
    return r;
}

/* A connection that the network drops in silence is noticed while it is idle. */
static void keep_alive(const struct mysql_store *store, MYSQL *mysql)
{
    int fd = mysql_get_socket(mysql), on = 1, times = 3;
    int idle = store->keepalive_s ? (int)store->keepalive_s : KEEPALIVE_S;
    int between = idle / times > 0 ? idle / times : 1;
    if (store->socket)
        return;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

static int failed(struct attempt *attempt, struct gw_log *log, const char *label,
                  uint64_t deadline_ns)
{
    int r = gw_mysql_connect_failed(log, attempt->mysql, label);
    mysql_close(attempt->mysql);
    return r == -EHOSTDOWN && gw_now_ns() >= deadline_ns ? -ETIMEDOUT : r;
}

int gw_mysql_attempt(const struct mysql_store *store, size_t host, struct gw_log *log,
                     uint64_t deadline_ns, MYSQL **ret)
{
    struct attempt attempt = {.store = store, .to = &store->hosts[host]};
    const char *label = gw_mysql_label(store, host);
    int r = find_addresses(&attempt, log, deadline_ns);
    if (r)
        return r;
    attempt.mysql = prepare(store, attempt.to);
    if (!attempt.mysql)
        return -ENOMEM;
    step_deadline_ns = deadline_ns;
    r = GW_MYSQL_AWAIT(attempt.mysql, deadline_ns, connect_start(&attempt),
                       connect_cont(&attempt, events));
    if (attempt.to->address && (r || !attempt.connected))
        gw_mysql_name_doubt(attempt.to->address);
    if (r) {
        if (log)
            gw_log_line(log, "store: mysql: %s does not answer", label);
        abandon(attempt.mysql);
        return r;
    }
    if (!attempt.connected)
        return failed(&attempt, log, label, deadline_ns);
    if (store->tls)
        unblock(attempt.mysql);
    keep_alive(store, attempt.mysql);
    *ret = attempt.mysql;
    return 0;
}

int gw_mysql_text(struct mysql_conn *conn, const char *sql, uint64_t deadline_ns,
                  MYSQL_RES **ret_rows)
{
    MYSQL *mysql = conn->mysql;
    MYSQL_RES *rows = NULL;
    int failed = 0;
    int r =
        GW_MYSQL_AWAIT(mysql, deadline_ns, mysql_real_query_start(&failed, mysql, sql, strlen(sql)),
                       mysql_real_query_cont(&failed, mysql, events));
    if (!r && !failed && ret_rows)
        r = GW_MYSQL_AWAIT(mysql, deadline_ns, mysql_store_result_start(&rows, mysql),
                           mysql_store_result_cont(&rows, mysql, events));
    if (!r && (failed || (ret_rows && !rows))) {
        conn->out_of_step = gw_mysql_leaves_unread(mysql_errno(mysql));
        r = gw_mysql_failed(conn->base.store, mysql_errno(mysql), mysql_sqlstate(mysql),
                            mysql_error(mysql), sql);
    }
    if (r == -ETIMEDOUT || r == GW_MYSQL_LOST || conn->out_of_step)
        gw_mysql_drop(conn);
    if (!r && ret_rows)
        *ret_rows = rows;
    return r;
}
