/* form.c: a form as it was sent, with what is wrong at each field. */
#include "input/body.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>

/* What stands in `pointer` behind the member of that name (RFC 6901, 3); NULL: it is of another. */
static const char *behind_name(const char *pointer, const char *name)
{
    if (*pointer++ != '/')
        return NULL;
    for (; *name; name++) {
        char escaped = *name == '~' ? '0' : *name == '/' ? '1' : 0;
        if (*pointer++ != (escaped ? '~' : *name) || (escaped && *pointer++ != escaped))
            return NULL;
    }
    return *pointer && *pointer != '/' ? NULL : pointer;
}

/* The first fault of a member or of what is in it. */
static const char *fault_of(const struct gw_faults *faults, const char *name)
{
    for (size_t i = 0; i < faults->n; i++)
        if (behind_name(faults->items[i].pointer, name))
            return faults->items[i].detail;
    return NULL;
}

static const char *text_of(const struct gw_pair *pair, const struct gw_form_field *field)
{
    return field->secret ? "" : pair->value.ptr;
}

static void show_one(const struct gw_pairs *pairs, const char *name,
                     const struct gw_form_field *field, const struct gw_faults *faults,
                     struct gw_field *to)
{
    *to = (struct gw_field){.text = "", .fault = fault_of(faults, name)};
    for (size_t i = 0; i < pairs->n && !to->sent; i++) {
        if (!gw_str_equal(pairs->items[i].name, gw_str_from(name)))
            continue;
        to->text = text_of(&pairs->items[i], field);
        to->sent = true;
    }
}

static size_t count(const struct gw_pairs *pairs, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < pairs->n; i++)
        n += gw_str_equal(pairs->items[i].name, gw_str_from(name));
    return n;
}

/* The first fault of each item, and of the list. */
static void mark_items(const struct gw_faults *faults, const char *name, struct gw_field *items,
                       struct gw_field_list *to)
{
    for (size_t i = 0; i < faults->n; i++) {
        const char *behind = behind_name(faults->items[i].pointer, name);
        size_t at = behind && *behind ? strtoul(behind + 1, NULL, 10) : to->n;
        const char **place = !behind ? NULL : at < to->n ? &items[at].fault : &to->fault;
        if (place && !*place)
            *place = faults->items[i].detail;
    }
}

static int show_list(const struct gw_pairs *pairs, const char *name,
                     const struct gw_form_field *field, const struct gw_faults *faults,
                     struct gw_arena *arena, struct gw_field_list *to)
{
    struct gw_field *items = gw_arena_array(arena, count(pairs, name), sizeof(*items));
    if (!items)
        return -ENOMEM;
    *to = (struct gw_field_list){.items = items};
    for (size_t i = 0; i < pairs->n; i++)
        if (gw_str_equal(pairs->items[i].name, gw_str_from(name)))
            items[to->n++] =
                (struct gw_field){.text = text_of(&pairs->items[i], field), .sent = true};
    mark_items(faults, name, items, to);
    return 0;
}

int gw_form_show(const struct gw_pairs *pairs, const struct gw_shape *shape,
                 const struct gw_form_layout *form, const struct gw_faults *faults,
                 struct gw_arena *arena, const void **ret)
{
    char *base = gw_arena_alloc(arena, form->size);
    if (!base)
        return -ENOMEM;
    for (size_t i = 0; i < shape->n_members; i++) {
        const struct gw_member *member = &shape->members[i];
        const struct gw_form_field *field = &form->fields[i];
        void *to = base + field->offset;
        int r = 0;
        if (member->flags & GW_MEM_LIST && !member->by)
            r = show_list(pairs, member->name, field, faults, arena, to);
        else
            show_one(pairs, member->name, field, faults, to);
        if (r)
            return r;
    }
    *ret = base;
    return 0;
}
