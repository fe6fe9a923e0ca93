/* hint.h: what people who come from elsewhere write, and what it is called here. */
#ifndef GEN_HINT_H
#define GEN_HINT_H

#include "base/suggest.h"

enum hint_place {
    HINT_TYPE,      /* of a column or member */
    HINT_MODIFIER,  /* behind the type */
    HINT_ACCESS,    /* between path and handler */
    HINT_STATEMENT, /* at the beginning of a line */
};

/* What stands behind a message about the suggestion's word: "; write `text`" where it is known, or
 * what the suggestion says. */
const char *hint_text(struct arena *arena, enum hint_place place,
                      const struct suggestion *suggestion);

#endif
