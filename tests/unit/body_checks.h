/* body_checks.h: bodies read as a shape, for the tests of bodies. */
#ifndef GW_TEST_BODY_CHECKS_H
#define GW_TEST_BODY_CHECKS_H

#include "base/arena.h"
#include "input/body.h"
#include "support.h"

#include <criterion/criterion.h>

static struct gw_arena arena;
static struct gw_faults faults;

static inline void finish(void)
{
    gw_arena_free(&arena);
}

static inline int json_bytes(struct gw_str raw, const struct gw_shape *shape, const void **ret)
{
    struct gw_str text = flush_bytes(raw.ptr, raw.len);
    int r = gw_body_json(text, shape, &arena, NULL, &faults, ret);

    flush_free(text);
    return r;
}

static inline const void *accepted(const char *text, const struct gw_shape *shape)
{
    const void *body = NULL;

    faults.n = 0;
    int r = json_bytes(gw_str_from(text), shape, &body);
    cr_assert_eq(r, 0, "%s: %d %s %s", text, r, faults.n ? faults.items[0].pointer : "",
                 faults.n ? faults.items[0].detail : "");
    return body;
}

#endif
