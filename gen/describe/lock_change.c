/* lock_change.c: what opens a route. The one place that says so. */
#include "describe/lock_line.h"

#include <string.h>

static bool has_caller(const char *list, const char *caller, size_t len)
{
    for (; *list; list += strcspn(list, "|"), list += *list == '|') {
        if (strcspn(list, "|") == len && !strncmp(list, caller, len))
            return true;
    }
    return false;
}

/* `caller` may be of a role, `users(role="admin")`, where the whole entity could call before. */
static bool could_call(const char *before, const char *caller, size_t len)
{
    const char *role = memchr(caller, '(', len);
    return has_caller(before, caller, len) ||
           (role && has_caller(before, caller, (size_t)(role - caller)));
}

/* The callers of `list` that are not in `before`, joined. */
static const char *added_callers(struct arena *arena, const char *list, const char *before)
{
    const char *added = "";
    if (!strcmp(before, "anyone"))
        return "";
    for (; *list; list += strcspn(list, "|"), list += *list == '|') {
        size_t len = strcspn(list, "|");
        if (!could_call(before, list, len))
            added = arena_printf(arena, "%s%s%.*s", added, *added ? "|" : "", (int)len, list);
    }
    return added;
}

static bool is_bound(const struct lock_line *line)
{
    return strstr(line->query_token, "bound") != NULL;
}

static bool is_lost(const char *before, const char *now)
{
    return *before && strcmp(before, now);
}

size_t lock_changes(struct arena *arena, const struct lock_line *now,
                    const struct lock_line *before, struct lock_change changes[N_LOCK_CHANGES])
{
    const char *added = added_callers(arena, now->callers, before->callers);
    size_t n = 0;
    if (*added)
        changes[n++] = (struct lock_change){
            LOCK_CALLERS, arena_printf(arena, "%s may call this route now", added)};
    if (is_lost(before->scope, now->scope))
        changes[n++] = (struct lock_change){
            LOCK_SCOPE, arena_printf(arena, "this route demanded %s", before->scope)};
    if (is_lost(before->own, now->own))
        changes[n++] = (struct lock_change){
            LOCK_OWN, arena_printf(arena, "this route demanded %s", before->own)};
    if (*now->query_token && (!*before->query_token || (is_bound(before) && !is_bound(now))))
        changes[n++] =
            (struct lock_change){LOCK_QUERY_TOKEN, "the token may come in the query now"};
    return n;
}
