/* layout.h: how `gatewright fmt` writes a source. */
#ifndef GEN_LAYOUT_H
#define GEN_LAYOUT_H

#include "base/source.h"
#include "base/text.h"

#include <stdbool.h>

/* The source with aligned columns. It must be without errors of syntax. */
void layout_write(const struct source *source, struct text *to);

/* Whether two sources have the same tokens and comments, line breaks apart. */
bool layout_same(struct arena *arena, const struct source *a, const struct source *b);

#endif
