/* cut.h: where a segment with several parameters is divided.
 *
 * The one place between two parameters where what is before it fits what the route has before it,
 * and what is behind it fits what the route has behind it. A text with two such places can be
 * divided in two ways, and no request has it (docs/language.md, Several parameters in a segment).
 * Both halves are regular, so the runtime reads the text twice and never tries again. */
#ifndef GEN_CUT_H
#define GEN_CUT_H

#include "match/regular.h"
#include "syntax/tree.h"

struct cut {
    unsigned number;         /* in tree->cuts */
    struct automaton before; /* from the segment's start */
    struct automaton behind; /* from its end, backwards; with the text between the two parameters */
};

/* Compiles those of the route's segments. What is too large is reported, and breaks the route. */
void cut_compile(struct tree *tree, struct route *route);

#endif
