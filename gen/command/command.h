/* command.h: the commands, one file each. */
#ifndef GEN_COMMAND_H
#define GEN_COMMAND_H

#include "base/text.h"
#include "syntax/tree.h"
#include "match/match.h"
#include "describe/openapi.h"

#define DEFAULT_SOURCE "routes.def"

enum {
    EXIT_ERRORS = 1,
    EXIT_USAGE = 2,
};

/* A word behind those that a command needs, or an option's value, which may be given again. */
struct more {
    const char *option; /* "--entity"; NULL: a word */
    const char *value;
};

/* What the command line says. */
struct options {
    const char *source;
    const char *output;  /* -o */
    const char *depfile; /* --depfile */
    const char *re2c;    /* --re2c */
    const char *parts;   /* --parts */
    bool warnings_are_errors;
    bool json, html, mysql, sqlite;
    bool lock, check, to_stdout;
    const char *lock_file;
    const char *upgrade_from, *first;
    const char *words[2]; /* those in front of the file: explain's METHOD and PATH, conf's server */
    const char *title, *url;
    const char *port, *address, *mount, *program, *state, *files, *user, *transport, *guard, *group;
    bool meson, make, cmake;
    const char *build; /* dev's */
    bool asan;
    const struct more *more; /* in their order: what may be there often */
    size_t n_more;
};

struct compile {
    struct arena *arena;
    struct tree *tree;
    struct matcher *matcher;
    const struct options *options;
};

/* Each gives the exit status: 0, or 1 after a message. They run only if there is no error in the
 * source. */
int command_gen(struct compile *compile);
int command_check(struct compile *compile);
int command_routes(struct compile *compile);
int command_schema(struct compile *compile);
int command_explain(struct compile *compile);
int command_lock(struct compile *compile);
int command_fmt(struct compile *compile); /* before the checks */
int command_openapi(struct compile *compile);

/* The document of `openapi`, by the options --title and --url. Where in it the mount belongs. */
struct mount_place openapi_document(struct compile *compile, struct text *to);
int command_conf(struct compile *compile);
int command_tests(struct compile *compile);
int command_init(struct compile *compile);   /* reads no source */
int command_import(struct compile *compile); /* nor this: it reads a database */
int command_dev(struct compile *compile);    /* neither: others read it, again and again */

/* What a command asks of its options before a file is read. 0, or EXIT_USAGE after a message. */
int check_gen_options(const struct options *options);
int check_schema_options(const struct options *options);
int check_check_options(const struct options *options);
int check_conf_options(const struct options *options);
int check_init_options(const struct options *options);

/* A message about the command line, of two parts. Gives EXIT_USAGE. */
int usage_error(const char *message, const char *what);

extern const char *const help_all;
extern const char *const help_gen;
extern const char *const help_check;
extern const char *const help_routes;
extern const char *const help_explain;
extern const char *const help_lock;
extern const char *const help_fmt;
extern const char *const help_schema;
extern const char *const help_openapi;
extern const char *const help_conf;
extern const char *const help_tests;
extern const char *const help_init;
extern const char *const help_dev;
extern const char *const help_import;

#endif
