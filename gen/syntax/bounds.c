/* bounds.c: what stands behind a member's type: ranges, words, numbers, an expression. */
#include "syntax/parse.h"

#include <string.h>

bool parse_one_of(struct parser *parser, struct words *words, bool numbers)
{
    enum token_kind kind = TOKEN_STRING;
    if (!parser_accept_word(parser, "of")) {
        parser_unexpected(parser, "`of`");
        return false;
    }
    if (numbers && parser_at(parser, TOKEN_NUMBER)) {
        kind = TOKEN_NUMBER;
        words->numbers = true;
    }
    do {
        struct name word = {parser->token.text, parser->token.pos};
        if (kind == TOKEN_NUMBER)
            parser_take_number(parser);
        else if (!parser_string(parser, numbers ? "a string or a number" : "a string", &word))
            return false;
        for (size_t i = 0; i < words->n; i++) {
            if (!strcmp(words->items[i].text, word.text)) {
                diag_error(parser->diags, word.pos,
                           kind == TOKEN_NUMBER ? "%s is given twice" : "\"%s\" is given twice",
                           word.text);
                return false;
            }
        }
        if (words->n == MAX_MEMBERS) {
            diag_error(parser->diags, word.pos, "more than %d words", MAX_MEMBERS);
            return false;
        }
        *vec_add(parser->arena, words) = word;
    } while (parser_at(parser, kind));
    if (!parser_at(parser, TOKEN_COMMA))
        return true;
    diag_error(parser->diags, parser->token.pos,
               kind == TOKEN_NUMBER ? "no commas stand between numbers: 1 2 3"
                                    : "no commas stand between words: \"a\" \"b\"");
    return false;
}

bool parse_first_range(struct parser *parser, struct range *ret)
{
    struct pos pos = parser->token.pos;
    if (ret->pos.source) {
        diag_error(parser->diags, pos, "a second range; the first is %s..%s",
                   ret->low ? ret->low : "", ret->high ? ret->high : "");
        return false;
    }
    return parser_range(parser, ret);
}

/* The expression as it stands there: its backslashes are its own. */
static bool parse_like(struct parser *parser, struct member *member)
{
    struct token token = parser->token;
    if (member->like.text) {
        diag_error(parser->diags, token.pos, "`like` is given twice");
        return false;
    }
    if (token.kind != TOKEN_STRING && token.kind != TOKEN_PATTERN) {
        parser_unexpected(parser, "a regular expression in quotes");
        return false;
    }
    parser_take(parser);
    member->like.pos = token.pos;
    member->like.text =
        arena_copy(parser->arena, token.pos.source->ptr + token.pos.offset + 1, token.pos.len - 2);
    return true;
}

/* Unless a body is called so, which is known later. */
static bool is_file(const struct member *member)
{
    return member->body.text && !strcmp(member->body.text, "file");
}

/* `"image/png" "image/jpeg"`. */
static bool parse_media(struct parser *parser, struct member *member)
{
    struct name type;
    if (!parser_string(parser, "a media type in quotes", &type))
        return false;
    for (size_t i = 0; i < member->media.n; i++) {
        if (strcmp(member->media.items[i].text, type.text))
            continue;
        diag_error(parser->diags, type.pos, "\"%s\" is given twice", type.text);
        return false;
    }
    if (member->media.n == MAX_MEMBERS) {
        diag_error(parser->diags, type.pos, "more than %d words", MAX_MEMBERS);
        return false;
    }
    *vec_add(parser->arena, &member->media) = type;
    return true;
}

static bool at_size(const struct parser *parser)
{
    return parser_at_range(parser) || parser_at(parser, TOKEN_QUANTITY);
}

static bool parse_size(struct parser *parser, const char **ret)
{
    static const struct unit units[] = {{"", 1}, {"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}};
    uint64_t size;
    if (!parser_quantity(parser, "a size from 1 to 64G such as `512K` or `2M`", units, 4,
                         64ull << 30, &size))
        return false;
    *ret = arena_printf(parser->arena, "%llu", (unsigned long long)size);
    return true;
}

/* `1K..5M`, open on either side. */
static bool parse_sizes(struct parser *parser, struct range *ret)
{
    struct range range = {.pos = parser->token.pos};
    if (ret->pos.source) {
        diag_error(parser->diags, range.pos, "a second range; the first is %s..%s",
                   ret->low ? ret->low : "", ret->high ? ret->high : "");
        return false;
    }
    if (!parser_at(parser, TOKEN_RANGE) && !parse_size(parser, &range.low))
        return false;
    struct pos dots = parser->token.pos;
    if (!parser_expect(parser, TOKEN_RANGE, "a range such as `1K..5M`"))
        return false;
    range.pos = parser_span(range.pos, dots);
    if (parser_at(parser, TOKEN_NUMBER) || parser_at(parser, TOKEN_QUANTITY)) {
        range.pos = parser_span(range.pos, parser->token.pos);
        if (!parse_size(parser, &range.high))
            return false;
    }
    if (!range.low && !range.high) {
        diag_error(parser->diags, range.pos, "a range needs a number on at least one side");
        return false;
    }
    *ret = range;
    return true;
}

/* `..1` behind `above 0`, or the other way round. */
static bool join_ranges(struct parser *parser, struct range *io, const struct range *more)
{
    if ((io->low && more->low) || (io->high && more->high)) {
        diag_error(parser->diags, more->pos, "a second bound says where it %s",
                   io->low && more->low ? "begins" : "ends");
        return false;
    }
    io->low = more->low ? more->low : io->low;
    io->high = more->high ? more->high : io->high;
    io->above |= more->above;
    io->below |= more->below;
    io->pos = io->pos.source ? parser_span(io->pos, more->pos) : more->pos;
    return true;
}

static bool parse_range_of_value(struct parser *parser, struct range *io)
{
    struct range range = {0};
    if (!io->above && !io->below)
        return parse_first_range(parser, io);
    return parser_range(parser, &range) && join_ranges(parser, io, &range);
}

/* `above 0`, `below 1`: the word was taken. */
static bool parse_beyond(struct parser *parser, struct range *io, bool above)
{
    if (!parser_at(parser, TOKEN_NUMBER)) {
        parser_unexpected(parser, "a number");
        return false;
    }
    struct token token = parser_take_number(parser);
    const char *low = above ? token.text : NULL, *high = above ? NULL : token.text;
    struct range range = {
        .low = low, .high = high, .above = above, .below = !above, .pos = token.pos};
    return join_ranges(parser, io, &range);
}

static bool parse_quoted(struct parser *parser, struct member *member, struct pos word)
{
    if (member->quoted)
        diag_error(parser->diags, word, "`quoted` is given twice");
    member->quoted = true;
    return true;
}

bool parse_bounds(struct parser *parser, struct member *member)
{
    for (;;) {
        struct pos word = parser->token.pos;
        bool good = true;
        if (is_file(member) && parser_at(parser, TOKEN_STRING))
            good = parse_media(parser, member);
        else if (is_file(member) && at_size(parser))
            good = parse_sizes(parser, &member->range);
        else if (parser_at_range(parser))
            good = parse_range_of_value(parser, &member->range);
        else if (parser_accept_word(parser, "bytes"))
            good = parse_first_range(parser, &member->bytes);
        else if (parser_accept_word(parser, "one"))
            good = parse_one_of(parser, &member->one_of, true);
        else if (parser_accept_word(parser, "like"))
            good = parse_like(parser, member);
        else if (parser_accept_word(parser, "above"))
            good = parse_beyond(parser, &member->range, true);
        else if (parser_accept_word(parser, "below"))
            good = parse_beyond(parser, &member->range, false);
        else if (parser_accept_word(parser, "quoted"))
            good = parse_quoted(parser, member, word);
        else
            return true;
        if (!good)
            return false;
    }
}
