/* review.h: the matrix of routes and callers as a page, for people who review access. */
#ifndef GEN_REVIEW_H
#define GEN_REVIEW_H

#include "syntax/tree.h"

#include "base/text.h"

/* A page of HTML that needs nothing beside it: no script, no other file. */
void review_page(const struct tree *tree, const char *file, struct text *to);

#endif
