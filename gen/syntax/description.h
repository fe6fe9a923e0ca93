/* description.h: the lines `## text` that stand above something and say to readers what it is. */
#ifndef GEN_DESCRIPTION_H
#define GEN_DESCRIPTION_H

#include "base/source.h"
#include "base/text.h"

#include <stdbool.h>

/* What is right below the lines. */
enum below {
    BELOW_NOTHING, /* the end of the file or of a block */
    BELOW_EMPTY,   /* an empty line */
    BELOW_CODE,
    BELOW_BESIDE, /* there is something in front of it, on its own line */
};

struct description {
    struct pos pos; /* of its first line */
    struct text text;
    enum below below;
    bool taken; /* it describes something */
};

struct descriptions {
    struct description **items;
    size_t n, cap;
};

/* Whether the line of a comment, from its `#` to its end, is a line of a description: `##`, then a
 * blank and text, or nothing. Decoration is not, such as `####`, `##----` or `## x ##`. */
bool is_description(const char *line, size_t len);

/* What it says, without the `##`, one blank behind it, and those at its end. */
void description_add(struct description *description, const char *line, size_t len);

/* The first sentence on one line; all of it where it has no end. */
const char *description_summary(struct arena *arena, const char *text);

#endif
