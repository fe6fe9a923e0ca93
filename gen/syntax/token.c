/* token.c: what the parser's files share about tokens, and how it goes on after an error: the
 * rest of the line is skipped in silence, with the lines that belong to it, and a block goes on
 * with its next member. */
#include "syntax/parse.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct token parser_take(struct parser *parser)
{
    struct token token = parser->token;
    parser->token = lexer_next(&parser->lexer);
    return token;
}

const char *parser_description(struct parser *parser)
{
    struct description *above = parser->above;
    parser->above = NULL;
    if (!above || !above->text.n)
        return NULL;
    above->taken = true;
    while (above->text.n && above->text.items[above->text.n - 1] == '\n')
        above->text.items[--above->text.n] = '\0';
    return above->text.n ? above->text.items : NULL;
}

bool parser_at(const struct parser *parser, enum token_kind kind)
{
    return parser->token.kind == kind;
}

bool parser_at_word(const struct parser *parser, const char *word)
{
    return parser->token.kind == TOKEN_NAME && !strcmp(parser->token.text, word);
}

bool parser_accept(struct parser *parser, enum token_kind kind)
{
    if (!parser_at(parser, kind))
        return false;
    parser_take(parser);
    return true;
}

bool parser_accept_word(struct parser *parser, const char *word)
{
    if (!parser_at_word(parser, word))
        return false;
    parser_take(parser);
    return true;
}

void parser_unexpected(struct parser *parser, const char *what)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_BAD)
        return;
    if (token->kind == TOKEN_END)
        diag_error(parser->diags, token->pos, "expected %s, but the file ends", what);
    else if (token->kind == TOKEN_NEWLINE)
        diag_error(parser->diags, token->pos, "expected %s, but the line ends", what);
    else if (token->kind == TOKEN_PATTERN)
        diag_error(parser->diags, token->pos,
                   "this string has an escape other than \\\" and \\\\, which only `like` takes");
    else if (token->kind == TOKEN_QUESTION)
        diag_error(parser->diags, token->pos,
                   "unexpected `?`: what may be absent has `optional` behind its type");
    else if (token->kind == TOKEN_STRING)
        diag_error(parser->diags, token->pos, "expected %s, not \"%s\"", what, token->text);
    else
        diag_error(parser->diags, token->pos, "expected %s, not `%s`", what, token->text);
}

bool parser_expect(struct parser *parser, enum token_kind kind, const char *what)
{
    if (parser_accept(parser, kind))
        return true;
    parser_unexpected(parser, what);
    return false;
}

void parser_skip_newlines(struct parser *parser)
{
    while (parser_at(parser, TOKEN_NEWLINE))
        parser_take(parser);
}

/* A route's method at the beginning of a line: a block before it was not closed. */
static bool at_method(const struct parser *parser)
{
    return parser_at(parser, TOKEN_NAME) && method_by_name(parser->token.text) >= 0;
}

void parser_skip_line(struct parser *parser)
{
    parser->lexer.silent = true;
    while (!parser_at(parser, TOKEN_NEWLINE) && !parser_at(parser, TOKEN_END))
        parser_take(parser);
    parser->lexer.silent = false;
}

/* Lines that are further to the right than what was not understood, or that close it, belong to
 * it. */
void parser_skip_rest(struct parser *parser, struct pos begun)
{
    for (;;) {
        parser_skip_newlines(parser);
        bool inside = pos_column(parser->token.pos) > pos_column(begun);
        bool closes = parser_at(parser, TOKEN_RBRACE) || parser_at(parser, TOKEN_RPAREN) ||
                      parser_at(parser, TOKEN_RBRACKET);
        if (parser_at(parser, TOKEN_END) || at_method(parser) || (!inside && !closes))
            return;
        parser_skip_line(parser);
    }
}

void parser_skip_statement(struct parser *parser)
{
    unsigned depth = 0;
    bool seen = false;
    while (!parser_at(parser, TOKEN_END)) {
        if (parser_at(parser, TOKEN_NEWLINE) && !depth) {
            if (seen)
                return;
            parser_skip_newlines(parser);
            if (!parser_at(parser, TOKEN_LBRACE))
                return;
        }
        parser->lexer.silent = !parser_at(parser, TOKEN_NEWLINE);
        enum token_kind kind = parser_take(parser).kind;
        parser->lexer.silent = false;
        seen |= kind == TOKEN_LBRACE;
        depth += kind == TOKEN_LBRACE;
        depth -= kind == TOKEN_RBRACE && depth;
        if (kind == TOKEN_NEWLINE && at_method(parser))
            return;
    }
}

bool parser_close(struct parser *parser, struct pos open)
{
    if (parser_expect(parser, TOKEN_RPAREN, "`,` or `)`"))
        return true;
    diag_note(parser->diags, open, "for the `(` here");
    return false;
}

bool parser_at_block(struct parser *parser)
{
    if (parser_at(parser, TOKEN_LBRACE))
        return true;
    if (parser_at(parser, TOKEN_NEWLINE))
        diag_error(parser->diags, parser->token.pos, "`{` stands at the end of this line");
    else
        parser_unexpected(parser, "`{`");
    return false;
}

static bool is_lower_name(const char *text)
{
    if (*text < 'a' || *text > 'z')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

/* `first_name` for `firstName`; NULL: it is not as easy as that. */
static const char *lower_name(struct arena *arena, const char *text)
{
    struct text lower = {.arena = arena};
    for (const char *p = text; *p; p++) {
        bool upper = *p >= 'A' && *p <= 'Z';
        if (upper && p > text && p[-1] != '_' && !(p[-1] >= 'A' && p[-1] <= 'Z'))
            text_add(&lower, "_", 1);
        text_printf(&lower, "%c", upper ? *p - 'A' + 'a' : *p == '-' ? '_' : *p);
    }
    return lower.n && is_lower_name(lower.items) ? lower.items : NULL;
}

bool parser_name(struct parser *parser, const char *what, struct name *ret)
{
    if (!parser_at(parser, TOKEN_NAME)) {
        parser_unexpected(parser, what);
        return false;
    }
    struct token token = parser_take(parser);
    *ret = (struct name){.text = token.text, .pos = token.pos};
    if (!is_lower_name(token.text)) {
        const char *lower = lower_name(parser->arena, token.text);
        diag_error(parser->diags, token.pos,
                   "`%s` cannot be a name: names begin with a lower-case letter, then come "
                   "lower-case letters, digits and underscores%s",
                   token.text, lower ? arena_printf(parser->arena, "; write `%s`", lower) : "");
        return false;
    }
    if (strlen(token.text) > 64) {
        diag_error(parser->diags, token.pos, "a name has at most 64 characters, this has %zu",
                   strlen(token.text));
        return false;
    }
    return true;
}

bool parser_string(struct parser *parser, const char *what, struct name *ret)
{
    if (!parser_at(parser, TOKEN_STRING)) {
        parser_unexpected(parser, what);
        return false;
    }
    struct token token = parser_take(parser);
    *ret = (struct name){.text = token.text, .pos = token.pos};
    if (*token.text)
        return true;
    diag_error(parser->diags, token.pos, "expected %s, not an empty string", what);
    return false;
}

bool parser_uint(struct parser *parser, const char *what, uint64_t low, uint64_t high,
                 uint64_t *ret)
{
    if (!parser_at(parser, TOKEN_NUMBER)) {
        parser_unexpected(parser, what);
        return false;
    }
    struct token token = parser_take(parser);
    errno = 0;
    unsigned long long value = strtoull(token.text, NULL, 10);
    if (strpbrk(token.text, "-.") || errno || value < low || value > high) {
        diag_error(parser->diags, token.pos, "expected %s from %llu to %llu, not %s", what,
                   (unsigned long long)low, (unsigned long long)high, token.text);
        return false;
    }
    *ret = value;
    return true;
}

const char *parser_number(struct parser *parser)
{
    struct token token = parser_take(parser);
    bool negative = *token.text == '-';
    const char *digits = token.text + negative;
    while (digits[0] == '0' && digits[1] && digits[1] != '.')
        digits++;
    if (digits > token.text + negative) {
        digits =
            arena_printf(parser->arena, "%s%s", negative && strcmp(digits, "0") ? "-" : "", digits);
        diag_error(parser->diags, token.pos, "no zeros stand before a number: write %s", digits);
    } else if (negative && !strcmp(digits, "0")) {
        diag_error(parser->diags, token.pos, "0 has no sign: write 0");
    } else {
        return token.text;
    }
    return digits;
}

bool parser_at_range(const struct parser *parser)
{
    return parser_at(parser, TOKEN_NUMBER) || parser_at(parser, TOKEN_RANGE);
}

bool parser_range(struct parser *parser, struct range *ret)
{
    struct pos pos = parser->token.pos;
    struct range range = {.pos = pos};
    if (parser_at(parser, TOKEN_NUMBER))
        range.low = parser_number(parser);
    struct pos dots = parser->token.pos;
    if (!parser_expect(parser, TOKEN_RANGE, "a range such as `1..100`"))
        return false;
    range.pos.len = dots.offset + dots.len - pos.offset;
    if (parser_at(parser, TOKEN_NUMBER)) {
        struct pos high = parser->token.pos;
        range.high = parser_number(parser);
        range.pos.len = high.offset + high.len - pos.offset;
    }
    if (!range.low && !range.high) {
        diag_error(parser->diags, range.pos, "a range needs a number on at least one side");
        return false;
    }
    *ret = range;
    return true;
}

static bool at_item_end(const struct parser *parser)
{
    return parser_at(parser, TOKEN_NEWLINE) || parser_at(parser, TOKEN_SEMICOLON) ||
           parser_at(parser, TOKEN_RBRACE) || parser_at(parser, TOKEN_END);
}

/* The rest of one that was not understood. */
static void skip_item(struct parser *parser, bool understood)
{
    unsigned depth = 0;
    parser->lexer.silent = !understood;
    while (!understood && (depth || !at_item_end(parser)) && !parser_at(parser, TOKEN_END)) {
        depth -= parser_at(parser, TOKEN_RBRACE);
        depth += parser_at(parser, TOKEN_LBRACE);
        parser_take(parser);
    }
    parser->lexer.silent = false;
}

bool parser_block(struct parser *parser, const char *what,
                  bool (*item)(struct parser *parser, void *ctx), void *ctx)
{
    struct pos open = parser_take(parser).pos;
    bool good = true;
    for (;;) {
        while (parser_accept(parser, TOKEN_NEWLINE) || parser_accept(parser, TOKEN_SEMICOLON))
            ;
        if (parser_accept(parser, TOKEN_RBRACE))
            return good;
        /* A method begins a route, so the block's end was forgotten: the routes are read as
         * such. */
        if (parser_at(parser, TOKEN_END) ||
            (parser_at(parser, TOKEN_NAME) && method_by_name(parser->token.text) >= 0)) {
            diag_error(parser->diags, open, "this `{` is never closed");
            parser->resume = true;
            return false;
        }
        parser->above = parser->token.description;
        bool understood = item(parser, ctx);
        if (understood && !at_item_end(parser)) {
            parser_unexpected(parser, what);
            understood = false;
        }
        skip_item(parser, understood);
        good &= understood;
    }
}

bool parser_quantity(struct parser *parser, const char *what, const struct unit *units,
                     size_t n_units, uint64_t max, uint64_t *ret)
{
    struct token token = parser->token;
    if (token.kind != TOKEN_NUMBER && token.kind != TOKEN_QUANTITY) {
        parser_unexpected(parser, what);
        return false;
    }
    parser_take(parser);
    char *suffix;
    unsigned long long value = strtoull(token.text, &suffix, 10);
    for (size_t i = 0; i < n_units; i++) {
        if (strcmp(units[i].suffix, suffix) || *token.text == '-')
            continue;
        if (value < 1 || value > max / units[i].factor)
            break;
        *ret = value * units[i].factor;
        return true;
    }
    diag_error(parser->diags, token.pos, "expected %s, not %s", what, token.text);
    return false;
}

bool parser_timeout(struct parser *parser, uint32_t *ret_ms)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}};
    uint64_t ms = 0;
    if (!parser_quantity(parser, "a time up to 60m such as `500ms` or `5s`", units, 3, 3600000,
                         &ms))
        return false;
    *ret_ms = (uint32_t)ms;
    return true;
}

bool parse_duration(struct parser *parser, uint64_t *ret_seconds)
{
    static const struct {
        const char *word;
        uint64_t seconds, max;
    } units[] = {
        {"days", 86400, 3650},     {"day", 86400, 3650},     {"hours", 3600, 87600},
        {"hour", 3600, 87600},     {"minutes", 60, 5256000}, {"minute", 60, 5256000},
        {"seconds", 1, 315360000}, {"second", 1, 315360000},
    };
    uint64_t n;
    struct pos number = parser->token.pos;
    if (!parser_uint(parser, "a number", 1, UINT32_MAX, &n))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (!parser_accept_word(parser, units[i].word))
            continue;
        if (n > units[i].max) {
            diag_error(parser->diags, number, "a token lives for 3650 days at most");
            return false;
        }
        *ret_seconds = n * units[i].seconds;
        return true;
    }
    parser_unexpected(parser, "`days`, `hours`, `minutes` or `seconds`");
    return false;
}

struct pos parser_span(struct pos from, struct pos to)
{
    from.len = to.offset + to.len - from.offset;
    return from;
}
