/* test_store_mysql.c: what only a server can do to a program: be away, stall, die, come back, be
 * full, lie. */
#include "store_fixture.h"

#include "store_mysql.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned elapsed_ms(uint64_t since)
{
    return (unsigned)((gw_store_now() - since) / 1000000);
}

static int find(struct fixture *f, const char *email)
{
    struct gw_value value = text_value(email);
    const void *row;

    return gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &value, &row);
}

static int insert(struct fixture *f, const char *email)
{
    struct accounts_row row = {.email = email, .name = "N", .password = "h"};

    return gw_entity_insert(&f->req, &accounts_table, &row, NULL);
}

/* SIGSTOP takes a moment to reach every thread. */
static void stop(const struct mariadb *server)
{
    kill(server->pid, SIGSTOP);
    usleep(50000);
}

static void ignore(void *data, const char *line)
{
    (void)data;
    (void)line;
}

/* Points the fixture at another URL. */
static void reopen(struct fixture *f, const char *url, const struct gw_store_options *options)
{
    gw_conn_free(f->conn);
    gw_store_free(f->store);
    f->store = fixture_store(url, options);
    cr_assert_eq(gw_conn_new(f->store, &f->conn), 0);
}

static int compare(const char *url)
{
    struct gw_store *store = fixture_store(url, NULL);
    int r = gw_store_compare(store, &fixture_app, ignore, NULL);

    gw_store_free(store);
    return r;
}

/* ---- URLs -------------------------------------------------------------------------------- */

Test(url, what_is_wrong_is_named_without_the_password)
{
    static const struct {
        const char *url, *word;
    } cases[] = {
        {"mysql:x", "look like"},
        {"mysql://", "user"},
        {"mysql://host/db", "user"},
        {"mysql://:hunter2@host/db", "user"},
        {"mysql://u:hunter2@host", "database"},
        {"mysql://u:hunter2@host/", "database"},
        {"mysql://u:hunter2@/db", "host"},
        {"mysql://u:hunter2@a,,b/db", "host"},
        {"mysql://u:hunter2@host:0/db", "port"},
        {"mysql://u:hunter2@host:65536/db", "port"},
        {"mysql://u:hunter2@host:/db", "port"},
        {"mysql://u:hunter2@[::1/db", "IPv6"},
        {"mysql://u:hunter2%zz@host/db", "password"},
        {"mysql://u%0:hunter2@host/db", "user"},
        {"mysql://u:hunter2%00@host/db", "password"},
        {"mysql://u:hunter2@host/db?tls=on", "tls"},
        {"mysql://u:hunter2@host/db?tls", "tls"},
        {"mysql://u:hunter2@host/db?color=red", "option"},
        {"mysql://u:hunter2@host/db?socket=", "socket"},
        {"mysql://u:hunter2@host/db?socket=/s", "host and a socket"},
        {"mysql://u:hunter2@/db?socket=/s&tls=verify", "tls"},
        {"mysql://u:hunter2@host/db?ca=/x", "tls=verify"},
        {"mysql://u:hunter2@1,2,3,4,5,6,7,8,9/db", "8 hosts"},
    };
    struct gw_arena arena = {0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gw_store *store;
        const char *why = NULL;

        cr_assert_eq(gw_store_new(cases[i].url, NULL, &arena, &store, &why), -EINVAL, "%s",
                     cases[i].url);
        cr_assert(why && strstr(why, cases[i].word), "%s: %s", cases[i].url, why);
        cr_assert_eq(strstr(why, "hunter2"), NULL);
    }
    gw_arena_free(&arena);
}

Test(url, every_part_is_taken)
{
    struct gw_store *base = fixture_store(
        "mariadb://us%40er:p%3a%2F@ss@h1:3307,[::1]:3308,h3/sch%20ool?tls=verify&ca=/c%61", NULL);
    const struct mysql_store *store = (struct mysql_store *)base;

    cr_assert_str_eq(store->user, "us@er");
    cr_assert_str_eq(store->password, "p:/@ss");
    cr_assert_str_eq(store->database, "sch ool");
    cr_assert_str_eq(store->ca, "/ca");
    cr_assert(store->tls);
    cr_assert_eq(store->n_hosts, 3);
    cr_assert_str_eq(store->hosts[0].name, "h1");
    cr_assert_eq(store->hosts[0].port, 3307);
    cr_assert_str_eq(store->hosts[1].name, "::1");
    cr_assert_eq(store->hosts[1].port, 3308);
    cr_assert_eq(store->hosts[2].port, 0);
    cr_assert_str_eq(gw_store_scheme(base), "mysql");
    gw_store_free(base);
}

/* ---- Duplicates -------------------------------------------------------------------------- */

Test(duplicate, the_column_is_taken_from_the_end_of_the_message)
{
    static const struct {
        const char *message;
        int column;
    } cases[] = {
        {"Duplicate entry 'a@b' for key 'email'", ACCOUNTS_EMAIL},
        {"Duplicate entry 'a@b' for key 'accounts.email'", ACCOUNTS_EMAIL},
        {"Duplicate entry 'x' for key 'name' for key 'email'", ACCOUNTS_EMAIL},
        {"Duplicate entry '1' for key 'PRIMARY'", ACCOUNTS_ID},
        {"Duplicate entry '1' for key 'accounts.PRIMARY'", ACCOUNTS_ID},
        {"Duplicate entry 'x' for key 'another'", -1},
        {"Duplicate entry 'x", -1},
        {"'", -1},
        {"", -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_assert_eq(gw_mysql_duplicate_column(cases[i].message, &accounts_table), cases[i].column,
                     "%s", cases[i].message);
}

/* ---- Connecting -------------------------------------------------------------------------- */

Test(connect, refused_credentials_and_databases_are_told_apart_from_a_server_that_is_away)
{
    struct mariadb server;
    char url[128];

    cr_assert(mariadb_published(&server));
    snprintf(url, sizeof(url), "mysql://root:wrong-password@127.0.0.1:%u/mysql", server.port);
    cr_assert_eq(compare(url), -EACCES);
    cr_assert_eq(strstr(fixture_log(), "wrong-password"), NULL);
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/nowhere", server.port);
    cr_assert_eq(compare(url), -EACCES);
    cr_assert_eq(compare("mysql://root@127.0.0.1:1/school"), -EHOSTDOWN);
    snprintf(url, sizeof(url), "mysql://root@/mysql?socket=%s", server.socket);
    cr_assert_eq(compare(url), 1);
    cr_assert_eq(compare("mysql://root@/mysql?socket=/nonexistent"), -EHOSTDOWN);
}

Test(connect, a_session_is_strict_utf8_and_utc_whatever_the_server_says)
{
    struct things_row row = fixture_thing();
    struct fixture f;

    fixture_open(&f, true, "session");
    fixture_exec(&f, "SET GLOBAL sql_mode = '', GLOBAL time_zone = '+05:00',"
                     " GLOBAL character_set_server = 'latin1'");
    row.made = INT64_C(1735689599123456);
    row.small = "\xf0\x9f\x90\x8d";
    cr_assert_eq(gw_entity_insert(&f.req, &things_table, &row, NULL), 0);
    cr_assert_eq(mariadb_number(&f.server,
                                "SELECT COUNT(*) FROM session.`the things` WHERE"
                                " made = '2024-12-31 23:59:59.123456'"
                                " AND HEX(small) = 'F09F908D'",
                                0),
                 1);
    /* Not cut, although this server would: the runtime does not know of the narrower column. */
    fixture_exec(&f, "ALTER TABLE `the things` MODIFY small VARCHAR(2) NOT NULL");
    row.small = "abc";
    cr_assert_eq(gw_entity_insert(&f.req, &things_table, &row, NULL), -EIO);
    cr_assert_eq(strstr(fixture_log(), "abc"), NULL);
    fixture_exec(&f, "SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = DEFAULT,"
                     " GLOBAL character_set_server = DEFAULT");
    fixture_close(&f);
}

Test(connect, nothing_is_left_on_the_server)
{
    struct fixture f;
    long statements, threads;

    fixture_open(&f, true, "leftovers");
    statements = mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'", 1);
    threads = mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Threads_connected'", 1);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(find(&f, "a@b"), GW_E_NOT_FOUND);
        if (i % 3 == 0) {
            gw_conn_free(f.conn);
            cr_assert_eq(gw_conn_new(f.store, &f.conn), 0);
        }
    }
    gw_conn_free(f.conn);
    cr_assert_eq(gw_conn_new(f.store, &f.conn), 0);
    usleep(200000);
    cr_assert(mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'", 1) <=
              statements);
    cr_assert(mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Threads_connected'", 1) <=
              threads);
    fixture_close(&f);
}

Test(connect, many_statements_are_kept_and_the_oldest_closed)
{
    struct gw_result result;
    struct fixture f;

    fixture_open(&f, true, "many");
    for (int i = 0; i < 600; i++) {
        char *sql = gw_arena_printf(&f.arena, "DELETE FROM accounts WHERE id = %d", i % 300);
        struct gw_query query = {.sql = sql};

        cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0);
    }
    cr_assert(mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'", 1) <=
              2 * GW_CACHE_MAX);
    fixture_close(&f);
}

/* ---- A server that goes away ------------------------------------------------------------- */

Test(server, stopped_it_costs_the_deadline_and_no_more, .timeout = 60)
{
    struct fixture f;
    uint64_t start;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    stop(&f.server);
    for (int i = 0; i < 3; i++) { /* within a statement first, then within a handshake */
        int r;

        start = gw_store_now();
        f.req.deadline_ns = start + UINT64_C(300000000);
        r = find(&f, "a@b");
        cr_assert(r == -ETIMEDOUT || r == -EHOSTDOWN, "%d", r);
        cr_assert(i > 0 || r == -ETIMEDOUT);
        cr_assert(elapsed_ms(start) < 330, "%u", elapsed_ms(start));
    }
    kill(f.server.pid, SIGCONT);
    start = gw_store_now();
    f.req.deadline_ns = 0;
    while (find(&f, "a@b"))
        cr_assert(elapsed_ms(start) < 1000);
    fixture_close(&f);
}

Test(server, stopped_during_a_write_it_is_reported_and_not_repeated, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    stop(&f.server);
    f.req.deadline_ns = gw_store_now() + UINT64_C(200000000);
    cr_assert_eq(insert(&f, "c@d"), -ETIMEDOUT);
    kill(f.server.pid, SIGCONT);
    usleep(400000);
    cr_assert(mariadb_number(&f.server, "SELECT COUNT(*) FROM school.accounts", 0) <= 2);
    fixture_close(&f);
}

Test(server, killed_it_is_away_at_once_and_back_within_a_second, .timeout = 60)
{
    struct fixture f;
    uint64_t start;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    for (int i = 0; i < 3; i++) {
        mariadb_kill(&f.server, SIGKILL);
        start = gw_store_now();
        cr_assert_eq(find(&f, "a@b"), -EHOSTDOWN);
        cr_assert_eq(insert(&f, "c@d"), -EHOSTDOWN);
        cr_assert(elapsed_ms(start) < 100, "%u", elapsed_ms(start));
        cr_assert(mariadb_restart(&f.server));
        start = gw_store_now();
        while (find(&f, "a@b"))
            cr_assert(elapsed_ms(start) < 1000);
    }
    fixture_close(&f);
}

Test(server, restarted_while_idle_nobody_notices, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    cr_assert_eq(find(&f, "a@b"), 0);
    mariadb_kill(&f.server, SIGTERM);
    cr_assert(mariadb_restart(&f.server));
    cr_assert_eq(insert(&f, "c@d"), 0); /* a write, which is never repeated */
    mariadb_kill(&f.server, SIGKILL);
    cr_assert(mariadb_restart(&f.server));
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(find(&f, "a@b"), 0);
    cr_assert_eq(gw_conn_commit(f.conn, 0), 0);
    fixture_close(&f);
}

Test(server, while_it_is_away_requests_fail_fast, .timeout = 60)
{
    struct gw_conn *conn;
    struct fixture f;
    uint64_t start;

    fixture_open_private(&f);
    mariadb_kill(&f.server, SIGKILL);
    conn = f.conn;
    cr_assert_eq(find(&f, "a@b"), -EHOSTDOWN);
    fixture_log_clear();
    start = gw_store_now();
    for (int i = 0; i < 100; i++)
        cr_assert_eq(find(&f, "a@b"), -EHOSTDOWN);
    cr_assert(elapsed_ms(start) < 50);
    cr_assert_str_eq(fixture_log(), ""); /* nor is the log flooded */
    f.conn = conn;
    fixture_close(&f);
}

/* Kills the latest connection; false if it was gone already. */
static bool kill_connection(struct fixture *f)
{
    long id = mariadb_number(&f->server,
                             "SELECT MAX(ID) FROM information_schema.PROCESSLIST"
                             " WHERE ID <> CONNECTION_ID() AND USER = 'root'",
                             0);
    char sql[64];

    snprintf(sql, sizeof(sql), "KILL %ld", id);
    return mariadb_exec(&f->server, NULL, sql);
}

Test(server, a_killed_connection_within_a_transaction_ends_it, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(insert(&f, "a@b"), 0);
    cr_assert(kill_connection(&f));
    usleep(100000);
    cr_assert_eq(insert(&f, "c@d"), -EHOSTDOWN);
    cr_assert_eq(find(&f, "a@b"), -EHOSTDOWN);
    cr_assert_eq(gw_conn_commit(f.conn, 0), -EHOSTDOWN);
    cr_assert_eq(find(&f, "a@b"), GW_E_NOT_FOUND);
    cr_assert_eq(find(&f, "c@d"), GW_E_NOT_FOUND);
    fixture_close(&f);
}

Test(server, a_read_whose_connection_breaks_is_run_again_once, .timeout = 60)
{
    struct gw_result result;
    struct fixture f;
    pid_t pid;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    struct gw_query query = {.sql = "SELECT id FROM accounts WHERE SLEEP(0.3) = 0",
                             .table = &accounts_table,
                             .columns = 1,
                             .max_rows = 1,
                             .read_only = true};
    pid = fork();
    if (pid == 0) {
        usleep(100000);
        kill_connection(&f);
        _exit(0);
    }
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0, "%s", fixture_log());
    cr_assert_eq(result.n, 1);
    waitpid(pid, NULL, 0);

    query.read_only = false;
    pid = fork();
    if (pid == 0) {
        usleep(100000);
        kill_connection(&f);
        _exit(0);
    }
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), -EHOSTDOWN);
    waitpid(pid, NULL, 0);
    fixture_close(&f);
}

/* ---- A server that refuses --------------------------------------------------------------- */

Test(server, out_of_connections_it_is_busy, .timeout = 60)
{
    struct gw_conn *conns[16];
    struct fixture f;
    size_t n = 0;
    int r = 0;

    fixture_open_private(&f);
    cr_assert(mariadb_exec(&f.server, NULL,
                           "SET GLOBAL max_connections = 10; CREATE USER u@'127.0.0.1';"
                           "GRANT ALL ON school.* TO u@'127.0.0.1'"));
    snprintf(f.url, sizeof(f.url), "mysql://u@127.0.0.1:%u/school", f.server.port);
    reopen(&f, f.url, NULL);
    for (n = 0; n < 16 && r != -EBUSY; n++) {
        cr_assert_eq(gw_conn_new(f.store, &conns[n]), 0);
        r = gw_conn_begin(conns[n], 0);
        cr_assert(r == 0 || r == -EBUSY, "%d", r);
    }
    cr_assert_eq(r, -EBUSY);
    while (n)
        gw_conn_free(conns[--n]);
    fixture_close(&f);
}

Test(server, read_only_it_reads_but_is_away_for_writes, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    cr_assert(mariadb_exec(&f.server, NULL,
                           "CREATE USER u@'127.0.0.1'; GRANT SELECT, INSERT ON school.* TO"
                           " u@'127.0.0.1'; SET GLOBAL read_only = 1"));
    snprintf(f.url, sizeof(f.url), "mysql://u@127.0.0.1:%u/school", f.server.port);
    reopen(&f, f.url, NULL);
    cr_assert_eq(find(&f, "a@b"), 0);
    cr_assert_eq(insert(&f, "c@d"), -EHOSTDOWN);
    cr_assert_eq(find(&f, "a@b"), 0);
    fixture_close(&f);
}

Test(server, a_deadlock_is_busy_and_ends_the_transaction)
{
    struct accounts_row *a, *b;
    struct gw_conn *other, *mine;
    struct fixture f;
    pid_t pid;
    int status, r;

    fixture_open(&f, true, "deadlock");
    a = fixture_account(&f, "a");
    b = fixture_account(&f, "b");
    mine = f.conn;
    pid = fork();
    if (pid == 0) {
        cr_assert_eq(gw_conn_new(f.store, &other), 0);
        f.conn = other;
        gw_conn_begin(other, 0);
        gw_entity_update(&f.req, &accounts_table, b, 1u << ACCOUNTS_NAME);
        usleep(300000);
        r = gw_entity_update(&f.req, &accounts_table, a, 1u << ACCOUNTS_NAME);
        gw_conn_rollback(other);
        _exit(r == 0 ? 0 : r == -EBUSY ? 1 : 2);
    }
    usleep(150000);
    cr_assert_eq(gw_conn_begin(mine, 0), 0);
    cr_assert_eq(gw_entity_update(&f.req, &accounts_table, a, 1u << ACCOUNTS_NAME), 0);
    r = gw_entity_update(&f.req, &accounts_table, b, 1u << ACCOUNTS_NAME);
    if (r) {
        cr_assert_eq(r, -EBUSY);
        cr_assert_eq(insert(&f, "c"), -EBUSY); /* not outside of the transaction */
        cr_assert_eq(gw_conn_commit(mine, 0), -EBUSY);
        cr_assert_eq(find(&f, "c"), GW_E_NOT_FOUND);
    } else {
        cr_assert_eq(gw_conn_commit(mine, 0), 0);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(WEXITSTATUS(status), r ? 0 : 1);
    fixture_close(&f);
}

Test(server, a_table_changed_under_the_program_is_an_error)
{
    struct gw_value key = i64_value(1);
    struct fixture f;
    const void *row;

    fixture_open(&f, true, "changed");
    fixture_exec(&f, "INSERT INTO meters VALUES (1, 5)");
    cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), 0);
    fixture_exec(&f, "ALTER TABLE meters MODIFY reading VARCHAR(20) NOT NULL");
    fixture_exec(&f, "UPDATE meters SET reading = '1abc'");
    cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), -EIO);
    fixture_exec(&f, "UPDATE meters SET reading = '1'"); /* could be converted, and is not */
    cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), -EIO);
    fixture_exec(&f, "ALTER TABLE meters MODIFY reading BIGINT UNSIGNED NOT NULL");
    fixture_exec(&f, "UPDATE meters SET reading = 18446744073709551615");
    cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), -EIO);
    fixture_exec(&f, "ALTER TABLE meters DROP COLUMN reading");
    cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), -EIO);
    fixture_close(&f);
}

/* ---- Faults under load ------------------------------------------------------------------- */

/* A worker: loads rows all the time and checks that each is its own or an honest failure. */
struct worker {
    struct fixture *f;
    int64_t first;
    atomic_bool *stop;
    atomic_uint good; /* loads since the main thread last looked */
    unsigned slowest_ms;
    int wrong;
};

static bool is_honest(int r)
{
    return r == -EHOSTDOWN || r == -ETIMEDOUT || r == -EBUSY;
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct gw_arena arena = {0};
    struct gw_conn *conn;

    if (gw_conn_new(worker->f->store, &conn))
        return NULL;
    for (int64_t i = worker->first; !*worker->stop; i++) {
        struct gw_load load = {.key = i64_value(i % 20 + 1), .arena = &arena};
        uint64_t start = gw_store_now();
        unsigned took;

        gw_entity_load(conn, worker->f->sql, &accounts_table, &load, 1, 0);
        took = elapsed_ms(start);
        if (took > worker->slowest_ms)
            worker->slowest_ms = took;
        if (load.result == 0) {
            const struct accounts_row *row = load.ret_row;

            worker->good++;
            worker->wrong += row->id != i % 20 + 1 || atoi(row->email) != row->id;
        } else {
            worker->wrong += !is_honest(load.result);
            usleep(1000);
        }
        gw_arena_reset(&arena);
    }
    gw_arena_free(&arena);
    gw_conn_free(conn);
    return NULL;
}

static void inflict(struct fixture *f, int fault)
{
    switch (fault % 4) {
    case 0:
        mariadb_kill(&f->server, SIGKILL);
        cr_assert(mariadb_restart(&f->server));
        break;
    case 1:
        stop(&f->server);
        usleep(300000);
        kill(f->server.pid, SIGCONT);
        break;
    case 2:
        for (int i = 0; i < 3; i++)
            kill_connection(f);
        break;
    default:
        mariadb_kill(&f->server, SIGTERM);
        cr_assert(mariadb_restart(&f->server));
        break;
    }
}

/* GW_TEST_FAULTS says how many; each is repaired, and from then on a second is allowed. */
Test(server, faults_under_load_are_503_in_time_and_soon_over, .timeout = 1800)
{
    const char *wanted = getenv("GW_TEST_FAULTS");
    int n = wanted ? atoi(wanted) : 8;
    struct worker workers[3] = {0};
    pthread_t threads[3];
    atomic_bool done = false;
    uint64_t repaired;
    struct fixture f;

    fixture_open_private(&f);
    for (int i = 1; i <= 20; i++)
        fixture_account(&f, gw_arena_printf(&f.arena, "%d", i));
    f.store->options.log = NULL; /* the recorder is not for threads */
    for (int i = 0; i < 3; i++) {
        workers[i].f = &f;
        workers[i].first = i * 7;
        workers[i].stop = &done;
        cr_assert_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int fault = 0; fault < n; fault++) {
        inflict(&f, fault);
        for (int i = 0; i < 3; i++)
            workers[i].good = 0;
        repaired = gw_store_now();
        for (int i = 0; i < 3; i++)
            while (workers[i].good == 0) {
                cr_assert(elapsed_ms(repaired) < 1000, "worker %d, fault %d", i, fault);
                usleep(1000);
            }
        usleep(200000);
    }
    done = true;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_eq(workers[i].wrong, 0);
        cr_assert(workers[i].slowest_ms < 2200, "%u", workers[i].slowest_ms);
    }
    cr_assert(mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Threads_connected'", 1) <= 2);
    fixture_close(&f);
}

/* ---- Several hosts ----------------------------------------------------------------------- */

Test(hosts, the_next_one_is_used_and_the_first_again_when_it_is_back, .timeout = 60)
{
    struct mariadb second;
    struct fixture f;
    uint64_t start;
    char url[256];

    fixture_open_private(&f);
    cr_assert(mariadb_start(&second));
    cr_assert(mariadb_exec(&second, NULL, "CREATE DATABASE school"));
    cr_assert(mariadb_exec(&second, "school", fixture_mysql_schema));
    cr_assert(
        mariadb_exec(&second, "school", "INSERT INTO accounts VALUES (1, 'second', 'n', 'p', 0)"));
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u,127.0.0.1:%u/school", f.server.port,
             second.port);
    reopen(&f, url, NULL);
    cr_assert_eq(find(&f, "second"), GW_E_NOT_FOUND);
    mariadb_kill(&f.server, SIGKILL);
    cr_assert_eq(find(&f, "second"), 0);
    cr_assert(mariadb_restart(&f.server));
    start = gw_store_now();
    while (find(&f, "second") == 0) {
        cr_assert(elapsed_ms(start) < 2000);
        usleep(10000);
    }
    stop(&f.server); /* a first host that stalls costs a share of the deadline */
    f.req.deadline_ns = gw_store_now() + UINT64_C(500000000);
    cr_assert_eq(find(&f, "second"), -ETIMEDOUT);
    f.req.deadline_ns = gw_store_now() + UINT64_C(500000000);
    cr_assert_eq(find(&f, "second"), 0);
    kill(f.server.pid, SIGCONT);
    mariadb_remove(&second);
    fixture_close(&f);
}

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
        start = gw_store_now();
        r = gw_conn_begin(conn, start + UINT64_C(200000000));
        cr_assert(r == -ETIMEDOUT || r == -EHOSTDOWN || r == -EBUSY, "%zu: %d", i, r);
        cr_assert(elapsed_ms(start) < 300, "%zu: %u", i, elapsed_ms(start));
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
    cr_assert_eq(compare(url), -EHOSTDOWN);
}

static int compare_tls(const struct mariadb *server, const char *host, const char *options)
{
    char url[256];

    snprintf(url, sizeof(url), "mysql://root@%s:%u/mysql?%s", host, server->port, options);
    return compare(url);
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
    stop(&server);
    for (int i = 0; i < 3; i++) {
        start = gw_store_now();
        cr_assert_eq(gw_conn_begin(conn, start + UINT64_C(200000000)), -ETIMEDOUT);
        cr_assert(elapsed_ms(start) < 230, "%u", elapsed_ms(start));
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

Test(tls, a_server_that_falls_silent_around_the_handshake_is_bounded, .timeout = 60)
{
    struct mariadb server;

    cr_assert(mariadb_start_tls(&server));
    for (int shake = 0; shake < 2; shake++) {
        int r;
        struct gw_store *store;
        struct gw_conn *conn;
        unsigned port;
        pid_t pid = rogue_tls(&server, shake, &port);
        uint64_t start;
        char url[256];

        snprintf(url, sizeof(url), "mysql://root@localhost:%u/mysql?tls=verify&ca=%s/cert.pem",
                 port, server.folder);
        store = fixture_store(url, NULL);
        cr_assert_eq(gw_conn_new(store, &conn), 0);
        start = gw_store_now();
        r = gw_conn_begin(conn, start + UINT64_C(300000000));
        cr_assert_eq(r, -ETIMEDOUT, "%s", fixture_log());
        cr_assert(elapsed_ms(start) < 340, "%u", elapsed_ms(start));
        cr_assert(strstr(fixture_log(), shake ? "does not answer" : "TLS"), "%s", fixture_log());
        fixture_log_clear();
        gw_conn_free(conn);
        gw_store_free(store);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    mariadb_remove(&server);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
