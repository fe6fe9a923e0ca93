/* A body fits its shape or there are faults; never neither, never both. */
#define FUZZ_NESTED
#include "shapes.h"

#include "base/arena.h"

/* Each tree that the body points at is one of those that are released. */
static void check_trees(const struct outer_body *body, const json_t *trees)
{
    json_t *const *items = body->k.items;
    size_t n = (body->j != NULL) + body->k.n;
    check_outer(body);
    check_values(body);
    MUST(json_array_size(trees) == n);
    MUST(!body->j || json_array_get(trees, 0) == body->j ||
         json_array_get(trees, n - 1) == body->j);
    for (size_t i = 0; i < body->k.n; i++)
        MUST(items[i] && json_array_get(trees, i + (body->j != NULL)) == items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    const void *body = NULL;
    json_t *trees = NULL;
    int r = gw_body_json((struct gw_str){(const char *)data, size}, &outer, &arena, &trees, &faults,
                         &body);

    MUST(r == 0 || r == GW_E_SYNTAX || r == GW_E_INVALID);
    MUST((r == 0) == (body != NULL) && (r == 0) == (faults.n == 0));
    if (r == 0)
        check_trees(body, trees);
    else
        check_faults(&faults);
    json_decref(trees);
    gw_arena_free(&arena);
    return 0;
}
