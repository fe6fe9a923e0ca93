/* unknown.c: names of nothing, with what they may have meant. */
#include "check/check.h"

#include "base/suggest.h"

void unknown_table(struct tree *tree, const struct name *name, bool entities_only, const char *what)
{
    struct suggestion suggestion = {.wanted = name->text};
    for (size_t i = 0; i < tree->tables.n; i++) {
        if (!entities_only || tree->tables.items[i]->entity)
            suggest(&suggestion, tree->tables.items[i]->name.text);
    }
    diag_error(tree->diags, name->pos, "`%s` is not %s%s", name->text, what,
               suggestion_text(tree->arena, &suggestion));
}

void unknown_column(struct tree *tree, const struct name *name, const struct table *table)
{
    struct suggestion suggestion = {.wanted = name->text};
    if (table->broken)
        return;
    for (size_t i = 0; i < table->columns.n; i++)
        suggest(&suggestion, table->columns.items[i].name.text);
    diag_error(tree->diags, name->pos, "`%s` is not a column of `%s`%s", name->text,
               table->name.text, suggestion_text(tree->arena, &suggestion));
}
