/* ticket.c: tickets: their table in routes.c, and a call for each that makes one. */
#include "emit/emit.h"

static void emit_head(const struct ticket *ticket, const char *tail, struct text *to)
{
    const char *const args[] = {
        "struct gw_request *req",
        arena_printf(to->arena, "const struct %s_row *row", ticket->table->name.text),
        "const char **ret",
    };
    text_call(to, arena_printf(to->arena, "int %s_new_ticket", ticket->name.text), args, 3, tail);
}

void emit_ticket_prototypes(const struct tree *tree, struct text *to)
{
    if (!tree->tickets.n)
        return;
    text_printf(to, "/* ---- Tickets "
                    "-------------------------------------------------------------------------- "
                    "*/\n\n/* A ticket for the owner of `row`. GW_E_BLOCKED, GW_E_NOT_FOUND. */\n");
    for (size_t i = 0; i < tree->tickets.n; i++)
        emit_head(tree->tickets.items[i], ";", to);
    text_printf(to, "\n");
}

static void emit_columns(const struct ticket *ticket, struct text *to)
{
    text_printf(to, "static const unsigned char gwt_ticket_columns_%s[] = {", ticket->name.text);
    for (size_t i = 0; i < ticket->columns.n; i++)
        text_printf(to, "%s%u", i ? ", " : "", ticket->columns.items[i]);
    text_printf(to, "};\n\n");
}

void emit_tickets(const struct tree *tree, struct text *to)
{
    if (!tree->tickets.n)
        return;
    for (size_t i = 0; i < tree->tickets.n; i++)
        emit_columns(tree->tickets.items[i], to);
    text_printf(to, "static const struct gw_ticket gwt_tickets[] = {\n");
    for (size_t i = 0; i < tree->tickets.n; i++) {
        const struct ticket *ticket = tree->tickets.items[i];
        text_printf(to,
                    "    {\n        .name = \"%s\",\n        .table = &gwt_table_%s,\n"
                    "        .seconds = %llu,\n        .columns = gwt_ticket_columns_%s,\n"
                    "        .n_columns = %zu,\n",
                    ticket->name.text, ticket->table->name.text,
                    (unsigned long long)ticket->lifetime.seconds, ticket->name.text,
                    ticket->columns.n);
        text_printf(to, "%s    },\n",
                    ticket->ends_sessions ? "        .ends_sessions = true,\n" : "");
    }
    text_printf(to, "};\n\n");
    for (size_t i = 0; i < tree->tickets.n; i++) {
        emit_head(tree->tickets.items[i], "", to);
        text_printf(
            to, "{\n    return gw_entity_new_ticket(req, &gwt_tickets[%zu], row, ret);\n}\n\n", i);
    }
}
