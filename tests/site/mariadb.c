/* mariadb.c: a private MariaDB server for tests. See mariadb.h. */
#include "mariadb.h"

#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 30

static bool complain(const struct mariadb *server, const char *what)
{
    fprintf(stderr, "mariadb: %s (see %s/log)\n", what, server->folder);
    return false;
}

/* As site_launch, its output in the server's log. */
static pid_t launch(const struct mariadb *server, const char *const argv[])
{
    char temporary[96]; /* two servers delete each other's files in /tmp */
    snprintf(temporary, sizeof(temporary), "TMPDIR=%s", server->folder);
    return site_launch(server->folder, "log", argv, (const char *const[]){temporary, NULL});
}

static bool install(const struct mariadb *server)
{
    char data[128];
    int status;
    pid_t pid;

    snprintf(data, sizeof(data), "%s/data", server->folder);
    pid = launch(server, (const char *[]){SITE_MARIADB_DATA, SITE_CACHE, data, NULL});
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool certify(const struct mariadb *server)
{
    char cert[96], key[96];
    int status;
    pid_t pid;

    snprintf(cert, sizeof(cert), "%s/cert.pem", server->folder);
    snprintf(key, sizeof(key), "%s/key.pem", server->folder);
    pid =
        launch(server, (const char *[]){"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                                        "-keyout", key, "-out", cert, NULL});
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool mariadb_spawn(struct mariadb *server)
{
    char data[128], socket_path[128], port[32], cert[128], key[128];

    snprintf(data, sizeof(data), "--datadir=%s/data", server->folder);
    snprintf(socket_path, sizeof(socket_path), "--socket=%s", server->socket);
    snprintf(port, sizeof(port), "--port=%u", server->port);
    snprintf(cert, sizeof(cert), "--ssl-cert=%s/cert.pem", server->folder);
    snprintf(key, sizeof(key), "--ssl-key=%s/key.pem", server->folder);
    server->pid = launch(
        server, (const char *[]){"mariadbd", "--no-defaults", data, socket_path, port,
                                 "--bind-address=127.0.0.1", "--skip-name-resolve",
                                 "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M",
                                 "--innodb-flush-log-at-trx-commit=2", "--innodb-fast-shutdown=2",
                                 "--performance-schema=OFF", server->tls ? cert : "--skip-ssl",
                                 server->tls ? key : "--skip-ssl",
                                 geteuid() == 0 ? "--user=root" : NULL, NULL});
    return server->pid > 0 || complain(server, "cannot be started");
}

static MYSQL *connect_root(const struct mariadb *server, const char *database)
{
    MYSQL *mysql = mysql_init(NULL);
    unsigned seconds = 5;

    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(mysql, "localhost", "root", "", database, 0, server->socket,
                           CLIENT_MULTI_STATEMENTS))
        return mysql;
    mysql_close(mysql);
    return NULL;
}

bool mariadb_wait(const struct mariadb *server)
{
    for (time_t end = time(NULL) + START_SECONDS; time(NULL) < end;) {
        MYSQL *mysql = connect_root(server, NULL);

        if (mysql) {
            mysql_close(mysql);
            return true;
        }
        if (kill(server->pid, 0) || waitpid(server->pid, NULL, WNOHANG) == server->pid)
            break;
        usleep(20000);
    }
    return complain(server, "does not answer");
}

bool mariadb_restart(struct mariadb *server)
{
    return mariadb_spawn(server) && mariadb_wait(server);
}

static bool start(struct mariadb *server, bool tls)
{
    memset(server, 0, sizeof(*server));
    server->tls = tls;
    if (!site_folder(server->folder))
        return false;
    snprintf(server->socket, sizeof(server->socket), "%s/socket", server->folder);
    server->port = site_free_port();
    if (!install(server))
        return complain(server, "cannot be installed: is mariadb-server there?");
    if (tls && !certify(server))
        return complain(server, "has no certificate: is openssl there?");
    if (!mariadb_restart(server))
        return false;
    return mariadb_exec(server, NULL,
                        "CREATE USER IF NOT EXISTS root@'127.0.0.1';"
                        "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION");
}

bool mariadb_start(struct mariadb *server)
{
    return start(server, false);
}

bool mariadb_start_tls(struct mariadb *server)
{
    return start(server, true);
}

void mariadb_kill(struct mariadb *server, int signal)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, signal);
    kill(server->pid, SIGCONT);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void mariadb_freeze(const struct mariadb *server)
{
    kill(server->pid, SIGSTOP);
    waitpid(server->pid, NULL, WUNTRACED);
}

void mariadb_remove(struct mariadb *server)
{
    mariadb_kill(server, SIGKILL);
    site_remove(server->folder);
    server->folder[0] = '\0';
}

/* Gives the results back; the last one to `ret` where that is wanted. */
static bool run(MYSQL *mysql, const char *sql, MYSQL_RES **ret)
{
    if (mysql_query(mysql, sql))
        return false;
    for (;;) {
        MYSQL_RES *result = mysql_store_result(mysql);
        int more;

        if (ret && result && !*ret)
            *ret = result;
        else if (result)
            mysql_free_result(result);
        more = mysql_next_result(mysql);
        if (more)
            return more < 0;
    }
}

bool mariadb_exec(const struct mariadb *server, const char *database, const char *sql)
{
    MYSQL *mysql = connect_root(server, database);
    bool done = mysql && run(mysql, sql, NULL);

    if (!done)
        fprintf(stderr, "mariadb: %s: %s\n", mysql ? mysql_error(mysql) : "no connection", sql);
    if (mysql)
        mysql_close(mysql);
    return done;
}

long mariadb_number(const struct mariadb *server, const char *sql, unsigned column)
{
    MYSQL *mysql = connect_root(server, NULL);
    MYSQL_RES *result = NULL;
    MYSQL_ROW row = NULL;
    long number = -1;

    if (mysql && run(mysql, sql, &result) && result)
        row = mysql_fetch_row(result);
    if (row && column < mysql_num_fields(result) && row[column])
        number = strtol(row[column], NULL, 10);
    if (result)
        mysql_free_result(result);
    if (mysql)
        mysql_close(mysql);
    return number;
}

void mariadb_publish(const struct mariadb *server)
{
    char text[256];

    snprintf(text, sizeof(text), "%u %d %s", server->port, (int)server->pid, server->folder);
    setenv("TEST_MARIADB", text, 1);
}

bool mariadb_published(struct mariadb *ret)
{
    const char *text = getenv("TEST_MARIADB");
    int pid;

    memset(ret, 0, sizeof(*ret));
    if (!text || sscanf(text, "%u %d %63s", &ret->port, &pid, ret->folder) != 3)
        return false;
    ret->pid = pid;
    snprintf(ret->socket, sizeof(ret->socket), "%s/socket", ret->folder);
    return true;
}
