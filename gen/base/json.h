/* json.h: JSON text that is being built, indented. */
#ifndef GEN_JSON_H
#define GEN_JSON_H

#include "base/text.h"

#include <stdbool.h>

struct json {
    struct text *to;
    unsigned depth;
    bool filled; /* the innermost object or array has something in it */
};

/* `name` is NULL in an array and at the top. */
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);
void json_text(struct json *json, const char *name, const char *value);

/* A number, `true`, or other JSON text. */
void json_plain(struct json *json, const char *name, const char *value);

#endif
