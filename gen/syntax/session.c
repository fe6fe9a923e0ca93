/* session.c: `session ENTITY { access 15 minutes; refresh 30 days; longest 180 days; strict;
 * cookie "NAME" }`. */
#include "syntax/parse.h"

#include <string.h>

static bool parse_time(struct parser *parser, const char *word, struct duration *duration)
{
    if (duration->seconds) {
        diag_error(parser->diags, duration->pos, "`%s` is given twice", word);
        return false;
    }
    duration->pos = parser->token.pos;
    return parse_duration(parser, &duration->seconds);
}

static bool parse_item_cookie(struct parser *parser, struct session *session)
{
    if (!session->cookie.text)
        return parse_session_cookie(parser, &session->cookie);
    diag_error(parser->diags, session->cookie.pos, "`cookie` is given twice");
    return false;
}

static bool parse_item(struct parser *parser, void *ctx)
{
    struct session *session = ctx;
    struct token token = parser->token;
    if (parser_accept_word(parser, "access"))
        return parse_time(parser, "access", &session->access);
    if (parser_accept_word(parser, "refresh"))
        return parse_time(parser, "refresh", &session->refresh);
    if (parser_accept_word(parser, "longest"))
        return parse_time(parser, "longest", &session->longest);
    if (parser_accept_word(parser, "cookie"))
        return parse_item_cookie(parser, session);
    if (!parser_accept_word(parser, "strict")) {
        parser_unexpected(parser, "`access`, `refresh`, `longest`, `strict` or `cookie`");
        return false;
    }
    if (session->strict) {
        diag_error(parser->diags, token.pos, "`strict` is given twice");
        return false;
    }
    session->strict = true;
    session->strict_pos = token.pos;
    return true;
}

bool parse_session(struct parser *parser)
{
    struct session *session = arena_alloc(parser->arena, sizeof(*session));
    *session = (struct session){.broken = true};
    if (!parser_name(parser, "the name of an entity", &session->entity))
        return false;
    *vec_add(parser->arena, &parser->tree->sessions) = session;
    if (!parser_at_block(parser))
        return false;
    session->broken = !parser_block(parser, "the end of the line or `;`", parse_item, session);
    return !session->broken;
}
