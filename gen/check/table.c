/* table.c: entities, tables and their columns. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool is_reserved_claim(const char *name)
{
    static const char *const claims[] = {"exp", "nbf",   "iat",   "iss",  "aud",       "sub",
                                         "jti", "scope", "epoch", "path", "table_name"};
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        if (!strcmp(claims[i], name))
            return true;
    }
    return false;
}

static void check_claim(struct tree *tree, const struct table *table, const struct column *column)
{
    const struct name *claim = column->claim.text ? &column->claim : &column->name;
    if (!column->key) {
        return;
    } else if (!table->entity) {
        if (column->claim.text)
            diag_error(tree->diags, claim->pos,
                       "`%s` is a table: only an entity's key is in a token", table->name.text);
    } else if (is_reserved_claim(claim->text)) {
        diag_error(tree->diags, claim->pos, "the claim `%s` has another meaning in a token%s",
                   claim->text,
                   column->claim.text ? "" : "; give the key another one: key claim \"...\"");
    }
}

static void check_key(struct tree *tree, const struct table *table, const struct column *column)
{
    const char *name = column->name.text;
    struct pos pos = column->name.pos;
    if (column->automatic && !column->key)
        diag_error(tree->diags, pos, "`%s` is `auto` but not the key", name);
    if (column->automatic && column->type != TYPE_INT && column->type != TYPE_UINT)
        diag_error(tree->diags, pos, "`%s` is `auto`, so it must be an int or uint", name);
    if (!column->key)
        return;
    if (column->type != TYPE_INT && column->type != TYPE_UINT && column->type != TYPE_TEXT &&
        column->type != TYPE_UUID)
        diag_error(tree->diags, pos, "a key is an int, a uint, a text or a uuid: `%s` is %s", name,
                   type_phrase(column->type));
    if (column->optional || column->secret || column->revokes)
        diag_error(tree->diags, pos, "the key `%s` cannot be %s", name,
                   column->optional ? "optional"
                   : column->secret ? "secret"
                                    : "what revokes");
    check_claim(tree, table, column);
}

static void check_index(struct tree *tree, const struct column *column)
{
    const char *name = column->name.text;
    if (!column->unique && !column->key)
        return;
    if (column->type == TYPE_TEXT && !column->max)
        diag_error(tree->diags, column->name.pos, "`%s` is %s, so it needs a `max`", name,
                   column->key ? "a key" : "unique");
    else if (column->type == TYPE_TEXT && column->max > MAX_INDEXED)
        diag_error(tree->diags, column->max_pos,
                   "a text that is %s has at most %d characters (what an index can hold)",
                   column->key ? "a key" : "unique", MAX_INDEXED);
    else if (!column->key && (column->type == TYPE_BOOL || column->type == TYPE_REAL ||
                              column->type == TYPE_BLOB || column->type == TYPE_JSON))
        diag_error(tree->diags, column->name.pos, "%s cannot be unique", type_phrase(column->type));
}

static void check_revokes(struct tree *tree, const struct table *table, const struct column *column)
{
    if (!column->revokes)
        return;
    if (!table->entity)
        diag_error(tree->diags, column->name.pos,
                   "`%s` is a table: only an entity's tokens can be revoked", table->name.text);
    if (column->type != TYPE_UINT)
        diag_error(tree->diags, column->name.pos, "what revokes is a uint: `%s` is %s",
                   column->name.text, type_phrase(column->type));
    if (column->optional || column->unique || column->secret)
        diag_error(tree->diags, column->name.pos, "what revokes cannot be %s",
                   column->optional ? "optional"
                   : column->unique ? "unique"
                                    : "secret");
}

/* Whoever is asked by it must find an answer in every row. */
static void check_blocks(struct tree *tree, const struct table *table, const struct column *column)
{
    const char *name = column->name.text;
    if (!column->blocks)
        return;
    if (!table->entity)
        diag_error(tree->diags, column->blocks_pos,
                   "`%s` is a table: only an entity's tokens can be refused", table->name.text);
    else if (column->type != TYPE_BOOL && column->type != TYPE_TIME)
        diag_error(tree->diags, column->blocks_pos,
                   "what blocks is a bool, or an optional time: `%s` is %s", name,
                   type_phrase(column->type));
    else if (column->type == TYPE_TIME && column->blocks == BLOCKS_FALSE)
        diag_error(tree->diags, column->blocks_pos,
                   "a time blocks when there is one: `when false` is for a bool");
    else if (column->type == TYPE_BOOL && column->optional)
        diag_error(tree->diags, column->blocks_pos,
                   "a bool that blocks cannot be optional: would NULL block?");
    else if (column->type == TYPE_TIME && !column->optional)
        diag_error(tree->diags, column->blocks_pos,
                   "a time that blocks is `optional`: else nobody could call");
    else if (column->secret)
        diag_error(tree->diags, column->blocks_pos, "what blocks cannot be secret");
}

static void check_references(struct tree *tree, struct column *column)
{
    if (!column->references.text)
        return;
    const struct table *to = tree_table(tree, column->references.text);
    if (!to) {
        unknown_table(tree, &column->references, false, "an entity or table");
        return;
    }
    column->referenced = to;
    if (to->keys)
        diag_error(tree->diags, column->references.pos,
                   "the key of `%s` has several columns, which one cannot reference",
                   to->name.text);
    if (to->key < 0 || to->keys)
        return;
    const struct column *key = &to->columns.items[to->key];
    if (key->type != column->type) {
        diag_error(tree->diags, column->name.pos, "`%s` is %s but the key of `%s` is %s",
                   column->name.text, type_phrase(column->type), to->name.text,
                   type_phrase(key->type));
        diag_note(tree->diags, key->name.pos, "the key is here");
    } else if (column->nocase != key->nocase) {
        diag_error(tree->diags, column->name.pos, "`%s` must be `nocase` %s the key of `%s` is",
                   column->name.text, key->nocase ? "as" : "only if", to->name.text);
        diag_note(tree->diags, key->name.pos, "the key is here");
    } else if (column->type == TYPE_TEXT && column->max != key->max) {
        diag_error(tree->diags, column->name.pos, "`%s` needs `max %u` as the key of `%s` has it",
                   column->name.text, (unsigned)key->max, to->name.text);
        diag_note(tree->diags, key->name.pos, "the key is here");
    }
}

static void find_key(struct tree *tree, struct table *table, int *ret, size_t i, const char *what)
{
    if (*ret < 0) {
        *ret = (int)i;
        return;
    }
    diag_error(tree->diags, table->columns.items[i].name.pos, "a second %s in `%s`%s", what,
               table->name.text,
               ret == &table->key
                   ? arena_printf(tree->arena, "; of several columns: `key (%s, %s)` on a line",
                                  table->columns.items[*ret].name.text,
                                  table->columns.items[i].name.text)
                   : "");
    diag_note(tree->diags, table->columns.items[*ret].name.pos, "the first is here");
}

static void find_keys(struct tree *tree, struct table *table)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].one_of.n) /* they say how long the column is */
            check_words(tree, table, &table->columns.items[i]);
        if (table->columns.items[i].key)
            find_key(tree, table, &table->key, i, "key");
        if (table->columns.items[i].revokes)
            find_key(tree, table, &table->revokes, i, "`revokes`");
    }
    check_sets(tree, table);
    if (table->key < 0 && !table->broken)
        diag_error(tree->diags, table->name.pos, "%s `%s` has no key",
                   table->entity ? "entity" : "table", table->name.text);
}

static void check_sql_name(struct tree *tree, const struct table *table)
{
    if (!strncasecmp(table->sql_name.text, "sqlite_", 7))
        diag_error(tree->diags, table->sql_name.pos, "SQLite keeps names with `sqlite_` to itself");
    for (size_t i = 0; i < tree->tables.n && tree->tables.items[i] != table; i++) {
        const struct table *before = tree->tables.items[i];
        if (strcasecmp(before->sql_name.text, table->sql_name.text))
            continue;
        diag_error(tree->diags, table->sql_name.pos, "the SQL name `%s` is taken",
                   table->sql_name.text);
        diag_note(tree->diags, before->sql_name.pos, "by this one");
        return;
    }
}

static int entities_first(const void *a, const void *b)
{
    const struct table *left = *(struct table *const *)a, *right = *(struct table *const *)b;
    if (left->entity != right->entity)
        return left->entity ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* The former name may be no column's now, nor two columns' former one. */
static void check_was(struct tree *tree, const struct table *table, const struct column *column)
{
    const char *was = column->was.text;
    if (!was)
        return;
    if (table->existing)
        diag_error(tree->diags, column->was.pos,
                   "`%s` is another application's: nothing of it is renamed", table->name.text);
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *other = &table->columns.items[i];
        bool same = !strcasecmp(other->sql_name.text, was);
        if (!same && (other >= column || !other->was.text || strcasecmp(other->was.text, was)))
            continue;
        diag_error(tree->diags, column->was.pos,
                   same ? "`was %s` names a column that is declared"
                        : "`was %s` stands behind two columns",
                   was);
        diag_note(tree->diags, other->name.pos, "it is here");
    }
}

void check_quoted_column(struct tree *tree, const struct column *column)
{
    if (column->quoted && column->type != TYPE_INT && column->type != TYPE_UINT)
        diag_error(tree->diags, column->name.pos,
                   "`quoted` is for a whole number, which JSON has as a text then: `%s` is %s",
                   column->name.text, type_phrase(column->type));
}

static void check_columns(struct tree *tree, struct table *table)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        struct column *column = &table->columns.items[i];
        if (column->max && column->type != TYPE_TEXT && column->type != TYPE_BLOB)
            diag_error(tree->diags, column->max_pos, "`max` is for a text or blob: `%s` is %s",
                       column->name.text, type_phrase(column->type));
        check_quoted_column(tree, column);
        if (column->nocase && column->type != TYPE_TEXT)
            diag_error(tree->diags, column->name.pos, "`nocase` is for a text: `%s` is %s",
                       column->name.text, type_phrase(column->type));
        if (column->on_delete_pos.source && !column->references.text)
            diag_error(tree->diags, column->on_delete_pos, "`on delete` is for what references");
        if (column->on_delete == ON_DELETE_NULL && !column->optional)
            diag_error(tree->diags, column->on_delete_pos,
                       "`on delete null` is for an `optional` column");
        check_default(tree, table, column);
        check_key(tree, table, column);
        check_index(tree, column);
        check_revokes(tree, table, column);
        check_blocks(tree, table, column);
        check_references(tree, column);
        check_was(tree, table, column);
    }
}

void check_tables(struct tree *tree)
{
    for (size_t i = 0; i < tree->tables.n; i++) {
        find_keys(tree, tree->tables.items[i]);
        check_sql_name(tree, tree->tables.items[i]);
    }
    for (size_t i = 0; i < tree->tables.n; i++)
        check_columns(tree, tree->tables.items[i]);
    if (tree->tables.n)
        qsort(tree->tables.items, tree->tables.n, sizeof(*tree->tables.items), entities_first);
    for (size_t i = 0; i < tree->tables.n; i++) {
        tree->tables.items[i]->index = (unsigned)i;
        tree->n_entities += tree->tables.items[i]->entity;
    }
    if (tree->n_entities > MAX_ENTITIES)
        diag_error(tree->diags, tree->tables.items[MAX_ENTITIES]->name.pos,
                   "%zu entities are declared; %d is the most", tree->n_entities, MAX_ENTITIES);
}
