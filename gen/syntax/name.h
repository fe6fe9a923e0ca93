/* name.h: a word of routes.def, and where it stands. */
#ifndef GEN_NAME_H
#define GEN_NAME_H

#include "base/diag.h"

struct name {
    const char *text; /* NULL: absent */
    struct pos pos;
};

#endif
