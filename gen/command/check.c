/* check.c: `gatewright check`: errors and warnings only; with --lock also what has opened. */
#include "command/command.h"

#include "describe/lock.h"

#include <stdio.h>
#include <string.h>

static int check_lock(struct compile *compile)
{
    const struct options *options = compile->options;
    const char *path = lock_path(compile->arena, options->source, options->lock_file);
    struct tree *tree = compile->tree;
    struct source *lock;
    int r = source_read(compile->arena, path, path, &lock);
    if (r) {
        fprintf(stderr, "gatewright: cannot read %s: %s; `gatewright lock` writes it\n", path,
                strerror(-r));
        return 1;
    }
    lock->order = (unsigned)tree->sources.n;
    struct diags diags = {.arena = compile->arena};
    tree->diags = &diags;
    bool good = lock_compare(tree, lock);
    diag_print(&diags);
    return !good;
}

int command_check(struct compile *compile)
{
    return compile->options->lock || compile->options->lock_file ? check_lock(compile) : 0;
}
