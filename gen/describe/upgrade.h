/* upgrade.h: two programs at once on one database: that of a lock, and this one. */
#ifndef GEN_UPGRADE_H
#define GEN_UPGRADE_H

#include "syntax/tree.h"

/* Which changes first. */
enum upgrade_order {
    UPGRADE_EITHER,
    UPGRADE_SCHEMA,  /* the schema, while the old program runs */
    UPGRADE_PROGRAM, /* the program, on the old schema */
};

/* Reports to tree->diags why the two cannot serve at once in that order, or in none; warnings are
 * what the old program lets pass that this one does not. NULL: it cannot; otherwise the order, for
 * people. */
const char *upgrade_compare(struct tree *tree, const struct source *lock, enum upgrade_order order);

/* ---- Between its files ---------------------------------------------------------------------- */

/* Why one program fails on the other's schema. */
struct upgrade_fault {
    struct pos pos, other; /* in routes.def, and in the lock; one may be without a source */
    const char *text;
};

struct upgrade_faults {
    struct arena *arena;
    VEC(struct upgrade_fault) list;
};

/* upgrade_schema.c: what `program` says and does that fails on the schema of `schema`: its
 * statements are prepared there. `whose`: "the old program". False: SQLite does not take the
 * schema. */
bool upgrade_try(struct tree *program, struct tree *schema, bool program_is_old,
                 struct upgrade_faults *ret);

/* upgrade_values.c: what one writes that the other cannot read, or its schema refuses. */
void upgrade_compare_values(struct tree *tree, const struct tree *old, struct upgrade_faults *to);

/* upgrade_checks.c: checks that the old program does not make, as warnings. */
void upgrade_compare_checks(struct tree *tree, const struct tree *old, const struct source *lock);

#endif
