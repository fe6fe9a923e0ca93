/* A query is split into valid texts, and fits its shape or there are faults. */
#include "shapes.h"

#include "base/arena.h"

static void check_pairs(const struct gw_pairs *pairs)
{
    MUST(pairs->n <= GW_QUERY_MAX_PAIRS);
    for (size_t i = 0; i < pairs->n; i++) {
        MUST(strlen(pairs->items[i].name.ptr) == pairs->items[i].name.len);
        MUST(strlen(pairs->items[i].value.ptr) == pairs->items[i].value.len);
        check_text(pairs->items[i].name.ptr);
        check_text(pairs->items[i].value.ptr);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    struct gw_pairs pairs;
    const void *body = NULL;
    const char *why = NULL;
    int r = gw_pairs_parse((struct gw_str){(const char *)data, size}, &arena, &pairs, &why);

    MUST(r == 0 || (r == GW_E_SYNTAX && why));
    if (r == 0) {
        check_pairs(&pairs);
        r = gw_body_pairs(&pairs, &outer, &arena, &faults, &body);
        MUST(r == 0 || r == GW_E_INVALID);
        MUST((r == 0) == (body != NULL) && (r == 0) == (faults.n == 0));
        if (r == 0)
            check_outer(body);
        else
            check_faults(&faults);
    }
    gw_arena_free(&arena);
    return 0;
}
