/* mark.c: memory that a handler gives back before its request ends.
 *
 * What the runtime keeps for the answer (headers, cookies, secrets, a writer's text) must outlive
 * whatever a handler gives back, so from the first mark on a handler's own memory, its rows too,
 * comes from an arena beside the request's: that one alone is given back. The marks are a stack;
 * each is good once, and goes with the older one that it lies behind. */
#include "request/context.h"
#include "request/request.h"

#include <errno.h>

struct marked {
    struct marked *before;
    uint64_t number;
    struct gw_arena_place place; /* before this structure */
};

struct gw_mark gw_mark(struct gw_request *req)
{
    if (!req->returned) {
        req->returned = &req->exchange->slot->returned;
        req->returned->limit = req->arena->limit;
    }
    struct gw_arena_place place = gw_arena_place(req->returned);
    struct marked *mark = gw_arena_alloc(req->returned, sizeof(*mark));
    if (!mark)
        return (struct gw_mark){0};
    *mark = (struct marked){req->marks, ++req->n_marks, place};
    req->marks = mark;
    return (struct gw_mark){mark->number};
}

int gw_release(struct gw_request *req, struct gw_mark mark)
{
    struct marked *at = req->marks;
    while (at && at->number > mark.number)
        at = at->before;
    if (!at || at->number != mark.number) {
        gw_log(req, "gw_release: the mark is not one of this request's, or was released before");
        return -EINVAL;
    }
    req->marks = at->before;
    gw_arena_return(req->returned, at->place, req->holds_secret);
    return 0;
}
