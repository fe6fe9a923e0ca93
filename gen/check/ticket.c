/* ticket.c: tickets, and the routes that take one. */
#include "check/check.h"

#include <string.h>
#include <strings.h>

#define LONGEST (30 * 86400) /* seconds: a link in somebody's mail is found by others, too */

static struct ticket *find_ticket(const struct tree *tree, const char *name)
{
    for (size_t i = 0; i < tree->tickets.n; i++)
        if (!strcmp(tree->tickets.items[i]->name.text, name))
            return tree->tickets.items[i];
    return NULL;
}

static void check_voids(struct tree *tree, struct ticket *ticket)
{
    for (size_t i = 0; i < ticket->voids.n; i++) {
        const struct name *name = &ticket->voids.items[i];
        int column = table_column(ticket->table, name->text);
        if (column < 0) {
            unknown_column(tree, name, ticket->table);
            continue;
        }
        for (size_t j = 0; j < ticket->columns.n; j++)
            if (ticket->columns.items[j] == (unsigned)column)
                diag_error(tree->diags, name->pos, "`%s` is named twice", name->text);
        *vec_add(tree->arena, &ticket->columns) = (unsigned)column;
        ticket->ends_sessions |= ticket->table->columns.items[column].secret;
    }
}

static void check_ticket(struct tree *tree, struct ticket *ticket, size_t index)
{
    const struct ticket *first = find_ticket(tree, ticket->name.text);
    struct table *table = tree_table(tree, ticket->entity.text ? ticket->entity.text : "");
    ticket->index = (unsigned)index;
    ticket->is_again = first != ticket;
    if (ticket->is_again) {
        diag_error(tree->diags, ticket->name.pos, "there is a ticket `%s` already",
                   ticket->name.text);
        diag_note(tree->diags, first->name.pos, "the first is here");
    }
    if (ticket->broken)
        return;
    if (ticket->lifetime.seconds > LONGEST)
        diag_error(tree->diags, ticket->lifetime.pos, "a ticket lives for 30 days at most");
    if (!table || !table->entity) {
        unknown_table(tree, &ticket->entity, true, "an entity");
        return;
    }
    ticket->table = table;
    check_voids(tree, ticket);
}

/* A table of the application's in the place of the runtime's. */
static void check_table_names(struct tree *tree)
{
    for (size_t i = 0; i < tree->tables.n; i++)
        if (!strcasecmp(tree->tables.items[i]->sql_name.text, "gw_tickets"))
            diag_error(tree->diags, tree->tables.items[i]->name.pos,
                       "with a `ticket`, the table gw_tickets in SQL is the runtime's own");
}

/* ---- Routes --------------------------------------------------------------------------------- */

/* The member `ticket` of the route's body: -1: it has none. */
static int check_member(struct tree *tree, const struct route *route)
{
    for (size_t i = 0; route->body && !route->body_list && i < route->body->members.n; i++) {
        const struct member *member = &route->body->members.items[i];
        if (strcmp(member->name.text, "ticket"))
            continue;
        if (member->type != TYPE_TEXT || !member_is_single(member) || !member->secret)
            diag_error(tree->diags, member->name.pos,
                       "the member `ticket` holds the ticket: ticket text 1..4096 secret");
        return (int)i;
    }
    return -1;
}

static void check_route(struct tree *tree, struct route *route)
{
    struct ticket *ticket = find_ticket(tree, route->ticket_name.text);
    bool gated = route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
    if (!ticket) {
        diag_error(tree->diags, route->ticket_name.pos, "there is no ticket `%s`",
                   route->ticket_name.text);
        return;
    }
    if (route->runtime)
        diag_error(tree->diags, route->ticket_pos, "`%s` takes no ticket", route->handler.text);
    if (gated)
        diag_error(tree->diags, route->access_pos,
                   "a ticket says who comes, and no other token does: its route is `whitelisted` "
                   "or `ignored`");
    if (route->method == METHOD_GET)
        diag_error(tree->diags, route->ticket_pos,
                   "a GET route takes no ticket: what looks through mails follows each link; let "
                   "the page of the link send it by POST");
    if (route->sets_pos.source)
        diag_error(tree->diags, route->sets_pos,
                   "a ticket is spent in a transaction, and no token is made in one: let them sign "
                   "in");
    if (route->faults_pos.source)
        diag_error(tree->diags, route->faults_pos,
                   "a ticket is looked at once the form is good, and with `faults` the handler is "
                   "called before: leave `faults` out");
    route->ticket = ticket->table ? ticket : NULL;
    route->ticket_member = check_member(tree, route);
    if (route->ticket_member >= 0 && route->body_optional.source)
        diag_error(tree->diags, route->body_optional,
                   "this body holds the ticket, which each request needs: without `?`");
}

void check_tickets(struct tree *tree)
{
    for (size_t i = 0; i < tree->tickets.n; i++)
        check_ticket(tree, tree->tickets.items[i], i);
    if (tree->tickets.n)
        check_table_names(tree);
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->ticket_name.text)
            check_route(tree, tree->routes.items[i]);
}
