/* statement.h: what routes.def says beside tables, bodies and routes: sessions, tickets, jobs,
 * problems and identity providers. A part of the tree (tree.h). */
#ifndef GEN_STATEMENT_H
#define GEN_STATEMENT_H

#include "syntax/name.h"

#include <stdbool.h>

struct table;

struct duration {
    uint64_t seconds; /* 0: it is not said */
    struct pos pos;
};

/* `session users { ... }` */
struct session {
    struct name entity;
    struct duration access, refresh, longest;
    bool strict;
    struct pos strict_pos;
    struct name cookie; /* NAME of its two; text NULL: it has none */
    bool broken;
    const struct table *table; /* set by the checks, and what follows */
    const char *cookie_path;   /* of the second one; NULL: it has none */
};

/* `ticket reset users 30 minutes voids password`: what an e-mailed link holds. */
struct ticket {
    struct name name, entity;
    struct duration lifetime;
    VEC(struct name) voids; /* columns that it vouches for */
    bool broken;
    const struct table *table; /* set by the checks, and what follows */
    VEC(unsigned) columns;
    bool is_again;      /* there is one of its name */
    bool ends_sessions; /* it vouches for a secret */
    unsigned index;     /* in tree.tickets */
};

/* `job clean_up every 1 day timeout 10m`: a handler without a caller. */
struct job {
    struct name name;
    struct duration every;
    uint32_t timeout_ms; /* 0: as long as it takes */
};

/* An outside identity provider. */
struct issuer {
    struct name name, url;
    struct name entity, column, claim; /* claim: text NULL where it is the column's name */
    VEC(struct name) audiences;
    struct name keys;
    bool broken;
    const struct table *table; /* set by the checks */
    int column_index;
};

/* `problem taken 409 "..." "/email"` */
struct problem {
    struct name name, sentence;
    int status;
    struct name pointer; /* text NULL: none */
    struct name type;    /* a URI */
    bool returned;       /* by a route; set by the checks */
};

/* `api "School" version "1.0" server "https://school.example"`. */
struct api {
    struct pos pos; /* without a source: there is no such line */
    const char *description;
    struct name title, version, server, license; /* text NULL: not said */
};

/* `tag lessons` on a line of its own. */
struct tag {
    struct name name;
    const char *description;
};

/* What becomes of a slash behind the path of a route. */
enum slash {
    SLASH_EXACT,
    SLASH_REDIRECT,
    SLASH_EITHER,
    N_SLASHES,
};

extern const char *const slash_words[N_SLASHES];

#endif
