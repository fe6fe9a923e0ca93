/* test_store_mysql.c: what is particular to MariaDB and MySQL: URLs, sessions, and what a server
 * refuses. */
#include "store_fixture.h"

#include "base/clock.h"

#include "store/mysql/own.h"
#include "process/drivers.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
        {"mysql://u:hunter2@h1,h2/db?home=maybe", "home"},
        {"mysql://u:hunter2@host/db?home=yes", "one host"},
        {"mysql://u:hunter2@host/db?wsrep_sync_wait=16", "wsrep_sync_wait"},
        {"mysql://u:hunter2@host/db?wsrep_sync_wait=", "wsrep_sync_wait"},
        {"mysql://u:hunter2@host/db?connect_timeout=9ms", "connect_timeout"},
        {"mysql://u:hunter2@host/db?connect_timeout=1", "connect_timeout"},
        {"mysql://u:hunter2@host/db?keepalive=0s", "keepalive"},
        {"mysql://u:hunter2@host/db?keepalive=-1s", "keepalive"},
    };
    struct gw_arena arena = {0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gw_store *store;
        const char *why = NULL;

        cr_assert_eq(gw_store_new(gw_store_schemes, cases[i].url, NULL, &arena, &store, &why),
                     -EINVAL, "%s", cases[i].url);
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

Test(url, a_session_waits_for_other_nodes_as_it_says)
{
    struct gw_query query = {.sql = "SELECT CAST(@@wsrep_sync_wait AS SIGNED) AS id",
                             .table = &accounts_table,
                             .columns = 1,
                             .max_rows = 1,
                             .read_only = true};
    struct gw_result result;
    struct fixture f;
    char url[300];

    fixture_open(&f, true, "sync_wait");
    snprintf(url, sizeof(url), "%s?wsrep_sync_wait=7", f.url);
    fixture_reopen(&f, url, NULL);
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0, "%s", fixture_log());
    cr_assert_eq(((const struct accounts_row *)result.rows)->id, 7);
    fixture_close(&f);
}

/* ---- Duplicates -------------------------------------------------------------------------- */

Test(duplicate, the_index_is_taken_from_the_end_of_the_message)
{
    static const struct {
        const char *message;
        const char *index;
    } cases[] = {
        {"Duplicate entry 'a@b' for key 'email'", "email"},
        {"Duplicate entry 'a@b' for key 'accounts.email'", "accounts.email"},
        {"Duplicate entry 'x' for key 'name' for key 'email'", "email"},
        {"Duplicate entry '1' for key 'PRIMARY'", "PRIMARY"},
        {"Duplicate entry 'x", ""},
        {"Duplicate entry 'x' for key '", ""},
        {"'", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gw_str index = gw_mysql_duplicate_index(cases[i].message);

        cr_assert(gw_str_equal(index, gw_str_from(cases[i].index)), "%s", cases[i].message);
    }
}

/* ---- Connecting -------------------------------------------------------------------------- */

Test(connect, refused_credentials_and_databases_are_told_apart_from_a_server_that_is_away)
{
    struct mariadb server;
    char url[128];

    cr_assert(mariadb_published(&server));
    snprintf(url, sizeof(url), "mysql://root:wrong-password@127.0.0.1:%u/mysql", server.port);
    cr_assert_eq(fixture_compare(url), -EACCES);
    cr_assert_eq(strstr(fixture_log(), "wrong-password"), NULL);
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/nowhere", server.port);
    cr_assert_eq(fixture_compare(url), -EACCES);
    cr_assert_eq(fixture_compare("mysql://root@127.0.0.1:1/school"), -EHOSTDOWN);
    snprintf(url, sizeof(url), "mysql://root@/mysql?socket=%s", server.socket);
    cr_assert_eq(fixture_compare(url), 1);
    cr_assert_eq(fixture_compare("mysql://root@/mysql?socket=/nonexistent"), -EHOSTDOWN);
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
    cr_assert_eq(gw_entity_insert(&f.req, &things_table, &row, NULL), GW_E_RANGE);
    cr_assert_eq(strstr(fixture_log(), "abc"), NULL);
    fixture_exec(&f, "SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = DEFAULT,"
                     " GLOBAL character_set_server = DEFAULT");
    fixture_close(&f);
}

Test(connect, the_account_of_the_operating_system_is_enough_on_a_socket, .timeout = 60)
{
    const struct passwd *user = getpwuid(geteuid());
    struct fixture f;
    char sql[256];

    fixture_open_private(&f);
    snprintf(sql, sizeof(sql),
             "CREATE OR REPLACE USER '%s'@localhost IDENTIFIED VIA unix_socket;"
             "GRANT ALL ON *.* TO '%s'@localhost",
             user->pw_name, user->pw_name);
    cr_assert(mariadb_exec(&f.server, NULL, sql));
    snprintf(f.url, sizeof(f.url), "mysql://%s@/school?socket=%s", user->pw_name, f.server.socket);
    cr_assert_eq(fixture_compare(f.url), 0, "%s", fixture_log());
    fixture_close(&f);
}

Test(connect, nothing_is_left_on_the_server)
{
    struct fixture f;
    long statements, threads;

    fixture_open_private(&f); /* nobody else is counted */
    statements = mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'", 1);
    threads = mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Threads_connected'", 1);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(fixture_find(&f, "a@b"), GW_E_NOT_FOUND);
        if (i % 3 == 0) {
            gw_conn_free(f.conn);
            cr_assert_eq(gw_conn_new(f.store, &f.conn), 0);
        }
    }
    gw_conn_free(f.conn);
    cr_assert_eq(gw_conn_new(f.store, &f.conn), 0);
    /* The server notices a closed connection, also the one that asks, in its own time. */
    bool gone = false;
    for (int i = 0; i < 50 && !gone; i++) {
        usleep(100000);
        gone =
            mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'", 1) <=
                statements &&
            mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Threads_connected'", 1) <= threads;
    }
    cr_assert(gone);
    fixture_close(&f);
}

Test(connect, many_statements_are_kept_and_the_oldest_closed)
{
    struct gw_result result;
    struct fixture f;

    fixture_open_private(&f);
    for (int i = 0; i < 600; i++) {
        char *sql = gw_arena_printf(&f.arena, "DELETE FROM accounts WHERE id = %d", i % 300);
        struct gw_query query = {.sql = sql};

        cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0);
    }
    cr_assert(mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'", 1) <=
              GW_CACHE_MAX);
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
    fixture_reopen(&f, f.url, NULL);
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
    fixture_reopen(&f, f.url, NULL);
    cr_assert_eq(fixture_find(&f, "a@b"), 0);
    cr_assert_eq(fixture_insert(&f, "c@d"), -EHOSTDOWN);
    cr_assert_eq(fixture_find(&f, "a@b"), 0);
    fixture_close(&f);
}

Test(server, a_deadlock_is_a_conflict_and_ends_the_transaction)
{
    struct accounts_row *a, *b;
    struct gw_conn *other, *mine;
    struct fixture f;
    int to_child[2], to_parent[2], theirs, r;
    pid_t pid;
    char byte = 0;

    cr_assert(!pipe(to_child) && !pipe(to_parent));
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
        if (write(to_parent[1], &byte, 1) != 1 || read(to_child[0], &byte, 1) != 1)
            _exit(3);
        r = gw_entity_update(&f.req, &accounts_table, a, 1u << ACCOUNTS_NAME);
        gw_conn_rollback(other);
        _exit(write(to_parent[1], &r, sizeof(r)) != sizeof(r));
    }
    cr_assert_eq(read(to_parent[0], &byte, 1), 1);
    cr_assert_eq(gw_conn_begin(mine, 0), 0);
    cr_assert_eq(gw_entity_update(&f.req, &accounts_table, a, 1u << ACCOUNTS_NAME), 0);
    cr_assert_eq(write(to_child[1], &byte, 1), 1);
    r = gw_entity_update(&f.req, &accounts_table, b, 1u << ACCOUNTS_NAME);
    if (r) {
        cr_assert_eq(r, GW_E_CONFLICT);
        cr_assert_eq(fixture_insert(&f, "c"), GW_E_CONFLICT); /* not outside of the transaction */
        cr_assert_eq(gw_conn_commit(mine, 0), GW_E_CONFLICT);
        cr_assert_eq(fixture_find(&f, "c"), GW_E_NOT_FOUND);
    } else {
        cr_assert_eq(gw_conn_commit(mine, 0), 0);
    }
    cr_assert_eq(read(to_parent[0], &theirs, sizeof(theirs)), sizeof(theirs));
    cr_assert_eq(theirs, r ? 0 : GW_E_CONFLICT);
    waitpid(pid, NULL, 0);
    fixture_close(&f);
}

Test(server, a_single_statement_that_deadlocks_is_run_again, .timeout = 60)
{
    struct gw_query query = {.sql = "UPDATE codes SET worth = worth + 1 WHERE code IN ('a', 'b')",
                             .deadline_ns = gw_now_ns() + UINT64_C(20000000000)};
    struct gw_result result;
    struct fixture f;
    long before;
    int status;
    pid_t pid;

    fixture_open(&f, true, "contended");
    for (int i = 0; i < 8; i++) {
        struct codes_row row = {.code = (char[]){(char)('a' + i), 0}};
        cr_assert_eq(gw_entity_insert(&f.req, &codes_table, &row, NULL), 0);
    }
    before = mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'", 1);
    pid = fork();
    if (pid == 0) /* changes more rows than the statement: the server ends that one */
        _exit(!mariadb_exec(&f.server, "contended",
                            "START TRANSACTION;"
                            "UPDATE codes SET worth = worth + 1 WHERE code >= 'b';"
                            "DO SLEEP(0.5);"
                            "UPDATE codes SET worth = worth + 1 WHERE code = 'a';"
                            "COMMIT"));
    usleep(250000);
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0, "%s", fixture_log());
    cr_assert_eq(result.affected, 2);
    waitpid(pid, &status, 0);
    cr_assert_eq(WEXITSTATUS(status), 0);
    cr_assert_gt(mariadb_number(&f.server, "SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'", 1),
                 before); /* or this shows nothing */
    cr_assert_eq(mariadb_number(&f.server, "SELECT SUM(worth) FROM contended.codes", 0), 10);
    fixture_close(&f);
}

/* The server sends the first row, and for the second an error. */
Test(server, a_result_that_breaks_off_leaves_its_statement_usable, .timeout = 60)
{
    struct gw_result result;
    struct fixture f;
    struct gw_query query = {.sql =
                                 "SELECT id FROM accounts WHERE id = 1 OR id = (SELECT x.id FROM "
                                 "accounts x WHERE x.id > accounts.id) ORDER BY id",
                             .table = &accounts_table,
                             .columns = 1,
                             .max_rows = 9,
                             .read_only = true};

    fixture_open(&f, true, "broken_off");
    for (int i = 1; i <= 4; i++)
        fixture_account(&f, gw_arena_printf(&f.arena, "%d", i));
    for (int i = 0; i < 3; i++) {
        uint64_t start = gw_now_ns();
        cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), -EIO, "%s", fixture_log());
        cr_assert(fixture_elapsed_ms(start) < 1000, "%u", fixture_elapsed_ms(start));
    }
    cr_assert(strstr(fixture_log(), "mysql 1242"), "%s", fixture_log());
    fixture_exec(&f, "DELETE FROM accounts WHERE id > 2");
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0, "%s", fixture_log());
    cr_assert_eq(result.n, 1);
    cr_assert_eq(*(int64_t *)result.rows, 1);
    cr_assert_eq(gw_conn_counts(f.conn)->connects, 1, "the connection was lost");
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

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
