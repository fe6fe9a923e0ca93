/* lexer.re: the tokens of routes.def.
 *
 * One set of tokens serves the whole language: a slash can only begin a path, a digit only a number,
 * so the parser never has to tell the lexer where it is. Input is any bytes; base/source.c has refused what
 * is not UTF-8. Newlines are tokens; the parser decides where they matter. */
#include "syntax/lexer.h"

#include "base/text.h"

#include <string.h>

/* Whether only blanks stand in front of it on its line. */
static bool begins_line(const struct lexer *lexer, const char *at)
{
    while (at > lexer->source->ptr && strchr(" \t", at[-1]))
        at--;
    return at == lexer->source->ptr || at[-1] == '\n';
}

/* What stands above the token. An empty line ends it. */
static struct description *take_description(struct lexer *lexer, enum token_kind kind, const char *from)
{
    struct description *above = lexer->above;
    bool empty = kind == TOKEN_NEWLINE && begins_line(lexer, from);
    if (!above || (kind == TOKEN_NEWLINE && !empty))
        return NULL;
    lexer->above = NULL;
    above->below = empty ? BELOW_EMPTY : kind == TOKEN_END ? BELOW_NOTHING : BELOW_CODE;
    return empty || kind == TOKEN_END ? NULL : above;
}

static struct token make(struct lexer *lexer, enum token_kind kind, const char *from)
{
    size_t len = (size_t)(lexer->cursor - from);
    return (struct token){
        .description = take_description(lexer, kind, from),
        .kind = kind,
        .pos = {.source = lexer->source,
                .offset = (uint32_t)(from - lexer->source->ptr),
                .len = (uint32_t)len},
        .text = arena_copy(lexer->diags->arena, from, len),
    };
}

/* Resolves `\"` and `\\`. */
static struct token make_string(struct lexer *lexer, const char *from)
{
    struct token token = make(lexer, TOKEN_STRING, from);
    struct text value = {.arena = lexer->diags->arena};
    text_add(&value, "", 0);
    for (const char *p = from + 1; p < lexer->cursor - 1; p++) {
        if (*p == '\\')
            p++;
        text_add(&value, p, 1);
    }
    token.text = value.items;
    return token;
}

static void report(struct lexer *lexer, const char *from, const char *message)
{
    struct token token = make(lexer, TOKEN_END, from);
    if (!lexer->silent)
        diag_error(lexer->diags, token.pos, "%s", message);
}

/* Characters that look like a blank, like nothing, or like a quotation mark. */
static const struct {
    const char *first, *last; /* in UTF-8, of one length */
    const char *what, *instead;
} lookalikes[] = {
    {"\xc2\xa0", "\xc2\xa0", "a no-break space", "write a blank"},
    {"\xe2\x80\x80", "\xe2\x80\x8a", "a space that is no blank", "write a blank"},
    {"\xe2\x80\x8b", "\xe2\x80\x8f", "a character that cannot be seen", "delete it"},
    {"\xe2\x80\x98", "\xe2\x80\x9f", "a typographic quotation mark", "text stands in double quotes"},
    {"\xe2\x80\xa8", "\xe2\x80\xaf", "a character that cannot be seen", "delete it"},
    {"\xe2\x81\x9f", "\xe2\x81\xa4", "a character that cannot be seen", "delete it"},
    {"\xe3\x80\x80", "\xe3\x80\x80", "a wide space", "write a blank"},
    {"\xef\xbb\xbf", "\xef\xbb\xbf", "a byte order mark", "delete it"},
};

static unsigned code_point(const char *at, size_t len)
{
    unsigned code = (unsigned char)*at & (len == 2 ? 0x1f : 0x0f);
    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3f);
    return code;
}

/* True: one stands in what was read as a name, which is reported. */
static bool has_lookalike(struct lexer *lexer, const char *from)
{
    for (const char *at = from; at < lexer->cursor; at++) {
        for (size_t i = 0; i < sizeof(lookalikes) / sizeof(*lookalikes); i++) {
            size_t len = strlen(lookalikes[i].first);
            if ((size_t)(lexer->cursor - at) < len || memcmp(at, lookalikes[i].first, len) < 0 ||
                memcmp(at, lookalikes[i].last, len) > 0)
                continue;
            struct pos pos = {.source = lexer->source,
                              .offset = (uint32_t)(at - lexer->source->ptr),
                              .len = (uint32_t)len};
            if (!lexer->silent)
                diag_error(lexer->diags, pos, "%s (U+%04X) stands here: %s", lookalikes[i].what,
                           code_point(at, len), lookalikes[i].instead);
            return true;
        }
    }
    return false;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static void report_control(struct lexer *lexer, const char *at)
{
    struct pos pos = {
        .source = lexer->source, .offset = (uint32_t)(at - lexer->source->ptr), .len = 1};
    diag_error(lexer->diags, pos, "unexpected control character 0x%02X", (unsigned char)*at);
}

/* A hint about a character that starts no token. */
static const char *use_instead(char c)
{
    switch (c) {
    case '\'':
        return ": text stands in double quotes";
    case '`':
        return ": names stand without quotes";
    case '-':
        return ": names have letters, digits and underscores";
    }
    return "";
}

/* The bytes of one character that starts no token. */
static struct token report_character(struct lexer *lexer, const char *from)
{
    while (((unsigned char)*lexer->cursor & 0xc0) == 0x80)
        lexer->cursor++;
    struct token token = make(lexer, TOKEN_BAD, from);
    if (lexer->silent)
        return token;
    if (is_control(*from))
        report_control(lexer, from);
    else
        diag_error(lexer->diags, token.pos, "unexpected `%s`%s", token.text, use_instead(*from));
    return token;
}

static struct token report_bad(struct lexer *lexer, const char *from, const char *message)
{
    report(lexer, from, message);
    return make(lexer, TOKEN_BAD, from);
}

/* A line `## text`, of a description that was begun or begins here. */
static void add_description(struct lexer *lexer, const char *from)
{
    size_t len = (size_t)(lexer->cursor - from);
    bool beside = !begins_line(lexer, from);
    if (!lexer->descriptions || !is_description(from, len))
        return;
    if (!lexer->above || beside) {
        struct description *new = arena_alloc(lexer->diags->arena, sizeof(*new));
        *new = (struct description){.text.arena = lexer->diags->arena};
        new->pos = (struct pos){lexer->source, (uint32_t)(from - lexer->source->ptr), 2};
        new->below = BELOW_BESIDE;
        *vec_add(lexer->diags->arena, lexer->descriptions) = new;
        if (!beside)
            lexer->above = new;
        description_add(new, from, len);
    } else {
        description_add(lexer->above, from, len);
    }
}

/* A comment holds text too: a lone carriage return would hide the lines behind it. */
static void check_comment(struct lexer *lexer, const char *from)
{
    const char *end = lexer->cursor;
    if (end[-1] == '\r')
        end--;
    while (from < end && !is_control(*from))
        from++;
    if (from < end)
        report_control(lexer, from);
}

struct token lexer_next(struct lexer *lexer)
{
    const char *const limit = lexer->source->ptr + lexer->source->len;
    const char *marker;
    for (;;) {
        const char *const from = lexer->cursor;
        /*!re2c
        re2c:define:YYCTYPE = "unsigned char";
        re2c:define:YYCURSOR = lexer->cursor;
        re2c:define:YYLIMIT = limit;
        re2c:define:YYMARKER = marker;
        re2c:yyfill:enable = 0;
        re2c:eof = 0;

        char_of_string = [^"\\\x00-\x1f\x7f] | "\\" ["\\];
        pattern = "\"" (char_of_string | "\\" [^\x00-\x1f\x7f])* "\"";
        in_path = [^ \t\r\n#\x00-\x1f\x7f] | "{" [a-z0-9_]* ":like " pattern;

        [ \t]+                           { continue; }
        "#" [^\n]*                       { check_comment(lexer, from); add_description(lexer, from); continue; }
        "\r"? "\n"                       { return make(lexer, TOKEN_NEWLINE, from); }
        [A-Za-z_\x80-\xff] [A-Za-z0-9_\x80-\xff]* {
            return make(lexer, has_lookalike(lexer, from) ? TOKEN_BAD : TOKEN_NAME, from);
        }
        "@" [A-Za-z_] [A-Za-z0-9_]*      { return make(lexer, TOKEN_RUNTIME, from); }
        "-"? [0-9]+ ("." [0-9]+)?        { return make(lexer, TOKEN_NUMBER, from); }
        [0-9]+ [A-Za-z_] [A-Za-z0-9_]*   { return make(lexer, TOKEN_QUANTITY, from); }
        "\"" char_of_string* "\""        { return make_string(lexer, from); }
        pattern                          { return make(lexer, TOKEN_PATTERN, from); }
        "\"" char_of_string* "\\"? {
            report(lexer, from, "this string does not end on its line, or has an escape other than "
                                "\\\" and \\\\");
            while (lexer->cursor < limit && *lexer->cursor != '\n')
                lexer->cursor++;
            return make(lexer, TOKEN_BAD, from);
        }
        "/" in_path*                     { return make(lexer, TOKEN_PATH, from); }
        "/" in_path* "#" {
            report(lexer, from, "`#` starts a comment; in a path write %23");
            return make(lexer, TOKEN_BAD, from);
        }
        ".."                             { return make(lexer, TOKEN_RANGE, from); }
        "{"                              { return make(lexer, TOKEN_LBRACE, from); }
        "}"                              { return make(lexer, TOKEN_RBRACE, from); }
        "("                              { return make(lexer, TOKEN_LPAREN, from); }
        ")"                              { return make(lexer, TOKEN_RPAREN, from); }
        "["                              { return make(lexer, TOKEN_LBRACKET, from); }
        "]"                              { return make(lexer, TOKEN_RBRACKET, from); }
        ","                              { return make(lexer, TOKEN_COMMA, from); }
        ";"                              { return make(lexer, TOKEN_SEMICOLON, from); }
        "="                              { return make(lexer, TOKEN_EQUALS, from); }
        "|"                              { return make(lexer, TOKEN_PIPE, from); }
        ":"                              { return make(lexer, TOKEN_COLON, from); }
        "."                              { return make(lexer, TOKEN_DOT, from); }
        "?"                              { return make(lexer, TOKEN_QUESTION, from); }
        $                                { return make(lexer, TOKEN_END, from); }
        "->" | "=>"                      { return report_bad(lexer, from, "what belongs together stands side by side, without an arrow"); }
        "--"                             { return report_bad(lexer, from, "a comment begins with `#`"); }
        *                                { return report_character(lexer, from); }
        */
    }
}
