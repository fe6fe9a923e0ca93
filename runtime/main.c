/* main.c: gw_main: from the command line to serving.
 *
 * Under CGI the command line belongs to whoever wrote the URL: it is not even looked at. */
#include "serve.h"

#include "jwt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EX_CONFIG 78

extern char **environ;

struct command {
    struct gw_arena arena;
    const char **flags; /* "GW_NAME=value" */
    size_t n_flags;
    const char *config_file;
    bool check, help;
    const char *token_table, *token_key; /* `token users 1` */
};

static int usage(const char *program, const char *why, const char *what)
{
    fprintf(stderr, "%s: %s%s%s; see --help\n", program, why, what ? " " : "", what ? what : "");
    return 2;
}

static int parse_flag(struct command *command, char **argv, int *at)
{
    char *flag = argv[*at], *equals = strchr(flag, '=');
    const char *value = equals ? equals + 1 : argv[*at + 1];
    if (equals)
        *equals = 0;
    bool is_file = !strcmp(flag, "--config");
    const char *name = is_file ? NULL : gw_config_flag(&command->arena, flag);
    if (!is_file && !name)
        return usage(argv[0], "unknown option", flag);
    if (!value)
        return usage(argv[0], "a value is missing behind", flag);
    *at += equals ? 0 : 1;
    if (is_file) {
        command->config_file = value;
        return 0;
    }
    char *assignment = gw_arena_printf(&command->arena, "%s=%s", name, value);
    if (!assignment)
        return usage(argv[0], "out of memory", NULL);
    command->flags[command->n_flags++] = assignment;
    return 0;
}

static int parse_arguments(struct command *command, int argc, char **argv)
{
    command->flags = gw_arena_array(&command->arena, (size_t)argc + 1, sizeof(char *));
    if (!command->flags)
        return usage(argv[0], "out of memory", NULL);
    int r = 0;
    for (int i = 1; !r && i < argc; i++) {
        if (!strcmp(argv[i], "--check"))
            command->check = true;
        else if (!strcmp(argv[i], "--help"))
            command->help = true;
        else if (!strncmp(argv[i], "--", 2))
            r = parse_flag(command, argv, &i);
        else if (!strcmp(argv[i], "token") && i + 2 < argc && !command->token_table) {
            command->token_table = argv[i + 1];
            command->token_key = argv[i + 2];
            i += 2;
        } else
            r = usage(argv[0], "unexpected argument", argv[i]);
    }
    return r;
}

static int print_help(struct command *command, const char *program)
{
    const char *settings = gw_config_help(&command->arena);
    printf("usage: %s [OPTION...]            serve FastCGI on the socket given\n"
           "       %s --check [OPTION...]    test the configuration, store included\n"
           "       %s token ENTITY KEY       print a token for trying things out\n\n"
           "Settings come from options (--workers 4), the environment (GW_WORKERS=4) or\n"
           "--config FILE (workers = 4); the former beat the latter. Secrets are never options.\n\n"
           "%s",
           program, program, program, settings ? settings : "");
    return 0;
}

/* A request that belongs to nobody, for the functions that want one. */
static int print_token(struct gw_server *server, const char *table_name, const char *key_text)
{
    const struct gw_table *table = NULL;
    for (size_t i = 0; i < server->app->n_entities; i++)
        if (!strcmp(server->app->tables[i]->name, table_name) ||
            !strcmp(server->app->tables[i]->sql_name, table_name))
            table = server->app->tables[i];
    if (!table) {
        fprintf(stderr, "%s is not an entity\n", table_name);
        return 2;
    }
    int64_t number;
    bool text = table->columns[table->key].type == GW_TYPE_TEXT;
    if (!text && !gw_parse_i64(gw_str_from(key_text), &number)) {
        fprintf(stderr, "the key of %s is a number\n", table_name);
        return 2;
    }
    struct gw_worker worker;
    if (gw_worker_open(&worker, server, 0))
        return 1;
    struct gw_request req = {.worker = &worker,
                             .app = server->app,
                             .arena = &server->arena,
                             .deadline_ns = gw_now_ns() + 5000000000ULL};
    const char *token;
    int r = gw_create_token(&req, table->sql_name,
                            text ? json_string(key_text) : json_integer(number), NULL, &token);
    if (r == 0)
        printf("%s\n", token);
    else if (r == GW_E_NOT_FOUND)
        fprintf(stderr, "%s has no row with that key\n", table_name);
    else
        fprintf(stderr, "the token could not be made: %s\n", strerror(r < 0 ? -r : EINVAL));
    gw_worker_close(&worker);
    return r ? 1 : 0;
}

static int listen_and_serve(struct gw_server *server)
{
    int fd = -1;
    const char *why;
    if (server->transport != &gw_transport_cgi &&
        gw_listen_open(server->config.listen, &server->arena, &fd, &why)) {
        fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
        gw_log_line(server->log, "%s", why);
        return server->config.listen ? EX_CONFIG : 2;
    }
    int status = gw_serve(server, fd);
    if (server->config.listen && !strncmp(server->config.listen, "unix:", 5))
        unlink(server->config.listen + 5);
    return status;
}

static int run(struct gw_server *server, const struct command *command,
               const struct gw_hooks *hooks)
{
    bool cgi = server->transport == &gw_transport_cgi;
    int r = gw_server_check_store(server);
    if (r == -EINVAL || (r && command->check))
        return EX_CONFIG;
    if (command->check) {
        printf("the configuration is good\n");
        return 0;
    }
    if (gw_server_start(server, hooks)) {
        gw_log_line(server->log, "the application's start hook failed");
        return EX_CONFIG;
    }
    int status = command->token_table && !cgi
                     ? print_token(server, command->token_table, command->token_key)
                     : listen_and_serve(server);
    if (hooks && hooks->stop)
        hooks->stop(server->hook_data);
    return status;
}

static void say_configuration_error(struct gw_server *server, const char *why)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
    if (server->log)
        gw_log_line(server->log, "%s", why);
}

int gw_main(int argc, char **argv, const struct gw_hooks *hooks)
{
    struct command command = {0};
    struct gw_server server;
    const char *why = NULL;
    bool cgi = getenv("GATEWAY_INTERFACE");
    int r = cgi ? 0 : parse_arguments(&command, argc, argv);
    if (!r && command.help) {
        r = print_help(&command, argv[0]);
        gw_arena_free(&command.arena);
        return r;
    }
    struct gw_config_sources sources = {command.flags, environ, command.config_file};
    if (!r && gw_server_open(&server, &gw_app, &sources, cgi ? &gw_transport_cgi : NULL, &why)) {
        say_configuration_error(&server, why);
        gw_server_close(&server);
        r = EX_CONFIG;
    } else if (!r) {
        r = run(&server, &command, hooks);
        gw_server_close(&server);
    }
    gw_arena_free(&command.arena);
    return r;
}
