/* shapes.h: what bodies, queries and forms look like, as the compiler writes it: a part of
 * generated.h, which includes it. */
#ifndef GW_SHAPES_H
#define GW_SHAPES_H

#include "generated.h"

enum gw_member_flags {
    GW_MEM_OPTIONAL = 1 << 0,
    GW_MEM_LIST = 1 << 2, /* `type` and the bounds below are the element's */
    GW_MEM_MIN = 1 << 3,  /* `min` holds */
    GW_MEM_MAX = 1 << 4,
    GW_MEM_BYTES_MIN = 1 << 5,
    GW_MEM_BYTES_MAX = 1 << 6,
    GW_MEM_COUNT_MIN = 1 << 7, /* of a list */
    GW_MEM_COUNT_MAX = 1 << 8,
    GW_MEM_PRESENT = 1 << 9,    /* with GW_MEM_OPTIONAL: null, but not left out */
    GW_MEM_NOT_NULL = 1 << 10,  /* with GW_MEM_OPTIONAL: left out, but not null */
    GW_MEM_DEFAULT = 1 << 11,   /* `fill` stands for what is left out */
    GW_MEM_UNIQUE = 1 << 12,    /* a list holds nothing twice */
    GW_MEM_MAP = 1 << 13,       /* of names to values; as GW_MEM_LIST otherwise */
    GW_MEM_ITEM_NULL = 1 << 14, /* what a list or map holds may be null: as an optional member */
    GW_MEM_ABOVE = 1 << 15,     /* of a real: `min` itself is too small */
    GW_MEM_BELOW = 1 << 16,     /* and `max` too large */
    GW_MEM_QUOTED = 1 << 17,    /* a number: JSON has it as text */
};

union gw_scalar {
    int64_t i64;  /* int, time; characters of a text */
    uint64_t u64; /* uint */
    double f64;   /* real */
    bool boolean;
    const char *text;
};

/* `like "..."`: an automaton over the characters of a text. 0 leads nowhere, 1 is the start. */
struct gw_pattern {
    const char *text;       /* the expression, for the fault */
    const uint32_t *firsts; /* where intervals of code points begin, the first at 0; behind them one
                             * at 0x110000 */
    const uint16_t *classes; /* of each interval */
    size_t n_intervals;
    const uint16_t *next;    /* [state * n_classes + class] */
    const uint16_t *accepts; /* of each state: whether a text may end there */
    unsigned n_classes;
};

struct gw_shape;

struct gw_member {
    const char *name;
    enum gw_type type;
    unsigned flags;
    uint32_t offset; /* in the body structure */
    union gw_scalar min, max, fill;
    uint64_t bytes_min, bytes_max;
    uint64_t count_min, count_max;
    const char *const *one_of;        /* of a text: NULL, or words ended by NULL */
    const struct gw_pattern *pattern; /* of a text; NULL: none */
    const union gw_scalar *numbers;   /* of a number: which are possible; NULL: all */
    size_t n_numbers;
    const struct gw_shape *nested;
    const struct gw_member *inner;
    const struct gw_member *either; /* its alternatives, each of another kind in JSON */
    size_t n_either;
    char by; /* between the items of a list in a query or form; 0: each is a pair of its own */
};

struct gw_shape {
    const char *name;
    const struct gw_member *members;
    size_t n_members;
    size_t size;             /* of the body structure */
    bool open;               /* unknown members are allowed and skipped */
    bool secret;             /* a member is, or one of what it may hold */
    const uint16_t *patched; /* each member's column, of a patch, which begins with their mask */
    const struct gw_member *value; /* it is this instead of an object; NULL: it is one */
    bool files;                    /* a member is one: it comes as multipart/form-data */
    const struct gw_member *rest;  /* a map of the members that have no other place; NULL: none */
};

/* `(form NAME, faults)`: where its struct NAME_form has the field, or the list, of a member. */
struct gw_form_field {
    uint32_t offset;
    bool secret; /* its text is not shown */
};
struct gw_form_layout {
    const struct gw_form_field *fields; /* in the order of the shape's members */
    size_t size;
};

#endif
