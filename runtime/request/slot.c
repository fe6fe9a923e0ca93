/* slot.c: the memory of a request in flight. */
#include "request/context.h"

#include <stdlib.h>

void gw_slot_free(struct gw_slot *slot)
{
    if (!slot)
        return;
    gw_arena_free(&slot->arena);
    gw_arena_free(&slot->returned);
    free(slot);
}
