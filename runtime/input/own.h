/* own.h: what the files of the body module share. Not for others. */
#ifndef GW_BODY_CHECK_H
#define GW_BODY_CHECK_H

#include "input/format.h"
#include "input/body.h"
#include "json/json.h"

struct gw_arena;

/* One input being checked. */
struct gw_check {
    struct gw_arena *arena;
    struct gw_faults *faults;
    int error;       /* a negative errno once something failed that is not the input's fault */
    json_t **trees;  /* of members that are any JSON: see gw_body_json(); NULL: there are none */
    size_t n_values; /* in them */
};

/* Where in the input we are; written out as a JSON pointer only when there is a fault. */
struct gw_place {
    const struct gw_place *up; /* NULL: the root */
    const char *name;          /* of a member; NULL: the element `index` of a list */
    size_t index;
};

/* Whether GW_BODY_MAX_FAULTS are noted: the rest need not be checked, the answer is whole. */
static inline bool gw_check_is_full(const struct gw_check *check)
{
    return check->faults->n == GW_BODY_MAX_FAULTS;
}

/* Notes a fault; beyond GW_BODY_MAX_FAULTS they are dropped. `detail` NULL means that its
 * allocation failed. */
void gw_check_fault(struct gw_check *check, const struct gw_place *place, const char *detail);

/* A value against a shape, most often an object; a new structure, or NULL after a fault or an
 * error. */
const void *gw_check_shape(struct gw_check *check, const struct gw_place *place,
                           const struct gw_shape *shape, const struct gw_json *value);

/* Alternatives (either.c): what one of them is in JSON, and what a value is. */
enum gw_kind gw_either_kind(const struct gw_member *one);
enum gw_kind gw_either_kind_of(const struct gw_json *value);

/* "must be a text, a number or a list"; NULL when memory is short. */
const char *gw_either_kinds(struct gw_check *check, const struct gw_member *member);

/* What is wrong for one more of them behind what is for others, NULL: this is the first. NULL when
 * memory is short. */
const char *gw_either_detail(struct gw_check *check, const char *all, const char *detail);

/* One value against its member's type and bounds, whose C representation is put at `to`. Faults are
 * noted. */
void gw_check_scalar(struct gw_check *check, const struct gw_place *place,
                     const struct gw_member *member, const struct gw_json *value, bool optional,
                     void *to);

/* A file of a form, whose struct gw_upload is put at `to`. */
void gw_check_file(struct gw_check *check, const struct gw_place *place,
                   const struct gw_member *member, const struct gw_json *value, void *to);

/* Any value, whose tree is put at `to`. */
void gw_check_tree(struct gw_check *check, const struct gw_place *place,
                   const struct gw_json *value, json_t **to);

/* What a text is where a value of the type is meant: "7" is a number (spelling.c). */
enum gw_json_kind gw_spelt_kind(struct gw_check *check, enum gw_type type, struct gw_str text);

/* Pairs as a tree (pairs.c). A new element or member; NULL when memory is short, which check->error
 * says. */
struct gw_json *gw_tree_add(struct gw_check *check, struct gw_json *list, struct gw_str name);

/* One whose text is read as the type says. Of alternatives it stays a text (GW_JSON_PAIR). */
void gw_tree_add_value(struct gw_check *check, struct gw_json *list, struct gw_str name,
                       enum gw_type type, struct gw_str text);

/* The pair of that name, within `up`, that may be there only once, which is noted otherwise; NULL:
 * there is none. */
const struct gw_pair *gw_pairs_only(struct gw_check *check, const struct gw_place *up,
                                    const struct gw_pairs *pairs, const char *name);

/* The tree against its shape: 0, GW_E_INVALID or a negative errno. */
int gw_tree_check(struct gw_check *check, const struct gw_json *tree, const struct gw_shape *shape,
                  const void **ret_body);

/* What is declared for a member that was left out, at `to`. */
void gw_fill_scalar(const struct gw_member *member, void *to);

/* Below, 0 or above: the order of two values of a type. */
int gw_scalar_order(enum gw_type type, const union gw_scalar *a, const union gw_scalar *b);

/* "must be 8 to 128 characters": `lead`, what of the two bounds holds, and the unit. */
const char *gw_check_range(struct gw_check *check, const char *lead, const uint64_t *min,
                           const uint64_t *max, const char *one, const char *many);

#endif
