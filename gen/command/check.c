/* check.c: `gatewright check`: errors and warnings only; with --lock also what has opened, with
 * --upgrade-from whether the program of a lock can serve beside this one. */
#include "command/command.h"

#include "describe/lock.h"
#include "describe/upgrade.h"

#include <stdio.h>
#include <string.h>

int check_check_options(const struct options *options)
{
    const char *first = options->first;
    if (first && !options->upgrade_from)
        return usage_error("--first is for --upgrade-from", "");
    if (first && strcmp(first, "schema") && strcmp(first, "program"))
        return usage_error("--first is schema or program, not ", first);
    return 0;
}

/* NULL: reported. */
static struct source *read_lock(struct compile *compile, const char *path)
{
    struct source *lock;
    int r = source_read(compile->arena, path, path, &lock);
    if (r) {
        fprintf(stderr, "gatewright: cannot read %s: %s; `gatewright lock` writes it\n", path,
                strerror(-r));
        return NULL;
    }
    lock->order = (unsigned)compile->tree->sources.n;
    return lock;
}

static int check_lock(struct compile *compile)
{
    const struct options *options = compile->options;
    struct tree *tree = compile->tree;
    struct source *lock =
        read_lock(compile, lock_path(compile->arena, options->source, options->lock_file));
    if (!lock)
        return 1;
    struct diags diags = {.arena = compile->arena};
    tree->diags = &diags;
    bool good = lock_compare(tree, lock);
    diag_print(&diags);
    if (!good)
        fprintf(stderr, "gatewright: where that is meant, `gatewright lock` writes it into %s\n",
                lock->path);
    return !good;
}

static int check_upgrade(struct compile *compile)
{
    const struct options *options = compile->options;
    struct tree *tree = compile->tree;
    struct source *lock = read_lock(compile, options->upgrade_from);
    enum upgrade_order order = !options->first                     ? UPGRADE_EITHER
                               : !strcmp(options->first, "schema") ? UPGRADE_SCHEMA
                                                                   : UPGRADE_PROGRAM;
    if (!lock)
        return 1;
    struct diags diags = {.arena = compile->arena,
                          .warnings_are_errors = options->warnings_are_errors};
    tree->diags = &diags;
    const char *said = upgrade_compare(tree, lock, order);
    diag_print(&diags);
    if (said && !diags.n_errors)
        printf("%s\n", said);
    return !said || diags.n_errors;
}

int command_check(struct compile *compile)
{
    const struct options *options = compile->options;
    int r = options->lock || options->lock_file ? check_lock(compile) : 0;
    return r || !options->upgrade_from ? r : check_upgrade(compile);
}
