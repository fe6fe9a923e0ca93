/* column.c: a column's type and what stands behind it. */
#include "syntax/parse.h"

#include "syntax/hint.h"

#include "base/suggest.h"
#include "base/text.h"
#include "base/utf8.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool parse_column_type(struct parser *parser, struct column *column)
{
    struct suggestion suggestion = {.wanted = parser->token.text};
    if (!parser_at(parser, TOKEN_NAME)) {
        parser_unexpected(parser, "a column's type");
        return false;
    }
    struct token token = parser_take(parser);
    for (int i = 0; i < N_TYPES; i++) {
        if (!type_infos[i].column)
            continue;
        if (!strcmp(type_infos[i].name, token.text)) {
            column->type = (enum type)i;
            return true;
        }
        suggest(&suggestion, type_infos[i].name);
    }
    diag_error(
        parser->diags, token.pos,
        "`%s` is not a column's type (int uint text bool real decimal time date blob json uuid)%s",
        token.text, hint_text(parser->arena, HINT_TYPE, &suggestion));
    return false;
}

/* `decimal 10.2`: ten digits, two of them behind the point. */
static bool parse_decimal(struct parser *parser, struct column *column)
{
    struct token token = parser->token;
    const char *point = strchr(token.text, '.');
    if (!parser_expect(parser, TOKEN_NUMBER, "digits and scale such as `10.2`"))
        return false;
    unsigned long precision = strtoul(token.text, NULL, 10);
    unsigned long scale = point ? strtoul(point + 1, NULL, 10) : 0;
    if (!point || *token.text == '-' || precision < 1 || precision > 65 || scale > 30 ||
        scale > precision) {
        diag_error(parser->diags, token.pos,
                   "a decimal is `decimal P.S` with 1 to 65 digits, at most 30 of them behind the "
                   "point: not %s",
                   token.text);
        return false;
    }
    column->precision = (unsigned)precision;
    column->scale = (unsigned)scale;
    return true;
}

static bool parse_max(struct parser *parser, struct column *column, const struct token *word)
{
    uint64_t max;
    column->max_pos = parser->token.pos;
    if (column->max) {
        diag_error(parser->diags, word->pos, "`max` is given twice");
        return false;
    }
    if (!parser_uint(parser, "a number", 1, 1u << 30, &max))
        return false;
    column->max = (uint32_t)max;
    return true;
}

static bool parse_references(struct parser *parser, struct column *column, const struct token *word)
{
    if (column->references.text) {
        diag_error(parser->diags, word->pos, "`references` is given twice");
        return false;
    }
    return parser_name(parser, "the name of an entity or table", &column->references);
}

static bool parse_claim(struct parser *parser, struct column *column, const struct token *word)
{
    return !parser_accept_word(parser, "claim") ||
           parser_string(parser, "the claim's name in quotes", &column->claim);
}

bool is_sql_name(const char *text)
{
    size_t len = strlen(text);
    for (const char *p = text; *p; p++) {
        bool good = (*p & 0x80) || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                    (*p >= '0' && *p <= '9') || strchr("_$-.# ", *p);
        if (!good)
            return false;
    }
    return len && *text != ' ' && text[len - 1] != ' ' && utf8_characters(text) <= MAX_OUTER;
}

bool parse_sql_name(struct parser *parser, struct name *ret)
{
    if (!parser_string(parser, "the name in SQL, in quotes", ret))
        return false;
    if (is_sql_name(ret->text))
        return true;
    diag_error(parser->diags, ret->pos,
               "a name in SQL has at most %d characters: letters, digits, `_`, `$`, `-`, `.`, `#` "
               "and blanks inside",
               MAX_OUTER);
    return false;
}

static bool parse_as(struct parser *parser, struct column *column, const struct token *word)
{
    if (column->sql_name.text != column->name.text) {
        diag_error(parser->diags, word->pos, "`as` is given twice");
        return false;
    }
    return parse_sql_name(parser, &column->sql_name);
}

/* `was name`: what the column was called in SQL. */
static bool parse_was(struct parser *parser, struct column *column, const struct token *word)
{
    if (column->was.text) {
        diag_error(parser->diags, word->pos, "`was` is given twice");
        return false;
    }
    return parser_at(parser, TOKEN_STRING)
               ? parse_sql_name(parser, &column->was)
               : parser_name(parser, "the column's former name", &column->was);
}

/* `default now`, `random`, a number, a text, `true` or `false`. */
static bool parse_default(struct parser *parser, struct column *column, const struct token *word)
{
    static const struct {
        const char *word;
        enum default_kind kind;
    } words[] = {{"now", DEFAULT_NOW},
                 {"random", DEFAULT_RANDOM},
                 {"true", DEFAULT_TRUE},
                 {"false", DEFAULT_FALSE}};
    if (column->default_kind) {
        diag_error(parser->diags, word->pos, "`default` is given twice");
        return false;
    }
    column->default_value = (struct name){parser->token.text, parser->token.pos};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (!parser_accept_word(parser, words[i].word))
            continue;
        column->default_kind = words[i].kind;
        return true;
    }
    column->default_kind = parser_at(parser, TOKEN_NUMBER)   ? DEFAULT_NUMBER
                           : parser_at(parser, TOKEN_STRING) ? DEFAULT_TEXT
                                                             : DEFAULT_NONE;
    if (column->default_kind == DEFAULT_NUMBER)
        parser_take_number(parser);
    else if (column->default_kind)
        parser_take(parser);
    else
        parser_unexpected(parser, "`now`, `random`, a number, a text, `true` or `false`");
    return column->default_kind != DEFAULT_NONE;
}

/* `on delete cascade`, `on delete null`. */
static bool parse_on_delete(struct parser *parser, struct column *column, const struct token *word)
{
    if (column->on_delete_pos.source) {
        diag_error(parser->diags, word->pos, "`on delete` is given twice");
        return false;
    }
    column->on_delete_pos = word->pos;
    if (!parser_accept_word(parser, "delete")) {
        parser_unexpected(parser, "`delete`");
        return false;
    }
    if (parser_accept_word(parser, "cascade"))
        column->on_delete = ON_DELETE_CASCADE;
    else if (parser_accept_word(parser, "null"))
        column->on_delete = ON_DELETE_NULL;
    else
        parser_unexpected(parser, "`cascade` or `null`");
    return column->on_delete != ON_DELETE_REFUSE;
}

/* `blocks`, `blocks when false`; of a time it is that one is there. */
static bool parse_blocks(struct parser *parser, struct column *column, const struct token *word)
{
    if (column->blocks) {
        diag_error(parser->diags, word->pos, "`blocks` is given twice");
        return false;
    }
    column->blocks_pos = word->pos;
    column->blocks = column->type == TYPE_TIME ? BLOCKS_SET : BLOCKS_TRUE;
    if (!parser_accept_word(parser, "when"))
        return true;
    column->blocks = BLOCKS_FALSE;
    if (parser_accept_word(parser, "false"))
        return true;
    parser_unexpected(parser, "`false`");
    return false;
}

static bool parse_words(struct parser *parser, struct column *column, const struct token *word)
{
    if (column->one_of.n) {
        diag_error(parser->diags, word->pos, "`one of` is given twice");
        return false;
    }
    return parse_one_of(parser, &column->one_of, false);
}

/* A word that may stand behind the type: a flag, what follows it, or both. */
static const struct modifier {
    const char *word;
    size_t flag; /* its offset in struct column; 0: none */
    bool (*parse)(struct parser *parser, struct column *column, const struct token *word);
} modifiers[] = {
    {"key", offsetof(struct column, key), parse_claim},
    {"auto", offsetof(struct column, automatic), NULL},
    {"unique", offsetof(struct column, unique), NULL},
    {"optional", offsetof(struct column, optional), NULL},
    {"secret", offsetof(struct column, secret), NULL},
    {"max", 0, parse_max},
    {"references", 0, parse_references},
    {"revokes", offsetof(struct column, revokes), NULL},
    {"nocase", offsetof(struct column, nocase), NULL},
    {"as", 0, parse_as},
    {"on", 0, parse_on_delete},
    {"default", 0, parse_default},
    {"touched", offsetof(struct column, touched), NULL},
    {"one", 0, parse_words},
    {"blocks", 0, parse_blocks},
    {"was", 0, parse_was},
    {"quoted", offsetof(struct column, quoted), NULL},
};
#define N_MODIFIERS (sizeof(modifiers) / sizeof(*modifiers))

static void unknown_modifier(struct parser *parser, const struct token *token)
{
    struct suggestion suggestion = {.wanted = token->text};
    struct text words = {.arena = parser->arena};
    for (size_t i = 0; i < N_MODIFIERS; i++) {
        suggest(&suggestion, modifiers[i].word);
        text_printf(&words, "%s%s", i ? " " : "", modifiers[i].word);
    }
    diag_error(parser->diags, token->pos, "`%s` is not a modifier (%s)%s", token->text, words.items,
               hint_text(parser->arena, HINT_MODIFIER, &suggestion));
}

static bool parse_modifier(struct parser *parser, struct column *column)
{
    struct token token = parser_take(parser);
    size_t i = 0;
    while (i < N_MODIFIERS && strcmp(modifiers[i].word, token.text))
        i++;
    if (i == N_MODIFIERS) {
        unknown_modifier(parser, &token);
        return false;
    }
    if (modifiers[i].flag) {
        bool *flag = (bool *)((char *)column + modifiers[i].flag);
        if (*flag)
            diag_error(parser->diags, token.pos, "`%s` is given twice", token.text);
        *flag = true;
    }
    return !modifiers[i].parse || modifiers[i].parse(parser, column, &token);
}

/* `text(255)`, `text[]`. */
static bool check_no_brackets(struct parser *parser, const struct column *column)
{
    if (parser_at(parser, TOKEN_LPAREN))
        diag_error(parser->diags, parser->token.pos, "%s",
                   column->type == TYPE_TEXT || column->type == TYPE_BLOB
                       ? "a length is written behind the type: `max 255`"
                       : "nothing stands in parentheses behind a type");
    else if (parser_at(parser, TOKEN_LBRACKET))
        diag_error(parser->diags, parser->token.pos,
                   "a column holds no list: rows of another table that `references` this one do");
    else
        return true;
    return false;
}

/* `int id`, as C has it; then the column is what was meant. A column may be called `text`, but `id`
 * is no type. */
static bool check_order(struct parser *parser, struct column *column)
{
    bool type = false, next = false;
    for (int i = 0; i < N_TYPES && parser_at(parser, TOKEN_NAME); i++) {
        type |= type_infos[i].column && !strcmp(type_infos[i].name, column->name.text);
        next |= type_infos[i].column && !strcmp(type_infos[i].name, parser->token.text);
    }
    if (!type || next)
        return true;
    diag_error(parser->diags, column->name.pos, "the name comes first: `%s %s`", parser->token.text,
               column->name.text);
    column->name = column->sql_name = (struct name){parser->token.text, parser->token.pos};
    return false;
}

static bool parse_type(struct parser *parser, struct column *column)
{
    if (!check_order(parser, column))
        return false;
    return parse_column_type(parser, column) &&
           (column->type != TYPE_DECIMAL || parse_decimal(parser, column)) &&
           check_no_brackets(parser, column);
}

bool parse_typed_name(struct parser *parser, struct column *column)
{
    if (!parser_name(parser, "a name", &column->name))
        return false;
    column->sql_name = column->name;
    return parse_type(parser, column);
}

bool parse_column_rest(struct parser *parser, struct column *column)
{
    bool good = parse_type(parser, column);
    while (good && parser_at(parser, TOKEN_NAME))
        good = parse_modifier(parser, column);
    return good;
}
