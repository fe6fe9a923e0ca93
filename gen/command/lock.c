/* lock.c: `gatewright lock`: writes routes.lock. */
#include "command/command.h"

#include "base/output.h"
#include "describe/lock.h"

#include <stdio.h>
#include <string.h>

int command_lock(struct compile *compile)
{
    const struct options *options = compile->options;
    const char *path = lock_path(compile->arena, options->source, options->lock_file);
    struct text text = {.arena = compile->arena};
    lock_write(compile->tree, &text);
    int r = output_write_file(compile->arena, path, &text);
    if (r)
        fprintf(stderr, "gatewright: cannot write %s: %s\n", path, strerror(-r));
    return r != 0;
}
