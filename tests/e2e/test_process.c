/* test_process.c: starting, stopping, a database that goes away, floods and many callers at once.
 */
#include "school.h"
#include "site.h"
#include "stack.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Starting ---------------------------------------------------------------------------- */

/* Runs the program by hand with only these settings; its exit status and what it said. */
static int run_program(const char *const *settings, const char *argument, char *said, size_t size)
{
    int out[2];
    const char *program = stack_options_from_environment().program;
    cr_assert_eq(pipe(out), 0);
    pid_t pid = fork();
    if (!pid) {
        static char *empty[] = {NULL};
        environ = empty;
        setenv("GW_ORIGIN", "http://127.0.0.1:8080", 1); /* the school has a cookie */
        for (size_t i = 0; settings[i]; i++)
            putenv((char *)settings[i]);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(out[1], STDERR_FILENO);
        close(out[0]);
        execl(program, "school", argument, NULL);
        _exit(127);
    }
    close(out[1]);
    size_t n = 0;
    for (ssize_t got; n < size - 1 && (got = read(out[0], said + n, size - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = 0;
    close(out[0]);
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define SECRET "GW_SECRET_KEY=0123456789abcdef0123456789abcdef"
#define STORE  "GW_DATABASE_URL=sqlite::memory:"

static void expect_refusal(const char *const *settings, const char *said_part)
{
    char said[4096];
    int status = run_program(settings, "--check", said, sizeof(said));
    cr_expect_eq(status, 78, "%s: exit %d: %s", said_part, status, said);
    cr_expect_not_null(strstr(said, said_part), "expected \"%s\" in: %s", said_part, said);
}

#define REFUSES(part, ...) expect_refusal((const char *const[]){__VA_ARGS__, NULL}, part)

Test(start, a_missing_secret_is_named)
{
    REFUSES("GW_SECRET_KEY is not set", STORE);
}

Test(start, a_short_secret_is_named_and_not_repeated)
{
    char said[4096];
    const char *const settings[] = {STORE, "GW_SECRET_KEY=tooshort", NULL};
    cr_assert_eq(run_program(settings, "--check", said, sizeof(said)), 78);
    cr_assert_not_null(strstr(said, "GW_SECRET_KEY"));
    cr_assert_not_null(strstr(said, "32"));
    cr_assert_null(strstr(said, "tooshort"), "%s", said);
}

Test(start, a_public_key_is_no_secret)
{
    REFUSES("GW_SECRET_KEY", STORE,
            "GW_SECRET_KEY=-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
}

Test(start, an_unknown_setting_is_named_with_the_nearest)
{
    REFUSES("GW_WORKRES is not a setting; did you mean GW_WORKERS?", SECRET, STORE, "GW_WORKRES=4");
}

Test(start, wrong_values_say_what_may_stand_there)
{
    REFUSES("GW_WORKERS is \"many\"; it may hold threads from 1 to 256", SECRET, STORE,
            "GW_WORKERS=many");
    REFUSES("GW_WORKERS is \"0\"", SECRET, STORE, "GW_WORKERS=0");
    REFUSES("GW_LEEWAY is \"61\"", SECRET, STORE, "GW_LEEWAY=61");
    REFUSES("GW_EXPIRE_DAYS is \"-1\"", SECRET, STORE, "GW_EXPIRE_DAYS=-1");
    REFUSES("GW_LOG is \"xml\"", SECRET, STORE, "GW_LOG=xml");
    REFUSES("GW_SENDFILE is \"yes\"", SECRET, STORE, "GW_SENDFILE=yes");
    REFUSES("GW_PATH is \"both\"", SECRET, STORE, "GW_PATH=both");
    REFUSES("GW_MOUNT is \"/a/../b\"", SECRET, STORE, "GW_MOUNT=/a/../b");
    REFUSES("GW_BODY_LIMIT is \"2T\"", SECRET, STORE, "GW_BODY_LIMIT=2T");
    REFUSES("GW_REQUEST_TIMEOUT is \"5\"", SECRET, STORE, "GW_REQUEST_TIMEOUT=5");
    REFUSES("GW_TRANSPORT is \"http\"", SECRET, STORE, "GW_TRANSPORT=http");
}

Test(start, a_database_url_that_is_none_is_named)
{
    REFUSES("GW_DATABASE_URL", SECRET, "GW_DATABASE_URL=postgres://localhost/school");
    REFUSES("GW_DATABASE_URL is not set", SECRET, "GW_LOG=text");
}

Test(start, a_good_configuration_is_good)
{
    char said[4096];
    const char *const settings[] = {SECRET, STORE, NULL};
    cr_assert_eq(run_program(settings, "--check", said, sizeof(said)), 0, "%s", said);
}

Test(start, other_columns_in_the_database_are_named)
{
    char folder[SITE_FOLDER_MAX], path[SITE_PATH_MAX], url[160], said[8192];
    cr_assert(site_folder(folder));
    site_path(folder, "db", path);
    snprintf(url, sizeof(url), "GW_DATABASE_URL=sqlite:%s", path);
    const char *const settings[] = {SECRET, url, NULL};
    cr_assert_eq(run_program(settings, "--schema-apply", said, sizeof(said)), 0, "%s", said);
    cr_assert(site_sqlite(path, "ALTER TABLE lessons RENAME title TO name"));
    cr_expect_eq(run_program(settings, "--check", said, sizeof(said)), 78);
    cr_expect_not_null(strstr(said, "title"), "%s", said);
    site_remove(folder);
}

Test(start, by_hand_without_a_socket_it_says_what_to_do)
{
    char said[4096];
    const char *const settings[] = {SECRET, STORE, NULL};
    cr_assert_eq(run_program(settings, NULL, said, sizeof(said)), 78, "%s", said);
    cr_assert_not_null(strstr(said, "--listen"), "%s", said);
    cr_assert_not_null(strstr(said, "spawn-fcgi"), "%s", said);
}

Test(start, a_token_for_an_account_that_is_not_there_is_refused)
{
    char said[4096];
    const char *const settings[] = {SECRET, STORE, NULL};
    cr_assert_eq(run_program(settings, "--workers", said, sizeof(said)), 2, "%s", said);
    cr_assert_eq(run_program(settings, "--nonsense", said, sizeof(said)), 2, "%s", said);
}

/* ---- Stopping ---------------------------------------------------------------------------- */

static struct stack start_stack(const char *store, const char *const *settings)
{
    struct stack stack;
    struct stack_options options = {.server = "nginx",
                                    .transport = "native",
                                    .store = store,
                                    .program = stack_options_from_environment().program,
                                    .settings = settings};
    cr_assert(stack_start(&stack, &options));
    return stack;
}

static void stops_on(int signal)
{
    struct stack stack = start_stack("sqlite", NULL);
    double begun = now();
    int status = stack_end_program(&stack, signal);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
    cr_expect_lt(now() - begun, 1.0);
    cr_expect(stack_stop(&stack));
}

Test(stop, an_idle_process_ends_at_once_on_sigterm)
{
    stops_on(SIGTERM);
}

Test(stop, an_idle_process_ends_at_once_on_sigusr1)
{
    stops_on(SIGUSR1);
}

/* A password hash takes a while: these requests are under way when the signal comes. */
static void *register_one(void *data)
{
    char body[256];
    snprintf(body, sizeof(body),
             "{\"name\":\"A\",\"email\":\"%d@example.com\",\"password\":\"%s\"}", *(int *)data,
             PASSWORD);
    struct reply reply = http((struct call){.target = "/api/v1/auth/user", .body = body});
    *(int *)data = (int)reply.status;
    http_free(&reply);
    return NULL;
}

/* The web server's connections to the program: taken, or waiting in the listener's queue. */
static int connections_of(const struct stack *stack)
{
    char line[512], path[128];
    int n = -1; /* the listener */
    FILE *table = fopen("/proc/net/unix", "r");
    snprintf(path, sizeof(path), "%s/program.sock", stack->folder);
    while (fgets(line, sizeof(line), table))
        n += strstr(line, path) != NULL;
    fclose(table);
    return n;
}

Test(stop, requests_under_way_are_answered)
{
    static const char *const settings[] = {"GW_WORKERS=8", "GW_HASHERS=8", NULL};
    struct stack stack = start_stack("sqlite", settings);
    pthread_t threads[8];
    int results[8];
    for (int i = 0; i < 8; i++) {
        results[i] = i;
        pthread_create(&threads[i], NULL, register_one, &results[i]);
    }
    for (double begun = now(); connections_of(&stack) < 8 && now() - begun < 5;)
        usleep(1000);
    cr_expect_geq(connections_of(&stack), 8);
    int status = stack_end_program(&stack, SIGTERM);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(results[i], 201, "request %d: %d", i, results[i]);
    }
    cr_expect(stack_stop(&stack));
}

/* ---- The database goes away -------------------------------------------------------------- */

static long status_of(const char *target, const char *token, double *ret_seconds)
{
    double begun = now();
    struct reply reply = http((struct call){.target = target, .token = token});
    long status = reply.status;
    if (status == 503)
        cr_expect_not_null(http_header(&reply, "Retry-After"));
    http_free(&reply);
    *ret_seconds = now() - begun;
    return status;
}

Test(store, a_database_that_dies_is_503_and_recovers_by_itself, .timeout = 120)
{
    struct stack stack = start_stack("mariadb", NULL);
    struct account user;
    double seconds;
    school_register("user", &user);
    for (int round = 0; round < 3; round++) {
        mariadb_kill(&stack.mariadb, SIGKILL);
        for (int i = 0; i < 10; i++) {
            cr_expect_eq(status_of("/api/v1/me", user.token, &seconds), 503);
            cr_expect_lt(seconds, 2.0);
        }
        cr_expect_eq(status_of("/", NULL, &seconds), 200);
        cr_assert(mariadb_restart(&stack.mariadb));
        double back = now();
        long status;
        while ((status = status_of("/api/v1/me", user.token, &seconds)) == 503 && now() - back < 5)
            usleep(20000);
        cr_expect_eq(status, 200);
        cr_expect_lt(now() - back, 1.0);
    }
    cr_expect(stack_stop(&stack));
}

Test(store, a_database_that_stalls_is_503_within_two_seconds, .timeout = 120)
{
    struct stack stack = start_stack("mariadb", NULL);
    struct account user;
    double seconds;
    school_register("user", &user);
    mariadb_freeze(&stack.mariadb);
    cr_expect_eq(status_of("/api/v1/me", user.token, &seconds), 503);
    cr_expect_lt(seconds, 2.0);
    cr_expect_eq(status_of("/", NULL, &seconds), 200);
    cr_expect_lt(seconds, 1.0);
    kill(stack.mariadb.pid, SIGCONT);
    sleep(1);
    cr_expect_eq(status_of("/api/v1/me", user.token, &seconds), 200);
    cr_expect(stack_stop(&stack));
}

Test(store, wrong_credentials_stop_the_start, .timeout = 120)
{
    struct mariadb server;
    char url[256], said[4096];
    cr_assert(mariadb_start(&server));
    snprintf(url, sizeof(url), "GW_DATABASE_URL=mysql://nobody:wr0ng@/school?socket=%s",
             server.socket);
    const char *const settings[] = {SECRET, url, NULL};
    cr_expect_eq(run_program(settings, "--check", said, sizeof(said)), 78, "%s", said);
    cr_expect_null(strstr(said, "wr0ng"), "%s", said);
    snprintf(url, sizeof(url), "GW_DATABASE_URL=mysql://root@/nowhere?socket=%s", server.socket);
    cr_expect_eq(run_program(settings, "--check", said, sizeof(said)), 78, "%s", said);
    mariadb_exec(&server, NULL, "CREATE DATABASE school");
    snprintf(url, sizeof(url), "GW_DATABASE_URL=mysql://root@/school?socket=%s", server.socket);
    cr_expect_eq(run_program(settings, "--check", said, sizeof(said)), 78, "%s", said);
    cr_expect_not_null(strstr(said, "lessons"), "%s", said);
    mariadb_remove(&server);
}

/* ---- Floods and crowds ------------------------------------------------------------------- */

struct flood {
    _Atomic int wrong, busy, other;
    _Atomic bool over;
};

static void *log_in(void *data)
{
    struct flood *flood = data;
    static _Atomic int n; /* an address for each, so that none is limited */
    for (int i = 0; i < 3; i++) {
        char body[96];
        snprintf(body, sizeof(body), "{\"email\":\"nobody.%d@example.com\",\"password\":\"%s\"}",
                 n++, PASSWORD);
        struct reply reply = http((struct call){.target = "/api/v1/auth/user/login", .body = body});
        if (reply.status == 401)
            flood->wrong++;
        else if (reply.status == 503 && http_header(&reply, "Retry-After"))
            flood->busy++;
        else
            flood->other++;
        http_free(&reply);
    }
    return NULL;
}

#define LOG_INS 64

/* More at once than one hasher gets through within the time for a handler: the last are turned
 * away. */
Test(flood, log_ins_are_bounded_and_other_routes_go_on)
{
    static const char *const settings[] = {"GW_WORKERS=8", "GW_HASHERS=1",
                                           "GW_REQUEST_TIMEOUT=400ms", NULL};
    struct stack stack = start_stack("sqlite", settings);
    struct flood flood = {0};
    pthread_t threads[LOG_INS];
    double seconds, worst = 0;
    for (int i = 0; i < LOG_INS; i++)
        pthread_create(&threads[i], NULL, log_in, &flood);
    for (int i = 0; i < 20; i++) {
        cr_expect_eq(status_of("/", NULL, &seconds), 200);
        worst = seconds > worst ? seconds : worst;
    }
    for (int i = 0; i < LOG_INS; i++)
        pthread_join(threads[i], NULL);
    cr_expect_gt(flood.wrong, 0);
    cr_expect_gt(flood.busy, 0);
    cr_expect_eq(flood.other, 0);
    cr_expect_lt(worst, 1.0);
    cr_expect(stack_stop(&stack));
}

#define IDENTITIES 64
#define CLIENTS    16

struct crowd {
    struct account accounts[IDENTITIES];
    int requests; /* of each client */
    _Atomic int crossed, failed;
};

struct client {
    struct crowd *crowd;
    unsigned seed;
};

static void *ask(void *data)
{
    struct client *client = data;
    struct crowd *crowd = client->crowd;
    for (int i = 0; i < crowd->requests; i++) {
        const struct account *account = &crowd->accounts[rand_r(&client->seed) % IDENTITIES];
        struct reply reply = http((struct call){.target = "/api/v1/me", .token = account->token});
        const char *email = http_text(&reply, "data.email");
        if (reply.status != 200)
            crowd->failed++;
        else if (!email || strcmp(email, account->email))
            crowd->crossed++;
        http_free(&reply);
    }
    return NULL;
}

/* 100,000 requests of 64 callers from 16 clients at once: every answer is its caller's own. */
Test(crowd, no_answer_carries_another_identity, .timeout = 600)
{
    static const char *const settings[] = {"GW_LOG=text:/dev/null", NULL};
    struct stack stack = start_stack("mariadb", settings);
    static struct crowd crowd;
    struct client clients[CLIENTS];
    pthread_t threads[CLIENTS];
    const char *requests = getenv("E2E_CROWD");
    crowd.requests = (requests ? atoi(requests) : 100000) / CLIENTS;
    for (int i = 0; i < IDENTITIES; i++)
        school_register(i % 2 ? "user" : "teacher", &crowd.accounts[i]);
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){&crowd, i};
        pthread_create(&threads[i], NULL, ask, &clients[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(crowd.crossed, 0);
    cr_expect_eq(crowd.failed, 0);
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
