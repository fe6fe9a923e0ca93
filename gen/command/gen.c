/* gen.c: `gatewright gen`: writes the generated files.
 *
 * All are built in memory first, the matcher by re2c. The depfile names the files that were read,
 * for make and ninja. */
#include "command/command.h"

#include "base/output.h"
#include "command/re2c.h"
#include "emit/emit.h"

#include <stdio.h>
#include <string.h>

/* A path as make reads it. */
static void add_make_path(struct text *text, const char *path)
{
    for (; *path; path++) {
        if (strchr(" #\\", *path))
            text_add(text, "\\", 1);
        if (*path == '$')
            text_add(text, "$", 1);
        text_add(text, path, 1);
    }
}

static int write_depfile(struct compile *compile, const struct output *outputs, size_t n_outputs)
{
    const struct options *options = compile->options;
    struct text text = {.arena = compile->arena};
    if (!options->depfile)
        return 0;
    for (size_t i = 0; i < n_outputs; i++) {
        add_make_path(&text,
                      arena_printf(compile->arena, "%s/%s", options->output, outputs[i].name));
        text_add(&text, i + 1 < n_outputs ? " " : ":", 1);
    }
    for (size_t i = 0; i < compile->tree->sources.n; i++) {
        text_add(&text, " ", 1);
        add_make_path(&text, compile->tree->sources.items[i]->path);
    }
    text_add(&text, "\n", 1);
    int r = output_write_file(compile->arena, options->depfile, &text);
    if (r)
        fprintf(stderr, "gatewright: cannot write %s: %s\n", options->depfile, strerror(-r));
    return r;
}

int check_gen_options(const struct options *options)
{
    return options->output ? 0 : usage_error("gen needs -o DIR", "");
}

int command_gen(struct compile *compile)
{
    struct text empty = {.arena = compile->arena};
    struct output outputs[] = {
        {"routes.h", empty},   {"routes.re", empty}, {"routes.c", empty},
        {"entities.c", empty}, {"matcher.c", empty},
    };
    const size_t n = sizeof(outputs) / sizeof(*outputs);
    const char *path;
    emit_header(compile->tree, &outputs[0].text);
    emit_matcher(compile->matcher, &outputs[1].text);
    emit_routes(compile->tree, &outputs[2].text);
    emit_entities(compile->tree, &outputs[3].text);
    if (re2c_run(compile->options->re2c ? compile->options->re2c : "re2c", &outputs[1].text,
                 &outputs[4].text))
        return 1;
    int r = output_write(compile->arena, compile->options->output, outputs, n, &path);
    if (r) {
        fprintf(stderr, "gatewright: cannot write %s: %s\n", path, strerror(-r));
        return 1;
    }
    return write_depfile(compile, outputs, n) ? 1 : 0;
}
