/* canonical.h: the canonical form of a path's text. */
#ifndef GEN_CANONICAL_H
#define GEN_CANONICAL_H

#include "base/arena.h"

#include <stdbool.h>

/* Canonical form of a literal segment (docs/design.md, Request semantics). NULL: *ret_problem says
 * why no request can have it. */
const char *path_canonical(struct arena *arena, const char *ptr, size_t len,
                           const char **ret_problem);

/* The same for the text beside a parameter, which may be `.`. */
const char *path_canonical_part(struct arena *arena, const char *ptr, size_t len,
                                const char **ret_problem);

/* The same for a segment of a request, where `%2F` and `%5C` stay; *ret_separators: it has one. */
const char *path_canonical_request(struct arena *arena, const char *ptr, size_t len,
                                   bool *ret_separators, const char **ret_problem);

#endif
