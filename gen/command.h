/* command.h: the commands, one file each. */
#ifndef GEN_COMMAND_H
#define GEN_COMMAND_H

#include "match.h"
#include "tree.h"

#define DEFAULT_SOURCE "routes.def"

/* What the command line says. */
struct options {
    const char *source;
    const char *output;  /* -o */
    const char *depfile; /* --depfile */
    bool warnings_are_errors;
    bool json, mysql, sqlite;
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

#endif
