/* handler.c: a handler that serves several routes has one prototype. */
#include "check/check.h"

#include <string.h>

/* A parameter's C type. */
static int c_kind(const struct segment *segment)
{
    return segment->kind == SEGMENT_INT ? 1 : segment->kind == SEGMENT_UINT ? 2 : 0;
}

/* NULL: the prototypes are equal; else what differs. */
static const char *difference(const struct route *a, const struct route *b)
{
    if (a->me != b->me)
        return "the caller's row";
    if (a->params.n != b->params.n)
        return "the number of path parameters";
    for (size_t i = 0; i < a->params.n; i++) {
        if (c_kind(a->params.items[i]) != c_kind(b->params.items[i]))
            return "the types of the path parameters";
    }
    if (a->own != b->own)
        return "the row of `own`";
    if ((a->ticket ? a->ticket->table : NULL) != (b->ticket ? b->ticket->table : NULL))
        return "the row of the ticket";
    if (a->query != b->query)
        return "the query";
    if (a->headers != b->headers)
        return "the headers";
    if (a->body != b->body || a->body_list != b->body_list)
        return "the body";
    if (!a->body_optional.source != !b->body_optional.source)
        return "whether the body may be left out";
    return !a->faults_pos.source != !b->faults_pos.source ? "`faults`" : NULL;
}

/* Behind the last route of the handler, which its first one knows. */
static void append(struct route *first, struct route *route)
{
    if (first->last)
        first->last->next = route;
    else
        first->next = route;
    first->last = route;
}

void check_handlers(struct tree *tree)
{
    for (size_t i = 0; i < tree->routes.n; i++) {
        struct route *route = tree->routes.items[i];
        if (route->runtime)
            continue;
        struct route *first =
            map_put(tree->arena, &tree->handler_names, route->handler.text, route);
        const char *what = first ? difference(first, route) : NULL;
        if (first)
            append(first, route);
        if (!what || route->broken || first->broken)
            continue;
        diag_error(tree->diags, route->handler.pos,
                   "handler `%s` would need two prototypes, which differ in %s",
                   route->handler.text, what);
        diag_note(tree->diags, first->handler.pos, "the other route is here");
    }
}
