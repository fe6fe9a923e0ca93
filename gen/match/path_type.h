/* path_type.h: which types of path parameters a segment satisfies, decided in plain C. */
#ifndef GEN_PATH_TYPE_H
#define GEN_PATH_TYPE_H

#include "syntax/tree.h"

/* A bit for each of SEGMENT_UUID .. SEGMENT_PATH that the canonical segment satisfies. */
unsigned path_type_mask(const char *segment);

/* Whether a canonical segment fits what a route says. */
bool path_segment_fits(const struct segment *segment, const char *text);

/* Which of two segments that fit one text goes before: negative, 0 where nothing separates them. */
int path_segment_compare(const struct segment *a, const struct segment *b);

#endif
