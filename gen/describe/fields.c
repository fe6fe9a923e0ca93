/* fields.c: see fields.h. */
#include "describe/fields.h"

#include <stdlib.h>

static void add_entries(struct arena *arena, const char *outer, const struct member *map,
                        bool needed, struct fields *to)
{
    unsigned long n = map->count.low ? strtoul(map->count.low, NULL, 10) : 0;
    for (unsigned i = 0; i < n && i < MAX_PAIRS; i++)
        *vec_add(arena, &to->list) =
            (struct field){arena_printf(arena, "%s[name%u]", outer, i + 1), map, needed};
}

static void add_inside(struct arena *arena, const char *outer, const struct body *body, bool needed,
                       struct fields *to)
{
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        *vec_add(arena, &to->list) =
            (struct field){arena_printf(arena, "%s[%s]", outer, member->outer), member,
                           needed && member_is_required(member)};
    }
}

struct fields fields_of(struct arena *arena, const struct body *body)
{
    struct fields fields = {0};
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        const struct member *object = member_object(member);
        bool needed = member_is_required(member);
        if (object != member)
            *vec_add(arena, &fields.list) = (struct field){member->outer, member, needed};
        needed &= object == member;
        if (object && object->map)
            add_entries(arena, member->outer, object, needed, &fields);
        else if (object)
            add_inside(arena, member->outer, object->nested, needed, &fields);
    }
    return fields;
}
