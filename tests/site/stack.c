/* stack.c: see stack.h. */
#include "stack.h"

#include "http.h"
#include "stack_cgi.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "end-to-end-secret-of-more-than-32-bytes"

static bool complain(const struct stack *stack, const char *what)
{
    fprintf(stderr, "stack: %s (see %s)\n", what, stack->folder);
    return false;
}

static bool is_fcgi(const struct stack *stack)
{
    return strcmp(stack->options.transport, "cgi") != 0;
}

/* ---- The database ------------------------------------------------------------------------ */

bool stack_make_database(const struct mariadb *server)
{
    char command[512];
    snprintf(command, sizeof(command),
             "GW_SECRET_KEY=%s GW_ORIGIN=https://school.test GW_LOG=text:/dev/null "
             "GW_DATABASE_URL='mysql://root@/school?socket=%s' '%s' --schema-diff; [ $? = 1 ]",
             SECRET, server->socket, getenv("E2E_PROGRAM"));
    if (!mariadb_exec(server, NULL, "CREATE DATABASE school"))
        return false;
    const char *sql = site_schema(command);
    return sql && mariadb_exec(server, "school", sql);
}

static bool start_store(struct stack *stack)
{
    if (strcmp(stack->options.store, "mariadb")) {
        snprintf(stack->database_url, sizeof(stack->database_url), "sqlite:%s/school.db",
                 stack->folder);
        return true;
    }
    if (!mariadb_start(&stack->mariadb) || !stack_make_database(&stack->mariadb))
        return false;
    snprintf(stack->database_url, sizeof(stack->database_url), "mysql://root@/school?socket=%s",
             stack->mariadb.socket);
    return true;
}

/* ---- The program ------------------------------------------------------------------------- */

static void set(struct stack_settings *settings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void set(struct stack_settings *settings, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(settings->text[settings->n], sizeof(settings->text[0]), format, args);
    va_end(args);
    settings->list[settings->n] = settings->text[settings->n];
    settings->list[++settings->n] = NULL;
}

/* As the first lines of each configuration say. */
static void set_sendfile(struct stack_settings *settings, const char *server, const char *videos)
{
    if (!strcmp(server, "nginx") && videos)
        set(settings, "GW_SENDFILE=x-accel:/gatewright-files/=%s", videos);
    else
        set(settings, "GW_SENDFILE=%s", strcmp(server, "lighttpd") ? "none" : "x-sendfile");
}

void stack_settings(const struct stack *stack, struct stack_settings *settings)
{
    const char *videos = getenv("E2E_VIDEOS");
    char copied[SITE_PATH_MAX];
    site_path(stack->folder, "videos", copied);
    if (!is_fcgi(stack) && !strcmp(stack->options.server, "apache"))
        videos = copied;
    settings->n = 0;
    set(settings, "GW_SECRET_KEY=%s", SECRET);
    set(settings, "GW_ORIGIN=%s", stack->url);
    set(settings, "GW_DATABASE_URL=%s", stack->database_url);
    set(settings, "GW_LOG=text:%s", stack->log);
    set(settings, "SCHOOL_VIDEOS=%s", videos ? videos : stack->folder);
    set(settings, "ASAN_OPTIONS=log_path=%s/sanitizer", stack->folder);
    set(settings, "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:log_path=%s/sanitizer",
        stack->folder);
    if (is_fcgi(stack))
        set(settings, "GW_TRANSPORT=%s", stack->options.transport);
    if (is_fcgi(stack))
        set_sendfile(settings, stack->options.server, videos);
    for (size_t i = 0; stack->options.settings && stack->options.settings[i]; i++)
        set(settings, "%s", stack->options.settings[i]);
}

/* spawn-fcgi makes the socket and becomes the program: only its log says that it serves. */
static bool stack_program_runs(struct stack *stack)
{
    if (waitpid(stack->program, NULL, WNOHANG) == stack->program)
        stack->program = 0;
    return stack->program > 0;
}

bool stack_start_program(struct stack *stack)
{
    struct stack_settings settings;
    char socket_path[SITE_PATH_MAX];
    stack_settings(stack, &settings);
    site_path(stack->folder, "program.sock", socket_path);
    unlink(socket_path);
    char port[16];
    snprintf(port, sizeof(port), "%u", stack->program_port);
    const char *const on_unix[] = {
        "spawn-fcgi", "-n", "-s", socket_path, "-M", "0666", "--", stack->options.program, NULL};
    const char *const on_tcp[] = {"spawn-fcgi",           "-n", "-a", "127.0.0.1", "-p", port, "--",
                                  stack->options.program, NULL};
    stack->program = site_launch(stack->folder, "program.out",
                                 stack->options.tcp ? on_tcp : on_unix, settings.list);
    for (int i = 0; i < 500; i++) {
        struct stat st;
        bool there =
            stack->options.tcp ? site_port_answers(stack->program_port) : !stat(socket_path, &st);
        if (there && stack_program_runs(stack))
            return true;
        usleep(10000);
    }
    return complain(stack, "the program did not start");
}

int stack_end_program(struct stack *stack, int signal)
{
    return site_end(&stack->program, signal);
}

/* ---- Web servers ------------------------------------------------------------------------- */

/* Exactly what `gatewright conf` prints, but for what differs from site to site. */
static bool write_configuration(const struct stack *stack, const char *path)
{
    char command[1024], socket[160];
    const char *server = stack->options.server, *videos = getenv("E2E_VIDEOS");
    if (stack->options.tcp)
        snprintf(socket, sizeof(socket), "tcp:127.0.0.1:%u", stack->program_port);
    else
        snprintf(socket, sizeof(socket), "%s/program.sock", stack->folder);
    /* Apache refuses to serve as root. */
    const char *user = strcmp(server, "apache") ? "root" : "www-data";
    int n = snprintf(command, sizeof(command),
                     "'%s' conf %s '%s' --state %s --socket %s --port %u --files '%s' "
                     "--user %s --transport %s >%s",
                     getenv("E2E_GATEWRIGHT"), server, getenv("E2E_ROUTES"), stack->folder, socket,
                     stack->port, videos ? videos : stack->folder, user, stack->options.transport,
                     path);
    return n > 0 && (size_t)n < sizeof(command) && !chmod(stack->folder, 0755) && !system(command);
}

static pid_t launch_server(const struct stack *stack, const char *config)
{
    char log[SITE_PATH_MAX], home[160];
    const char *server = stack->options.server;
    site_path(stack->folder, "nginx.log", log);
    snprintf(home, sizeof(home), "HOME=%s", stack->folder);
    const char *const nginx[] = {"nginx", "-p", stack->folder, "-c",          config,
                                 "-e",    log,  "-g",          "daemon off;", NULL};
    const char *const lighttpd[] = {"lighttpd", "-D", "-f", config, NULL};
    const char *const apache[] = {"apache2", "-DFOREGROUND", "-f", config, NULL};
    const char *const caddy[] = {"caddy",     "run",       "--config", config,
                                 "--adapter", "caddyfile", NULL};
    const char *const *argv = !strcmp(server, "nginx")      ? nginx
                              : !strcmp(server, "lighttpd") ? lighttpd
                              : !strcmp(server, "apache")   ? apache
                                                            : caddy;
    const char *const environment[] = {home, NULL};
    return site_launch(stack->folder, "server.out", argv, environment);
}

static bool start_server(struct stack *stack)
{
    char config[SITE_PATH_MAX], cgi[SITE_PATH_MAX];
    site_path(stack->folder, "server.conf", config);
    site_path(stack->folder, "program.cgi", cgi);
    if (!(is_fcgi(stack) ? write_configuration : stack_write_cgi)(stack, config))
        return complain(stack, "cannot write the server's configuration");
    bool apache = !strcmp(stack->options.server, "apache");
    if (!is_fcgi(stack) && !apache && symlink(stack->options.program, cgi))
        return complain(stack, "cannot link the CGI program");
    if (!is_fcgi(stack) && apache && !stack_share_cgi(stack))
        return complain(stack, "cannot share the CGI program");
    stack->server = launch_server(stack, config);
    for (int i = 0; i < 500; i++) {
        if (site_port_answers(stack->port))
            return true;
        usleep(10000);
    }
    return complain(stack, "the web server did not start");
}

/* The site is up once its page comes. */
static bool wait_for_answer(struct stack *stack)
{
    for (int i = 0; i < 300 && (!is_fcgi(stack) || stack_program_runs(stack)); i++) {
        struct reply reply = http((struct call){.target = "/"});
        long status = reply.status;
        http_free(&reply);
        if (status == 200)
            return true;
        usleep(20000);
    }
    return complain(stack, "the site does not answer");
}

/* ---- The whole --------------------------------------------------------------------------- */

struct stack_options stack_options_from_environment(void)
{
    const char *server = getenv("E2E_SERVER"), *transport = getenv("E2E_TRANSPORT");
    const char *store = getenv("E2E_STORE"), *socket = getenv("E2E_SOCKET");
    return (struct stack_options){
        .server = server ? server : "nginx",
        .transport = transport ? transport : "native",
        .store = store ? store : "sqlite",
        .tcp = socket && !strcmp(socket, "tcp"),
        .program = getenv("E2E_PROGRAM"),
    };
}

bool stack_start(struct stack *stack, const struct stack_options *options)
{
    *stack = (struct stack){.options = *options};
    if (!options->program || !site_folder(stack->folder))
        return complain(stack, "E2E_PROGRAM is not set, or no temporary folder");
    stack->port = site_free_port();
    stack->program_port = site_free_port();
    snprintf(stack->url, sizeof(stack->url), "http://127.0.0.1:%u", stack->port);
    snprintf(stack->log, sizeof(stack->log), "%s/program.log", stack->folder);
    stack_publish(stack);
    return start_store(stack) && (!is_fcgi(stack) || stack_start_program(stack)) &&
           start_server(stack) && wait_for_answer(stack);
}

/* What a sanitizer has said of the program, leaks at its end included. */
static bool sanitizers_are_quiet(const struct stack *stack)
{
    char command[160];
    snprintf(command, sizeof(command), "cat %s/sanitizer.* >&2 2>/dev/null", stack->folder);
    return system(command) != 0;
}

bool stack_stop(struct stack *stack)
{
    site_end(&stack->server, SIGTERM);
    site_end(&stack->program, SIGTERM);
    if (stack->mariadb.pid)
        mariadb_remove(&stack->mariadb);
    bool quiet = sanitizers_are_quiet(stack);
    site_remove(stack->folder);
    return quiet;
}

void stack_publish(const struct stack *stack)
{
    setenv("E2E_URL", stack->url, 1);
    setenv("E2E_LOG", stack->log, 1);
    setenv("E2E_FOLDER", stack->folder, 1);
    if (stack->mariadb.pid)
        mariadb_publish(&stack->mariadb);
}

const char *stack_url(void)
{
    return getenv("E2E_URL");
}

const char *stack_secret(void)
{
    return SECRET;
}

bool stack_exec(const char *sql)
{
    struct mariadb server;
    char path[SITE_PATH_MAX];
    if (mariadb_published(&server))
        return mariadb_exec(&server, "school", sql);
    site_path(getenv("E2E_FOLDER"), "school.db", path);
    return site_sqlite(path, sql);
}

/* Criterion waits for every child of its process, also for those that it did not start: the stack
 * lives in a process of its own. It gives the stack through one pipe, and stops when the other
 * ends. */
struct keeper {
    pid_t pid;
    int stop_fd; /* closing it stops the stack */
};

static void keep(int ready_fd, int stop_fd, pid_t parent)
{
    struct stack stack;
    struct stack_options options = stack_options_from_environment();
    char end;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool good = getppid() == parent && stack_start(&stack, &options);
    if (good && write(ready_fd, &stack, sizeof(stack)) == sizeof(stack))
        while (read(stop_fd, &end, 1) < 0)
            ;
    close(ready_fd);
    if (!getenv("E2E_KEEP"))
        good &= stack_stop(&stack);
    _exit(good ? 0 : 1);
}

static bool start_keeper(struct keeper *keeper, struct stack *ret)
{
    int ready[2], stop[2];
    pid_t parent = getpid();
    if (pipe2(ready, O_CLOEXEC) || pipe2(stop, O_CLOEXEC))
        return false;
    keeper->pid = fork();
    if (!keeper->pid) {
        close(ready[0]);
        close(stop[1]);
        keep(ready[1], stop[0], parent);
    }
    close(ready[1]);
    close(stop[0]);
    keeper->stop_fd = stop[1];
    ssize_t n = read(ready[0], ret, sizeof(*ret));
    close(ready[0]);
    return n == sizeof(*ret);
}

static bool stop_keeper(struct keeper *keeper)
{
    int status = 1;
    close(keeper->stop_fd);
    waitpid(keeper->pid, &status, 0);
    return !status;
}

/* Criterion's own options work: `--filter`, `--verbose`. */
int stack_main(int argc, char **argv)
{
    struct criterion_test_set *tests = criterion_initialize();
    struct stack stack;
    struct keeper keeper = {0, -1};
    int failed = 1;
    if (criterion_handle_args(argc, argv, true)) {
        if (start_keeper(&keeper, &stack)) {
            stack_publish(&stack);
            failed = !criterion_run_all_tests(tests);
        }
        failed |= !stop_keeper(&keeper);
    }
    criterion_finalize(tests);
    return failed;
}
