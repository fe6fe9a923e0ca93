/* test_faults.c: databases that are killed, stopped, reset and restarted under a load of requests.
 *
 * Callers read their own account and teachers write lessons all the while. Every answer is the
 * expected one, or 503 within two seconds; nobody is given another account; what was said to be
 * written is; and when the database is back, so are the answers, within a second. TESTS_FULL=1:
 * 500 faults, else 20. */
#include "forge.h"
#include "school.h"
#include "stack.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4
#define READERS 4
#define WRITERS 2
#define SLOW    2.3 /* two seconds, and what a machine under load needs for the rest */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* What was measured, into the test's log. */
static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* ---- The load ---------------------------------------------------------------------------- */

struct load {
    atomic_bool stop;
    atomic_int answered, refused; /* 200 or 201, and 503 */
    atomic_int written, unsure;   /* 201, and 503 */
    atomic_int wrong, slow;
    _Atomic double slowest;
    struct account readers[READERS], teacher;
    double early; /* a 503 sooner than that is wrong; 0: none is */
};

struct caller {
    struct load *load;
    int number;
    pthread_t thread;
};

static void judge(struct load *load, const struct reply *reply, long expected, double took)
{
    if (reply->status == expected)
        load->answered++;
    else if (reply->status == 503 && took >= load->early)
        load->refused++;
    else if (!load->wrong++)
        fprintf(stderr, "not %ld but %ld after %.3f s: %s\n", expected, reply->status, took,
                reply->body);
    if (took > load->slowest)
        load->slowest = took;
    if (took > SLOW)
        load->slow++;
}

static void *read_own(void *data)
{
    const struct caller *caller = data;
    struct load *load = caller->load;
    const struct account *account = &load->readers[caller->number];
    while (!load->stop) {
        double begun = now();
        struct reply reply = http((struct call){.target = "/api/v1/me", .token = account->token});
        judge(load, &reply, 200, now() - begun);
        const char *email = reply.status == 200 ? http_text(&reply, "data.email") : account->email;
        if (!email || strcmp(email, account->email) != 0)
            load->wrong++;
        http_free(&reply);
    }
    return NULL;
}

static void *write_lessons(void *data)
{
    const struct caller *caller = data;
    struct load *load = caller->load;
    for (int i = 0; !load->stop; i++) {
        char body[96];
        double begun = now();
        snprintf(body, sizeof(body), "{\"title\":\"%d of %d\"}", i, caller->number);
        struct reply reply = http(
            (struct call){.target = "/api/v1/lessons", .token = load->teacher.token, .body = body});
        judge(load, &reply, 201, now() - begun);
        *(reply.status == 201 ? &load->written : &load->unsure) += 1;
        http_free(&reply);
        usleep(2000);
    }
    return NULL;
}

static void start_load(struct load *load, struct caller callers[READERS + WRITERS])
{
    for (int i = 0; i < READERS; i++)
        school_register("user", &load->readers[i]);
    school_register("teacher", &load->teacher);
    for (int i = 0; i < READERS + WRITERS; i++) {
        callers[i] = (struct caller){.load = load, .number = i};
        pthread_create(&callers[i].thread, NULL, i < READERS ? read_own : write_lessons,
                       &callers[i]);
    }
}

static void stop_load(struct load *load, struct caller callers[READERS + WRITERS])
{
    load->stop = true;
    for (int i = 0; i < READERS + WRITERS; i++)
        pthread_join(callers[i].thread, NULL);
    tell("%d answered, %d refused with 503, slowest %.3f s, %d written", load->answered,
         load->refused, load->slowest, load->written);
    cr_expect_eq(load->wrong, 0, "%d wrong answers", load->wrong);
    cr_expect_eq(load->slow, 0, "%d answers after more than %.1f s", load->slow, SLOW);
    cr_expect_gt(load->answered, 0);
}

/* ---- Faults ------------------------------------------------------------------------------ */

static void kill_connections(const struct mariadb *server)
{
    for (int i = 0; i < WORKERS; i++) {
        char sql[64];
        long id = mariadb_number(server,
                                 "SELECT MIN(ID) FROM information_schema.PROCESSLIST"
                                 " WHERE ID <> CONNECTION_ID() AND DB = 'school'",
                                 0);
        snprintf(sql, sizeof(sql), "KILL %ld", id);
        if (id > 0)
            mariadb_exec(server, NULL, sql);
    }
}

static void fault(struct mariadb *server, int kind)
{
    switch (kind) {
    case 0:
        mariadb_kill(server, SIGKILL);
        cr_assert(mariadb_restart(server));
        break;
    case 1:
        mariadb_freeze(server);
        usleep(300000);
        kill(server->pid, SIGCONT);
        break;
    case 2:
        kill_connections(server);
        break;
    default:
        mariadb_kill(server, SIGTERM);
        cr_assert(mariadb_restart(server));
    }
}

/* Seconds until each of the workers has had the chance to answer, and all did. */
static double recovery(const struct account *account)
{
    double begun = now(), good = begun;
    for (int row = 0; row < 2 * WORKERS && now() - begun < 10;) {
        struct reply reply = http((struct call){.target = "/api/v1/me", .token = account->token});
        row = reply.status == 200 ? row + 1 : 0;
        if (reply.status != 200)
            good = now();
        http_free(&reply);
    }
    return good - begun;
}

static struct stack start_stack(const struct stack_options *options)
{
    struct stack stack;
    struct stack_options chosen = *options;
    chosen.program = stack_options_from_environment().program;
    cr_assert(stack_start(&stack, &chosen));
    return stack;
}

static long status_of(const struct mariadb *server, const char *name)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "SHOW GLOBAL STATUS LIKE '%s'", name);
    return mariadb_number(server, sql, 1);
}

static void keeps_going(const char *transport)
{
    const char *const settings[] = {"GW_WORKERS=4", NULL};
    struct stack stack = start_stack(&(struct stack_options){
        .server = "nginx", .transport = transport, .store = "mariadb", .settings = settings});
    static struct load load;
    struct caller callers[READERS + WRITERS];
    int cycles = getenv("TESTS_FULL") ? 500 : 20;
    double slowest = 0;
    start_load(&load, callers);
    usleep(300000);
    long connections = status_of(&stack.mariadb, "Threads_connected");
    long statements = status_of(&stack.mariadb, "Prepared_stmt_count");
    for (int i = 0; i < cycles; i++) {
        fault(&stack.mariadb, i % 4);
        double took = recovery(&load.readers[0]);
        slowest = took > slowest ? took : slowest;
        usleep(50000);
    }
    stop_load(&load, callers);
    tell("%d faults, slowest recovery %.3f s", cycles, slowest);
    cr_expect_leq(slowest, 1.2, "%.3f s until all workers answered", slowest);
    long rows = mariadb_number(&stack.mariadb, "SELECT COUNT(*) FROM school.lessons", 0);
    cr_expect_geq(rows, load.written, "%ld rows of %d", rows, load.written);
    cr_expect_leq(rows, load.written + load.unsure);
    /* One connection a worker, the one that asks, and no more statements than at first, but for
     * the sizes of batches that had not come by. */
    long then = status_of(&stack.mariadb, "Threads_connected");
    long left = status_of(&stack.mariadb, "Prepared_stmt_count");
    tell("connections %ld then %ld, statements %ld then %ld", connections, then, statements, left);
    cr_expect_leq(then, WORKERS + 1);
    cr_expect_leq(left, WORKERS * 7);
    cr_expect(stack_stop(&stack));
}

Test(faults, of_the_database_under_load_native)
{
    keeps_going("native");
}

Test(faults, of_the_database_under_load_libfcgi)
{
    keeps_going("libfcgi");
}

/* ---- Two servers behind one URL ---------------------------------------------------------- */

static void load_schema(const struct mariadb *server, const char *name)
{
    char sql[160];
    cr_assert(stack_make_database(server));
    snprintf(sql, sizeof(sql),
             "INSERT INTO users (id, name, email, password) VALUES (1, '%s', 'a@b', 'x')", name);
    cr_assert(mariadb_exec(server, "school", sql));
    /* As if both had applied the same changes: then neither is behind. */
    cr_assert(mariadb_exec(server, NULL, "SET GLOBAL gtid_slave_pos = '0-1-1'"));
}

struct pair {
    atomic_bool stop;
    atomic_int wrong, first, second, refused;
    char *token;
};

static void *ask(void *data)
{
    struct pair *pair = data;
    while (!pair->stop) {
        double begun = now();
        struct reply reply = http((struct call){.target = "/api/v1/me", .token = pair->token});
        const char *name = http_text(&reply, "data.name");
        if (reply.status == 200 && name && !strcmp(name, "first"))
            pair->first++;
        else if (reply.status == 200 && name && !strcmp(name, "second"))
            pair->second++;
        else if (reply.status == 503)
            pair->refused++;
        else
            pair->wrong++;
        pair->wrong += now() - begun > SLOW;
        http_free(&reply);
    }
    return NULL;
}

/* Waits until only the one named answers. */
static bool comes_to(atomic_int *wanted, atomic_int *other, double seconds)
{
    for (double begun = now(); now() - begun < seconds;) {
        int before = *other, good = *wanted;
        usleep(200000);
        if (*other == before && *wanted > good)
            return true;
    }
    return false;
}

/* Kills the host in use, which the other one follows, and brings it back. */
static void lose(struct mariadb *lost, atomic_int *its, atomic_int *other, bool comes_back)
{
    mariadb_kill(lost, SIGKILL);
    double begun = now();
    cr_expect(comes_to(other, its, 10), "to the other");
    double moved = now() - begun;
    cr_assert(mariadb_restart(lost));
    begun = now();
    if (comes_back) {
        cr_expect(comes_to(its, other, 10), "and back");
    } else {
        usleep(800000); /* four times as long as between two looks at it */
        cr_expect(comes_to(other, its, 1), "and not back");
    }
    tell("moved within %.1f s, settled within %.1f s", moved, now() - begun);
}

static void follow(bool home)
{
    struct mariadb servers[2];
    char url[192];
    const char *const settings[] = {url, "GW_WORKERS=4", NULL};
    static struct pair pair;
    pthread_t threads[3];
    for (int i = 0; i < 2; i++) {
        cr_assert(mariadb_start(&servers[i]));
        load_schema(&servers[i], i ? "second" : "first");
    }
    snprintf(url, sizeof(url), "GW_DATABASE_URL=mysql://root@127.0.0.1:%u,127.0.0.1:%u/school%s",
             servers[0].port, servers[1].port, home ? "?home=yes" : "");
    struct stack stack = start_stack(&(struct stack_options){
        .server = "nginx", .transport = "native", .store = "sqlite", .settings = settings});
    pair.token = forge_claims("{\"table_name\":\"users\",\"id\":1,\"exp\":%ld}", forge_tomorrow());
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, ask, &pair);
    cr_expect(comes_to(&pair.first, &pair.second, 10), "at first");
    for (int i = 0; i < 2; i++) {
        lose(&servers[0], &pair.first, &pair.second, home);
        if (!home)
            lose(&servers[1], &pair.second, &pair.first, false);
    }
    pair.stop = true;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    tell("%d by the first, %d by the second, %d refused", pair.first, pair.second, pair.refused);
    cr_expect_eq(pair.wrong, 0);
    free(pair.token);
    cr_expect(stack_stop(&stack));
    mariadb_remove(&servers[0]);
    mariadb_remove(&servers[1]);
}

Test(faults, requests_move_to_the_next_server_and_stay_there)
{
    follow(false);
}

Test(faults, requests_move_to_the_next_server_and_home_where_that_is_wanted)
{
    follow(true);
}

/* ---- Many processes on one SQLite file --------------------------------------------------- */

/* Under CGI each request is a process of its own. */
Test(faults, many_processes_share_a_sqlite_file)
{
    struct stack stack = start_stack(
        &(struct stack_options){.server = "lighttpd", .transport = "cgi", .store = "sqlite"});
    static struct load load = {.early = 1.0}; /* 503 only once the deadline has passed */
    struct caller callers[READERS + WRITERS];
    struct reply reply;
    long after = 0, rows = 0;
    start_load(&load, callers);
    sleep(getenv("TESTS_FULL") ? 60 : 6);
    stop_load(&load, callers);
    for (bool more = true; more;) {
        char target[96];
        snprintf(target, sizeof(target), "/api/v1/lessons?limit=100&after=%ld", after);
        reply = http((struct call){.target = target, .token = load.teacher.token});
        cr_assert_eq(reply.status, 200);
        rows += (long)json_array_size(http_member(&reply, "data"));
        more = json_is_integer(http_member(&reply, "next"));
        after = (long)json_integer_value(http_member(&reply, "next"));
        http_free(&reply);
    }
    cr_expect_geq(rows, load.written, "%ld rows of %d", rows, load.written);
    cr_expect_leq(rows, load.written + load.unsure);
    cr_expect(stack_stop(&stack));
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
