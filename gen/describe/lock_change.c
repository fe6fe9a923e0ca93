/* lock_change.c: what opens a route. The one place that says so. */
#include "describe/lock_line.h"

#include <stdio.h>
#include <stdlib.h>
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

/* `rate 5 per minute by address`: of the same kind and no higher. One that is shared now is. */
static bool is_as_strict(const char *now, const char *before)
{
    static const char shared[] = " shared";
    char *behind_now, *behind_before;
    unsigned long most_now = strtoul(now + strlen("rate "), &behind_now, 10);
    unsigned long most_before = strtoul(before + strlen("rate "), &behind_before, 10);
    size_t len = strlen(behind_before);
    return most_now <= most_before && !strncmp(behind_now, behind_before, len) &&
           (!behind_now[len] || !strcmp(behind_now + len, shared));
}

/* `ticket users 1800 seconds voids email password`: of the same entity, for no longer, and whatever
 * voided it does so still. */
static bool is_as_strict_a_ticket(const char *now, const char *before)
{
    char entity_now[256], entity_before[256];
    unsigned long long seconds_now, seconds_before;
    int columns = 0, columns_before = 0;
    if (sscanf(now, "ticket %255s %llu seconds voids%n", entity_now, &seconds_now, &columns) != 2 ||
        sscanf(before, "ticket %255s %llu seconds voids%n", entity_before, &seconds_before,
               &columns_before) != 2 ||
        !columns || !columns_before || strcmp(entity_now, entity_before) ||
        seconds_now > seconds_before)
        return false;
    for (const char *at = before + columns_before; *at == ' ';) {
        size_t len = strcspn(++at, " ");
        const char *in = now + columns;
        while (*in == ' ' && (strcspn(in + 1, " ") != len || strncmp(in + 1, at, len)))
            in += 1 + strcspn(in + 1, " ");
        if (*in != ' ')
            return false;
        at += len;
    }
    return true;
}

/* A limit that is gone or higher; NULL: there is none. */
static const char *lost_rate(const struct lock_line *now, const struct lock_line *before)
{
    for (size_t i = 0; i < before->n_rates; i++) {
        bool kept = false;
        for (size_t j = 0; j < now->n_rates; j++)
            kept |= is_as_strict(now->rates[j], before->rates[i]);
        if (!kept)
            return before->rates[i];
    }
    return NULL;
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
    if (is_lost(before->sets, now->sets))
        changes[n++] = (struct lock_change){
            LOCK_SETS, "this route refused what pages of other sites sent: `sets session`"};
    if (*before->ticket && !is_as_strict_a_ticket(now->ticket, before->ticket))
        changes[n++] = (struct lock_change){
            LOCK_TICKET, arena_printf(arena, "this route demanded a %s", before->ticket)};
    if (lost_rate(now, before))
        changes[n++] = (struct lock_change){
            LOCK_RATE, arena_printf(arena, "this route was limited: %s", lost_rate(now, before))};
    return n;
}
