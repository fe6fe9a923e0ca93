/* command.h: the commands, one file each. */
#ifndef GEN_COMMAND_H
#define GEN_COMMAND_H

#include "match/match.h"
#include "base/text.h"
#include "syntax/tree.h"

#define DEFAULT_SOURCE "routes.def"

/* What the command line says. */
struct options {
    const char *source;
    const char *output;  /* -o */
    const char *depfile; /* --depfile */
    bool warnings_are_errors;
    bool json, mysql, sqlite;
    bool lock, check, to_stdout;
    const char *lock_file;
    const char *words[2]; /* those in front of the file: explain's METHOD and PATH, conf's server */
    const char *title, *url;
    const char *socket, *port, *address, *mount, *program, *state, *files, *user, *transport,
        *guard;
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
int command_conf(struct compile *compile);
bool conf_knows(const char *server);
int command_tests(struct compile *compile);

/* Writes to standard output. The exit status. */
int command_print(const struct text *text);

extern const char *const help_all,
    *const help_gen, *const help_check, *const help_routes,
                                            *const help_explain,
                                                *const help_lock, *const help_fmt,
                                                                      *const help_schema,
                                                                          *const help_openapi,
                                                                              *const help_conf,
                                                                                  *const help_tests;

#endif
