/* test_store_away.c: a MariaDB server that stalls, dies and comes back, and one that takes over.
 *
 * Whatever happens, an answer comes before the deadline, is the right one or says that the store is
 * away, and a second after the repair everything works again. */
#include "store_fixture.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- A server that goes away ------------------------------------------------------------- */

Test(server, stopped_it_costs_the_deadline_and_no_more, .timeout = 60)
{
    struct fixture f;
    uint64_t start;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    mariadb_freeze(&f.server);
    for (int i = 0; i < 3; i++) { /* within a statement first, then within a handshake */
        int r;

        start = gw_now_ns();
        f.req.deadline_ns = start + UINT64_C(300000000);
        r = fixture_find(&f, "a@b");
        cr_assert(r == -ETIMEDOUT || r == -EHOSTDOWN, "%d", r);
        cr_assert(i > 0 || r == -ETIMEDOUT);
        cr_assert(fixture_elapsed_ms(start) < 900, "%u", fixture_elapsed_ms(start));
    }
    kill(f.server.pid, SIGCONT);
    start = gw_now_ns();
    f.req.deadline_ns = 0;
    while (fixture_find(&f, "a@b"))
        cr_assert(fixture_elapsed_ms(start) < 1000);
    fixture_close(&f);
}

Test(server, stopped_during_a_write_it_is_reported_and_not_repeated, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    mariadb_freeze(&f.server);
    f.req.deadline_ns = gw_now_ns() + UINT64_C(200000000);
    cr_assert_eq(fixture_insert(&f, "c@d"), -ETIMEDOUT);
    kill(f.server.pid, SIGCONT);
    usleep(400000);
    cr_assert(mariadb_number(&f.server, "SELECT COUNT(*) FROM school.accounts", 0) <= 2);
    fixture_close(&f);
}

/* ---- Descriptors that are not ours ------------------------------------------------------- */

struct holder {
    atomic_bool stop;
    atomic_int lost;
};

/* Opens a descriptor, which stays open until it is closed again here. */
static void *hold_descriptors(void *data)
{
    struct holder *holder = data;

    while (!holder->stop) {
        int fd = eventfd(0, EFD_CLOEXEC);

        for (int i = 0; i < 20; i++)
            if (fcntl(fd, F_GETFD) < 0)
                holder->lost++;
        if (close(fd))
            holder->lost++;
    }
    return NULL;
}

/* Each time by a store of its own: a store leaves a host alone that failed. */
static void connect_in_vain(const char *url)
{
    struct holder holder = {.stop = false};
    struct gw_arena arena = {.limit = 0};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, hold_descriptors, &holder), 0);
    for (int i = 0; i < 4000; i++) {
        struct gw_query query = {.sql = "DELETE FROM accounts",
                                 .deadline_ns = gw_now_ns() + UINT64_C(1000000000)};
        struct gw_store *store = fixture_store(url, NULL);
        struct gw_result result;
        struct gw_conn *conn;

        cr_assert_eq(gw_conn_new(store, &conn), 0);
        cr_assert_eq(gw_conn_run(conn, &query, &arena, &result), -EHOSTDOWN);
        gw_conn_free(conn);
        gw_store_free(store);
        gw_arena_reset(&arena);
    }
    holder.stop = true;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(holder.lost, 0, "%d descriptors of other threads were closed", holder.lost);
    gw_arena_free(&arena);
}

/* libmariadb closes a socket twice when a connection is refused, and the number may be somebody
 * else's by then: a web server's connection, or another worker's to the database. */
Test(server, refused_on_its_socket_it_costs_no_other_threads_descriptor, .timeout = 60)
{
    connect_in_vain("mysql://root@/school?socket=/nonexistent/socket");
}

Test(server, refused_on_its_port_it_costs_no_other_threads_descriptor, .timeout = 60)
{
    connect_in_vain("mysql://root@127.0.0.1:1/school");
}

Test(server, refused_on_every_address_it_leaves_no_descriptor_open, .timeout = 60)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

    close(before);
    connect_in_vain("mysql://root@localhost:1/school");
    after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert_eq(after, before);
    close(after);
}

Test(server, killed_it_is_away_at_once_and_back_within_a_second, .timeout = 60)
{
    struct fixture f;
    uint64_t start;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    for (int i = 0; i < 3; i++) {
        mariadb_kill(&f.server, SIGKILL);
        start = gw_now_ns();
        cr_assert_eq(fixture_find(&f, "a@b"), -EHOSTDOWN);
        cr_assert_eq(fixture_insert(&f, "c@d"), -EHOSTDOWN);
        cr_assert(fixture_elapsed_ms(start) < 500, "%u", fixture_elapsed_ms(start));
        cr_assert(mariadb_restart(&f.server));
        start = gw_now_ns();
        while (fixture_find(&f, "a@b"))
            cr_assert(fixture_elapsed_ms(start) < 1000);
    }
    fixture_close(&f);
}

Test(server, restarted_while_idle_nobody_notices, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    fixture_account(&f, "a@b");
    cr_assert_eq(fixture_find(&f, "a@b"), 0);
    mariadb_kill(&f.server, SIGTERM);
    cr_assert(mariadb_restart(&f.server));
    cr_assert_eq(fixture_insert(&f, "c@d"), 0); /* a write, which is never repeated */
    mariadb_kill(&f.server, SIGKILL);
    cr_assert(mariadb_restart(&f.server));
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(fixture_find(&f, "a@b"), 0);
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
    cr_assert_eq(fixture_find(&f, "a@b"), -EHOSTDOWN);
    fixture_log_clear();
    start = gw_now_ns();
    for (int i = 0; i < 100; i++)
        cr_assert_eq(fixture_find(&f, "a@b"), -EHOSTDOWN);
    cr_assert(fixture_elapsed_ms(start) < 500);
    cr_assert_str_eq(fixture_log(), ""); /* nor is the log flooded */
    f.conn = conn;
    fixture_close(&f);
}

Test(server, a_killed_connection_within_a_transaction_ends_it, .timeout = 60)
{
    struct fixture f;

    fixture_open_private(&f);
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(fixture_insert(&f, "a@b"), 0);
    cr_assert(fixture_kill_connection(&f));
    usleep(100000);
    cr_assert_eq(fixture_insert(&f, "c@d"), -EHOSTDOWN);
    cr_assert_eq(fixture_find(&f, "a@b"), -EHOSTDOWN);
    cr_assert_eq(gw_conn_commit(f.conn, 0), -EHOSTDOWN);
    cr_assert_eq(fixture_find(&f, "a@b"), GW_E_NOT_FOUND);
    cr_assert_eq(fixture_find(&f, "c@d"), GW_E_NOT_FOUND);
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
        fixture_kill_connection(&f);
        _exit(0);
    }
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), 0, "%s", fixture_log());
    cr_assert_eq(result.n, 1);
    waitpid(pid, NULL, 0);

    query.read_only = false;
    pid = fork();
    if (pid == 0) {
        usleep(100000);
        fixture_kill_connection(&f);
        _exit(0);
    }
    cr_assert_eq(gw_conn_run(f.conn, &query, &f.arena, &result), -EHOSTDOWN);
    waitpid(pid, NULL, 0);
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
        uint64_t start = gw_now_ns();
        unsigned took;

        gw_entity_load(conn, worker->f->sql, &accounts_table, &load, 1, 0);
        took = fixture_elapsed_ms(start);
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
        mariadb_freeze(&f->server);
        usleep(300000);
        kill(f->server.pid, SIGCONT);
        break;
    case 2:
        for (int i = 0; i < 3; i++)
            fixture_kill_connection(f);
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
        repaired = gw_now_ns();
        for (int i = 0; i < 3; i++)
            while (workers[i].good == 0) {
                cr_assert(fixture_elapsed_ms(repaired) < 1000, "worker %d, fault %d", i, fault);
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

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
