/* fmt.c: `gatewright fmt`: aligned columns, in place.
 *
 * What is written is first read again: unless it has the same tokens and comments, nothing is
 * written at all. */
#include "command/command.h"

#include "base/output.h"
#include "describe/layout.h"

#include <stdio.h>
#include <string.h>

static bool is_first_of_file(const struct tree *tree, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (!strcmp(tree->sources.items[j]->path, tree->sources.items[i]->path))
            return false;
    }
    return true;
}

static bool format(struct arena *arena, const struct source *source, struct text *to)
{
    layout_write(source, to);
    struct source again = {.path = source->path, .ptr = to->items, .len = to->n};
    if (layout_same(arena, source, &again))
        return true;
    fprintf(stderr, "gatewright: %s: left as it is, a fault of fmt\n", source->path);
    return false;
}

static bool is_formatted(const struct source *source, const struct text *text)
{
    return source->len == text->n && !memcmp(source->ptr, text->items, text->n);
}

static int format_file(struct compile *compile, const struct source *source)
{
    const struct options *options = compile->options;
    struct text text = {.arena = compile->arena};
    if (!format(compile->arena, source, &text))
        return 1;
    if (options->to_stdout)
        return output_print(&text);
    if (options->check) {
        bool good = is_formatted(source, &text);
        if (!good)
            fprintf(stderr, "gatewright: %s is not formatted\n", source->path);
        return !good;
    }
    int r = output_write_file(compile->arena, source->path, &text);
    if (r)
        fprintf(stderr, "gatewright: cannot write %s: %s\n", source->path, strerror(-r));
    return r != 0;
}

int command_fmt(struct compile *compile)
{
    const struct tree *tree = compile->tree;
    size_t n = compile->options->to_stdout ? 1 : tree->sources.n;
    int status = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_first_of_file(tree, i))
            status |= format_file(compile, tree->sources.items[i]);
    }
    return status;
}
