/* length.c: warns of a text that a body admits and no column can hold.
 *
 * Nothing says which member goes into which column: the handler does that. So members and columns
 * are matched by name, over all tables, and a member is spoken of only if every text column of its
 * name is too short for it. Secret members are left out: passwords are hashed before they are
 * stored. */
#include "check/check.h"

#include "base/utf8.h"
#include "match/regex.h"

#include <stdlib.h>
#include <string.h>

/* The widest text column of that name; NULL if there is none, or one without bound. */
static const struct column *widest_column(const struct tree *tree, const char *name,
                                          const struct table **ret_table)
{
    const struct column *widest = NULL;
    for (size_t i = 0; i < tree->tables.n; i++) {
        const struct table *table = tree->tables.items[i];
        int index = table_column(table, name);
        const struct column *column = index < 0 ? NULL : &table->columns.items[index];
        if (!column || column->type != TYPE_TEXT)
            continue;
        if (!column->max)
            return NULL;
        if (!widest || column->max > widest->max) {
            widest = column;
            *ret_table = table;
        }
    }
    return widest;
}

/* The longest text that the member admits; 0 if it has no bound. */
static uint64_t longest(struct arena *arena, const struct member *member)
{
    uint64_t most = 0;
    size_t matched = member->regex ? regex_longest(arena, member->regex) : SIZE_MAX;
    if (matched != SIZE_MAX)
        return matched ? matched : 1;
    if (member->range.high)
        return strtoull(member->range.high, NULL, 10);
    if (member->bytes.high)
        return strtoull(member->bytes.high, NULL, 10);
    for (size_t i = 0; i < member->one_of.n; i++) {
        size_t n = utf8_characters(member->one_of.items[i].text);
        most = n > most ? n : most;
    }
    return most;
}

static void check_member(struct tree *tree, const struct body *body, const struct member *member)
{
    const struct table *table = NULL;
    if (member->type != TYPE_TEXT || member->secret || !member_is_single(member))
        return;
    const struct column *column = widest_column(tree, member->name.text, &table);
    uint64_t most = longest(tree->arena, member);
    if (!column || (most && most <= column->max))
        return;
    if (most)
        diag_warning(tree->diags, member->name.pos,
                     "`%s` of `%s` admits %llu characters, but the column of that name holds %u",
                     member->name.text, body->name.text, (unsigned long long)most,
                     (unsigned)column->max);
    else
        diag_warning(tree->diags, member->name.pos,
                     "`%s` of `%s` has no bound, but the column of that name holds %u characters",
                     member->name.text, body->name.text, (unsigned)column->max);
    diag_note(tree->diags, column->name.pos, "`%s` of `%s`", column->name.text, table->name.text);
}

void check_lengths(struct tree *tree)
{
    bool *seen = arena_alloc(tree->arena, (tree->bodies.n + 1) * sizeof(*seen));
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct body *body = tree->routes.items[i]->body;
        if (!body || seen[body->index])
            continue;
        seen[body->index] = true;
        for (size_t j = 0; !body->is_value && j < body->members.n; j++)
            check_member(tree, body, &body->members.items[j]);
    }
}
