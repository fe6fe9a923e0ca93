/* A body fits its shape or there are faults; never neither, never both. */
#define FUZZ_NESTED
#include "shapes.h"

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    const void *body = NULL;
    int r = gw_body_json((struct gw_str){(const char *)data, size}, &outer, &arena, &faults, &body);

    MUST(r == 0 || r == GW_E_SYNTAX || r == GW_E_INVALID);
    MUST((r == 0) == (body != NULL) && (r == 0) == (faults.n == 0));
    if (r == 0)
        check_outer(body);
    else
        check_faults(&faults);
    gw_arena_free(&arena);
    return 0;
}
