/* layout.c: how `gatewright fmt` writes a source.
 *
 * It works on tokens and comments, line by line, and never joins or splits lines, so it cannot
 * change what the file says; command/fmt.c checks that by reading the result again. Lines of one
 * kind that follow one another without an empty line are a group, whose columns are aligned. */
#include "describe/layout.h"

#include "base/utf8.h"
#include "syntax/parse.h"

#include <string.h>

enum kind {
    LINE_OTHER, /* is not aligned */
    LINE_COMMENT,
    LINE_ROUTE,
    LINE_MEMBER,
    LINE_STATEMENT,
};

#define N_CELLS 5
#define INDENT  4
#define WIDEST  72 /* longer cells and lines do not push the others to the right */

struct line {
    enum kind kind;
    bool blank_before;
    unsigned indent;
    const char *cells[N_CELLS];
    size_t n_cells;
    const char *comment; /* NULL: none */
};

struct layout {
    struct arena *arena;
    const struct source *source;
    struct lexer lexer;
    VEC(struct token) tokens; /* of the line */
    unsigned depth;           /* of blocks */
    unsigned parens;
    VEC(struct line) lines;
};

static const char *raw(const struct layout *layout, const struct token *token)
{
    return arena_copy(layout->arena, layout->source->ptr + token->pos.offset, token->pos.len);
}

/* The next token; what follows a colon is SQL and one token, comments included. */
static struct token next_token(struct lexer *lexer, bool *after_colon)
{
    const char *limit = lexer->source->ptr + lexer->source->len;
    if (!*after_colon) {
        struct token token = lexer_next(lexer);
        *after_colon = token.kind == TOKEN_COLON;
        return token;
    }
    *after_colon = false;
    while (lexer->cursor < limit && strchr(" \t", *lexer->cursor))
        lexer->cursor++;
    const char *from = lexer->cursor, *end = sql_text_end(from, limit);
    lexer->cursor = end;
    while (end > from && strchr(" \t\r", end[-1]))
        end--;
    return (struct token){
        .kind = TOKEN_STRING,
        .pos = {.source = lexer->source,
                .offset = (uint32_t)(from - lexer->source->ptr),
                .len = (uint32_t)(end - from)},
        .text = arena_copy(lexer->diags->arena, from, (size_t)(end - from)),
    };
}

/* The comment between two tokens, without blanks at its end; NULL: none. */
static const char *comment_between(struct arena *arena, const struct source *source, size_t from,
                                   size_t to)
{
    const char *hash = memchr(source->ptr + from, '#', to - from);
    if (!hash)
        return NULL;
    size_t len = (size_t)(source->ptr + to - hash);
    const char *end = memchr(hash, '\n', len);
    if (end)
        len = (size_t)(end - hash);
    while (len && strchr(" \t\r", hash[len - 1]))
        len--;
    return arena_copy(arena, hash, len);
}

/* `2027-01-31`: its numbers touch. */
static bool is_within_day(const struct token *left, const struct token *right)
{
    return left->kind == TOKEN_NUMBER && right->kind == TOKEN_NUMBER && *right->text == '-' &&
           strlen(right->text) == 3 && left->pos.offset + left->pos.len == right->pos.offset;
}

static bool is_bound(enum token_kind kind)
{
    return kind == TOKEN_NUMBER || kind == TOKEN_QUANTITY;
}

/* `int | text` of a member; routes have `users|teachers`. */
static bool is_alternative(enum token_kind left, enum token_kind right, unsigned depth)
{
    return depth && (left == TOKEN_PIPE || right == TOKEN_PIPE);
}

/* `parens`: how many are open between the two; `depth`: of blocks. */
static bool needs_space(const struct token *left, const struct token *right, unsigned parens,
                        unsigned depth)
{
    enum token_kind l = left->kind, r = right->kind;
    if (is_alternative(l, r, depth))
        return true;
    if (r == TOKEN_COMMA || r == TOKEN_SEMICOLON || r == TOKEN_RPAREN || r == TOKEN_RBRACKET ||
        r == TOKEN_LPAREN || r == TOKEN_COLON || r == TOKEN_DOT || r == TOKEN_QUESTION ||
        l == TOKEN_DOT || l == TOKEN_LPAREN || l == TOKEN_LBRACKET ||
        ((l == TOKEN_PIPE || r == TOKEN_PIPE) && l != TOKEN_STRING && r != TOKEN_STRING))
        return false;
    if (is_within_day(left, right))
        return false;
    if ((is_bound(l) && r == TOKEN_RANGE) || (l == TOKEN_RANGE && is_bound(r)))
        return false;
    return !parens || (l != TOKEN_LBRACE && r != TOKEN_RBRACE);
}

/* Tokens [from, to) of the line, joined. */
static const char *join(const struct layout *layout, size_t from, size_t to)
{
    struct text text = {.arena = layout->arena};
    bool is_body = !layout->depth && to && !strcmp(layout->tokens.items[0].text, "body");
    unsigned parens = layout->parens, depth = layout->depth + is_body;
    text_add(&text, "", 0);
    for (size_t i = 0; i < to; i++) {
        const struct token *token = &layout->tokens.items[i];
        bool set = layout->depth && i == 1 && token->kind == TOKEN_LPAREN; /* `key (a, b)` */
        if (i > from && (set || needs_space(token - 1, token, parens, depth)))
            text_add(&text, " ", 1);
        depth += token->kind == TOKEN_LBRACE;
        parens += token->kind == TOKEN_LPAREN;
        parens -= token->kind == TOKEN_RPAREN && parens;
        if (i >= from)
            text_printf(&text, "%s", raw(layout, token));
    }
    return text.items;
}

static bool has(const struct layout *layout, enum token_kind kind)
{
    for (size_t i = 0; i < layout->tokens.n; i++) {
        if (layout->tokens.items[i].kind == kind)
            return true;
    }
    return false;
}

static void add_cell(const struct layout *layout, struct line *line, size_t from, size_t to)
{
    if (from < to)
        line->cells[line->n_cells++] = join(layout, from, to);
}

/* Behind `users` or `users(role = "admin" | "editor")`, which begins at `at`. */
static size_t end_of_caller(const struct layout *layout, size_t at)
{
    const struct token *tokens = layout->tokens.items;
    size_t n = layout->tokens.n, end = at + 1;
    if (end + 2 < n && tokens[end].kind == TOKEN_LPAREN && tokens[end + 2].kind == TOKEN_EQUALS) {
        while (end < n && tokens[end].kind != TOKEN_RPAREN)
            end++;
        end += end < n;
    }
    return end;
}

/* Behind `show(lesson)` or `@refresh users`, which begins at `at`. */
static size_t end_of_handler(const struct layout *layout, size_t at)
{
    const struct token *tokens = layout->tokens.items;
    size_t n = layout->tokens.n, end = at + 1 < n ? at + 1 : n;
    if (end < n && tokens[at].kind == TOKEN_RUNTIME && tokens[end].kind == TOKEN_NAME &&
        !is_attribute(&tokens[end]))
        return end + 1;
    if (end < n && tokens[end].kind == TOKEN_LPAREN) {
        while (end < n && tokens[end].kind != TOKEN_RPAREN)
            end++;
        end += end < n;
    }
    return end;
}

/* METHOD, path, access, handler(inputs), attributes */
static void split_route(const struct layout *layout, struct line *line)
{
    const struct token *tokens = layout->tokens.items;
    size_t n = layout->tokens.n, access = 2, handler, end;
    handler = end_of_caller(layout, access);
    while (handler + 1 < n && tokens[handler].kind == TOKEN_PIPE)
        handler = end_of_caller(layout, handler + 1);
    end = end_of_handler(layout, handler);
    add_cell(layout, line, 0, 1);
    add_cell(layout, line, 1, 2);
    add_cell(layout, line, 2, handler);
    add_cell(layout, line, handler, end);
    add_cell(layout, line, end, n);
}

/* name, type, the rest; alternatives are one cell with it */
static void split_member(const struct layout *layout, struct line *line)
{
    const struct token *tokens = layout->tokens.items;
    size_t n = layout->tokens.n, end = n > 2 ? 2 : n;
    if (has(layout, TOKEN_PIPE)) {
        end = n;
    } else if (n > 1 && tokens[1].kind == TOKEN_LBRACKET) {
        while (end < n && tokens[end - 1].kind != TOKEN_RBRACKET)
            end++;
    } else if (n > 2 && !strcmp(tokens[1].text, "decimal")) {
        end = 3;
    }
    add_cell(layout, line, 0, 1);
    add_cell(layout, line, 1, end);
    add_cell(layout, line, end, n);
}

static enum kind kind_of(const struct layout *layout)
{
    const struct token *tokens = layout->tokens.items;
    if (!layout->tokens.n)
        return LINE_COMMENT;
    if (layout->parens || tokens[0].kind != TOKEN_NAME || has(layout, TOKEN_SEMICOLON) ||
        !strcmp(tokens[0].text, "sql"))
        return LINE_OTHER;
    if (layout->depth && layout->tokens.n > 1 && tokens[1].kind == TOKEN_LPAREN)
        return LINE_OTHER;
    if (layout->depth)
        return has(layout, TOKEN_LBRACE) || has(layout, TOKEN_RBRACE) ? LINE_OTHER : LINE_MEMBER;
    if (method_by_name(tokens[0].text) >= 0)
        return LINE_ROUTE;
    return has(layout, TOKEN_LBRACE) || !strcmp(tokens[0].text, "body") ? LINE_OTHER
                                                                        : LINE_STATEMENT;
}

static void count_brackets(struct layout *layout)
{
    for (size_t i = 0; i < layout->tokens.n; i++) {
        enum token_kind kind = layout->tokens.items[i].kind;
        layout->parens += kind == TOKEN_LPAREN;
        layout->parens -= kind == TOKEN_RPAREN && layout->parens;
        if (layout->parens)
            continue;
        layout->depth += kind == TOKEN_LBRACE;
        layout->depth -= kind == TOKEN_RBRACE && layout->depth;
    }
}

static void end_line(struct layout *layout, const char *comment, bool blank_before)
{
    struct line line = {.kind = kind_of(layout), .comment = comment, .blank_before = blank_before};
    const struct token *tokens = layout->tokens.items;
    size_t n = layout->tokens.n;
    bool closes = n && tokens[0].kind == TOKEN_RBRACE && !layout->parens;
    line.indent =
        INDENT * (layout->depth - (closes && layout->depth ? 1 : 0) + (layout->parens ? 2 : 0));
    if (line.kind == LINE_ROUTE) {
        split_route(layout, &line);
    } else if (line.kind == LINE_MEMBER) {
        split_member(layout, &line);
    } else if (line.kind == LINE_STATEMENT) {
        add_cell(layout, &line, 0, 1);
        add_cell(layout, &line, 1, n);
    } else {
        add_cell(layout, &line, 0, n);
    }
    line.blank_before &= layout->lines.n && !closes;
    *vec_add(layout->arena, &layout->lines) = line;
    count_brackets(layout);
    layout->tokens.n = 0;
}

static bool opens_block(const struct line *line)
{
    const char *last = line->n_cells ? line->cells[line->n_cells - 1] : "";
    return line->kind == LINE_OTHER && *last && last[strlen(last) - 1] == '{';
}

static void read_lines(struct layout *layout)
{
    size_t end = 0;
    bool blank = false, after_colon = false;
    for (;;) {
        struct token token = next_token(&layout->lexer, &after_colon);
        bool ends = token.kind == TOKEN_NEWLINE || token.kind == TOKEN_END;
        const char *comment =
            ends ? comment_between(layout->arena, layout->source, end, token.pos.offset) : NULL;
        end = token.pos.offset + token.pos.len;
        if (!ends) {
            *vec_add(layout->arena, &layout->tokens) = token;
        } else if (layout->tokens.n || comment) {
            size_t n = layout->lines.n;
            if (n && opens_block(&layout->lines.items[n - 1]))
                blank = false;
            end_line(layout, comment, blank);
            blank = false;
        } else {
            blank = true;
        }
        if (token.kind == TOKEN_END)
            return;
    }
}

/* Where the group that begins at `from` ends. Comments on lines of their own belong to it. */
static size_t group_end(const struct layout *layout, size_t from)
{
    const struct line *lines = layout->lines.items;
    enum kind kind = lines[from].kind;
    size_t end = from + 1;
    for (size_t i = end; i < layout->lines.n && !lines[i].blank_before; i++) {
        if (lines[i].kind == kind && kind != LINE_OTHER)
            end = i + 1;
        else if (lines[i].kind != LINE_COMMENT)
            break;
    }
    return end;
}

struct widths {
    size_t cells[N_CELLS];
    size_t code; /* of what stands before a comment */
};

static void widen(size_t *width, const char *text)
{
    size_t n = utf8_characters(text);
    if (n > *width && n <= WIDEST)
        *width = n;
}

static size_t padding(size_t width, const char *text)
{
    size_t n = utf8_characters(text);
    return (width > n ? width - n : 0) + 2;
}

/* What a line is without its comment. */
static const char *code_of(const struct layout *layout, const struct line *line,
                           const struct widths *widths)
{
    struct text text = {.arena = layout->arena};
    text_printf(&text, "%*s", (int)line->indent, "");
    for (size_t i = 0; i < line->n_cells; i++) {
        bool last = i + 1 == line->n_cells;
        size_t pad = last ? 0 : padding(widths->cells[i], line->cells[i]);
        text_printf(&text, "%s%*s", line->cells[i], (int)pad, "");
    }
    return text.items;
}

static void write_group(const struct layout *layout, size_t from, size_t end, struct text *to)
{
    const struct line *lines = layout->lines.items;
    struct widths widths = {0};
    for (size_t i = from; i < end; i++) {
        for (size_t j = 0; lines[i].kind != LINE_COMMENT && j < lines[i].n_cells; j++)
            widen(&widths.cells[j], lines[i].cells[j]);
    }
    for (size_t i = from; i < end; i++) {
        if (lines[i].comment && lines[i].n_cells)
            widen(&widths.code, code_of(layout, &lines[i], &widths));
    }
    for (size_t i = from; i < end; i++) {
        const char *code = code_of(layout, &lines[i], &widths);
        text_printf(to, "%s%s", lines[i].blank_before ? "\n" : "", code);
        if (lines[i].comment && lines[i].n_cells)
            text_printf(to, "%*s", (int)padding(widths.code, code), "");
        text_printf(to, "%s\n", lines[i].comment ? lines[i].comment : "");
    }
}

void layout_write(const struct source *source, struct text *to)
{
    struct diags diags = {.arena = to->arena};
    struct layout layout = {
        .arena = to->arena,
        .source = source,
        .lexer = {.diags = &diags, .source = source, .cursor = source->ptr},
    };
    text_add(to, "", 0);
    read_lines(&layout);
    for (size_t i = 0; i < layout.lines.n;) {
        size_t end = group_end(&layout, i);
        write_group(&layout, i, end, to);
        i = end;
    }
}

/* The next token that is not a line's end; its comment in front goes to *ret_comment. */
static struct token next_of(struct arena *arena, struct lexer *lexer, size_t *end,
                            bool *after_colon, const char **ret_comment)
{
    for (;;) {
        struct token token = next_token(lexer, after_colon);
        bool ends = token.kind == TOKEN_NEWLINE || token.kind == TOKEN_END;
        *ret_comment = ends ? comment_between(arena, lexer->source, *end, token.pos.offset) : NULL;
        *end = token.pos.offset + token.pos.len;
        /* A comment at the end may or may not have a newline. */
        if (*ret_comment)
            token.kind = TOKEN_NEWLINE;
        if (token.kind != TOKEN_NEWLINE || *ret_comment)
            return token;
    }
}

bool layout_same(struct arena *arena, const struct source *a, const struct source *b)
{
    struct diags diags = {.arena = arena};
    struct lexer left = {.diags = &diags, .source = a, .cursor = a->ptr};
    struct lexer right = {.diags = &diags, .source = b, .cursor = b->ptr};
    size_t left_end = 0, right_end = 0;
    bool left_colon = false, right_colon = false;
    for (;;) {
        const char *left_comment, *right_comment;
        struct token one = next_of(arena, &left, &left_end, &left_colon, &left_comment);
        struct token two = next_of(arena, &right, &right_end, &right_colon, &right_comment);
        bool newline = one.kind == TOKEN_NEWLINE;
        if (one.kind != two.kind || !left_comment != !right_comment ||
            (!newline && strcmp(one.text, two.text)) ||
            (left_comment && strcmp(left_comment, right_comment)))
            return false;
        if (one.kind == TOKEN_END)
            return !diags.n_errors; /* what is no token would be lost */
    }
}
