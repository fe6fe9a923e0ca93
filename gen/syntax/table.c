/* table.c: `entity NAME as "sql_name" { column ... }` and `table`. */
#include "syntax/parse.h"

#include "base/suggest.h"

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
        "`%s` is not a column's type (int uint text bool real decimal time date blob json)%s",
        token.text, suggestion_text(parser->arena, &suggestion));
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

static bool set_flag(struct parser *parser, bool *flag, const struct token *token)
{
    if (*flag)
        diag_error(parser->diags, token->pos, "`%s` is given twice", token->text);
    *flag = true;
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

static bool parse_modifier(struct parser *parser, struct column *column)
{
    static const char *const words[] = {"key",    "auto", "unique",     "optional",
                                        "secret", "max",  "references", "revokes"};
    if (!parser_at(parser, TOKEN_NAME)) {
        parser_unexpected(parser, "a modifier of the column");
        return false;
    }
    struct token token = parser_take(parser);
    size_t i = 0;
    struct suggestion suggestion = {.wanted = token.text};
    while (i < sizeof(words) / sizeof(*words) && strcmp(words[i], token.text))
        suggest(&suggestion, words[i++]);
    switch (i) {
    case 0:
        set_flag(parser, &column->key, &token);
        if (parser_accept_word(parser, "claim"))
            return parser_string(parser, "the claim's name in quotes", &column->claim);
        return true;
    case 1:
        return set_flag(parser, &column->automatic, &token);
    case 2:
        return set_flag(parser, &column->unique, &token);
    case 3:
        return set_flag(parser, &column->optional, &token);
    case 4:
        return set_flag(parser, &column->secret, &token);
    case 5:
        return parse_max(parser, column, &token);
    case 6:
        return parse_references(parser, column, &token);
    case 7:
        return set_flag(parser, &column->revokes, &token);
    default:
        diag_error(parser->diags, token.pos,
                   "`%s` is not a modifier (key auto unique optional secret max references revokes)"
                   "%s",
                   token.text, suggestion_text(parser->arena, &suggestion));
        return false;
    }
}

static bool parse_type(struct parser *parser, struct column *column)
{
    return parse_column_type(parser, column) &&
           (column->type != TYPE_DECIMAL || parse_decimal(parser, column));
}

bool parse_typed_name(struct parser *parser, struct column *column)
{
    return parser_name(parser, "a name", &column->name) && parse_type(parser, column);
}

static bool parse_column(struct parser *parser, void *ctx)
{
    struct table *table = ctx;
    struct column column = {0};
    if (!parser_name(parser, "a column's name", &column.name))
        return false;
    bool good = parse_type(parser, &column);
    while (good && parser_at(parser, TOKEN_NAME))
        good = parse_modifier(parser, &column);
    int before = table_column(table, column.name.text);
    if (before >= 0) {
        diag_error(parser->diags, column.name.pos, "column `%s` is declared twice",
                   column.name.text);
        diag_note(parser->diags, table->columns.items[before].name.pos, "the first is here");
        return good;
    }
    if (table->columns.n == MAX_COLUMNS) {
        if (!table->full)
            diag_error(parser->diags, column.name.pos, "`%s` has more than %d columns",
                       table->name.text, MAX_COLUMNS);
        table->full = true;
        return good;
    }
    *vec_add(parser->arena, &table->columns) = column;
    return good;
}

static bool is_sql_name(const char *text)
{
    size_t len = strlen(text);
    return len <= 64 && (*text < '0' || *text > '9') &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == len;
}

static bool parse_sql_name(struct parser *parser, struct table *table)
{
    if (!parser_string(parser, "the table's name in SQL, in quotes", &table->sql_name))
        return false;
    if (is_sql_name(table->sql_name.text))
        return true;
    diag_error(parser->diags, table->sql_name.pos,
               "a name in SQL has at most 64 letters, digits and underscores and does not begin "
               "with a digit");
    return false;
}

static bool parse_either(struct parser *parser, bool entity)
{
    struct table *table = arena_alloc(parser->arena, sizeof(*table));
    table->entity = entity;
    table->key = table->revokes = -1;
    if (!parser_name(parser, entity ? "the entity's name" : "the table's name", &table->name))
        return false;
    table->sql_name = table->name;
    if (parser_accept_word(parser, "as") && !parse_sql_name(parser, table))
        return false;
    struct table *before =
        map_put(parser->arena, &parser->tree->table_names, table->name.text, table);
    if (before) {
        diag_error(parser->diags, table->name.pos, "`%s` is declared twice", table->name.text);
        diag_note(parser->diags, before->name.pos, "the first is here");
    } else if (parser->tree->tables.n == MAX_TABLES) {
        diag_error(parser->diags, table->name.pos, "more than %d entities and tables", MAX_TABLES);
        return false;
    } else {
        table->index = (unsigned)parser->tree->tables.n;
        *vec_add(parser->arena, &parser->tree->tables) = table;
    }
    table->broken =
        !parser_block(parser, "a modifier or the end of the column", parse_column, table);
    return true;
}

bool parse_entity(struct parser *parser)
{
    return parse_either(parser, true);
}

bool parse_table(struct parser *parser)
{
    return parse_either(parser, false);
}
