/* openapi.h: an OpenAPI 3.1 document of the routes. */
#ifndef GEN_OPENAPI_H
#define GEN_OPENAPI_H

#include "base/json.h"
#include "syntax/tree.h"

/* Where in a document the path belongs that the program is mounted at; and how many bytes there
 * give way to it. 0: nowhere. */
struct mount_place {
    size_t at, drop;
};

/* openapi_info.c: `title` and `url` replace what the file says, where they are not NULL. */
void openapi_info(struct json *json, const struct tree *tree, const char *title);
struct mount_place openapi_servers(struct json *json, const struct tree *tree, const char *url);
void openapi_tags(struct json *json, const struct tree *tree);
void openapi_words(struct json *json, const struct route *route); /* tags, summary, deprecated */

/* The tags, those that are declared first, in `ret`, which has room for tags_at_most(); and what
 * one is said to be, or NULL. */
size_t tags_in_order(const struct tree *tree, const struct name **ret);
size_t tags_at_most(const struct tree *tree);
const char *tag_description(const struct tree *tree, const char *name);

/* openapi_info.c: of each body, by its index, whether a request or an answer holds it. */
const bool *openapi_bodies(const struct tree *tree);

/* openapi_schema.c */
void openapi_body(struct json *json, const struct body *body);
void openapi_member(struct json *json, const char *name, const struct member *member);
void openapi_param_schema(struct json *json, const struct segment *segment);

/* openapi_schema.c: a media type with a schema of the components, which may be NULL; one that is
 * JSON with a body, or a list of so many. */
#define OPENAPI_JSON "application/json"
void openapi_reference(struct json *json, const char *path);
void openapi_media_type(struct json *json, const char *type, const char *schema);
void openapi_json(struct json *json, const char *type, const struct body *body, bool list,
                  const struct range *count);

/* openapi_answer.c */
void openapi_responses(struct json *json, const struct tree *tree, const struct route *route);

/* openapi_answer.c: the statuses of problem documents that a route may answer with beside those
 * that it declares; how many. */
#define OPENAPI_REFUSALS 10
size_t openapi_refusals(const struct tree *tree, const struct route *route,
                        int ret[OPENAPI_REFUSALS]);

/* openapi_operation.c: `params` names the path's parameters, in its order. */
void openapi_operation(struct json *json, const char *name, const struct tree *tree,
                       const struct route *route, const char *const *params);

#endif
