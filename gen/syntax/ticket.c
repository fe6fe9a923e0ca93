/* ticket.c: `ticket NAME ENTITY 30 minutes voids COLUMN, COLUMN`, and `ticket NAME` on routes. */
#include "syntax/parse.h"

static bool parse_voids(struct parser *parser, struct ticket *ticket)
{
    if (!parser_accept_word(parser, "voids")) {
        parser_unexpected(parser, "`voids` and the columns that the ticket vouches for");
        return false;
    }
    do {
        struct name column;
        if (!parser_name(parser, "the name of a column", &column))
            return false;
        *vec_add(parser->arena, &ticket->voids) = column;
    } while (parser_accept(parser, TOKEN_COMMA));
    return true;
}

bool parse_ticket(struct parser *parser)
{
    struct ticket *ticket = arena_alloc(parser->arena, sizeof(*ticket));
    *ticket = (struct ticket){.broken = true};
    if (!parser_name(parser, "the name of a ticket", &ticket->name))
        return false;
    *vec_add(parser->arena, &parser->tree->tickets) = ticket;
    if (!parser_name(parser, "the name of an entity", &ticket->entity))
        return false;
    ticket->lifetime.pos = parser->token.pos;
    ticket->broken =
        !parse_duration(parser, &ticket->lifetime.seconds) || !parse_voids(parser, ticket);
    return !ticket->broken;
}

bool parse_takes_ticket(struct parser *parser, struct route *route)
{
    return parser_name(parser, "the name of a ticket", &route->ticket_name);
}
