/* path_type.h: which types of path parameters a segment satisfies, decided in plain C. */
#ifndef GEN_PATH_TYPE_H
#define GEN_PATH_TYPE_H

#include "tree.h"

/* A bit for each of SEGMENT_UUID .. SEGMENT_PATH that the canonical segment satisfies. */
unsigned path_type_mask(const char *segment);

/* Canonical form of a literal segment as section 5 of the design has it. NULL: *ret_problem says
 * why no request can have it. */
const char *path_canonical(struct arena *arena, const char *ptr, size_t len,
                           const char **ret_problem);

#endif
