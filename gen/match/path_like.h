/* path_like.h: `{code:like "[A-Z]{3}"}`, regular expressions in paths.
 *
 * People write them over characters, the matcher reads bytes of canonical paths, percent-encoded
 * ones too. Control characters and separators stand in no segment and take no part. */
#ifndef GEN_PATH_LIKE_H
#define GEN_PATH_LIKE_H

#include "syntax/tree.h"

/* So many states over bytes, of which re2c makes code. */
#define PATH_LIKE_MAX_STATES 2000

/* Compiles those of the route's segments. A mistake is reported, and breaks the route. */
void path_like_compile(struct tree *tree, struct route *route);

/* What the segment's parameter may be, as an expression of regular.h, or as one of re2c. */
const char *path_like_expression(struct arena *arena, const struct segment *segment);
const char *path_like_re2c(struct arena *arena, const struct segment *segment);

/* All that a segment of a canonical path may be, as an expression of regular.h. */
const char *path_like_any(struct arena *arena);

/* Whether a canonical text is one: decided on characters, as in bodies. */
bool path_like_matches(const struct segment *segment, const char *text);

/* Its i-th text, canonical; NULL: there are less, or this one stands in no path. */
const char *path_like_text(struct arena *arena, const struct segment *segment, unsigned i);

#endif
