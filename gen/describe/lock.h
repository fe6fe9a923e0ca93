/* lock.h: routes.lock, the access of every route. */
#ifndef GEN_LOCK_H
#define GEN_LOCK_H

#include "base/text.h"
#include "syntax/tree.h"

/* The file's text: one line for each route, sorted. */
void lock_write(const struct tree *tree, struct text *to);

/* Reports what the routes open in comparison with the lock; false if there is anything. */
bool lock_compare(struct tree *tree, const struct source *lock);

/* LOCKFILE of the options, or routes.lock beside the source. */
const char *lock_path(struct arena *arena, const char *source, const char *given);

#endif
