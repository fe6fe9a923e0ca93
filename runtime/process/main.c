/* main.c: gw_main: from the command line to serving.
 *
 * Under CGI the command line belongs to whoever wrote the URL: it is not even looked at. */
#include "process/command.h"
#include "process/drivers.h"
#include "process/transports.h"

#include "process/exposed.h"
#include "token/hash.h"
#include "transport/transport.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

struct command {
    struct gw_arena arena;
    const char **flags; /* "GW_NAME=value" */
    size_t n_flags;
    const char *config_file;
    bool check, schema_diff, schema_apply, ready, help, version;
    const char **losses; /* behind --allow-loss; ended by NULL */
    size_t n_losses;
    char **words; /* `token users 1`, `keys list`; ended by NULL */
    size_t n_words;
};

static int usage(const char *program, const char *why, const char *what)
{
    fprintf(stderr, "%s: %s%s%s; see --help\n", program, why, what ? " " : "", what ? what : "");
    return 2;
}

static int out_of_memory(const char *program)
{
    fprintf(stderr, "%s: out of memory\n", program);
    return 1;
}

static int parse_flag(struct command *command, char **argv, int *at)
{
    char *flag = argv[*at], *equals = strchr(flag, '=');
    const char *value = equals ? equals + 1 : argv[*at + 1];
    if (equals)
        *equals = 0;
    bool is_file = !strcmp(flag, "--config"), is_loss = !strcmp(flag, "--allow-loss");
    const char *name = is_file || is_loss ? NULL : gw_config_flag(&command->arena, flag);
    if (!is_file && !is_loss && !name)
        return usage(argv[0], "unknown option", flag);
    if (!value)
        return usage(argv[0], "a value is missing behind", flag);
    *at += equals ? 0 : 1;
    if (is_loss) {
        command->losses[command->n_losses++] = value;
        return strchr(value, '.') ? 0 : usage(argv[0], "--allow-loss wants TABLE.COLUMN", NULL);
    }
    if (is_file) {
        command->config_file = value;
        return 0;
    }
    char *assignment = gw_arena_printf(&command->arena, "%s=%s", name, value);
    if (!assignment)
        return out_of_memory(argv[0]);
    command->flags[command->n_flags++] = assignment;
    return 0;
}

static bool is_keys(const struct command *command)
{
    return command->n_words && !strcmp(command->words[0], "keys");
}

static bool is_ping(const struct command *command)
{
    return command->n_words && !strcmp(command->words[0], "ping");
}

static bool is_job(const struct command *command)
{
    return command->n_words && !strcmp(command->words[0], "job");
}

static bool is_row(const struct command *command)
{
    return command->n_words && !strcmp(command->words[0], "row");
}

/* An option of `row`, which reads it itself. */
static bool is_of_row(const struct command *command, const char *word)
{
    static const char *const options[] = {"--null", "--verbatim", "--stdin",
                                          "--json", "--limit",    "--after"};
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (is_row(command) && !strcmp(options[i], word))
            return true;
    return false;
}

static bool is_inspect(const struct command *command)
{
    return command->n_words > 1 && !strcmp(command->words[1], "inspect");
}

static int check_words(const struct command *command, const char *program)
{
    if (!command->n_words || is_keys(command) || is_row(command))
        return 0;
    if (is_ping(command))
        return command->n_words == 2 ? 0 : usage(program, "ping SOCKET [--ready]", NULL);
    if (is_job(command))
        return command->n_words <= 2 ? 0 : usage(program, "job, or job NAME", NULL);
    if (strcmp(command->words[0], "token"))
        return usage(program, "unexpected argument", command->words[0]);
    bool good = is_inspect(command) ? command->n_words <= 3 : command->n_words == 3;
    return good ? 0 : usage(program, "token ENTITY KEY, or token inspect [TOKEN]", NULL);
}

static int parse_arguments(struct command *command, int argc, char **argv)
{
    command->flags = gw_arena_array(&command->arena, (size_t)argc + 1, sizeof(char *));
    command->words = gw_arena_array(&command->arena, (size_t)argc + 1, sizeof(char *));
    command->losses = gw_arena_array(&command->arena, (size_t)argc + 1, sizeof(char *));
    if (!command->flags || !command->words || !command->losses)
        return out_of_memory(argv[0]);
    int r = 0;
    for (int i = 1; !r && i < argc; i++) {
        if (!strcmp(argv[i], "--check"))
            command->check = true;
        else if (!strcmp(argv[i], "--schema-diff"))
            command->schema_diff = true;
        else if (!strcmp(argv[i], "--schema-apply"))
            command->schema_apply = true;
        else if (!strcmp(argv[i], "--ready") && is_ping(command))
            command->ready = true;
        else if (!strcmp(argv[i], "--help"))
            command->help = true;
        else if (!strcmp(argv[i], "--version"))
            command->version = true;
        else if (!strncmp(argv[i], "--", 2) && !is_of_row(command, argv[i]))
            r = parse_flag(command, argv, &i);
        else
            command->words[command->n_words++] = argv[i];
    }
    if (!r && command->n_losses && !command->schema_diff && !command->schema_apply)
        r = usage(argv[0], "--allow-loss is for --schema-apply and --schema-diff", NULL);
    return r ? r : check_words(command, argv[0]);
}

/* `gatewright dev` knows a program by the words "serve FastCGI on the socket given". */
static int print_help(struct command *command, const char *program)
{
    const char *settings = gw_config_help(&command->arena);
    printf("usage: %s [OPTION...]            serve FastCGI on the socket given\n"
           "       %s --check [OPTION...]    test the configuration, store included\n"
           "       %s --schema-diff [OPTION...]  print what leads from the live schema to the\n"
           "                                 declared one; nothing is run\n"
           "       %s --schema-apply [--allow-loss TABLE.COLUMN...] [OPTION...]  do that\n"
           "       %s --version              print the version and what is built in\n"
           "       %s token ENTITY KEY       print a token for trying things out\n"
           "       %s token inspect [TOKEN]  explain a token, given or on stdin\n"
           "       %s ping SOCKET [--ready]  ask a running program whether it answers, or would\n"
           "                                 serve: exit status 0 or 1\n"
           "       %s keys list|new|rotate|retire|fetch\n"
           "                                 look after GW_KEYS_DIR and the issuers' keys\n"
           "       %s job [NAME]             run a job once, or list them\n"
           "       %s row add TABLE COLUMN=VALUE... SECRET...    add a row; secrets are asked for\n"
           "       %s row set TABLE KEY COLUMN=VALUE... SECRET...\n"
           "       %s row list TABLE [--limit N] [--after KEY] [--json]\n\n"
           "Settings come from options (--workers 4), the environment (GW_WORKERS=4) or\n"
           "--config FILE (workers = 4); the former beat the latter. Secrets are never options.\n\n"
           "%s",
           program, program, program, program, program, program, program, program, program, program,
           program, program, program, settings ? settings : "");
    return 0;
}

static int print_version(const char *program)
{
    printf("%s: Gatewright %s, contract %d\nstores:", program, GW_VERSION, GW_CONTRACT);
    for (const struct gw_store_scheme *scheme = gw_store_schemes; scheme->prefix; scheme++)
        if (scheme->driver)
            printf(" %.*s", (int)strcspn(scheme->prefix, ":"), scheme->prefix);
    printf("\ntransports: cgi");
    for (const struct gw_transport_name *one = gw_transport_names; one->name; one++)
        if (one->transport)
            printf(" %s", one->name);
    printf("\nhashes: %s\n", gw_hash_families());
    return 0;
}

static int listen_and_serve(struct gw_server *server)
{
    int fd = -1, status_fd = -1;
    const char *why;
    if (!server->transport->single &&
        (gw_listen_open(&server->config, &server->arena, &fd, &why) ||
         gw_listen_status(&server->config, &server->arena, &status_fd, &why))) {
        gw_log_line(server->log, "%s", why);
        return GW_EX_CONFIG;
    }
    gw_log_tell(server->log, false);
    int status = gw_serve(server, fd, status_fd);
    if (server->config.listen && !strncmp(server->config.listen, "unix:", 5))
        unlink(server->config.listen + 5);
    return status;
}

/* What is asked for while the program starts waits until it serves. */
static void keep_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* A web server that may not connect says 502 and nothing else. */
static int check_socket(struct gw_server *server)
{
    const char *note = NULL, *why;
    if (gw_listen_check(&server->config, &server->arena, &note, &why)) {
        gw_log_line(server->log, "%s", why);
        return GW_EX_CONFIG;
    }
    printf("the configuration is good\n%s%s", note ? note : "", note ? "\n" : "");
    return 0;
}

static int run(struct gw_server *server, const struct command *command,
               const struct gw_hooks *hooks)
{
    bool cgi = server->transport->single;
    if (is_inspect(command))
        return gw_cmd_inspect(server, command->words + 2);
    if (command->schema_diff || command->schema_apply)
        return gw_cmd_schema(server, command->losses, command->schema_apply);
    int r = command->check ? gw_server_try_store(server) : gw_server_check_store(server);
    if (r == -EINVAL || (r && command->check))
        return GW_EX_CONFIG;
    if (!cgi && !command->n_words &&
        gw_exposed_files(&server->config, command->check ? NULL : server->log) && command->check)
        return GW_EX_CONFIG;
    if (command->check)
        return check_socket(server);
    if (gw_server_start(server, hooks)) {
        gw_log_line(server->log, "the application's start hook failed");
        return GW_EX_CONFIG;
    }
    int status = cgi || !command->n_words ? listen_and_serve(server)
                 : is_job(command)        ? gw_cmd_job(server, command->words[1])
                 : is_row(command)        ? gw_cmd_row(server, command->words + 1)
                                          : gw_cmd_token(server, command->words + 1);
    if (hooks && hooks->stop)
        hooks->stop(server->hook_data);
    return status;
}

static void say_configuration_error(struct gw_server *server, const char *why)
{
    if (server->log)
        gw_log_line(server->log, "%s", why);
    if (!server->log || server->transport->single)
        fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
}

/* `keys` wants the configuration and neither keys nor store: it is there to mend them. */
static int run_keys(const struct command *command, const struct gw_config_sources *sources)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_config config;
    const char *why;
    int status = GW_EX_CONFIG;
    if (gw_config_read(sources, &arena, &config, &why))
        fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
    else
        status = gw_cmd_keys(&config, &gw_app, &arena, command->words + 1);
    gw_arena_free(&arena);
    return status;
}

int gw_main(int argc, char **argv, const struct gw_hooks *hooks)
{
    struct command command = {0};
    struct gw_server server;
    const char *why = NULL;
    bool cgi = getenv("GATEWAY_INTERFACE");
    int r = cgi ? 0 : parse_arguments(&command, argc, argv);
    if (!r && (command.help || command.version)) {
        r = command.help ? print_help(&command, argv[0]) : print_version(argv[0]);
        gw_arena_free(&command.arena);
        return r;
    }
    struct gw_config_sources sources = {command.flags, environ, command.config_file};
    if (!command.n_words)
        keep_signals();
    if (!r && is_ping(&command))
        r = gw_cmd_ping(command.words[1], command.ready);
    else if (!r && is_job(&command) && command.n_words == 1)
        r = gw_cmd_jobs(&gw_app);
    else if (!r && is_keys(&command))
        r = run_keys(&command, &sources);
    else if (!r &&
             gw_server_open(&server, &gw_app, &sources, cgi ? &gw_transport_cgi : NULL, &why)) {
        say_configuration_error(&server, why);
        gw_server_close(&server);
        r = GW_EX_CONFIG;
    } else if (!r) {
        r = run(&server, &command, hooks);
        gw_server_close(&server);
    }
    gw_arena_free(&command.arena);
    return r;
}
