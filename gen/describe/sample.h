/* sample.h: a path that a route answers, a body that it accepts. */
#ifndef GEN_SAMPLE_H
#define GEN_SAMPLE_H

#include "base/text.h"
#include "syntax/tree.h"

/* A path that this very route answers; NULL: none was found. */
const char *sample_path(const struct tree *tree, const struct route *route);

/* What follows stops where a sample is longer than this, and is none then. */
#define SAMPLE_MAX ((size_t)1 << 20)

/* A JSON object with the members that the body demands. */
void sample_body(const struct body *body, struct text *to);

/* A JSON array of as many of these as the range demands. */
void sample_list(const struct body *body, const struct range *count, struct text *to);

/* The members as `a=b&c=d`. */
void sample_form(const struct body *body, struct text *to);

/* Those that are demanded, as members of a JSON object, behind what stands there. */
void sample_headers(const struct body *body, struct text *to);

/* The same as multipart/form-data with the boundary SAMPLE_BOUNDARY. Of a file, which may have to
 * be of some type, it has the name and a letter. */
#define SAMPLE_BOUNDARY "gatewright"
void sample_multipart(const struct body *body, struct text *to);

#endif
