/* sql.c: `sql [mysql|sqlite] NAME(parameters) one|many|exec [TABLE | { columns }] [timeout TIME]:
 * STATEMENT`. One name may have a text for each of the two stores.
 *
 * Up to the colon these are tokens like all others; the statement is read as text, up to the end of
 * its line. Newlines inside ( ) and behind a backslash are blanks, `#` inside quotes is text. ( )
 * around all of it are not sent. What the two kinds of stores would read differently (double
 * quotes, backslashes in quotes, their comments) is refused. */
#include "syntax/parse.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

#define MAX_PARAMS_SQL  64
#define MAX_COLUMNS_SQL MAX_COLUMNS

static bool add_column(struct parser *parser, struct sql *sql, bool param)
{
    struct column column = {0};
    if (!parse_typed_name(parser, &column))
        return false;
    column.optional = parser_accept_word(parser, "optional");
    if (!param) {
        column.secret = parser_accept_word(parser, "secret");
        column.quoted = parser_accept_word(parser, "quoted");
    }
    size_t n = param ? sql->params.n : sql->columns.n;
    const struct column *list = param ? sql->params.items : sql->columns.items;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name.text, column.name.text))
            continue;
        diag_error(parser->diags, column.name.pos, "`%s` is declared twice", column.name.text);
        diag_note(parser->diags, list[i].name.pos, "the first is here");
        return false;
    }
    if (n == (param ? MAX_PARAMS_SQL : MAX_COLUMNS_SQL)) {
        diag_error(parser->diags, column.name.pos, "more than %zu %s", n,
                   param ? "parameters" : "columns");
        return false;
    }
    if (param)
        *vec_add(parser->arena, &sql->params) = column;
    else
        *vec_add(parser->arena, &sql->columns) = column;
    return true;
}

static bool parse_result_column(struct parser *parser, void *ctx)
{
    return add_column(parser, ctx, false);
}

static bool parse_params(struct parser *parser, struct sql *sql)
{
    if (!parser_expect(parser, TOKEN_LPAREN, "`(` and the parameters"))
        return false;
    parser_skip_newlines(parser);
    while (!parser_at(parser, TOKEN_RPAREN)) {
        if (!add_column(parser, sql, true))
            return false;
        parser_skip_newlines(parser);
        if (!parser_accept(parser, TOKEN_COMMA))
            break;
        parser_skip_newlines(parser);
    }
    return parser_expect(parser, TOKEN_RPAREN, "`,` or `)`");
}

static bool parse_rows(struct parser *parser, struct sql *sql)
{
    if (parser_accept_word(parser, "exec")) {
        sql->rows = SQL_EXEC;
        return true;
    }
    if (parser_accept_word(parser, "one")) {
        sql->rows = SQL_ONE;
    } else if (parser_accept_word(parser, "many")) {
        sql->rows = SQL_MANY;
    } else {
        parser_unexpected(parser, "`one`, `many` or `exec`");
        return false;
    }
    struct pos pos = parser->token.pos;
    if (!parser_at(parser, TOKEN_LBRACE))
        return parser_name(parser, "the name of a table, or `{` and columns", &sql->table_name);
    if (!parser_block(parser, "the end of the column", parse_result_column, sql))
        return false;
    if (!sql->columns.n)
        diag_error(parser->diags, pos, "no columns are declared");
    return sql->columns.n > 0;
}

/* ---- The text ------------------------------------------------------------------------------- */

/* Behind the backslash at `at` and the end of its line; NULL: something else follows it. */
static const char *next_line(const char *at, const char *limit)
{
    const char *p = at + 1;
    while (p < limit && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p < limit && *p == '\n' ? p + 1 : NULL;
}

const char *sql_text_end(const char *at, const char *limit)
{
    unsigned depth = 0;
    while (at < limit && (*at != '\n' || depth)) {
        char stop = *at == '#' ? '\n' : *at;
        const char *line = *at == '\\' ? next_line(at, limit) : NULL;
        depth += *at == '(';
        depth -= *at == ')' && depth;
        if (*at == '#' || *at == '\'' || *at == '`') {
            const char *end = memchr(at + 1, stop, (size_t)(limit - at - 1));
            at = end ? end : limit - 1;
            if (stop == '\n' && end)
                continue;
        }
        at = line ? line : at + 1;
    }
    return at;
}

/* Where the text is being read. */
struct reader {
    struct parser *parser;
    struct sql *sql;
    const char *begin, *at, *end;
    struct text spaced; /* what `at` has passed, with blanks for what is no SQL */
    struct text text;   /* what is sent */
    int depth;
    struct pos open;
    bool within; /* what was read stands in one pair of ( ) */
};

static struct pos pos_at(const struct reader *reader, const char *at, size_t len)
{
    const struct source *source = reader->parser->lexer.source;
    return (struct pos){
        .source = source, .offset = (uint32_t)(at - source->ptr), .len = (uint32_t)len};
}

static bool fail(struct reader *reader, const char *at, size_t len, const char *message)
{
    diag_error(reader->parser->diags, pos_at(reader, at, len), "%s", message);
    return false;
}

static void keep(struct reader *reader, size_t len)
{
    text_add(&reader->spaced, reader->at, len);
    text_add(&reader->text, reader->at, len);
    reader->at += len;
}

/* Takes what is no SQL: one blank at most is sent for it. */
static void skip(struct reader *reader, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text_add(&reader->spaced, " ", 1);
    if (reader->text.n && reader->text.items[reader->text.n - 1] != ' ')
        text_add(&reader->text, " ", 1);
    reader->at += len;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* A line's end may be CR LF; nothing else of the kind is in a statement or its comments. */
static bool check_control(struct reader *reader, const char *at)
{
    const struct source *source = reader->parser->lexer.source;
    if (!is_control(*at) || *at == '\n' ||
        (*at == '\r' && (at + 1 == source->ptr + source->len || at[1] == '\n')))
        return true;
    diag_error(reader->parser->diags, pos_at(reader, at, 1), "unexpected control character 0x%02X",
               (unsigned char)*at);
    return false;
}

static bool read_comment(struct reader *reader)
{
    const char *p = reader->at;
    while (p < reader->end && *p != '\n') {
        if (!check_control(reader, p))
            return false;
        p++;
    }
    skip(reader, (size_t)(p - reader->at));
    return true;
}

static bool read_quoted(struct reader *reader)
{
    char quote = *reader->at;
    const char *from = reader->at, *p = from + 1;
    while (p < reader->end && *p != quote && *p != '\n') {
        if (*p == '\\')
            return fail(reader, p, 1,
                        "a backslash in quotes means different things to MySQL and SQLite: give "
                        "the text as a parameter");
        if (!check_control(reader, p))
            return false;
        p++;
    }
    if (p == reader->end || *p == '\n')
        return fail(reader, from, 1, "this text does not end on its line");
    keep(reader, (size_t)(p - from) + 1);
    return true;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t name_length(const struct reader *reader, const char *at)
{
    size_t len = 0;
    while (at + len < reader->end && is_name_char(at[len]))
        len++;
    return len;
}

static bool read_value(struct reader *reader)
{
    const char *name = reader->at + 1;
    size_t len = name_length(reader, name);
    if (!len || (*name >= '0' && *name <= '9'))
        return fail(reader, reader->at, 1, "expected the name of a parameter behind `:`");
    *vec_add(reader->parser->arena, &reader->sql->values) = (struct sql_value){
        .name = {arena_copy(reader->parser->arena, name, len), pos_at(reader, reader->at, len + 1)},
    };
    text_add(&reader->spaced, reader->at, len + 1);
    text_add(&reader->text, "?", 1);
    reader->at += len + 1;
    return true;
}

static bool read_other(struct reader *reader)
{
    const char *at = reader->at;
    if (reader->end - at > 1 && !memcmp(at, "--", 2))
        return fail(reader, at, 2, "a comment begins with `#`");
    if (reader->end - at > 1 && !memcmp(at, "/*", 2))
        return fail(reader, at, 2, "a comment begins with `#`");
    switch (*at) {
    case '"':
        return fail(reader, at, 1,
                    "double quotes mean different things to MySQL and SQLite: text stands in "
                    "single quotes, names in backticks");
    case ';':
        return fail(reader, at, 1, "a statement ends with its line, and there is one only");
    case '?':
    case '@':
    case '$':
        return fail(reader, at, 1, "values are parameters, written `:name`");
    case '(':
        if (!reader->text.n)
            reader->within = true;
        if (!reader->depth++)
            reader->open = pos_at(reader, at, 1);
        break;
    case ')':
        if (!reader->depth--)
            return fail(reader, at, 1, "this `)` closes nothing");
        break;
    default:
        break;
    }
    size_t len = name_length(reader, at);
    keep(reader, len ? len : 1);
    return true;
}

/* What goes on with the next line. */
static bool read_backslash(struct reader *reader)
{
    const char *at = reader->at, *line = next_line(at, reader->end);
    if (!line)
        return fail(reader, at, 1, "a backslash stands at the end of a line that is continued");
    skip(reader, (size_t)(line - at));
    return true;
}

static bool read_one(struct reader *reader)
{
    char c = *reader->at;
    if (!check_control(reader, reader->at))
        return false;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        skip(reader, 1);
        return true;
    }
    /* More behind the last ): the first one is of a part. */
    reader->within = reader->within && (reader->depth > 0 || c == '#' || c == '\\');
    if (c == '\\') {
        return read_backslash(reader);
    } else if (c == '#') {
        return read_comment(reader);
    } else if (c == '\'' || c == '`') {
        return read_quoted(reader);
    } else if (c == ':') {
        return read_value(reader);
    } else {
        return read_other(reader);
    }
    return true;
}

/* Blanks in place of the ( ) around all of it: SQLite takes no statement in them. */
static void drop_parentheses(struct reader *reader)
{
    struct text *const both[] = {&reader->spaced, &reader->text};
    for (size_t i = 0; i < 2; i++) {
        char *text = both[i]->items;
        text[strspn(text, " ")] = ' ';
        *strrchr(text, ')') = ' ';
    }
}

/* The statement as it is sent, without blanks around it. */
static const char *trimmed(struct text *text)
{
    while (text->n && text->items[text->n - 1] == ' ')
        text->items[--text->n] = '\0';
    return text->items + strspn(text->items, " ");
}

/* Reads from behind the colon, and goes on with the tokens of the next line. */
static bool read_text(struct parser *parser, struct sql *sql)
{
    const struct source *source = parser->lexer.source;
    const char *begin = parser->lexer.cursor, *end = source->ptr + source->len;
    struct reader reader = {
        .parser = parser,
        .sql = sql,
        .begin = begin,
        .at = begin,
        .end = end,
        .spaced = {.arena = parser->arena},
        .text = {.arena = parser->arena},
    };
    bool good = true;
    text_add(&reader.spaced, "", 0);
    text_add(&reader.text, "", 0);
    while (good && reader.at < end && (*reader.at != '\n' || reader.depth > 0))
        good = read_one(&reader);
    if (good && reader.depth > 0) {
        diag_error(parser->diags, reader.open, "this `(` is never closed");
        good = false;
    }
    assert(!good || reader.at == sql_text_end(begin, end));
    if (good && reader.within)
        drop_parentheses(&reader);
    sql->pos = pos_at(&reader, begin, (size_t)(reader.at - begin));
    sql->spaced = reader.spaced.items;
    sql->text = trimmed(&reader.text);
    if (good && !*sql->text)
        good = fail(&reader, begin - 1, 1, "no statement follows");
    while (reader.at < end && *reader.at != '\n')
        reader.at++;
    parser->lexer.cursor = reader.at;
    parser->token = lexer_next(&parser->lexer);
    return good;
}

/* `mysql`, `sqlite`, and the name. */
static bool parse_head(struct parser *parser, struct sql *sql)
{
    enum sql_stores stores = parser_at_word(parser, "mysql")    ? SQL_MYSQL
                             : parser_at_word(parser, "sqlite") ? SQL_SQLITE
                                                                : SQL_EVERYWHERE;
    if (stores != SQL_EVERYWHERE) {
        struct token word = parser_take(parser);
        sql->name = (struct name){.text = word.text, .pos = word.pos};
        if (parser_at(parser, TOKEN_LPAREN)) /* `sql mysql(...)` is a statement of that name */
            return true;
    }
    sql->stores = stores;
    return parser_name(parser, "the statement's name", &sql->name);
}

/* Whether both are texts of one statement, each for its own store. */
static bool are_pair(const struct sql *before, const struct sql *sql)
{
    return before->stores && sql->stores && before->stores != sql->stores && !before->other;
}

bool parse_sql(struct parser *parser)
{
    struct sql *sql = arena_alloc(parser->arena, sizeof(*sql));
    sql->description = parser_description(parser);
    if (!parse_head(parser, sql) || !parse_params(parser, sql) || !parse_rows(parser, sql))
        return false;
    if (parser_accept_word(parser, "timeout") && !parser_timeout(parser, &sql->timeout_ms))
        return false;
    if (!parser_at(parser, TOKEN_COLON)) {
        parser_unexpected(parser, "`:` and the statement");
        return false;
    }
    sql->broken = !read_text(parser, sql);
    struct sql *before = map_put(parser->arena, &parser->tree->sql_names, sql->name.text, sql);
    if (before && are_pair(before, sql)) {
        before->other = sql;
        sql->is_other = true;
        return true;
    }
    if (before) {
        diag_error(parser->diags, sql->name.pos, "`%s` is declared twice", sql->name.text);
        diag_note(parser->diags, before->name.pos, "the first is here");
        return true;
    }
    *vec_add(parser->arena, &parser->tree->statements) = sql;
    return true;
}
