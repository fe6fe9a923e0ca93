/* main.c: the command `gatewright`: its options, and the passes in their order. */
#include "check.h"
#include "command.h"
#include "parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef GATEWRIGHT_VERSION
#define GATEWRIGHT_VERSION "unknown"
#endif

enum {
    EXIT_ERRORS = 1,
    EXIT_USAGE = 2,
};

static const char *const usage =
    "usage: gatewright COMMAND [FILE] [OPTIONS]     (FILE is routes.def if it is not given)\n"
    "\n"
    "commands:\n"
    "  gen [FILE] -o DIR [--depfile DEPFILE]   write routes.h, routes.re, routes.c, entities.c\n"
    "  check [FILE]                            errors and warnings only\n"
    "  routes [FILE] [--json]                  who may call what\n"
    "  schema [FILE] --mysql | --sqlite        CREATE TABLE statements\n"
    "\n"
    "options:\n"
    "  -Werror     warnings are errors\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "Exit status: 0; 1 if there are errors; 2 for wrong usage.\n";

struct command {
    const char *name;
    int (*run)(struct compile *compile);
    bool writes; /* takes -o and --depfile */
    bool json;   /* takes --json */
    bool schema; /* takes --mysql or --sqlite */
};

static const struct command commands[] = {
    {.name = "gen", .run = command_gen, .writes = true},
    {.name = "check", .run = command_check},
    {.name = "routes", .run = command_routes, .json = true},
    {.name = "schema", .run = command_schema, .schema = true},
};

static int usage_error(const char *message, const char *what)
{
    fprintf(stderr, "gatewright: %s%s\nTry `gatewright --help`.\n", message, what);
    return EXIT_USAGE;
}

/* Reads one argument, at argv[*i]. 0 or EXIT_USAGE. */
static int read_argument(const struct command *command, int argc, char **argv, int *i,
                         struct options *options)
{
    const char *arg = argv[*i];
    const char **value = NULL;
    if (command->writes && strcmp(arg, "-o") == 0)
        value = &options->output;
    else if (command->writes && strcmp(arg, "--depfile") == 0)
        value = &options->depfile;
    if (value) {
        if (*i + 1 >= argc)
            return usage_error(arg, " needs a name behind it");
        *value = argv[++*i];
        return 0;
    }
    if (strcmp(arg, "-Werror") == 0)
        options->warnings_are_errors = true;
    else if (command->json && strcmp(arg, "--json") == 0)
        options->json = true;
    else if (command->schema && strcmp(arg, "--mysql") == 0)
        options->mysql = true;
    else if (command->schema && strcmp(arg, "--sqlite") == 0)
        options->sqlite = true;
    else if (command->schema && strcmp(arg, "--diff") == 0)
        return usage_error("the program knows the live schema: run it with --schema-diff", "");
    else if (*arg == '-')
        return usage_error("unknown option ", arg);
    else if (options->source)
        return usage_error("more than one file: ", arg);
    else
        options->source = arg;
    return 0;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

static int read_options(const struct command *command, int argc, char **argv,
                        struct options *options)
{
    for (int i = 2; i < argc; i++) {
        int r = read_argument(command, argc, argv, &i, options);
        if (r)
            return r;
    }
    if (!options->source)
        options->source = DEFAULT_SOURCE;
    if (command->writes && !options->output)
        return usage_error("gen needs -o DIR", "");
    if (command->schema && options->mysql == options->sqlite)
        return usage_error("schema needs either --mysql or --sqlite", "");
    return 0;
}

static int run(const struct command *command, const struct options *options)
{
    struct arena arena = {0};
    struct diags diags = {.arena = &arena, .warnings_are_errors = options->warnings_are_errors};
    struct tree tree = {.arena = &arena, .diags = &diags};
    struct compile compile = {.arena = &arena, .tree = &tree, .options = options};
    if (parse_file(&tree, options->source)) {
        check_tree(&tree);
        compile.matcher = match_build(&tree);
    }
    bool colour = isatty(STDERR_FILENO) && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
    diag_print(&diags, stderr, colour);
    int status = diags.n_errors ? EXIT_ERRORS : command->run(&compile);
    arena_free(&arena);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (wants_help(argc, argv)) {
        fputs(usage, stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("gatewright " GATEWRIGHT_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct options options = {0};
        if (strcmp(commands[i].name, argv[1]) != 0)
            continue;
        int r = read_options(&commands[i], argc, argv, &options);
        return r ? r : run(&commands[i], &options);
    }
    return usage_error("unknown command ", argv[1]);
}
