/* role.c: `users(role = "admin" | "editor")`, who of an entity may call. */
#include "check/check.h"

#include "base/suggest.h"

#include <string.h>

static const struct column *find_column(struct tree *tree, struct role *role)
{
    role->column_index = table_column(role->table, role->column.text);
    if (role->column_index < 0) {
        unknown_column(tree, &role->column, role->table);
        return NULL;
    }
    const struct column *column = &role->table->columns.items[role->column_index];
    if (column->one_of.n)
        return column;
    diag_error(tree->diags, role->column.pos,
               "a role is a column that is `one of` some words: `%s` is %s", role->column.text,
               type_phrase(column->type));
    diag_note(tree->diags, column->name.pos, "`%s` of `%s` is here", column->name.text,
              role->table->name.text);
    return NULL;
}

/* From 1, as rows have it; 0: reported. */
static unsigned find_word(struct tree *tree, const struct role *role, const struct column *column,
                          const struct name *word)
{
    struct suggestion suggestion = {.wanted = word->text};
    for (size_t i = 0; i < column->one_of.n; i++) {
        if (!strcmp(column->one_of.items[i].text, word->text))
            return (unsigned)i + 1;
        suggest(&suggestion, column->one_of.items[i].text);
    }
    diag_error(tree->diags, word->pos, "`%s` of `%s` is never \"%s\"%s", role->column.text,
               role->table->name.text, word->text, suggestion_text(tree->arena, &suggestion));
    diag_note(tree->diags, column->name.pos, "the words are here");
    return 0;
}

void check_roles(struct tree *tree, struct route *route)
{
    for (size_t i = 0; i < route->roles.n; i++) {
        struct role *role = &route->roles.items[i];
        role->table = tree_table(tree, role->entity.text);
        if (!role->table || !role->table->entity) /* which is reported */
            continue;
        const struct column *column = find_column(tree, role);
        for (size_t j = 0; column && j < role->words.n; j++)
            *vec_add(tree->arena, &role->values) =
                find_word(tree, role, column, &role->words.items[j]);
    }
}
