/* path.c: the path of a route: segments, parameters, words.
 *
 * Literals are brought into the canonical form that the runtime gives to paths, so that matching
 * compares bytes. Refuses what no request could match. */
#include "syntax/parse.h"

#include "base/order.h"
#include "base/suggest.h"
#include "syntax/canonical.h"

#include <stdlib.h>
#include <string.h>

/* Part of the path's text. */
static struct pos part(struct pos at, size_t offset, size_t len)
{
    return (struct pos){
        .source = at.source, .offset = at.offset + (uint32_t)offset, .len = (uint32_t)len};
}

static const char *canonical(struct parser *parser, struct pos at, const char *ptr, size_t len)
{
    const char *problem;
    const char *text = path_canonical(parser->arena, ptr, len, &problem);
    if (!text)
        diag_error(parser->diags, at, "no request can match `%.*s`: %s", (int)len, ptr, problem);
    return text;
}

/* `a|b|c` */
static bool parse_words(struct parser *parser, struct pos at, const char *text, size_t len,
                        struct segment *segment)
{
    VEC(const char *) words = {0};
    for (size_t i = 0; i <= len;) {
        const char *bar = memchr(text + i, '|', len - i);
        size_t n = bar ? (size_t)(bar - text) - i : len - i;
        if (!n) {
            diag_error(parser->diags, part(at, i, 1), "a word of the list is empty");
            return false;
        }
        const char *word = canonical(parser, part(at, i, n), text + i, n);
        if (!word)
            return false;
        *vec_add(parser->arena, &words) = word;
        i += n + 1;
    }
    qsort(words.items, words.n, sizeof(*words.items), order_texts);
    for (size_t i = 1; i < words.n; i++) {
        if (!strcmp(words.items[i - 1], words.items[i])) {
            diag_error(parser->diags, part(at, 0, len), "the word `%s` is given twice",
                       words.items[i]);
            return false;
        }
    }
    segment->kind = SEGMENT_WORDS;
    segment->words = words.items;
    segment->n_words = words.n;
    return true;
}

static bool is_text_type(const char *word)
{
    return !strcmp(word, "string") || !strcmp(word, "str") || !strcmp(word, "text") ||
           !strcmp(word, "any");
}

static const char like_word[] = "like \"";

/* The quote that closes the expression of `{name:like "`; NULL: none begins there. */
static const char *end_of_like(const char *open)
{
    const char *at = open + 1 + strspn(open + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (*open != '{' || *at != ':' || strncmp(at + 1, like_word, strlen(like_word)))
        return NULL;
    for (at += 1 + strlen(like_word); *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    return *at ? at : NULL;
}

/* `like "[A-Z]{3}"` */
static bool parse_like(struct parser *parser, struct pos at, const char *text, size_t len,
                       struct segment *segment)
{
    size_t begin = strlen(like_word);
    if (len <= begin || text[len - 1] != '"') {
        diag_error(parser->diags, part(at, len ? len - 1 : 0, 1),
                   "`}` stands behind the expression: {%s:like \"[A-Z]{3}\"}", segment->param.text);
        return false;
    }
    segment->kind = SEGMENT_LIKE;
    segment->literal = segment->suffix = "";
    segment->like = (struct name){.text = arena_copy(parser->arena, text + begin, len - begin - 1),
                                  .pos = part(at, begin, len - begin - 1)};
    return true;
}

static bool parse_param_type(struct parser *parser, struct pos at, const char *text, size_t len,
                             struct segment *segment)
{
    static const struct {
        const char *name;
        enum segment_kind kind;
    } types[] = {
        {"int", SEGMENT_INT},   {"uint", SEGMENT_UINT}, {"uuid", SEGMENT_UUID},
        {"date", SEGMENT_DATE}, {"slug", SEGMENT_SLUG}, {"path", SEGMENT_PATH},
    };
    if (len > strlen(like_word) && !strncmp(text, like_word, strlen(like_word)))
        return parse_like(parser, at, text, len, segment);
    if (memchr(text, '|', len))
        return parse_words(parser, at, text, len, segment);
    struct suggestion suggestion = {.wanted = arena_copy(parser->arena, text, len)};
    if (!len) {
        diag_error(parser->diags, part(at, 0, 1), "a type is missing behind the colon");
        return false;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (!strcmp(types[i].name, suggestion.wanted)) {
            segment->kind = types[i].kind;
            return true;
        }
        suggest(&suggestion, types[i].name);
    }
    if (is_text_type(suggestion.wanted)) {
        diag_error(parser->diags, part(at, 0, len),
                   "a parameter that is any text has no type: write {%s}", segment->param.text);
        return false;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!strcmp(types[i].name, segment->param.text)) {
            diag_error(parser->diags, segment->param.pos, "the name comes first: {%s:%s}",
                       suggestion.wanted, segment->param.text);
            segment->param.text = suggestion.wanted;
            return false;
        }
    diag_error(parser->diags, part(at, 0, len),
               "`%s` is not a type of a path parameter (int uint uuid date slug path, words "
               "`a|b`, or `like \"[A-Z]{3}\"`)%s",
               suggestion.wanted, suggestion_text(parser->arena, &suggestion));
    return false;
}

/* What is between the braces. */
static bool parse_param(struct parser *parser, struct pos at, const char *text, size_t len,
                        struct segment *segment)
{
    const char *colon = memchr(text, ':', len);
    size_t n = colon ? (size_t)(colon - text) : len;
    segment->kind = SEGMENT_FREE;
    segment->param =
        (struct name){.text = arena_copy(parser->arena, text, n), .pos = part(at, 0, n ? n : 1)};
    bool named = n && n <= 64 && *text >= 'a' && *text <= 'z';
    for (size_t i = 0; i < n; i++)
        named &= text[i] && strchr("abcdefghijklmnopqrstuvwxyz0123456789_", text[i]);
    if (!named) {
        diag_error(parser->diags, segment->param.pos,
                   "a parameter needs a name of lower-case letters, digits and underscores: "
                   "{name} or {name:type}");
        return false;
    }
    return !colon || parse_param_type(parser, part(at, n + 1, 0), colon + 1, len - n - 1, segment);
}

/* What stands beside parameters, at [from, to) of a segment: canonical, perhaps "". NULL:
 * reported. */
static const char *parse_beside(struct parser *parser, struct pos at, const char *text, size_t len,
                                size_t from, size_t to)
{
    const char *problem;
    const char *beside = path_canonical_part(parser->arena, text + from, to - from, &problem);
    if (!beside)
        diag_error(parser->diags, part(at, 0, len), "no request can match `%.*s`: %s", (int)len,
                   text, problem);
    return beside;
}

/* A parameter with text beside it, between braces at [open, close]. */
static bool parse_param_beside(struct parser *parser, struct pos at, const char *text, size_t open,
                               size_t close, struct segment *segment)
{
    if (!parse_param(parser, part(at, open + 1, 0), text + open + 1, close - open - 1, segment))
        return false;
    if (segment->kind != SEGMENT_PATH)
        return true;
    diag_error(parser->diags, segment->param.pos,
               "{%s:path} takes whole segments: no text can stand beside it", segment->param.text);
    return false;
}

/* Text around the parameter at [open, close]: `/report-{year:int}.csv`. */
static bool parse_mixed(struct parser *parser, struct pos at, const char *text, size_t open,
                        size_t close, size_t len, struct segment *segment)
{
    VEC(const char *) words = {0};
    const char *before = parse_beside(parser, at, text, len, 0, open);
    const char *behind = before ? parse_beside(parser, at, text, len, close + 1, len) : NULL;
    if (!behind || !parse_param_beside(parser, at, text, open, close, segment))
        return false;
    for (size_t i = 0; i < segment->n_words; i++)
        *vec_add(parser->arena, &words) =
            arena_printf(parser->arena, "%s%s%s", before, segment->words[i], behind);
    segment->words = words.items;
    segment->inner = segment->kind;
    segment->kind = SEGMENT_MIXED;
    segment->literal = before;
    segment->suffix = behind;
    return true;
}

/* Where the parameters of a segment stand: at the braces of each. */
struct braces {
    size_t n, open[MAX_PARTS + 1], close[MAX_PARTS + 1];
};

/* Several parameters with text between them: `/{base}...{head}`. */
static bool parse_parts(struct parser *parser, struct pos at, const char *text, size_t len,
                        const struct braces *braces, struct segment *segment)
{
    size_t n = braces->n;
    segment->parts = arena_alloc(parser->arena, n * sizeof(*segment->parts));
    segment->texts = arena_alloc(parser->arena, (n + 1) * sizeof(*segment->texts));
    for (size_t i = 0; i <= n; i++) {
        size_t from = i ? braces->close[i - 1] + 1 : 0, to = i < n ? braces->open[i] : len;
        if (i && i < n && from == to) {
            diag_error(parser->diags, part(at, to, 1),
                       "text stands between two parameters of a segment: {a}-{b}");
            return false;
        }
        segment->texts[i] = parse_beside(parser, at, text, len, from, to);
        if (!segment->texts[i] ||
            (i < n &&
             !parse_param_beside(parser, at, text, to, braces->close[i], &segment->parts[i])))
            return false;
    }
    segment->kind = SEGMENT_MIXED;
    segment->inner = SEGMENT_FREE;
    segment->param = segment->parts[0].param;
    segment->literal = segment->texts[0];
    segment->suffix = segment->texts[n];
    segment->n_parts = n;
    return true;
}

/* What is a parameter in other routers would be a plain text here. */
static bool refuse_foreign(struct parser *parser, struct pos at, const char *text, size_t len)
{
    bool colon = len > 1 && *text == ':', star = *text == '*';
    bool angle = len > 2 && *text == '<' && text[len - 1] == '>';
    if (colon || angle)
        diag_error(parser->diags, part(at, 0, len),
                   "a parameter is written {name} or {name:type}; as a text, write `%s` for `%c`",
                   colon ? "%3A" : "%3C", *text);
    else if (star)
        diag_error(parser->diags, part(at, 0, len),
                   "all that follows is written {name:path}; as a text, write `%%2A` for `*`");
    return colon || angle || star;
}

/* Where parameters stand, one more than a segment may have at most. False: reported. */
static bool find_braces(struct parser *parser, struct pos at, const char *text, size_t len,
                        struct braces *ret)
{
    size_t from = 0;
    ret->n = 0;
    while (from < len && ret->n <= MAX_PARTS) {
        const char *open = memchr(text + from, '{', len - from);
        const char *quote = open ? end_of_like(open) : NULL;
        const char *inside = quote ? quote : text + from;
        const char *close = memchr(inside, '}', (size_t)(text + len - inside));
        if (!open && !close)
            return true;
        if (!open || !close || close < open) {
            diag_error(parser->diags, part(at, (size_t)((open ? open : close) - text), 1),
                       "a parameter is {name} or {name:type}, within one segment");
            return false;
        }
        ret->open[ret->n] = (size_t)(open - text);
        ret->close[ret->n++] = (size_t)(close - text);
        from = (size_t)(close - text) + 1;
    }
    return true;
}

static bool parse_segment(struct parser *parser, struct pos at, const char *text, size_t len,
                          struct segment *segment)
{
    struct braces braces;
    if (!find_braces(parser, at, text, len, &braces))
        return false;
    if (!braces.n) {
        if (refuse_foreign(parser, at, text, len))
            return false;
        segment->kind = SEGMENT_LITERAL;
        segment->literal = canonical(parser, part(at, 0, len), text, len);
        return segment->literal;
    }
    if (braces.n > MAX_PARTS) {
        diag_error(parser->diags, part(at, braces.open[MAX_PARTS], 1),
                   "one segment holds %d parameters at most", MAX_PARTS);
        return false;
    }
    if (braces.n > 1)
        return parse_parts(parser, at, text, len, &braces, segment);
    if (braces.open[0] || braces.close[0] != len - 1)
        return parse_mixed(parser, at, text, braces.open[0], braces.close[0], len, segment);
    return parse_param(parser, part(at, 1, 0), text + 1, len - 2, segment);
}

/* Up to the next slash that stands in no expression. */
static size_t segment_length(const char *text)
{
    const char *at = text;
    while (*at && *at != '/') {
        const char *quote = end_of_like(at);
        at = quote ? quote + 1 : at + 1;
    }
    return (size_t)(at - text);
}

bool parse_path_segments(struct parser *parser, struct pos at, const char *text,
                         struct route *route)
{
    bool good = true;
    if (!strcmp(text, "/"))
        return true;
    if (strlen(text) > MAX_PATH) {
        diag_error(parser->diags, at, "this path has %zu bytes; %d is the most", strlen(text),
                   MAX_PATH);
        return false;
    }
    for (size_t i = 0; text[i] == '/';) {
        size_t len = segment_length(text + i + 1);
        struct segment segment = {0};
        if (!len) {
            diag_error(parser->diags, part(at, i, 1),
                       text[i + 1] ? "an empty segment is in no path"
                                   : "no request can match a slash at the end of the path");
            return false;
        }
        if (!parse_segment(parser, part(at, i + 1, 0), text + i + 1, len, &segment))
            good = false;
        *vec_add(parser->arena, &route->segments) = segment;
        i += len + 1;
        if (segment.kind == SEGMENT_PATH && text[i]) {
            diag_error(parser->diags, segment.param.pos, "{%s:path} can only stand at the end",
                       segment.param.text);
            return false;
        }
    }
    return good;
}

const char *parse_plain_path(struct parser *parser, const struct token *token)
{
    struct route route = {0};
    const char *path = "";
    if (strlen(token->text) > MAX_FRONT) {
        diag_error(parser->diags, token->pos, "this path has %zu bytes; %d is the most here",
                   strlen(token->text), MAX_FRONT);
        return NULL;
    }
    if (!parse_path_segments(parser, token->pos, token->text, &route))
        return NULL;
    for (size_t i = 0; i < route.segments.n; i++) {
        const struct segment *segment = &route.segments.items[i];
        if (segment->kind != SEGMENT_LITERAL) {
            diag_error(parser->diags, segment->param.pos, "this path cannot have parameters");
            return NULL;
        }
        path = arena_printf(parser->arena, "%s/%s", path, segment->literal);
    }
    return path;
}
