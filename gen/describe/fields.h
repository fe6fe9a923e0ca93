/* fields.h: the pairs that a query or form may have, those of its objects too. */
#ifndef GEN_FIELDS_H
#define GEN_FIELDS_H

#include "syntax/tree.h"

struct field {
    const char *name; /* "title", "filter[title]" */
    const struct member *member;
    bool needed; /* where it is no list */
};

struct fields {
    VEC(struct field) list;
};

/* In the order of the members. Of a map, whose names are anybody's, as many as it demands. */
struct fields fields_of(struct arena *arena, const struct body *body);

#endif
