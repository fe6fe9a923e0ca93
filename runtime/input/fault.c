/* fault.c: what is wrong with an input, and where. */
#include "input/own.h"

#include "base/arena.h"

#include <errno.h>

static size_t escaped_length(const char *name)
{
    size_t len = 0;
    for (; *name; name++)
        len += *name == '~' || *name == '/' ? 2 : 1;
    return len;
}

static char *put_escaped(char *out, const char *name)
{
    for (; *name; name++) {
        if (*name == '~' || *name == '/') {
            *out++ = '~';
            *out++ = *name == '~' ? '0' : '1';
        } else {
            *out++ = *name;
        }
    }
    return out;
}

/* The pointer of `place`, built from its end. */
static const char *pointer_of(struct gw_check *check, const struct gw_place *place)
{
    const char *behind = "";
    for (; place && behind; place = place->up) {
        if (!place->name) {
            behind = gw_arena_printf(check->arena, "/%zu%s", place->index, behind);
            continue;
        }
        char *text = gw_arena_alloc(check->arena, escaped_length(place->name) + strlen(behind) + 2);
        if (!text)
            return NULL;
        text[0] = '/';
        strcpy(put_escaped(text + 1, place->name), behind);
        behind = text;
    }
    return behind;
}

void gw_check_fault(struct gw_check *check, const struct gw_place *place, const char *detail)
{
    struct gw_faults *faults = check->faults;
    if (gw_check_is_full(check))
        return;
    const char *pointer = pointer_of(check, place);
    if (!pointer || !detail) {
        check->error = -ENOMEM;
        return;
    }
    faults->items[faults->n++] = (struct gw_fault){pointer, detail};
}
