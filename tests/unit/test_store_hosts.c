/* test_store_hosts.c: several MariaDB servers, of which some fail, are read-only or come back. Each
 * holds a row that says which it is. */
#include "store_fixture.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct pair {
    struct fixture f; /* its server is the first */
    struct mariadb second;
};

static void fill(struct mariadb *server, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof(sql),
             "DELETE FROM accounts; INSERT INTO accounts VALUES (1, '%s', 'n', 'p', 0)", name);
    cr_assert(mariadb_exec(server, "school", sql));
    /* An administrator may write where nobody else may. */
    cr_assert(mariadb_exec(
        server, NULL, "CREATE USER app@'127.0.0.1'; GRANT ALL ON school.* TO app@'127.0.0.1'"));
}

static void open_pair(struct pair *p, const char *options)
{
    char url[256];
    fixture_open_private(&p->f);
    cr_assert(mariadb_start(&p->second));
    cr_assert(mariadb_exec(&p->second, NULL, "CREATE DATABASE school"));
    cr_assert(mariadb_exec(&p->second, "school", fixture_mysql_schema));
    fill(&p->f.server, "first");
    fill(&p->second, "second");
    snprintf(url, sizeof(url), "mysql://app@127.0.0.1:%u,127.0.0.1:%u/school%s", p->f.server.port,
             p->second.port, options);
    fixture_reopen(&p->f, url, NULL);
}

static void close_pair(struct pair *p)
{
    kill(p->f.server.pid, SIGCONT);
    mariadb_remove(&p->second);
    fixture_close(&p->f);
}

/* Which server answers a read. */
static const char *reads_from(struct pair *p)
{
    p->f.req.deadline_ns = 0;
    return fixture_find(&p->f, "first") == 0    ? "first"
           : fixture_find(&p->f, "second") == 0 ? "second"
                                                : "none";
}

/* How many rows a server holds with this name, by its own client. */
static long rows(const struct mariadb *server, const char *email)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM school.accounts WHERE email = '%s'", email);
    return mariadb_number(server, sql, 0);
}

static bool soon(struct pair *p, const char *name, unsigned ms)
{
    uint64_t start = gw_now_ns();
    while (strcmp(reads_from(p), name)) {
        if (fixture_elapsed_ms(start) > ms)
            return false;
        usleep(10000);
    }
    return true;
}

Test(hosts, the_first_one_is_used, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert_str_eq(reads_from(&p), "first");
    close_pair(&p);
}

Test(hosts, one_that_dies_is_left_and_not_gone_back_to, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert_str_eq(reads_from(&p), "first");
    mariadb_kill(&p.f.server, SIGKILL);
    cr_assert_str_eq(reads_from(&p), "second");
    cr_assert(mariadb_restart(&p.f.server));
    for (int i = 0; i < 150; i++, usleep(10000))
        cr_assert_str_eq(reads_from(&p), "second");
    cr_assert(strstr(fixture_log(), "takes writes again, and does not hold the rows"), "%s",
              fixture_log());
    close_pair(&p);
}

Test(hosts, one_that_comes_back_is_used_when_the_other_dies, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    mariadb_kill(&p.f.server, SIGKILL);
    cr_assert_str_eq(reads_from(&p), "second");
    cr_assert(mariadb_restart(&p.f.server));
    mariadb_kill(&p.second, SIGKILL);
    cr_assert(soon(&p, "first", 2000), "%s", fixture_log());
    close_pair(&p);
}

Test(hosts, home_is_gone_back_to_when_it_holds_the_same_rows, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "?home=yes");
    mariadb_kill(&p.f.server, SIGKILL);
    cr_assert_str_eq(reads_from(&p), "second");
    cr_assert(mariadb_restart(&p.f.server));
    cr_assert(mariadb_exec(&p.second, NULL, "SET GLOBAL gtid_slave_pos = '0-1-7'"));
    cr_assert(mariadb_exec(&p.f.server, NULL, "SET GLOBAL gtid_slave_pos = '0-1-5'"));
    for (int i = 0; i < 100; i++, usleep(10000))
        cr_assert_str_eq(reads_from(&p), "second"); /* it is behind */
    cr_assert(mariadb_exec(&p.f.server, NULL, "SET GLOBAL gtid_slave_pos = '0-1-7'"));
    cr_assert(soon(&p, "first", 2000), "%s", fixture_log());
    close_pair(&p);
}

Test(hosts, a_read_only_first_one_is_passed_over, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert(mariadb_exec(&p.f.server, NULL, "SET GLOBAL read_only = 1"));
    cr_assert_eq(fixture_insert(&p.f, "new"), 0, "%s", fixture_log());
    cr_assert_eq(rows(&p.f.server, "new"), 0);
    cr_assert_eq(rows(&p.second, "new"), 1);
    cr_assert_str_eq(reads_from(&p), "second");
    close_pair(&p);
}

Test(hosts, a_write_that_meets_a_host_just_set_read_only_is_done_on_the_other, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert_eq(fixture_insert(&p.f, "old"), 0);
    cr_assert(mariadb_exec(&p.f.server, NULL, "SET GLOBAL read_only = 1"));
    cr_assert_eq(fixture_insert(&p.f, "new"), 0, "%s", fixture_log());
    cr_assert_eq(rows(&p.f.server, "new"), 0);
    cr_assert_eq(rows(&p.second, "new"), 1);
    close_pair(&p);
}

Test(hosts, where_all_are_read_only_reads_go_on_and_writes_wait_for_one_that_is_not, .timeout = 60)
{
    struct pair p;
    uint64_t start;
    open_pair(&p, "");
    cr_assert(mariadb_exec(&p.f.server, NULL, "SET GLOBAL read_only = 1"));
    cr_assert(mariadb_exec(&p.second, NULL, "SET GLOBAL read_only = 1"));
    cr_assert_eq(fixture_insert(&p.f, "new"), -EHOSTDOWN);
    cr_assert_str_neq(reads_from(&p), "none");
    cr_assert_eq(fixture_insert(&p.f, "new"), -EHOSTDOWN);
    cr_assert(mariadb_exec(&p.second, NULL, "SET GLOBAL read_only = 0"));
    start = gw_now_ns();
    while (fixture_insert(&p.f, "new"))
        cr_assert(fixture_elapsed_ms(start) < 2000, "%s", fixture_log());
    cr_assert_eq(rows(&p.second, "new"), 1);
    cr_assert_str_eq(reads_from(&p), "second"); /* reads follow */
    close_pair(&p);
}

Test(hosts, a_transaction_is_not_moved, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert_eq(gw_conn_begin(p.f.conn, 0), 0);
    cr_assert_eq(fixture_insert(&p.f, "one"), 0);
    cr_assert(mariadb_exec(&p.f.server, NULL, "SET GLOBAL read_only = 1"));
    cr_assert_eq(fixture_insert(&p.f, "two"), -EHOSTDOWN);
    cr_assert_eq(gw_conn_commit(p.f.conn, 0), -EHOSTDOWN);
    cr_assert_eq(rows(&p.second, "one") + rows(&p.second, "two"), 0);
    cr_assert_eq(fixture_insert(&p.f, "three"), 0);
    cr_assert_eq(rows(&p.second, "three"), 1);
    close_pair(&p);
}

Test(hosts, what_one_connection_learned_of_a_dark_host_costs_no_other_its_time, .timeout = 60)
{
    struct pair p;
    struct gw_conn *mine, *others[4];
    uint64_t start;
    open_pair(&p, "");
    mine = p.f.conn;
    for (int i = 0; i < 4; i++) { /* all connected to the first */
        cr_assert_eq(gw_conn_new(p.f.store, &others[i]), 0);
        p.f.conn = others[i];
        cr_assert_str_eq(reads_from(&p), "first");
    }
    p.f.conn = mine;
    cr_assert_str_eq(reads_from(&p), "first");
    mariadb_freeze(&p.f.server);
    for (int i = 0; fixture_find(&p.f, "second"); i++, p.f.req.deadline_ns = 0) { /* time-outs */
        start = gw_now_ns();
        fixture_find(&p.f, "first");
        cr_assert(fixture_elapsed_ms(start) < 2500, "%u", fixture_elapsed_ms(start));
        cr_assert(i < 2, "%s", fixture_log());
    }
    start = gw_now_ns();
    for (int i = 0; i < 4; i++) {
        p.f.conn = others[i];
        cr_assert_str_eq(reads_from(&p), "second");
    }
    cr_assert(fixture_elapsed_ms(start) < 500, "%u", fixture_elapsed_ms(start));
    for (int i = 0; i < 4; i++)
        gw_conn_free(others[i]);
    p.f.conn = mine;
    close_pair(&p);
}

Test(hosts, all_away_it_costs_no_time_and_heals, .timeout = 60)
{
    struct pair p;
    uint64_t start;
    open_pair(&p, "");
    mariadb_kill(&p.f.server, SIGKILL);
    mariadb_kill(&p.second, SIGKILL);
    cr_assert_eq(fixture_find(&p.f, "first"), -EHOSTDOWN);
    start = gw_now_ns();
    for (int i = 0; i < 100; i++)
        cr_assert_eq(fixture_find(&p.f, "first"), -EHOSTDOWN);
    cr_assert(fixture_elapsed_ms(start) < 200, "%u", fixture_elapsed_ms(start));
    cr_assert(mariadb_restart(&p.f.server));
    cr_assert(soon(&p, "first", 2000), "%s", fixture_log());
    close_pair(&p);
}

/* ---- What a host says of a write ----------------------------------------------------------- */

/* The first host ends each insert with an error, and counts them where no rollback reaches. */
static void fail_inserts(struct pair *p, unsigned code)
{
    char sql[512];
    snprintf(
        sql, sizeof(sql),
        "CREATE TABLE tries (n INT) ENGINE=Aria; CREATE TRIGGER fails BEFORE INSERT ON accounts "
        "FOR EACH ROW BEGIN INSERT INTO tries VALUES (1); SIGNAL SQLSTATE 'HY000' SET "
        "MYSQL_ERRNO = %u; END",
        code);
    cr_assert(mariadb_exec(&p->f.server, "school", sql));
}

static long tries(struct pair *p)
{
    return mariadb_number(&p->f.server, "SELECT COUNT(*) FROM school.tries", 0);
}

Test(write, one_whose_commit_failed_is_never_run_again, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    fail_inserts(&p, 1180);
    cr_assert_eq(fixture_insert(&p.f, "new"), -EHOSTDOWN, "%s", fixture_log());
    cr_assert_eq(tries(&p), 1);
    cr_assert_eq(rows(&p.second, "new"), 0, "nobody knows whether the other nodes have it");
    cr_assert(strstr(fixture_log(), "could not commit: left alone"), "%s", fixture_log());
    cr_assert_eq(fixture_insert(&p.f, "next"), 0, "%s", fixture_log());
    cr_assert_eq(rows(&p.second, "next"), 1);
    close_pair(&p);
}

Test(write, one_that_a_node_without_quorum_refuses_is_done_on_the_next, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    fail_inserts(&p, 1047);
    cr_assert_eq(fixture_insert(&p.f, "new"), 0, "%s", fixture_log());
    cr_assert_eq(tries(&p), 1);
    cr_assert_eq(rows(&p.second, "new"), 1);
    close_pair(&p);
}

/* ---- What the start and --check say ------------------------------------------------------ */

static char said[4096];

static void take(void *data, const char *line)
{
    size_t len = strlen(said);
    (void)data;
    snprintf(said + len, sizeof(said) - len, "%s\n", line);
}

static int compared(struct pair *p)
{
    said[0] = '\0';
    return gw_store_compare(p->f.store, &fixture_app, take, NULL);
}

/* Of the second host. */
static void expect_warning(struct pair *p, const char *what)
{
    char line[256];
    snprintf(line, sizeof(line), "warning: host 127.0.0.1:%u: %s\n", p->second.port, what);
    cr_assert(strstr(said, line), "%s", said);
}

Test(compare, two_hosts_that_take_writes_and_differ_end_the_start, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert_eq(compared(&p), 1, "%s", said);
    cr_assert(strstr(said, "both take writes"), "%s", said);
    cr_assert(mariadb_exec(&p.second, NULL, "SET GLOBAL read_only = 1"));
    cr_assert_eq(compared(&p), 0, "%s", said);
    expect_warning(&p, "is read-only");
    close_pair(&p);
}

Test(compare, a_host_that_is_away_or_has_another_schema_is_a_warning, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert(mariadb_exec(&p.second, NULL, "SET GLOBAL read_only = 1"));
    cr_assert(mariadb_exec(&p.second, "school", "ALTER TABLE accounts DROP COLUMN name"));
    cr_assert_eq(compared(&p), 0, "%s", said);
    expect_warning(&p, "column accounts.name: is missing");
    mariadb_kill(&p.second, SIGKILL);
    cr_assert_eq(compared(&p), 0, "%s", said);
    expect_warning(&p, "cannot be reached");
    close_pair(&p);
}

Test(compare, a_host_whose_clock_is_another_is_a_warning, .timeout = 60)
{
    struct pair p;
    open_pair(&p, "");
    cr_assert(mariadb_exec(&p.second, NULL, "SET GLOBAL read_only = 1"));
    cr_assert_eq(compared(&p), 0, "%s", said);
    cr_assert_not(strstr(said, "clock"), "%s", said);
    cr_assert(mariadb_exec(&p.second, NULL,
                           "SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 60'"));
    cr_assert_eq(compared(&p), 0, "%s", said);
    cr_assert(strstr(said, "its clock is 60 s ahead of this machine's") ||
                  strstr(said, "its clock is 59 s ahead of this machine's"),
              "%s", said);
    cr_assert(mariadb_exec(&p.second, NULL,
                           "SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() - 60'"));
    cr_assert_eq(compared(&p), 0, "%s", said);
    cr_assert(strstr(said, "s behind this machine's"), "%s", said);
    close_pair(&p);
}

Test(compare, names_that_do_not_resolve_are_named, .timeout = 60)
{
    struct pair p;
    char url[256];
    open_pair(&p, "");
    snprintf(url, sizeof(url), "mysql://app@no.such.host.invalid,127.0.0.1:%u/school",
             p.second.port);
    fixture_reopen(&p.f, url, NULL);
    cr_assert_eq(compared(&p), 0, "%s", said);
    cr_assert(strstr(said, "warning: host no.such.host.invalid: cannot be reached\n"), "%s", said);
    cr_assert(strstr(fixture_log(), "the name no.such.host.invalid cannot be looked up"), "%s",
              fixture_log());
    cr_assert_str_eq(reads_from(&p), "second");
    close_pair(&p);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
