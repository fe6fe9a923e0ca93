/* fields.c: see fields.h. */
#include "describe/fields.h"

#include <stdlib.h>

static void add_entries(struct arena *arena, const struct member *map, struct fields *to)
{
    unsigned long n = map->count.low ? strtoul(map->count.low, NULL, 10) : 0;
    for (unsigned i = 0; i < n && i < MAX_PAIRS; i++)
        *vec_add(arena, &to->list) = (struct field){
            arena_printf(arena, "%s[name%u]", map->outer, i + 1), map, member_is_required(map)};
}

static void add_inside(struct arena *arena, const struct member *object, struct fields *to)
{
    for (size_t i = 0; i < object->nested->members.n; i++) {
        const struct member *member = &object->nested->members.items[i];
        *vec_add(arena, &to->list) =
            (struct field){arena_printf(arena, "%s[%s]", object->outer, member->outer), member,
                           member_is_required(object) && member_is_required(member)};
    }
}

struct fields fields_of(struct arena *arena, const struct body *body)
{
    struct fields fields = {0};
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        if (member->map)
            add_entries(arena, member, &fields);
        else if (member->nested)
            add_inside(arena, member, &fields);
        else
            *vec_add(arena, &fields.list) =
                (struct field){member->outer, member, member_is_required(member)};
    }
    return fields;
}
