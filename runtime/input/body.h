/* body.h: JSON, form and query input against a declared shape (generated.h), every fault at
 * once. */
#ifndef GW_BODY_H
#define GW_BODY_H

#include "generated.h"
#include "base/str.h"

struct gw_arena;

#define GW_BODY_MAX_DEPTH  32
#define GW_BODY_MAX_FAULTS 32
#define GW_BODY_MAX_NAME   255   /* characters of a name in a map */
#define GW_BODY_MAX_VALUES 65536 /* in all members that are any JSON */
#define GW_QUERY_MAX_PAIRS 256

/* What is wrong, all of it at once. No fault repeats the value. */
struct gw_faults {
    struct gw_fault items[GW_BODY_MAX_FAULTS];
    size_t n;
};

/* A decoded name=value pair of a query or form. */
struct gw_pair {
    struct gw_str name, value;    /* NUL-terminated, decoded */
    bool bare;                    /* without `=` */
    const struct gw_upload *file; /* NULL: it is a text */
};
struct gw_pairs {
    struct gw_pair *items;
    size_t n;
};

/* All three: 0 with *ret_body a structure of shape->size bytes in `arena`; GW_E_SYNTAX (400) with
 * one fault that says where; GW_E_INVALID (422) with every fault; -ENOMEM. */
/* Members that are any JSON are in *io_trees, an array that is made for the first of them and that
 * the caller releases, whatever the result. */
#define GW_E_SYNTAX  20
#define GW_E_INVALID 21
int gw_body_json(struct gw_str text, const struct gw_shape *shape, struct gw_arena *arena,
                 json_t **io_trees, struct gw_faults *faults, const void **ret_body);
int gw_body_pairs(const struct gw_pairs *pairs, const struct gw_shape *shape,
                  struct gw_arena *arena, struct gw_faults *faults, const void **ret_body);

/* What a form with `faults` holds, to be shown again: 0 with *ret a structure of form->size bytes
 * in `arena`, whose texts are those of `pairs`; -ENOMEM. */
int gw_form_show(const struct gw_pairs *pairs, const struct gw_shape *shape,
                 const struct gw_form_layout *form, const struct gw_faults *faults,
                 struct gw_arena *arena, const void **ret);

/* Header fields: pairs of a member's name and a field's value, one for each time that it was sent;
 * values need not be UTF-8, nor end with a NUL, and are not decoded. A list has commas, and may be
 * on several lines (RFC 9110, 5.3 and 5.6.1). 0, GW_E_INVALID or -ENOMEM, as above. */
int gw_body_fields(const struct gw_pairs *fields, const struct gw_shape *shape,
                   struct gw_arena *arena, struct gw_faults *faults, const void **ret_body);

/* Splits application/x-www-form-urlencoded text (WHATWG URL, 5.1). GW_E_SYNTAX with *ret_why: a bad
 * escape, NUL, invalid UTF-8, more than GW_QUERY_MAX_PAIRS. */
int gw_pairs_parse(struct gw_str text, struct gw_arena *arena, struct gw_pairs *ret,
                   const char **ret_why);

#endif
