/* explain.h: which route answers a request, decided by trying every one of them. */
#ifndef GEN_EXPLAIN_H
#define GEN_EXPLAIN_H

#include "base/text.h"
#include "syntax/tree.h"

/* How a route compares with a path. */
struct attempt {
    const struct route *route;
    bool matches;
    size_t fits; /* segments that fit, from the left */
};

struct request_path {
    const char *problem;        /* why it has no canonical form; NULL: it has one */
    bool separators;            /* an encoded slash or backslash is in it */
    VEC(const char *) segments; /* canonical */
};

/* `path` without its query. */
void explain_path(struct arena *arena, const char *path, struct request_path *ret);

struct attempt explain_attempt(const struct route *route, const struct request_path *path);

/* The best of the routes of the method that match; NULL: none. */
const struct route *explain_winner(const struct tree *tree, int method,
                                   const struct request_path *path);

/* Why the path's encoded separators are refused where it goes to this route; NULL: they are not.
 * `whole`: there is no route for the method, and of all of the path's routes is told. */
const char *explain_separators(const struct tree *tree, const struct route *route, bool whole,
                               const struct request_path *path);

/* What the route asks of a request, in the order of the checks, and what it loads. */
void explain_demands(const struct tree *tree, const struct route *route, struct text *to);

/* "users, teachers" */
const char *explain_callers(const struct tree *tree, const struct route *route);

/* `(role = "admin" | "editor")` behind the entity among the callers; "" where none is said. */
const char *explain_role(struct arena *arena, const struct route *route, const char *entity);

/* `{id:int}`, `report-{year:int}.csv` */
const char *explain_segment(struct arena *arena, const struct segment *segment);

/* Of a segment with several parameters what each of them is in a text that fits: "{a} is `1`, {b}
 * is `2`". */
const char *explain_division(struct arena *arena, const struct segment *segment, const char *text);

/* Why nobody can say what the parameters of a route are that the path goes to; NULL: one can. */
const char *explain_doubt(struct arena *arena, const struct route *route,
                          const struct request_path *path);

/* "rate 5 per minute by address" */
const char *explain_rate(struct arena *arena, const struct rate *rate);

#endif
