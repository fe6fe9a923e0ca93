/* type.h: the types of columns, members and parameters, and the words of `one of`: a part of
 * tree.h. */
#ifndef GEN_TYPE_H
#define GEN_TYPE_H

#include "syntax/name.h"

enum type {
    TYPE_INT,
    TYPE_UINT,
    TYPE_TEXT,
    TYPE_BOOL,
    TYPE_REAL,
    TYPE_DECIMAL,
    TYPE_TIME,
    TYPE_DATE,
    TYPE_BLOB,
    TYPE_JSON,
    TYPE_EMAIL,
    TYPE_UUID,
    TYPE_URI,
    TYPE_HOSTNAME,
    TYPE_IP,
    TYPE_NESTED,
    TYPE_INNER,
    TYPE_SLUG,
    TYPE_WORD,
    TYPE_FREE,
    TYPE_PATH,
    TYPE_FILE,
    TYPE_EITHER,
    N_TYPES,
};

struct type_info {
    const char *name;       /* in routes.def; NULL if it has no name there */
    const char *enumerator; /* in generated code */
    const char *c_type;     /* of a required value, with what stands before the name */
    const char *c_optional;
    const char *value_member; /* of the runtime's struct gw_value */
    bool column, member, param;
};

extern const struct type_info type_infos[N_TYPES];

/* `one of`: the words that a text may be. */
struct words {
    struct name *items;
    size_t n, cap;
    const char *name; /* of what is generated for a column's, "lessons__state"; set by the checks */
    bool broken;      /* two are one in C, which has been said */
    bool numbers;     /* not in quotes */
};

#endif
