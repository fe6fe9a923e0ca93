/* Against jansson: both readers say yes to the same texts, and read the same. */
#include "json/json.h"

#include "base/arena.h"
#include "fuzz.h"
#include "gatewright.h"

#define DEPTH 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct gw_arena arena = {.limit = 0};
    const struct gw_json *tree;
    struct gw_json_error error = {0, NULL, 0};
    json_t *ours = NULL;
    int r = gw_json_read(text, DEPTH, &arena, &tree, &error);
    json_t *theirs = json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

    MUST(r == 0 || (r == GW_E_MISMATCH && error.what && error.offset <= size));
    if (r == 0 && gw_json_to_jansson(tree, &ours) == 0)
        MUST(theirs && json_equal(ours, theirs));
    /* jansson ends a text at a NUL, and goes deeper. */
    if (theirs && r)
        MUST(error.fault == GW_JSON_DEPTH || (size && memchr(data, 0, size)) || size > 1024);
    json_decref(ours);
    json_decref(theirs);
    gw_arena_free(&arena);
    return 0;
}
