/* issuer.c: `issuer NAME "URL" { entity TABLE by COLUMN; audience "..."; keys "FILE" }`. */
#include "syntax/parse.h"

static bool parse_account(struct parser *parser, struct issuer *issuer, struct pos pos)
{
    if (issuer->entity.text) {
        diag_error(parser->diags, pos, "`entity` is given twice");
        return false;
    }
    if (!parser_name(parser, "the name of an entity", &issuer->entity))
        return false;
    if (!parser_accept_word(parser, "by")) {
        parser_unexpected(parser, "`by` and a column");
        return false;
    }
    if (!parser_name(parser, "the name of a column", &issuer->column))
        return false;
    return !parser_accept_word(parser, "claim") ||
           parser_string(parser, "a claim in quotes", &issuer->claim);
}

static bool parse_keys(struct parser *parser, struct issuer *issuer, struct pos pos)
{
    if (issuer->keys.text) {
        diag_error(parser->diags, pos, "`keys` is given twice");
        return false;
    }
    return parser_string(parser, "a file name in quotes", &issuer->keys);
}

static bool parse_item(struct parser *parser, void *ctx)
{
    struct issuer *issuer = ctx;
    struct pos pos = parser->token.pos;
    if (parser_accept_word(parser, "entity"))
        return parse_account(parser, issuer, pos);
    if (parser_accept_word(parser, "keys"))
        return parse_keys(parser, issuer, pos);
    if (parser_accept_word(parser, "audience")) {
        struct name audience;
        if (!parser_string(parser, "an audience in quotes", &audience))
            return false;
        *vec_add(parser->arena, &issuer->audiences) = audience;
        return true;
    }
    parser_unexpected(parser, "`entity`, `audience` or `keys`");
    return false;
}

bool parse_issuer(struct parser *parser)
{
    struct issuer *issuer = arena_alloc(parser->arena, sizeof(*issuer));
    *issuer = (struct issuer){.broken = true};
    if (!parser_name(parser, "the name of an issuer", &issuer->name) ||
        !parser_string(parser, "the issuer's URL in quotes", &issuer->url))
        return false;
    *vec_add(parser->arena, &parser->tree->issuers) = issuer;
    if (!parser_at_block(parser))
        return false;
    issuer->broken = !parser_block(parser, "the end of the line or `;`", parse_item, issuer);
    return !issuer->broken;
}
