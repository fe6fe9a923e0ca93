/* Any bytes as routes.def: lexer, parser, checks and matcher end, and every message has a place in
 * the source. */
#include "check.h"
#include "fuzz.h"
#include "layout.h"
#include "match.h"
#include "parse.h"

#include <string.h>
#include <unistd.h>

static const char *source_path(void)
{
    static char path[64];
    snprintf(path, sizeof(path), "/tmp/gatewright-fuzz-%ld.def", (long)getpid());
    return path;
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
    struct tree tree = {.arena = &arena, .diags = &diags};
    FILE *file = fopen(source_path(), "wb");
    MUST(file && fwrite(data, 1, size, file) == size && !fclose(file));
    if (parse_file(&tree, source_path())) {
        if (!diags.n_errors)
            check_format(&arena, &tree);
        check_tree(&tree);
        match_build(&tree);
    }
    for (size_t i = 0; i < diags.list.n; i++) {
        struct pos pos = diags.list.items[i].pos;
        MUST(!pos.source || pos.offset <= pos.source->len);
    }
    unlink(source_path());
    arena_free(&arena);
    return 0;
}
