/* table.c: `entity NAME as "sql name" existing { column ... }` and `table`. */
#include "syntax/parse.h"

#include <string.h>

/* -1: it begins no set. */
static int set_kind(const char *word)
{
    static const char *const words[] = {
        [SET_KEY] = "key", [SET_UNIQUE] = "unique", [SET_INDEX] = "index"};
    for (int i = 0; i < 3; i++) {
        if (!strcmp(words[i], word))
            return i;
    }
    return -1;
}

/* `(a, b)` behind the word. */
static bool parse_set(struct parser *parser, struct table *table, const struct name *word)
{
    struct column_set set = {.kind = (enum set_kind)set_kind(word->text), .pos = word->pos};
    parser_take(parser);
    do {
        struct name name;
        if (!parser_name(parser, "a column's name", &name))
            return false;
        if (set.names.n == MAX_SET) {
            diag_error(parser->diags, name.pos, "more than %d columns together", MAX_SET);
            return false;
        }
        *vec_add(parser->arena, &set.names) = name;
    } while (parser_accept(parser, TOKEN_COMMA));
    if (!parser_expect(parser, TOKEN_RPAREN, "`,` or `)`"))
        return false;
    if (table->sets.n == MAX_SETS) {
        diag_error(parser->diags, word->pos, "more than %d keys and indexes of `%s`", MAX_SETS,
                   table->name.text);
        return false;
    }
    *vec_add(parser->arena, &table->sets) = set;
    return true;
}

static bool parse_column(struct parser *parser, void *ctx)
{
    struct table *table = ctx;
    struct column column = {0};
    if (!parser_name(parser, "a column's name", &column.name))
        return false;
    if (parser_at(parser, TOKEN_LPAREN) && set_kind(column.name.text) >= 0)
        return parse_set(parser, table, &column.name);
    column.description = parser_description(parser);
    column.sql_name = column.name;
    bool good = parse_column_rest(parser, &column);
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

static bool parse_either(struct parser *parser, bool entity)
{
    struct table *table = arena_alloc(parser->arena, sizeof(*table));
    table->entity = entity;
    table->description = parser_description(parser);
    table->key = table->revokes = -1;
    if (!parser_name(parser, entity ? "the entity's name" : "the table's name", &table->name))
        return false;
    table->sql_name = table->name;
    if (parser_accept_word(parser, "as") && !parse_sql_name(parser, &table->sql_name))
        return false;
    table->existing = parser_accept_word(parser, "existing");
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
    table->broken = true;
    if (!parser_at_block(parser))
        return false;
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
