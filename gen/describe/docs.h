/* docs.h: the page of `@docs`: routes by tag, who may call each, what it takes and answers. */
#ifndef GEN_DOCS_H
#define GEN_DOCS_H

#include "base/text.h"
#include "syntax/tree.h"

/* From the title to the end of the body's content, but for style and script, which the runtime has.
 * What the script needs to send a request stands in attributes `data-...`. */
void docs_page(const struct tree *tree, struct text *to);

/* docs_route.c: one route, folded. */
void docs_route(const struct tree *tree, const struct route *route, struct text *to);

/* docs_try.c: the form that sends a request. */
void docs_try(const struct tree *tree, const struct route *route, struct text *to);

/* docs_shape.c: a table of the members, with links to bodies in it. */
void docs_members(const struct body *body, const char *caption, struct text *to);
void docs_body_link(const char *name, bool list, const struct range *count, struct text *to);

/* A row of parameters: `place` is "path" or "query". */
void docs_param_row(const struct segment *segment, struct text *to);
void docs_member_row(const struct member *member, const char *place, bool needed, struct text *to);

/* The path as OpenAPI has it, parameters without types. */
const char *docs_path(struct arena *arena, const struct route *route);

#endif
