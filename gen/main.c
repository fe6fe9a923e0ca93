/* main.c: the command `gatewright`: its options, and the passes in their order. */
#include "syntax/parse.h"
#include "check/check.h"
#include "command/command.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef GATEWRIGHT_VERSION
#define GATEWRIGHT_VERSION "unknown"
#endif

/* A bit for each command. */
enum {
    OF_GEN = 1 << 0,
    OF_CHECK = 1 << 1,
    OF_ROUTES = 1 << 2,
    OF_EXPLAIN = 1 << 3,
    OF_LOCK = 1 << 4,
    OF_FMT = 1 << 5,
    OF_SCHEMA = 1 << 6,
    OF_OPENAPI = 1 << 7,
    OF_CONF = 1 << 8,
    OF_TESTS = 1 << 9,
    OF_INIT = 1 << 10,
    OF_DEV = 1 << 11,
    OF_IMPORT = 1 << 12,
};

struct command {
    const char *name;
    unsigned bit;
    int (*run)(struct compile *compile);
    int (*check)(const struct options *options); /* NULL: nothing to check */
    const char *const *help;
    const char *words; /* what stands in front of the file; NULL: nothing */
    size_t n_words;
    bool syntax_only; /* runs before the checks */
    bool no_source;   /* has no routes.def */
    bool unread;      /* has one, and does not read it itself */
    bool more_words;  /* behind `n_words` */
};

static const struct command commands[] = {
    {.name = "gen",
     .bit = OF_GEN,
     .run = command_gen,
     .check = check_gen_options,
     .help = &help_gen},
    {.name = "check",
     .bit = OF_CHECK,
     .run = command_check,
     .check = check_check_options,
     .help = &help_check},
    {.name = "routes", .bit = OF_ROUTES, .run = command_routes, .help = &help_routes},
    {.name = "explain",
     .bit = OF_EXPLAIN,
     .run = command_explain,
     .help = &help_explain,
     .words = "METHOD PATH",
     .n_words = 2},
    {.name = "lock", .bit = OF_LOCK, .run = command_lock, .help = &help_lock},
    {.name = "fmt", .bit = OF_FMT, .run = command_fmt, .help = &help_fmt, .syntax_only = true},
    {.name = "schema",
     .bit = OF_SCHEMA,
     .run = command_schema,
     .check = check_schema_options,
     .help = &help_schema},
    {.name = "openapi", .bit = OF_OPENAPI, .run = command_openapi, .help = &help_openapi},
    {.name = "conf",
     .bit = OF_CONF,
     .run = command_conf,
     .check = check_conf_options,
     .help = &help_conf,
     .words = "nginx, lighttpd, apache, caddy, haproxy or systemd",
     .n_words = 1},
    {.name = "tests", .bit = OF_TESTS, .run = command_tests, .help = &help_tests},
    {.name = "init",
     .bit = OF_INIT,
     .run = command_init,
     .check = check_init_options,
     .help = &help_init,
     .words = "NAME",
     .n_words = 1,
     .no_source = true},
    {.name = "import",
     .bit = OF_IMPORT,
     .run = command_import,
     .help = &help_import,
     .words = "a URL such as sqlite:FILE",
     .n_words = 1,
     .no_source = true,
     .more_words = true},
    {.name = "dev", .bit = OF_DEV, .run = command_dev, .help = &help_dev, .unread = true},
};

/* A flag sets a bool, the others take the next argument. */
struct option {
    const char *name;
    unsigned commands;
    bool flag;
    size_t offset; /* in struct options; or OFTEN: it goes to `more`, with its name */
};

#define AT(member) offsetof(struct options, member)
#define OFTEN      SIZE_MAX

static const struct option option_list[] = {
    {"-Werror", ~(unsigned)(OF_FMT | OF_INIT | OF_DEV | OF_IMPORT), true, AT(warnings_are_errors)},
    {"-o", OF_GEN, false, AT(output)},
    {"--depfile", OF_GEN, false, AT(depfile)},
    {"--re2c", OF_GEN, false, AT(re2c)},
    {"--parts", OF_GEN, false, AT(parts)},
    {"--json", OF_ROUTES, true, AT(json)},
    {"--html", OF_ROUTES, true, AT(html)},
    {"--mysql", OF_SCHEMA, true, AT(mysql)},
    {"--sqlite", OF_SCHEMA, true, AT(sqlite)},
    {"--lock", OF_CHECK, true, AT(lock)},
    {"--upgrade-from", OF_CHECK, false, AT(upgrade_from)},
    {"--first", OF_CHECK, false, AT(first)},
    {"--lock-file", OF_CHECK | OF_LOCK, false, AT(lock_file)},
    {"--check", OF_FMT, true, AT(check)},
    {"--stdout", OF_FMT, true, AT(to_stdout)},
    {"--title", OF_OPENAPI, false, AT(title)},
    {"--url", OF_OPENAPI, false, AT(url)},
    {"--socket", OF_CONF, false, OFTEN},
    {"--port", OF_CONF | OF_DEV, false, AT(port)},
    {"--address", OF_CONF, false, AT(address)},
    {"--mount", OF_CONF, false, AT(mount)},
    {"--program", OF_CONF | OF_DEV, false, AT(program)},
    {"--state", OF_CONF, false, AT(state)},
    {"--files", OF_CONF, false, AT(files)},
    {"--user", OF_CONF, false, AT(user)},
    {"--group", OF_CONF, false, AT(group)},
    {"--transport", OF_CONF, false, AT(transport)},
    {"--guard", OF_CONF, false, AT(guard)},
    {"--meson", OF_INIT, true, AT(meson)},
    {"--make", OF_INIT, true, AT(make)},
    {"--cmake", OF_INIT, true, AT(cmake)},
    {"--build", OF_DEV, false, AT(build)},
    {"--asan", OF_DEV, true, AT(asan)},
    {"--entity", OF_IMPORT, false, OFTEN},
};

static const struct option *find_option(const struct command *command, const char *arg)
{
    for (size_t i = 0; i < sizeof(option_list) / sizeof(*option_list); i++) {
        if ((option_list[i].commands & command->bit) && !strcmp(option_list[i].name, arg))
            return &option_list[i];
    }
    return NULL;
}

/* What the arguments are read into. */
struct reading {
    struct options *options;
    size_t n_words;
    struct more *more; /* room for all */
};

static int set_once(const char **to, const char *name, const char *value)
{
    if (*to)
        return usage_error(name, " is there twice");
    *to = value;
    return 0;
}

/* The value of an option that is not a flag, at argv[i]. */
static int read_value(struct reading *reading, const struct option *option, int argc, char **argv,
                      int i)
{
    if (i >= argc)
        return usage_error(option->name, " needs a value behind it");
    if (option->offset == OFTEN)
        reading->more[reading->options->n_more++] = (struct more){option->name, argv[i]};
    else
        return set_once((const char **)((char *)reading->options + option->offset), option->name,
                        argv[i]);
    return 0;
}

static int read_word(const struct command *command, struct reading *reading, const char *arg)
{
    struct options *options = reading->options;
    if (reading->n_words < command->n_words)
        options->words[reading->n_words++] = arg;
    else if (command->more_words)
        reading->more[options->n_more++] = (struct more){NULL, arg};
    else if (options->source || command->no_source)
        return usage_error(command->no_source ? "no more than one name: " : "more than one file: ",
                           arg);
    else
        options->source = arg;
    return 0;
}

/* Reads one argument, at argv[*i]. 0 or EXIT_USAGE. */
static int read_argument(const struct command *command, int argc, char **argv, int *i,
                         struct reading *reading)
{
    const char *arg = argv[*i];
    const struct option *option = find_option(command, arg);
    if (option && option->flag)
        *(bool *)((char *)reading->options + option->offset) = true;
    else if (option)
        return read_value(reading, option, argc, argv, ++*i);
    else if ((command->bit & OF_SCHEMA) && !strcmp(arg, "--diff"))
        return usage_error("the program knows the live schema: run it with --schema-diff", "");
    else if (*arg == '-' && (arg[1] || !command->more_words))
        return usage_error("unknown option ", arg);
    else
        return read_word(command, reading, arg);
    return 0;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    }
    return false;
}

static int read_options(const struct command *command, int argc, char **argv, struct more *more,
                        struct options *options)
{
    struct reading reading = {.options = options, .more = more};
    options->more = more;
    for (int i = 2; i < argc; i++) {
        int r = read_argument(command, argc, argv, &i, &reading);
        if (r)
            return r;
    }
    if (!options->source)
        options->source = DEFAULT_SOURCE;
    if (reading.n_words < command->n_words)
        return usage_error("missing: ", command->words);
    return command->check ? command->check(options) : 0;
}

static int run(const struct command *command, const struct options *options)
{
    struct arena arena = {0};
    struct diags diags = {.arena = &arena, .warnings_are_errors = options->warnings_are_errors};
    struct tree tree = {.arena = &arena, .diags = &diags};
    struct compile compile = {.arena = &arena, .tree = &tree, .options = options};
    if (!command->no_source && !command->unread && parse_file(&tree, options->source) &&
        !command->syntax_only) {
        check_tree(&tree);
        compile.matcher = match_build(&tree);
    }
    diag_print(&diags);
    int status = diags.n_errors ? EXIT_ERRORS : command->run(&compile);
    arena_free(&arena);
    return status;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const struct command *command = argc < 2 ? NULL : find_command(argv[1]);
    struct options options = {0};
    struct arena arena = {0};
    if (argc < 2) {
        fputs(help_all, stderr);
        return EXIT_USAGE;
    }
    if (wants_help(argc, argv)) {
        fputs(command ? *command->help : help_all, stdout);
        return 0;
    }
    if (!strcmp(argv[1], "--version")) {
        puts("gatewright " GATEWRIGHT_VERSION);
        return 0;
    }
    if (!command)
        return usage_error("unknown command ", argv[1]);
    struct more *more = arena_alloc(&arena, (size_t)argc * sizeof(*more));
    int r = read_options(command, argc, argv, more, &options);
    if (!r)
        r = run(command, &options);
    arena_free(&arena);
    return r;
}
