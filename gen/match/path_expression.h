/* path_expression.h: parameters of paths as expressions of regular.h, over canonical bytes. */
#ifndef GEN_PATH_EXPRESSION_H
#define GEN_PATH_EXPRESSION_H

#include "syntax/tree.h"

/* What a type takes; of SEGMENT_FREE what may stand beside text. */
const char *path_type_expression(struct arena *arena, enum segment_kind kind);

/* The parameters [from, to) of a segment, with what stands between them. */
const char *path_params_expression(struct arena *arena, const struct segment *segment, size_t from,
                                   size_t to);

#endif
