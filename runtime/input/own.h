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

/* An object against a shape; a new structure, or NULL after a fault or an error. */
const void *gw_check_object(struct gw_check *check, const struct gw_place *place,
                            const struct gw_shape *shape, const struct gw_json *value);

/* One value against its member's type and bounds, whose C representation is put at `to`. Faults are
 * noted. */
void gw_check_scalar(struct gw_check *check, const struct gw_place *place,
                     const struct gw_member *member, const struct gw_json *value, bool optional,
                     void *to);

/* Any value, whose tree is put at `to`. */
void gw_check_tree(struct gw_check *check, const struct gw_place *place,
                   const struct gw_json *value, json_t **to);

/* What is declared for a member that was left out, at `to`. */
void gw_fill_scalar(const struct gw_member *member, void *to);

/* Below, 0 or above: the order of two values of a type. */
int gw_scalar_order(enum gw_type type, const union gw_scalar *a, const union gw_scalar *b);

/* "must be 8 to 128 characters": `lead`, what of the two bounds holds, and the unit. */
const char *gw_check_range(struct gw_check *check, const char *lead, const uint64_t *min,
                           const uint64_t *max, const char *one, const char *many);

#endif
