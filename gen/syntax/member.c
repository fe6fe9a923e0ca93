/* member.c: what a member is: its type with bounds, lists and maps, and modifiers. */
#include "syntax/parse.h"

#include "syntax/hint.h"

#include "base/suggest.h"
#include "base/text.h"
#include "base/utf8.h"

#include <stddef.h>
#include <string.h>

/* A type's word, or another body's name. */
static bool parse_member_type(struct parser *parser, struct member *member)
{
    if (!parser_at(parser, TOKEN_NAME)) {
        parser_unexpected(parser, "a member's type");
        return false;
    }
    for (int i = 0; i < N_TYPES; i++) {
        if (type_infos[i].member && type_infos[i].name && !type_is_later((enum type)i) &&
            parser_accept_word(parser, type_infos[i].name)) {
            member->type = (enum type)i;
            return true;
        }
    }
    if (!strcmp(member->name.text, "int")) { /* C has no such name, so it was meant as the type */
        diag_error(parser->diags, member->name.pos, "the name comes first: `%s int`",
                   parser->token.text);
        return false;
    }
    member->type = TYPE_NESTED;
    if (!parser_name(parser, "a member's type", &member->body))
        return false;
    if (strcmp(member->body.text, "one") || !parser_at_word(parser, "of"))
        return true;
    diag_error(parser->diags, member->body.pos,
               "a type stands before `one of`, as in `text one of`");
    return false;
}

/* Of a member that is called otherwise outside. */
static bool parse_as(struct parser *parser, struct member *member, const struct token *word)
{
    if (member->as.text) {
        diag_error(parser->diags, word->pos, "`as` is given twice");
        return false;
    }
    if (!parser_string(parser, "the name outside, in quotes", &member->as))
        return false;
    if (utf8_characters(member->as.text) <= MAX_OUTER)
        return !member_is_single(member) || parse_bounds(parser, member);
    diag_error(parser->diags, member->as.pos, "a name has at most %d characters", MAX_OUTER);
    return false;
}

/* `by ","`. */
static bool parse_by(struct parser *parser, struct member *member, const struct token *word)
{
    if (member->by.text) {
        diag_error(parser->diags, word->pos, "`by` is given twice");
        return false;
    }
    if (!parser_string(parser, "what stands between the items, in quotes", &member->by))
        return false;
    if (strlen(member->by.text) == 1 && strchr(",| ", *member->by.text))
        return true;
    diag_error(parser->diags, member->by.pos,
               "between items stands a comma, a blank or a bar: `by \",\"`");
    return false;
}

/* `default 5`, `default "draft"`, `default true`. */
static bool parse_default(struct parser *parser, struct member *member, const struct token *word)
{
    if (member->default_kind) {
        diag_error(parser->diags, word->pos, "`default` is given twice");
        return false;
    }
    member->default_value = (struct name){parser->token.text, parser->token.pos};
    if (parser_accept_word(parser, "true")) {
        member->default_kind = DEFAULT_TRUE;
    } else if (parser_accept_word(parser, "false")) {
        member->default_kind = DEFAULT_FALSE;
    } else if (parser_at(parser, TOKEN_NUMBER) || parser_at(parser, TOKEN_STRING)) {
        member->default_kind = parser_at(parser, TOKEN_NUMBER) ? DEFAULT_NUMBER : DEFAULT_TEXT;
        if (member->default_kind == DEFAULT_NUMBER)
            member->default_value.text = parser_number(parser);
        else
            parser_take(parser);
    } else {
        parser_unexpected(parser, "a number, a text, `true` or `false`");
        return false;
    }
    return !member_is_single(member) || parse_bounds(parser, member);
}

/* `optional`, `optional not null`. */
static bool parse_optional(struct parser *parser, struct member *member, const struct token *word)
{
    (void)word;
    if (!parser_accept_word(parser, "not"))
        return !member_is_single(member) || parse_bounds(parser, member);
    member->not_null = true;
    if (parser_accept_word(parser, "null"))
        return !member_is_single(member) || parse_bounds(parser, member);
    parser_unexpected(parser, "`null`");
    return false;
}

static const struct {
    const char *word;
    size_t flag; /* in struct member, set by the word; 0: none */
    bool (*parse)(struct parser *, struct member *, const struct token *);
} modifiers[] = {
    {"optional", offsetof(struct member, optional), parse_optional},
    {"secret", offsetof(struct member, secret), NULL},
    {"bytes", 0, NULL}, /* parse_bounds knows it, and the next five */
    {"one", 0, NULL},
    {"like", 0, NULL},
    {"above", 0, NULL},
    {"below", 0, NULL},
    {"quoted", 0, NULL},
    {"as", 0, parse_as},
    {"null", offsetof(struct member, null), NULL},
    {"unique", offsetof(struct member, unique), NULL},
    {"default", 0, parse_default},
    {"by", 0, parse_by},
    {"rest", offsetof(struct member, rest), NULL},
};
#define N_MODIFIERS (sizeof(modifiers) / sizeof(*modifiers))

static bool is_modifier(const char *word)
{
    for (size_t i = 0; i < N_MODIFIERS; i++)
        if (!strcmp(modifiers[i].word, word))
            return true;
    return false;
}

static void unknown_modifier(struct parser *parser, const struct token *token)
{
    struct suggestion suggestion = {.wanted = token->text};
    struct text words = {.arena = parser->arena};
    for (size_t i = 0; i < N_MODIFIERS; i++) {
        suggest(&suggestion, modifiers[i].word);
        text_printf(&words, "%s%s", i ? " " : "", modifiers[i].word);
    }
    diag_error(parser->diags, token->pos, "`%s` is not a modifier of a member (%s)%s", token->text,
               words.items, hint_text(parser->arena, HINT_MODIFIER, &suggestion));
}

static bool parse_modifier(struct parser *parser, struct member *member)
{
    struct token token = parser_take(parser);
    size_t i = 0;
    while (i < N_MODIFIERS && strcmp(modifiers[i].word, token.text))
        i++;
    if (i == N_MODIFIERS) {
        unknown_modifier(parser, &token);
        return false;
    }
    if (!modifiers[i].flag && !modifiers[i].parse) {
        diag_error(parser->diags, token.pos, "`%s` is of what the %s holds: it stands %s",
                   strcmp(token.text, "one") ? token.text : "one of", member->list ? "list" : "map",
                   member->list ? "inside the brackets" : "right behind the type there");
        return false;
    }
    if (modifiers[i].flag) {
        bool *flag = (bool *)((char *)member + modifiers[i].flag);
        if (*flag)
            diag_error(parser->diags, token.pos, "`%s` is given twice", token.text);
        *flag = true;
    }
    if (modifiers[i].parse)
        return modifiers[i].parse(parser, member, &token);
    return !member_is_single(member) || parse_bounds(parser, member);
}

static bool parse_modifiers(struct parser *parser, struct member *member)
{
    while (parser_at(parser, TOKEN_NAME))
        if (!parse_modifier(parser, member))
            return false;
    return true;
}

/* `text[]`, `text(255)`. */
static bool check_no_brackets(struct parser *parser, const struct member *member)
{
    const char *type = member->body.text ? member->body.text : type_infos[member->type].name;
    if (parser_at(parser, TOKEN_LBRACKET))
        diag_error(parser->diags, parser->token.pos, "a list is written [%s]", type);
    else if (parser_at(parser, TOKEN_LPAREN))
        diag_error(parser->diags, parser->token.pos,
                   "a range of lengths is written behind the type: `%s 1..255`", type);
    else
        return true;
    return false;
}

static bool parse_type(struct parser *parser, struct member *member, unsigned depth);

/* `or null`, behind what a list or a map holds. */
static bool parse_or_null(struct parser *parser, struct member *member)
{
    member->or_null = parser_accept_word(parser, "or");
    if (!member->or_null || parser_accept_word(parser, "null"))
        return true;
    parser_unexpected(parser, "`null`");
    return false;
}

/* What a list or a map holds. */
static bool parse_held(struct parser *parser, struct member *member, unsigned depth)
{
    struct member held = {.name = member->name};
    struct pos pos = parser->token.pos;
    if (!parse_type(parser, &held, depth + 1) || !parse_or_null(parser, member))
        return false;
    if (member_is_single(&held)) {
        held.list = member->list;
        held.map = member->map;
        held.or_null = member->or_null;
        held.count = member->count;
        *member = held;
        return true;
    }
    if (depth == MAX_INNER) {
        diag_error(parser->diags, pos, "more than %d lists and maps inside each other", MAX_INNER);
        return false;
    }
    member->type = TYPE_INNER;
    member->inner = arena_alloc(parser->arena, sizeof(held));
    *member->inner = held;
    return true;
}

static bool parse_list(struct parser *parser, struct member *member, unsigned depth)
{
    member->list = true;
    parser_take(parser);
    return parse_held(parser, member, depth) && parser_expect(parser, TOKEN_RBRACKET, "`]`") &&
           (!parser_at_range(parser) || parse_first_range(parser, &member->count));
}

static bool parse_map(struct parser *parser, struct member *member, unsigned depth)
{
    member->map = true;
    return (!parser_at_range(parser) || parse_first_range(parser, &member->count)) &&
           parse_held(parser, member, depth);
}

/* Whether `map`, which was taken, is the word and not a body's name: a type stands behind it, which
 * may be a body `rest`. */
static bool at_held(const struct parser *parser)
{
    return parser_at_range(parser) || parser_at(parser, TOKEN_LBRACKET) ||
           parser_at_word(parser, "rest") ||
           (parser_at(parser, TOKEN_NAME) && !is_modifier(parser->token.text));
}

/* A value's type and bounds, a list or a map. */
static bool parse_one_type(struct parser *parser, struct member *member, unsigned depth)
{
    struct token token = parser->token;
    if (depth > MAX_INNER + 1)
        return parse_member_type(parser, member);
    if (parser_at(parser, TOKEN_LBRACKET))
        return parse_list(parser, member, depth);
    if (!parser_accept_word(parser, "map"))
        return parse_member_type(parser, member) && check_no_brackets(parser, member) &&
               parse_bounds(parser, member);
    if (at_held(parser))
        return parse_map(parser, member, depth);
    member->type = TYPE_NESTED;
    member->body = (struct name){token.text, token.pos};
    return parse_bounds(parser, member);
}

/* `int | text`: whatever comes is one of these. */
static bool parse_type(struct parser *parser, struct member *member, unsigned depth)
{
    const struct member whole = *member;
    if (!parse_one_type(parser, member, depth))
        return false;
    if (!parser_at(parser, TOKEN_PIPE))
        return true;
    struct member one = *member;
    *member = whole;
    member->type = TYPE_EITHER;
    for (;;) {
        one.description = NULL;
        *vec_add(parser->arena, &member->either) = one;
        if (!parser_at(parser, TOKEN_PIPE))
            return true;
        struct token pipe = parser_take(parser);
        one = (struct member){.name = {whole.name.text, parser->token.pos}};
        if (member->either.n == N_JSON_KINDS) {
            diag_error(parser->diags, pipe.pos, "more than %d alternatives", N_JSON_KINDS - 1);
            return false;
        }
        if (!parse_one_type(parser, &one, depth))
            return false;
    }
}

/* What generated tables call a member's parts: each of its alternatives, and of theirs, has another
 * name, and what is inside a list or a map has that one's. */
static void name_parts(struct parser *parser, struct member *member)
{
    struct member *leaf = member;
    while (leaf->inner) {
        leaf->inner->name.text = leaf->name.text;
        leaf = leaf->inner;
    }
    for (size_t i = 0; i < leaf->either.n; i++) {
        leaf->either.items[i].name.text =
            arena_printf(parser->arena, "%zu_%s", i, member->name.text);
        name_parts(parser, &leaf->either.items[i]);
    }
}

static bool parse_whole_type(struct parser *parser, struct member *member)
{
    bool good = parse_type(parser, member, 1);
    name_parts(parser, member);
    return good;
}

bool parse_member_value(struct parser *parser, struct member *member)
{
    return parse_whole_type(parser, member) && parse_modifiers(parser, member);
}

bool parse_whole_value(struct parser *parser, struct member *value)
{
    if (!parse_whole_type(parser, value))
        return false;
    bool braces = parser_at(parser, TOKEN_NAME)
                      ? !is_modifier(parser->token.text) && !parser_at_word(parser, "or")
                      : parser_at(parser, TOKEN_LBRACE);
    if (!braces)
        return parse_modifiers(parser, value);
    diag_error(parser->diags, parser->token.pos,
               "a body's members stand in braces behind its name");
    return false;
}
