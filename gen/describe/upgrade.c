/* upgrade.c: whether the program of a lock and this one can serve at once, and in which order the
 * schema and the program change then. */
#include "describe/upgrade.h"

#include "describe/lock_line.h"

#include <string.h>
#include <strings.h>

static void report(struct diags *diags, const struct upgrade_faults *faults)
{
    for (size_t i = 0; i < faults->list.n; i++) {
        const struct upgrade_fault *fault = &faults->list.items[i];
        bool here = fault->pos.source;
        diag_error(diags, here ? fault->pos : fault->other, "%s", fault->text);
        if (here && fault->other.source)
            diag_note(diags, fault->other, "the lock has it here");
    }
}

/* Another program's lock has none of our tables. */
static bool is_ours(const struct tree *tree, const struct tree *old)
{
    for (size_t i = 0; i < tree->tables.n; i++) {
        for (size_t j = 0; j < old->tables.n; j++) {
            if (!strcasecmp(tree->tables.items[i]->sql_name.text,
                            old->tables.items[j]->sql_name.text))
                return true;
        }
    }
    return !tree->tables.n || !old->tables.n;
}

/* The old program as its lock declares it. False: reported. */
static bool read_old(struct tree *tree, const struct source *lock, struct tree *ret)
{
    const struct pos top = {.source = lock};
    struct diags *diags = arena_alloc(tree->arena, sizeof(*diags));
    unsigned format;
    *diags = (struct diags){.arena = tree->arena};
    *ret = (struct tree){.arena = tree->arena, .diags = diags};
    if (!lock_read_format(tree->diags, lock, &format))
        return false;
    if (format < LOCK_FORMAT_NOW) {
        diag_error(tree->diags, top,
                   "this lock is of gatewright 0.1 and says nothing of tables: write it anew with "
                   "`gatewright lock`, from the routes.def of the program that runs");
        return false;
    }
    if (!lock_read_schema(ret, lock)) {
        diag_print(diags);
        diag_error(tree->diags, top, "the tables and statements of this lock cannot be read");
        return false;
    }
    if (!is_ours(tree, ret))
        diag_error(tree->diags, top,
                   "this is another program's lock: it has none of the tables of this one");
    return !tree->diags->n_errors;
}

static const char *order_of(bool old_fits, bool new_fits)
{
    return old_fits && new_fits
               ? "both programs serve at once, on the old schema and the new one: change them in "
                 "any order"
           : old_fits ? "first --schema-apply, while the old program runs; then the new program"
                      : "first the new program, on the old schema; --schema-apply when no old one "
                        "runs any more";
}

const char *upgrade_compare(struct tree *tree, const struct source *lock, enum upgrade_order order)
{
    struct upgrade_faults of_old = {.arena = tree->arena}, of_new = {.arena = tree->arena};
    struct tree old;
    if (!read_old(tree, lock, &old))
        return NULL;
    if (!upgrade_try(&old, tree, true, &of_old) || !upgrade_try(tree, &old, false, &of_new)) {
        diag_error(tree->diags, (struct pos){.source = lock}, "SQLite does not take the schema");
        return NULL;
    }
    upgrade_compare_values(tree, &old, &of_old);
    upgrade_compare_checks(tree, &old, lock);
    bool old_fits = !of_old.list.n, new_fits = !of_new.list.n;
    bool fits = order == UPGRADE_SCHEMA    ? old_fits
                : order == UPGRADE_PROGRAM ? new_fits
                                           : old_fits || new_fits;
    if (!fits && order != UPGRADE_PROGRAM)
        report(tree->diags, &of_old);
    if (!fits && order != UPGRADE_SCHEMA)
        report(tree->diags, &of_new);
    return tree->diags->n_errors ? NULL : order_of(old_fits, new_fits);
}
