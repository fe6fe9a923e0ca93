/* parse.c: files and statements.
 *
 * The parser reports what it does not understand, skips the rest of that line and goes on. A name
 * that was declared with mistakes is still declared, so that one mistake makes one message. */
#include "syntax/parse.h"

#include "syntax/hint.h"

#include "base/suggest.h"
#include "base/utf8.h"

#include <errno.h>
#include <string.h>

/* The folder part of a path, with its slash; "" without one. */
static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy(arena, path, (size_t)(slash - path) + 1) : "";
}

static bool is_including(const struct parser *parser, const char *label)
{
    for (; parser; parser = parser->including) {
        if (!strcmp(parser->lexer.source->label, label))
            return true;
    }
    return false;
}

static unsigned include_depth(const struct parser *parser)
{
    unsigned depth = 0;
    for (; parser->including; parser = parser->including)
        depth++;
    return depth;
}

/* Takes "./" and "x/../" out, so that one file has one name. */
static const char *tidy_path(struct arena *arena, const char *path)
{
    char *tidy = arena_alloc(arena, strlen(path) + 1), *end = tidy;
    while (*path) {
        size_t len = strcspn(path, "/");
        bool up = len == 2 && !memcmp(path, "..", 2);
        char *last = end > tidy ? end - 1 : tidy;
        while (last > tidy && last[-1] != '/')
            last--;
        bool can_go_up = end > tidy && strcmp(last, "../");
        size_t with_slash = len + (path[len] == '/');
        if (up && can_go_up) {
            end = last;
        } else if (len && !(len == 1 && *path == '.')) {
            memcpy(end, path, with_slash);
            end += with_slash;
        }
        *end = '\0';
        path += with_slash;
    }
    return tidy;
}

static void parse_statements(struct parser *parser);

/* What the file seems to be instead; NULL: nothing that is known. Nothing that can be read begins
 * so. */
static const char *other_kind(const struct source *source)
{
    static const char utf16[] = "this file is UTF-16: save it as UTF-8";
    const char *at = source->ptr, *end = source->ptr + source->len;
    bool low = source->len >= 4 && at[0] && !at[1] && at[2] && !at[3];
    bool high = source->len >= 4 && !at[0] && at[1] && !at[2] && at[3];
    if (low || high ||
        (source->len >= 2 && (!memcmp(at, "\xff\xfe", 2) || !memcmp(at, "\xfe\xff", 2))))
        return utf16;
    if (memchr(at, '\r', source->len) && !memchr(at, '\n', source->len))
        return "the lines of this file end with CR alone: save it with LF, or CR LF";
    while (at < end && (strchr(" \t\r\n", *at) || *at == '#'))
        at += *at == '#' ? strcspn(at, "\n") : 1;
    size_t word = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    if (at < end && (*at == '{' || *at == '['))
        return "this looks like JSON or TOML: routes are written in a language of their own, as "
               "`gatewright init` makes an example of";
    if (at < end && ((word && at[word] == ':') || !strncmp(at, "---", 3)))
        return "this looks like YAML: routes are written in a language of their own, as "
               "`gatewright init` makes an example of";
    return NULL;
}

static void run(struct tree *tree, struct source *source, const struct parser *including,
                struct pos include_pos, const char *mount)
{
    source->order = (unsigned)tree->sources.n;
    *vec_add(tree->arena, &tree->sources) = source;
    const char *other = other_kind(source);
    if (other) {
        diag_error(tree->diags, (struct pos){.source = source, .len = 1}, "%s", other);
        return;
    }
    size_t bad = utf8_end(source->ptr, source->len);
    if (bad < source->len) {
        struct pos pos = {.source = source, .offset = (uint32_t)bad, .len = 1};
        diag_error(tree->diags, pos, "this byte (0x%02X) is not UTF-8",
                   (unsigned char)source->ptr[bad]);
        return;
    }
    struct parser parser = {
        .tree = tree,
        .arena = tree->arena,
        .diags = tree->diags,
        .lexer = {.diags = tree->diags,
                  .source = source,
                  .cursor = source->ptr,
                  .descriptions = &tree->descriptions},
        .including = including,
        .include_pos = include_pos,
        .mount = mount,
    };
    parser.token = lexer_next(&parser.lexer);
    parse_statements(&parser);
}

static int read_source(const struct tree *tree, const char *path, const char *label,
                       struct source **ret)
{
    return (tree->read ? tree->read : source_read)(tree->arena, path, label, ret);
}

/* Files that include one another several times would double with each level. */
static bool has_room(struct parser *parser, const struct source *source, struct pos pos)
{
    const struct tree *tree = parser->tree;
    size_t size = source->len;
    for (size_t i = 0; i < tree->sources.n; i++)
        size += tree->sources.items[i]->len;
    if (tree->sources.n >= MAX_SOURCES)
        diag_error(parser->diags, pos, "more than %d files are included", MAX_SOURCES);
    else if (size > SOURCE_MAX_SIZE)
        diag_error(parser->diags, pos, "all included files have more than %u MiB together",
                   SOURCE_MAX_SIZE / 1024 / 1024);
    parser->tree->full = tree->sources.n >= MAX_SOURCES || size > SOURCE_MAX_SIZE;
    return !tree->full;
}

static const char *read_error(struct arena *arena, int r)
{
    if (r == -EFBIG)
        return arena_printf(arena, "it has more than %u MiB", SOURCE_MAX_SIZE / 1024 / 1024);
    return strerror(-r);
}

/* What stands behind `at`, with what the files around it are below. NULL: reported. */
static const char *parse_mount(struct parser *parser)
{
    struct token at = parser->token;
    if (!parser_expect(parser, TOKEN_PATH, "a path"))
        return NULL;
    const char *path = parse_plain_path(parser, &at);
    if (!path)
        return NULL;
    const char *mount = arena_printf(parser->arena, "%s%s", parser->mount, path);
    if (strlen(mount) <= MAX_FRONT)
        return mount;
    diag_error(parser->diags, at.pos,
               "with the files around it this is below a path of %zu bytes; %d is the most",
               strlen(mount), MAX_FRONT);
    return NULL;
}

static bool parse_include(struct parser *parser)
{
    struct name file;
    const char *mount = parser->mount;
    if (!parser_string(parser, "a file name in quotes", &file))
        return false;
    if (parser_accept_word(parser, "at"))
        mount = parse_mount(parser);
    if (!mount)
        return false;
    if (*file.text == '/') {
        diag_error(parser->diags, file.pos,
                   "an included file is named relative to the file that includes it");
        return false;
    }
    const struct source *here = parser->lexer.source;
    const char *path =
        arena_printf(parser->arena, "%s%s", folder_of(parser->arena, here->path), file.text);
    const char *label =
        tidy_path(parser->arena, arena_printf(parser->arena, "%s%s",
                                              folder_of(parser->arena, here->label), file.text));
    if (is_including(parser, label)) {
        diag_error(parser->diags, file.pos, "`%s` includes itself", label);
        if (parser->including)
            diag_note(parser->diags, parser->include_pos, "included from here");
        return false;
    }
    if (include_depth(parser) >= MAX_INCLUDE_DEPTH) {
        diag_error(parser->diags, file.pos, "files are included more than %d deep",
                   MAX_INCLUDE_DEPTH);
        return false;
    }
    struct source *source;
    if (parser->tree->full)
        return false;
    int r = read_source(parser->tree, path, label, &source);
    if (r) {
        diag_error(parser->diags, file.pos, "cannot read `%s`: %s", path,
                   read_error(parser->arena, r));
        return false;
    }
    if (!has_room(parser, source, file.pos))
        return false;
    run(parser->tree, source, parser, file.pos, mount);
    return true;
}

static bool parse_prefix(struct parser *parser)
{
    struct tree *tree = parser->tree;
    struct token token = parser->token;
    if (!parser_expect(parser, TOKEN_PATH, "a path such as `/api/v1`"))
        return false;
    tree->prefix.pos = token.pos;
    const char *prefix = parse_plain_path(parser, &token);
    if (!prefix)
        return false;
    tree->prefix.text = prefix;
    return true;
}

static bool parse_expire(struct parser *parser)
{
    return parse_duration(parser, &parser->tree->expire_seconds);
}

static bool parse_names(struct parser *parser)
{
    if (parser_accept_word(parser, "camel"))
        return true;
    parser_unexpected(parser, "`camel`");
    return false;
}

static bool parse_slash(struct parser *parser)
{
    for (int i = 0; i < N_SLASHES; i++) {
        if (!parser_accept_word(parser, slash_words[i]))
            continue;
        parser->tree->slash = (enum slash)i;
        return true;
    }
    parser_unexpected(parser, "`exact`, `redirect` or `either`");
    return false;
}

/* The words that begin a statement; routes begin with a method. */
struct statement {
    const char *word;
    bool (*parse)(struct parser *parser); /* what follows the word */
    size_t once; /* where its position is kept in struct tree; OFTEN: it is not */
};

#define OFTEN SIZE_MAX

static const struct statement statements[] = {
    {"prefix", parse_prefix, offsetof(struct tree, prefix.pos)},
    {"expire", parse_expire, offsetof(struct tree, expire_pos)},
    {"entity", parse_entity, OFTEN},
    {"table", parse_table, OFTEN},
    {"body", parse_body, OFTEN},
    {"sql", parse_sql, OFTEN},
    {"issuer", parse_issuer, OFTEN},
    {"session", parse_session, OFTEN},
    {"ticket", parse_ticket, OFTEN},
    {"job", parse_job, OFTEN},
    {"problem", parse_problem, OFTEN},
    {"include", parse_include, OFTEN},
    {"api", parse_api, offsetof(struct tree, api.pos)},
    {"tag", parse_tag, OFTEN},
    {"cors", parse_cors, OFTEN},
    {"cookie", parse_cookie, offsetof(struct tree, cookie_pos)},
    {"names", parse_names, offsetof(struct tree, names_camel_pos)},
    {"slash", parse_slash, offsetof(struct tree, slash_pos)},
};

#define N_STATEMENTS (sizeof(statements) / sizeof(*statements))

/* What holds for everything stands in the top file, once. */
static bool check_once(struct parser *parser, const struct statement *statement, struct pos pos)
{
    struct pos *place = (struct pos *)((char *)parser->tree + statement->once);
    if (parser->including) {
        diag_error(parser->diags, pos, "`%s` can only stand in the top file", statement->word);
        return false;
    }
    if (place->source) {
        diag_error(parser->diags, pos, "`%s` is given twice", statement->word);
        diag_note(parser->diags, *place, "the first is here");
        return false;
    }
    *place = pos;
    return true;
}

static void unknown_statement(struct parser *parser, const struct token *token)
{
    struct suggestion suggestion = {.wanted = token->text};
    for (size_t i = 0; i < N_STATEMENTS; i++)
        suggest(&suggestion, statements[i].word);
    for (int i = 0; i < N_METHODS; i++)
        suggest(&suggestion, method_names[i]);
    if (!strcmp(token->text, "HEAD") || !strcmp(token->text, "OPTIONS"))
        diag_error(
            parser->diags, token->pos,
            "`%s` is answered without a route: HEAD by the GET route, OPTIONS by the runtime",
            token->text);
    else
        diag_error(parser->diags, token->pos,
                   "`%s` begins neither a statement nor a route (GET POST PUT PATCH DELETE)%s",
                   token->text, hint_text(parser->arena, HINT_STATEMENT, &suggestion));
}

static bool parse_statement(struct parser *parser)
{
    if (!parser_at(parser, TOKEN_NAME)) {
        if (parser_at(parser, TOKEN_PATH) &&
            (!strncmp(parser->token.text, "//", 2) || !strncmp(parser->token.text, "/*", 2)))
            diag_error(parser->diags, parser->token.pos, "a comment begins with `#`");
        else
            parser_unexpected(parser, "a statement or a route");
        return false;
    }
    parser->above = parser->token.description;
    struct token token = parser_take(parser);
    int method = method_by_name(token.text);
    if (method >= 0)
        return parse_route(parser, (enum method)method, token.pos);
    for (size_t i = 0; i < N_STATEMENTS; i++) {
        const struct statement *statement = &statements[i];
        if (!strcmp(statement->word, token.text))
            return (statement->once == OFTEN || check_once(parser, statement, token.pos)) &&
                   statement->parse(parser);
    }
    unknown_statement(parser, &token);
    return false;
}

static void parse_statements(struct parser *parser)
{
    for (;;) {
        parser_skip_newlines(parser);
        if (parser_at(parser, TOKEN_END))
            return;
        if (parser_at(parser, TOKEN_RBRACE) && parser->diags->n_errors) {
            parser_skip_line(parser); /* of a block that was not understood */
            continue;
        }
        bool route = parser_at(parser, TOKEN_NAME) && method_by_name(parser->token.text) >= 0;
        struct pos begun = parser->token.pos;
        bool understood = parse_statement(parser);
        if (parser->resume) {
            parser->resume = false;
            continue;
        }
        if (understood && !parser_at(parser, TOKEN_NEWLINE) && !parser_at(parser, TOKEN_END))
            parser_unexpected(parser, "the end of the line");
        if (understood || route)
            parser_skip_line(parser);
        else
            parser_skip_statement(parser);
        if (!understood)
            parser_skip_rest(parser, begun);
    }
}

void parse_source(struct tree *tree, struct source *source)
{
    tree->prefix.text = "";
    tree->expire_seconds = 30 * 86400;
    run(tree, source, NULL, (struct pos){0}, "");
}

void parse_runtime(struct tree *tree, struct source *source)
{
    size_t n = tree->bodies.n;
    run(tree, source, NULL, (struct pos){0}, "");
    tree->sources.n--; /* no file of the program's */
    for (size_t i = n; i < tree->bodies.n; i++)
        tree->bodies.items[i]->runtime = true;
}

bool parse_file(struct tree *tree, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct source *source;
    int r = read_source(tree, path, slash ? slash + 1 : path, &source);
    if (r) {
        diag_error(tree->diags, (struct pos){0}, "cannot read `%s`: %s", path,
                   read_error(tree->arena, r));
        return false;
    }
    parse_source(tree, source);
    return true;
}
