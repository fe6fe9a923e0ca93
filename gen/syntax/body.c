/* body.c: `body NAME open { member ... }`, `body NAME value`. */
#include "syntax/parse.h"

#include <string.h>

/* In front of the one that came last, so that the others are numbered without it. */
static void keep_rest_last(struct body *body)
{
    size_t n = body->members.n;
    if (n < 2 || !body->members.items[n - 2].rest)
        return;
    struct member rest = body->members.items[n - 2];
    body->members.items[n - 2] = body->members.items[n - 1];
    body->members.items[n - 1] = rest;
}

static bool parse_member(struct parser *parser, void *ctx)
{
    struct body *body = ctx;
    struct member member = {.description = parser_description(parser)};
    if (!parser_name(parser, "a member's name", &member.name))
        return false;
    bool good = parse_member_value(parser, &member);
    for (size_t i = 0; i < body->members.n; i++) {
        const struct name *before = &body->members.items[i].name;
        if (!strcmp(before->text, member.name.text)) {
            diag_error(parser->diags, member.name.pos, "member `%s` is declared twice",
                       member.name.text);
            diag_note(parser->diags, before->pos, "the first is here");
            return good;
        }
    }
    if (body->members.n == MAX_MEMBERS) {
        diag_error(parser->diags, member.name.pos, "`%s` has more than %d members", body->name.text,
                   MAX_MEMBERS);
        return false;
    }
    if (good)
        *vec_add(parser->arena, &body->members) = member;
    keep_rest_last(body);
    return good;
}

/* `of lessons`, behind `patch`. */
static bool parse_patch_of(struct parser *parser, struct body *body)
{
    if (parser_accept_word(parser, "of"))
        return parser_name(parser, "the name of a table", &body->patch_of);
    parser_unexpected(parser, "`of` and the name of a table");
    return false;
}

/* What a member may have, and a whole body may not; NULL: it has nothing of it. */
static const char *not_of_value(const struct member *value)
{
    return value->as.text        ? "as"
           : value->by.text      ? "by"
           : value->default_kind ? "default"
           : value->optional     ? "optional"
           : value->rest         ? "rest"
                                 : NULL;
}

/* `body tags [text 1..40] ..100`: what stands behind the name. */
static bool parse_whole(struct parser *parser, struct body *body)
{
    struct member value = {.name = {"value", body->name.pos}};
    if (body->open) {
        diag_error(parser->diags, body->name.pos,
                   "`open` lets unknown members in, and a value has none");
        return false;
    }
    if (!parse_whole_value(parser, &value))
        return false;
    const char *word = not_of_value(&value);
    if (word) {
        diag_error(parser->diags, body->name.pos,
                   "`%s` is for a member: a body that is a value has `null`, `secret` and `unique`",
                   word);
        return false;
    }
    body->is_value = true;
    *vec_add(parser->arena, &body->members) = value;
    return true;
}

/* Whether a value stands behind the name instead of members. */
static bool at_value(const struct parser *parser, const struct body *body)
{
    return !body->patch_of.text &&
           (parser_at(parser, TOKEN_LBRACKET) || parser_at(parser, TOKEN_NAME));
}

bool parse_body(struct parser *parser)
{
    struct body *body = arena_alloc(parser->arena, sizeof(*body));
    body->description = parser_description(parser);
    if (!parser_name(parser, "the body's name", &body->name))
        return false;
    struct body *before = map_put(parser->arena, &parser->tree->body_names, body->name.text, body);
    if (before) {
        diag_error(parser->diags, body->name.pos, "body `%s` is declared twice", body->name.text);
        diag_note(parser->diags, before->name.pos, "the first is here");
    } else if (parser->tree->bodies.n == MAX_BODIES) {
        diag_error(parser->diags, body->name.pos, "more than %d bodies", MAX_BODIES);
        return false;
    } else {
        body->index = (unsigned)parser->tree->bodies.n;
        *vec_add(parser->arena, &parser->tree->bodies) = body;
    }
    body->open = parser_accept_word(parser, "open");
    body->broken = true;
    if (parser_accept_word(parser, "patch") && !parse_patch_of(parser, body))
        return false;
    if (at_value(parser, body)) {
        body->broken = !parse_whole(parser, body);
        return !body->broken;
    }
    if (!parser_at_block(parser))
        return false;
    body->broken = !parser_block(parser, "a modifier or the end of the member", parse_member, body);
    return true;
}
