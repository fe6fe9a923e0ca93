/* openapi.h: an OpenAPI 3.1 document of the routes. */
#ifndef GEN_OPENAPI_H
#define GEN_OPENAPI_H

#include "base/json.h"
#include "syntax/tree.h"

/* openapi_schema.c */
void openapi_body(struct json *json, const struct body *body);
void openapi_member(struct json *json, const char *name, const struct member *member);
void openapi_param_schema(struct json *json, const struct segment *segment);

/* openapi_operation.c: `params` names the path's parameters, in its order. */
void openapi_operation(struct json *json, const char *name, const struct tree *tree,
                       const struct route *route, const char *const *params);

#endif
