/* json.h: reads JSON text (RFC 8259) into a tree in an arena.
 *
 * For input from outside: tokens and bodies. Stricter than the grammar where the grammar leaves
 * room (json.c says how), and exact: numbers stay as they were written. Trees that are handed to
 * applications are jansson's. */
#ifndef GW_JSON_H
#define GW_JSON_H

#include "base/str.h"

#include <jansson.h>

struct gw_arena;

enum gw_json_kind {
    GW_JSON_NULL,
    GW_JSON_FALSE,
    GW_JSON_TRUE,
    GW_JSON_NUMBER,
    GW_JSON_STRING,
    GW_JSON_ARRAY,
    GW_JSON_OBJECT,
    GW_JSON_PAIR, /* in no JSON: a text of a query, form or header, whose type is not known yet */
    GW_JSON_FILE, /* in no JSON: a form's, whose `text.ptr` is a struct gw_upload */
};

struct gw_json {
    struct gw_json *next; /* of the same array or object */
    const char *name;     /* of an object's member; NUL-terminated */
    uint32_t name_len;
    enum gw_json_kind kind;
    union {
        struct gw_str text; /* a string decoded and NUL-terminated, without a NUL inside; a number
                             * as it was written, not terminated */
        struct {
            struct gw_json *first;
            size_t n;
        } list; /* an array's elements, an object's members, in their order */
    };
};

enum gw_json_fault {
    GW_JSON_SYNTAX,
    GW_JSON_UTF8,
    GW_JSON_DEPTH,
    GW_JSON_DUPLICATE,
};

struct gw_json_error {
    enum gw_json_fault fault;
    const char *what; /* static, for people: "a comma or closing bracket is missing" */
    size_t offset;    /* in bytes */
};

/* Reads `text`, which must be one JSON value and nothing else, nested at most `max_depth` levels.
 * The tree may point into `text`. 0, GW_E_MISMATCH with *ret_error, -ENOMEM. */
int gw_json_read(struct gw_str text, unsigned max_depth, struct gw_arena *arena,
                 const struct gw_json **ret, struct gw_json_error *ret_error);

/* The string that `text` is; false for NULL and what is no string. */
bool gw_json_is(const struct gw_json *value, const char *text);
/* Levels that the text of a `json` column may have. */
#define GW_JSON_STORED_DEPTH 256

/* Whether `text` is what gw_json_read takes, at most that deep. 0, GW_E_MISMATCH, -ENOMEM. */
int gw_json_check(struct gw_str text, unsigned max_depth);

/* A member of an object; NULL if there is none of that name. */
const struct gw_json *gw_json_member(const struct gw_json *object, const char *name);

/* The value of a number written as an integer ("1.0" and "1e3" are none). False: not one, or
 * beyond the type. */
bool gw_json_i64(const struct gw_json *value, int64_t *ret);
bool gw_json_u64(const struct gw_json *value, uint64_t *ret);

/* The same of a number that is whole, however it is written: "1.0" and "10e-1" are 1. */
bool gw_json_whole_i64(const struct gw_json *value, int64_t *ret);
bool gw_json_whole_u64(const struct gw_json *value, uint64_t *ret);
bool gw_json_is_whole(const struct gw_json *value); /* of whatever size */

/* What stands before the point of a number's value, its sign, and whether anything is behind the
 * point. False: no number, or beyond uint64. */
bool gw_json_split(const struct gw_json *value, bool *ret_negative, uint64_t *ret_whole,
                   bool *ret_rest);

/* The value of any number; false beyond what a double holds. */
bool gw_json_f64(const struct gw_json *value, double *ret);

/* Whether jansson could hold the tree: no integer beyond int64, no real beyond double. */
bool gw_json_fits_jansson(const struct gw_json *value);

/* The same tree as jansson's, a new reference. GW_E_MISMATCH: an integer beyond int64 or a real
 * beyond double, which jansson cannot hold. -ENOMEM. */
int gw_json_to_jansson(const struct gw_json *value, json_t **ret);

#endif
