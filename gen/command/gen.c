/* gen.c: `gatewright gen`: writes the generated files.
 *
 * All are built in memory first, the matcher by re2c. The depfile names the files that were read,
 * for make and ninja. */
#include "command/command.h"

#include "base/output.h"
#include "command/re2c.h"
#include "describe/docs.h"
#include "emit/emit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 99

struct outputs {
    struct output *items;
    size_t n, cap;
};

/* 0: no parts, or none that a number says. */
static size_t number_of_parts(const struct options *options)
{
    const char *text = options->parts ? options->parts : "";
    size_t n = strspn(text, "0123456789");
    return n && n < 3 && !text[n] ? strtoul(text, NULL, 10) : 0;
}

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
    if (!options->output)
        return usage_error("gen needs -o DIR", "");
    return options->parts && (!number_of_parts(options) || number_of_parts(options) > PARTS_MAX)
               ? usage_error("--parts is a number from 1 to 99, not ", options->parts)
               : 0;
}

/* Its text, until the next is added. */
static struct text *add(struct compile *compile, struct outputs *outputs, const char *name)
{
    *vec_add(compile->arena, outputs) = (struct output){name, {.arena = compile->arena}};
    return &outputs->items[outputs->n - 1].text;
}

static bool has_handler(const struct tree *tree, enum runtime_handler handler)
{
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->runtime == handler)
            return true;
    return false;
}

/* What `@openapi` answers with. What readers of it do not see is said. */
static void add_openapi(struct compile *compile, struct served *served)
{
    struct text text = {.arena = compile->arena};
    struct diags diags = {.arena = compile->arena};
    if (!has_handler(compile->tree, RUNTIME_OPENAPI))
        return;
    compile->tree->diags = &diags;
    struct mount_place place = openapi_document(compile, &text);
    diag_print(&diags);
    served->openapi = text.items;
    served->mount_at = place.at;
    served->mount_drop = place.drop;
}

/* What `@docs` answers with, without the style and the script. */
static const char *docs_of_program(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    docs_page(compile->tree, &text);
    return text.items;
}

int command_gen(struct compile *compile)
{
    struct outputs outputs = {0};
    struct served served = {0};
    size_t n_parts = number_of_parts(compile->options);
    const char *path;
    struct text re = {.arena = compile->arena}, matcher = {.arena = compile->arena};
    emit_header(compile->tree, add(compile, &outputs, "routes.h"));
    emit_matcher(compile->matcher, &re);
    *add(compile, &outputs, "routes.re") = re;
    add_openapi(compile, &served);
    if (has_handler(compile->tree, RUNTIME_DOCS))
        served.docs = docs_of_program(compile);
    emit_routes(compile->tree, n_parts, &served, add(compile, &outputs, "routes.c"));
    emit_entities(compile->tree, add(compile, &outputs, "entities.c"));
    for (size_t i = 0; i < n_parts; i++)
        emit_part(compile->tree, i, n_parts,
                  add(compile, &outputs, arena_printf(compile->arena, "routes_%zu.c", i + 1)));
    if (re2c_run(compile->options->re2c ? compile->options->re2c : "re2c", &re, &matcher))
        return 1;
    *add(compile, &outputs, "matcher.c") = matcher;
    int r = output_write(compile->arena, compile->options->output, outputs.items, outputs.n, &path);
    if (r) {
        fprintf(stderr, "gatewright: cannot write %s: %s\n", path, strerror(-r));
        return 1;
    }
    return write_depfile(compile, outputs.items, outputs.n) ? 1 : 0;
}
