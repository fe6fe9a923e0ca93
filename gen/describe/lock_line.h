/* lock_line.h: a line of routes.lock, between the files that write, read and compare it. */
#ifndef GEN_LOCK_LINE_H
#define GEN_LOCK_LINE_H

#include "base/text.h"
#include "syntax/tree.h"

/* How the line of the format begins, and which is written. 0.1's locks have none: format 1. */
#define LOCK_FORMAT     "format  "
#define LOCK_FORMAT_NOW 2

/* How the lines of tables and statements begin (lock_schema.c). */
#define LOCK_DECLARED "| "

/* How a line about an issuer begins. */
#define LOCK_ISSUER "issuer  "

/* How a line about a column that blocks begins. */
#define LOCK_BLOCKS "blocks  "

/* How a line about sessions begins. */
#define LOCK_SESSION "session  "

/* How lines about the cookie begin: which it is, and whose pages may send it. */
#define LOCK_COOKIE      "cookie  "
#define LOCK_CREDENTIALS "credentials  "

#define LOCK_RATES 4 /* of a route */

/* Of a route. Absent parts are "". */
struct lock_line {
    const char *method, *path; /* parameters have numbers for names */
    const char *route;         /* both */
    const char *callers, *scope, *own, *query_token, *sets, *ticket;
    const char *rates[LOCK_RATES];
    size_t n_rates;
    const char *text;
    struct pos pos;
};

const char *lock_line_of(const struct tree *tree, const struct route *route);
const char *lock_line_of_issuer(struct arena *arena, const struct issuer *issuer,
                                const struct name *audience);
const char *lock_line_of_cookie(struct arena *arena, const struct name *cookie);
const char *lock_line_of_credentials(struct arena *arena, const struct name *origin);
const char *lock_line_of_blocking(struct arena *arena, const struct table *table,
                                  const struct column *column);

const char *lock_line_of_session(struct arena *arena, const struct session *session);

/* lock_session.c: reports sessions that live longer than the lock's, or that it does not have. */
void lock_compare_sessions(struct tree *tree, const struct lock_line *const *lines, size_t n_lines);

/* False: `text` is no line about a route. */
bool lock_line_split(struct arena *arena, const char *text, struct lock_line *ret);

/* What a route allows now and did not before. */
enum lock_change_kind {
    LOCK_CALLERS,
    LOCK_SCOPE,
    LOCK_OWN,
    LOCK_QUERY_TOKEN,
    LOCK_SETS,
    LOCK_TICKET,
    LOCK_RATE,
    N_LOCK_CHANGES,
};

struct lock_change {
    enum lock_change_kind kind;
    const char *text; /* for people */
};

/* lock_change.c: gives how many of `changes` it has filled, 0: nothing has opened. */
size_t lock_changes(struct arena *arena, const struct lock_line *now,
                    const struct lock_line *before, struct lock_change changes[N_LOCK_CHANGES]);

/* lock_paths.c: reports paths that go to another route than the lock's, which allows more. */
void lock_compare_paths(struct tree *tree, const struct lock_line *const *lines, size_t n_lines);

/* Every line that says who may call what, and its parts where it is a route's. */
struct lock_lines {
    struct map by_route, others; /* lines that are there or not */
    VEC(const struct lock_line *) blocking;
    VEC(const struct lock_line *) sessions;
    VEC(const struct lock_line *) routes;
};

/* lock_compare.c. False: reported. */
bool lock_read(struct tree *tree, const struct source *lock, struct lock_lines *ret);

/* lock_schema.c: tables and statements, in the form of the language; which format the lock has, and
 * into an empty tree what it declares. False: reported. */
void lock_write_schema(const struct tree *tree, struct text *to);
bool lock_read_format(struct diags *diags, const struct source *lock, unsigned *ret);
bool lock_read_schema(struct tree *tree, const struct source *lock);

#endif
