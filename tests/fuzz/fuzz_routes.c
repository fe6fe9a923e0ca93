/* Any bytes as routes.def: lexer, parser, checks and matcher end, and every message has a place in
 * the source. No file is read: a byte 0x1C ends the text of routes.def, and what follows is the
 * text of every file that it includes. */
#include "check/check.h"
#include "fuzz.h"
#include "describe/layout.h"
#include "match/match.h"
#include "syntax/parse.h"

#include <errno.h>
#include <string.h>

#define TOP       "routes.def"
#define SEPARATOR 0x1c
#define MAX_READS 5 /* includes that double are slow, and have a test of their own */

static const char *input;
static size_t input_size;
static unsigned n_reads;

static int read_input(struct arena *arena, const char *path, const char *label, struct source **ret)
{
    const char *end = input_size ? memchr(input, SEPARATOR, input_size) : NULL;
    size_t top = end ? (size_t)(end - input) : input_size;
    if (strcmp(path, TOP) == 0)
        return source_make(arena, path, label, input, top, ret);
    if (!end || ++n_reads > MAX_READS)
        return -ENOENT;
    return source_make(arena, path, label, end + 1, input_size - top - 1, ret);
}

static void check_format(struct arena *arena, const struct tree *tree)
{
    struct text text = {.arena = arena};
    layout_write(tree->sources.items[0], &text);
    struct source again = {.ptr = text.items, .len = text.n};
    MUST(layout_same(arena, tree->sources.items[0], &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct diags diags = {.arena = &arena};
    struct tree tree = {.arena = &arena, .diags = &diags, .read = read_input};
    input = (const char *)data;
    input_size = size;
    n_reads = 0;
    if (parse_file(&tree, TOP)) {
        if (!diags.n_errors)
            check_format(&arena, &tree);
        check_tree(&tree);
        match_build(&tree);
    }
    for (size_t i = 0; i < diags.list.n; i++) {
        struct pos pos = diags.list.items[i].pos;
        MUST(!pos.source || pos.offset <= pos.source->len);
        MUST(!pos.source || (pos_line(pos) >= 1 && pos_column(pos) >= 1));
    }
    arena_free(&arena);
    return 0;
}
