/* path_type.h: which types of path parameters a segment satisfies, decided in plain C. */
#ifndef GEN_PATH_TYPE_H
#define GEN_PATH_TYPE_H

#include "syntax/tree.h"

/* A bit for each of SEGMENT_UUID .. SEGMENT_PATH that the canonical segment satisfies. */
unsigned path_type_mask(const char *segment);

/* How a SEGMENT_MIXED without words takes a canonical segment: 0: not, 1: `ret` has where each
 * parameter ends, 2: in several ways, of which `ret` has one. */
unsigned path_segment_divide(const struct segment *segment, const char *text,
                             size_t ret[MAX_PARTS]);

/* Whether a canonical segment fits what a route says, in one way or several. */
bool path_segment_fits(const struct segment *segment, const char *text);

/* Which of two segments that fit one text goes before: negative, 0 where nothing separates them. */
int path_segment_compare(const struct segment *a, const struct segment *b);

#endif
