/* upgrade_checks.c: what the old program lets pass while it runs, and this one does not: callers,
 * scopes, `own`, limits, rows that block, an entity's sessions. What opens a route is asked the
 * other way round (lock_change.c). */
#include "describe/upgrade.h"

#include "describe/lock_line.h"

#include <string.h>

static void warn(struct tree *tree, struct pos pos, struct pos lock, const char *text)
{
    diag_warning(tree->diags, pos, "the old program does not make this check: %s", text);
    if (lock.source)
        diag_note(tree->diags, lock, "the old program has it here");
}

/* What this one asks for, and the old one does not. A switch, so that the compiler misses a kind
 * that has no text. */
static const char *text_of(struct arena *arena, enum lock_change_kind kind,
                           const struct lock_line *now, const struct lock_line *before)
{
    switch (kind) {
    case LOCK_CALLERS:
        return arena_printf(arena, "it lets in %s, and this one %s", before->callers, now->callers);
    case LOCK_SCOPE:
        return now->scope;
    case LOCK_OWN:
        return now->own;
    case LOCK_QUERY_TOKEN:
        return "it takes the token from the query";
    case LOCK_SETS:
        return now->sets;
    case LOCK_TICKET:
        return now->ticket;
    case LOCK_RATE:
    case N_LOCK_CHANGES:
        break;
    }
    return "its limits are others";
}

static void compare_route(struct tree *tree, const struct route *route, const struct lock_line *now,
                          const struct lock_line *before)
{
    struct lock_change changes[N_LOCK_CHANGES];
    struct arena *arena = tree->arena;
    size_t n = lock_changes(arena, before, now, changes);
    for (size_t i = 0; i < n; i++)
        warn(tree, route->pos, before->pos, text_of(arena, changes[i].kind, now, before));
}

static bool has_line(const struct lock_lines *lines, const char *text)
{
    for (size_t i = 0; i < lines->blocking.n; i++) {
        if (!strcmp(lines->blocking.items[i]->text, text))
            return true;
    }
    return false;
}

static void compare_blocking(struct tree *tree, const struct table *table,
                             const struct lock_lines *lines)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *column = &table->columns.items[i];
        if (column->blocks && !has_line(lines, lock_line_of_blocking(tree->arena, table, column)))
            warn(tree, column->blocks_pos, (struct pos){0},
                 arena_printf(tree->arena, "`%s.%s` blocks a row's tokens", table->name.text,
                              column->name.text));
    }
}

/* Tables of the lock have the same name here, but for those that are new. */
static bool is_new(const struct table *table, const struct tree *old)
{
    return !tree_table(old, table->name.text);
}

void upgrade_compare_checks(struct tree *tree, const struct tree *old, const struct source *lock)
{
    struct lock_lines lines = {0};
    if (!lock_read(tree, lock, &lines))
        return;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        struct lock_line now;
        if (!lock_line_split(tree->arena, lock_line_of(tree, route), &now))
            continue;
        const struct lock_line *before = map_get(&lines.by_route, now.route);
        if (before)
            compare_route(tree, route, &now, before);
    }
    for (size_t i = 0; i < tree->tables.n; i++) {
        if (!is_new(tree->tables.items[i], old))
            compare_blocking(tree, tree->tables.items[i], &lines);
    }
}
