/* input.c: what a handler takes besides the path: `(form note, faults, header marks)`. */
#include "syntax/parse.h"

#include <string.h>

/* `?`, where there is one: its place. */
static void take_optional(struct parser *parser, struct pos *ret)
{
    if (ret && parser_at(parser, TOKEN_QUESTION))
        *ret = parser_take(parser).pos;
}

/* Whether a value is meant by what is taken for the name of a body: `text 1..40`, `map int`. */
static bool at_value(const struct parser *parser, const struct name *name, bool list)
{
    bool type = parser_at(parser, TOKEN_NAME) && is_member_type(parser->token.text);
    return parser_at_range(parser) || (is_member_type(name->text) && type) ||
           (!strcmp(name->text, "map") && parser_at(parser, TOKEN_LBRACKET)) ||
           (list && parser_at(parser, TOKEN_NAME) && is_member_type(name->text));
}

bool parse_body_or_list(struct parser *parser, const char *what, struct name *ret, bool *ret_list,
                        struct range *ret_count, struct pos *ret_optional)
{
    *ret_list = parser_accept(parser, TOKEN_LBRACKET);
    if ((*ret_list && parser_at(parser, TOKEN_LBRACKET)) ||
        !parser_name(parser, *ret_list ? "the name of a body" : what, ret) ||
        at_value(parser, ret, *ret_list)) {
        if (parser_at(parser, TOKEN_LBRACKET) || ret->text)
            diag_error(parser->diags, ret->text ? ret->pos : parser->token.pos, VALUES_HAVE_NAMES);
        return false;
    }
    if (*ret_list && !parser_expect(parser, TOKEN_RBRACKET, "`]`"))
        return false;
    take_optional(parser, ret_optional);
    return !*ret_list || !parser_at_range(parser) || parser_range(parser, ret_count);
}

static bool is_faults(const char *word)
{
    return word && !strcmp(word, "faults");
}

/* `faults`, behind a form. In front of everything it is the name of a body. */
static bool at_faults(const struct parser *parser, const struct route *route)
{
    return route->body_kind != BODY_NONE && parser_at(parser, TOKEN_NAME) &&
           is_faults(parser->token.text);
}

static bool parse_faults(struct parser *parser, struct route *route)
{
    struct pos pos = parser_take(parser).pos;
    if (route->faults_pos.source || route->body_kind != BODY_FORM) {
        diag_error(parser->diags, pos, "%s",
                   route->faults_pos.source ? "`faults` is given twice" : FAULTS_BEHIND_A_FORM);
        return false;
    }
    route->faults_pos = pos;
    return true;
}

/* Of `header`, since a body may be called so: a name stands behind it. */
static bool at_header(const struct parser *parser)
{
    const char *behind = parser->lexer.cursor + strspn(parser->lexer.cursor, " \t\r\n");
    return parser_at_word(parser, "header") && *behind >= 'a' && *behind <= 'z';
}

/* A second one, or the first one's name goes to `*io`. */
static bool take_once(struct parser *parser, struct pos first, const char *what, struct name *io)
{
    struct name name = {0};
    parser_skip_newlines(parser);
    if (!parser_name(parser, "the name of a body", &name))
        return false;
    if (parser_at(parser, TOKEN_QUESTION)) {
        diag_error(parser->diags, parser->token.pos,
                   "a %s is never left out: `optional` says which of its members may be", what);
        return false;
    }
    if (io->text) {
        diag_error(parser->diags, first, "a handler takes one %s", what);
        return false;
    }
    *io = name;
    return true;
}

/* `(form note, form lesson)`, or `(faults, form note)`. */
static bool second_body(struct parser *parser, const struct route *route, struct pos pos)
{
    if (route->body_kind == BODY_JSON && is_faults(route->body_name.text))
        diag_error(parser->diags, route->body_name.pos, "%s", FAULTS_BEHIND_A_FORM);
    else
        diag_error(parser->diags, pos, "a handler takes one body");
    return false;
}

/* `new_lesson`, `[new_lesson] 1..100`, `form contact`, `raw`. */
static bool parse_body_input(struct parser *parser, struct route *route)
{
    struct pos first = parser->token.pos;
    bool form = parser_accept_word(parser, "form"), list = false;
    struct range count = {0};
    struct name name = {0};
    struct pos optional = {0};
    if (!form && parser_accept_word(parser, "raw"))
        name.pos = first;
    else if (form ? !parser_name(parser, "the name of a body", &name)
                  : !parse_body_or_list(parser, "the name of a body, or `raw`", &name, &list,
                                        &count, &optional))
        return false;
    if (form || !name.text)
        take_optional(parser, &optional);
    if (parser_at(parser, TOKEN_QUESTION)) {
        diag_error(parser->diags, parser->token.pos,
                   "one `?` stands right behind the body: `note?`, `[note]? 1..100`");
        return false;
    }
    if (route->body_kind != BODY_NONE)
        return second_body(parser, route, first);
    route->body_kind = form ? BODY_FORM : name.text ? BODY_JSON : BODY_RAW;
    route->body_name = name;
    route->body_list = list;
    route->body_count = count;
    route->body_pos = parser_span(first, name.pos);
    route->body_optional = optional;
    return true;
}

/* `query page`, `header marks`, `faults`, or a body. */
static bool parse_input(struct parser *parser, struct route *route)
{
    struct pos first = parser->token.pos;
    if (at_faults(parser, route))
        return parse_faults(parser, route);
    if (at_header(parser)) {
        parser_take(parser);
        return take_once(parser, first, "set of headers", &route->headers_name);
    }
    if (parser_accept_word(parser, "query"))
        return take_once(parser, first, "query", &route->query_name);
    return parse_body_input(parser, route);
}

bool parse_inputs(struct parser *parser, struct route *route)
{
    struct pos open = parser_take(parser).pos;
    if (parser_at(parser, TOKEN_RPAREN)) {
        diag_error(parser->diags, open, "a handler without body and query has no parentheses");
        return false;
    }
    do {
        parser_skip_newlines(parser);
        if (!parse_input(parser, route))
            return false;
        parser_skip_newlines(parser);
    } while (parser_accept(parser, TOKEN_COMMA));
    return parser_close(parser, open);
}
