/* lock_compare.c: what has opened since the lock was written. */
#include "describe/lock.h"

#include "describe/lock_line.h"

#include <string.h>

/* A switch, so that the compiler misses a kind that has no place. */
static struct pos place_of(const struct route *route, enum lock_change_kind kind)
{
    switch (kind) {
    case LOCK_CALLERS:
        return route->access_pos;
    case LOCK_QUERY_TOKEN:
        return route->query_token_pos;
    case LOCK_SCOPE:
    case LOCK_OWN:
    case LOCK_SETS:
    case LOCK_TICKET:
    case LOCK_RATE:
    case N_LOCK_CHANGES:
        break;
    }
    return route->pos;
}

static void compare_known(struct tree *tree, const struct route *route, const struct lock_line *now,
                          const struct lock_line *before)
{
    struct lock_change changes[N_LOCK_CHANGES];
    size_t n = lock_changes(tree->arena, now, before, changes);
    for (size_t i = 0; i < n; i++)
        diag_error(tree->diags, place_of(route, changes[i].kind), "opened since the lock: %s",
                   changes[i].text);
    if (n)
        diag_note(tree->diags, before->pos, "the lock has it here");
}

static void compare_new(struct tree *tree, const struct route *route, const struct lock_line *now)
{
    if (!strcmp(now->callers, "anyone") || route->guest)
        diag_error(tree->diags, route->access_pos,
                   "a new route that needs no token: it is not in the lock");
    else if (route->query_token)
        diag_error(tree->diags, route->query_token_pos,
                   "a new route that takes the token from the query: it is not in the lock");
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

bool lock_read(struct tree *tree, const struct source *lock, struct lock_lines *lines)
{
    unsigned format;
    if (!lock_read_format(tree->diags, lock, &format))
        return false;
    for (size_t i = 0; i < lock->n_lines; i++) {
        const char *text = lock->ptr + lock->lines[i];
        size_t len = strcspn(text, "\r\n");
        struct pos pos = {.source = lock, .offset = lock->lines[i], .len = (uint32_t)len};
        struct lock_line *line = arena_alloc(tree->arena, sizeof(*line));
        if (!len || *text == '#' || begins(text, LOCK_FORMAT) || begins(text, LOCK_DECLARED))
            continue;
        const char *copy = arena_copy(tree->arena, text, len);
        if (begins(copy, LOCK_ISSUER) || begins(copy, LOCK_COOKIE) ||
            begins(copy, LOCK_CREDENTIALS)) {
            map_put(tree->arena, &lines->others, copy, line);
            continue;
        }
        if (begins(copy, LOCK_BLOCKS)) {
            *line = (struct lock_line){.text = copy, .pos = pos};
            *vec_add(tree->arena, &lines->blocking) = line;
            continue;
        }
        if (!strncmp(copy, LOCK_SESSION, strlen(LOCK_SESSION))) {
            *line = (struct lock_line){.text = copy, .pos = pos};
            *vec_add(tree->arena, &lines->sessions) = line;
            continue;
        }
        if (!lock_line_split(tree->arena, copy, line)) {
            diag_error(tree->diags, pos, "this is no line of a lock; run `gatewright lock`");
            return false;
        }
        line->pos = pos;
        if (!map_put(tree->arena, &lines->by_route, line->route, line))
            *vec_add(tree->arena, &lines->routes) = line;
    }
    return true;
}

/* An issuer whose tokens are good now and were not, or for another row, or by other keys. */
static void compare_issuers(struct tree *tree, const struct map *known)
{
    for (size_t i = 0; i < tree->issuers.n; i++) {
        const struct issuer *issuer = tree->issuers.items[i];
        for (size_t j = 0; j < issuer->audiences.n; j++) {
            const struct name *audience = &issuer->audiences.items[j];
            if (!map_get(known, lock_line_of_issuer(tree->arena, issuer, audience)))
                diag_error(
                    tree->diags, issuer->name.pos,
                    "opened since the lock: tokens of issuer `%s` for \"%s\" are good here now",
                    issuer->name.text, audience->text);
        }
    }
}

/* Whose pages a browser sends the token for now, and did not. */
static void compare_cookies(struct tree *tree, const struct map *known)
{
    if (tree->cookie.text && !map_get(known, lock_line_of_cookie(tree->arena, &tree->cookie)))
        diag_error(tree->diags, tree->cookie.pos,
                   "opened since the lock: the token may come in the cookie \"%s\" now",
                   tree->cookie.text);
    for (size_t i = 0; i < tree->credentials.n; i++) {
        const struct name *origin = &tree->credentials.items[i];
        if (!map_get(known, lock_line_of_credentials(tree->arena, origin)))
            diag_error(tree->diags, origin->pos,
                       "opened since the lock: pages of \"%s\" may send the cookie now",
                       origin->text);
    }
}

static bool still_blocks(const struct tree *tree, const struct table *table, const char *line)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        const struct column *column = &table->columns.items[i];
        if (column->blocks && !strcmp(lock_line_of_blocking(tree->arena, table, column), line))
            return true;
    }
    return false;
}

/* Accounts of an entity that is still there, which were switched off and are not any more. */
static void compare_blocking(struct tree *tree, const struct lock_line *line)
{
    const char *name = line->text + strlen(LOCK_BLOCKS), *end = strstr(name, "  ");
    const struct table *table =
        end ? tree_table(tree, arena_copy(tree->arena, name, (size_t)(end - name))) : NULL;
    if (!end)
        diag_error(tree->diags, line->pos, "this is no line of a lock; run `gatewright lock`");
    if (!table || !table->entity || still_blocks(tree, table, line->text))
        return;
    diag_error(tree->diags, table->name.pos,
               "opened since the lock: an account of `%s` was refused by its column: %s",
               table->name.text, end + 2);
    diag_note(tree->diags, line->pos, "the lock has it here");
}

bool lock_compare(struct tree *tree, const struct source *lock)
{
    struct lock_lines lines = {0};
    if (!lock_read(tree, lock, &lines))
        return false;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        struct lock_line now;
        if (!lock_line_split(tree->arena, lock_line_of(tree, route), &now))
            continue;
        const struct lock_line *before = map_get(&lines.by_route, now.route);
        if (before)
            compare_known(tree, route, &now, before);
        else
            compare_new(tree, route, &now);
    }
    compare_issuers(tree, &lines.others);
    compare_cookies(tree, &lines.others);
    for (size_t i = 0; i < lines.blocking.n; i++)
        compare_blocking(tree, lines.blocking.items[i]);
    lock_compare_sessions(tree, lines.sessions.items, lines.sessions.n);
    lock_compare_paths(tree, lines.routes.items, lines.routes.n);
    return !tree->diags->n_errors;
}
