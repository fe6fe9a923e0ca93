/* sets.c: columns together: keys, uniques and indexes. */
#include "check/check.h"

#include <string.h>

unsigned indexed_bytes(const struct column *column)
{
    return column->type == TYPE_TEXT   ? 4 * column->max
           : column->type == TYPE_UUID ? 4 * 36
           : column->type == TYPE_BLOB ? column->max
                                       : 8;
}

static void check_member(struct tree *tree, const struct table *table, struct column_set *set,
                         const struct name *name)
{
    int i = table_column(table, name->text);
    if (i < 0) {
        unknown_column(tree, name, table);
        return;
    }
    const struct column *column = &table->columns.items[i];
    for (size_t j = 0; j < set->columns.n; j++) {
        if (set->columns.items[j] == (unsigned)i)
            diag_error(tree->diags, name->pos, "`%s` is there twice", name->text);
    }
    bool number = column->type == TYPE_INT || column->type == TYPE_UINT;
    bool text = column->type == TYPE_TEXT || column->type == TYPE_UUID || column->type == TYPE_DATE;
    if (set->kind == SET_KEY && !number && !text)
        diag_error(tree->diags, name->pos, "%s cannot be in a key", type_phrase(column->type));
    else if (set->kind == SET_KEY && (column->optional || column->secret || column->revokes))
        diag_error(tree->diags, name->pos, "`%s` is %s and cannot be in a key", name->text,
                   column->optional ? "optional"
                   : column->secret ? "secret"
                                    : "what revokes");
    else if (column->type == TYPE_JSON ||
             ((column->type == TYPE_TEXT || column->type == TYPE_BLOB) && !column->max))
        diag_error(tree->diags, name->pos, "`%s` cannot be indexed: it has no `max`", name->text);
    *vec_add(tree->arena, &set->columns) = (unsigned)i;
}

static void check_set(struct tree *tree, struct table *table, struct column_set *set)
{
    unsigned bytes = 0;
    for (size_t i = 0; i < set->names.n; i++)
        check_member(tree, table, set, &set->names.items[i]);
    if (set->names.n == 1 && set->kind != SET_INDEX)
        diag_error(tree->diags, set->pos, "one column is `%s` itself: write it behind its type",
                   set->kind == SET_KEY ? "key" : "unique");
    for (size_t i = 0; i < set->columns.n; i++)
        bytes += indexed_bytes(&table->columns.items[set->columns.items[i]]);
    if (bytes > MAX_INDEXED_BYTES)
        diag_error(tree->diags, set->pos, "an index holds %d bytes; these columns may have %u",
                   MAX_INDEXED_BYTES, bytes);
}

static void check_key_set(struct tree *tree, struct table *table, const struct column_set *set)
{
    if (table->entity)
        diag_error(tree->diags, set->pos,
                   "`%s` is an entity, whose tokens hold one key: give it a column of its own",
                   table->name.text);
    if (table->key >= 0) {
        diag_error(tree->diags, set->pos, "a second key in `%s`", table->name.text);
        diag_note(tree->diags,
                  table->keys ? table->keys->pos : table->columns.items[table->key].name.pos,
                  "the first is here");
    } else if (set->columns.n) {
        table->key = (int)set->columns.items[0];
        table->keys = set;
    }
}

void check_sets(struct tree *tree, struct table *table)
{
    for (size_t i = 0; i < table->sets.n; i++) {
        struct column_set *set = &table->sets.items[i];
        check_set(tree, table, set);
        if (set->kind == SET_KEY)
            check_key_set(tree, table, set);
    }
}
