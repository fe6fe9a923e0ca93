/* either.c: alternatives, `int | text`: what each of them is, and what is said where none fits. */
#include "input/own.h"

#include "base/arena.h"

enum gw_kind gw_either_kind(const struct gw_member *member)
{
    if (member->flags & GW_MEM_LIST)
        return GW_KIND_LIST;
    if (member->flags & GW_MEM_MAP)
        return GW_KIND_OBJECT;
    switch (member->type) {
    case GW_TYPE_NESTED:
        return GW_KIND_OBJECT;
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_REAL:
        return GW_KIND_NUMBER;
    case GW_TYPE_BOOL:
        return GW_KIND_BOOL;
    default:
        return GW_KIND_TEXT;
    }
}

enum gw_kind gw_either_kind_of(const struct gw_json *value)
{
    switch (value->kind) {
    case GW_JSON_STRING:
        return GW_KIND_TEXT;
    case GW_JSON_NUMBER:
        return GW_KIND_NUMBER;
    case GW_JSON_TRUE:
    case GW_JSON_FALSE:
        return GW_KIND_BOOL;
    case GW_JSON_ARRAY:
        return GW_KIND_LIST;
    case GW_JSON_OBJECT:
        return GW_KIND_OBJECT;
    default:
        return GW_KIND_NONE;
    }
}

/* "must be a text, a number or a list" */
const char *gw_either_kinds(struct gw_check *check, const struct gw_member *member)
{
    static const char *const words[] = {[GW_KIND_TEXT] = "a text",
                                        [GW_KIND_NUMBER] = "a number",
                                        [GW_KIND_BOOL] = "true or false",
                                        [GW_KIND_LIST] = "a list",
                                        [GW_KIND_OBJECT] = "an object"};
    const char *all = "must be ";
    for (size_t i = 0; all && i < member->n_either; i++)
        all = gw_arena_printf(check->arena, "%s%s%s", all,
                              i == 0                      ? ""
                              : i + 1 == member->n_either ? " or "
                                                          : ", ",
                              words[gw_either_kind(&member->either[i])]);
    return all;
}

/* "must be a whole number" and "must be one of ..." in one sentence. */
const char *gw_either_detail(struct gw_check *check, const char *all, const char *detail)
{
    static const char must[] = "must ";
    size_t n = sizeof(must) - 1;
    if (!all)
        return detail;
    return gw_arena_printf(check->arena, "%s or %s", all,
                           strncmp(detail, must, n) ? detail : detail + n);
}
