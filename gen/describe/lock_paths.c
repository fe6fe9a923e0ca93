/* lock_paths.c: paths that go to another route than when the lock was written.
 *
 * A route that is gone leaves its paths to a broader one, a new narrow route takes some of
 * another's. The lock's routes and the present ones are put into one automaton (match/dfa.c); in
 * each of its states the best of the ones is compared with the best of the others. So nothing is
 * missed, and there is a path that shows it. */
#include "syntax/parse.h"
#include "match/match.h"
#include "match/path_like.h"
#include "describe/lock_line.h"

#include <string.h>

/* The path with names for the numbers: `{1:int}` as `{p1:int}`. */
static const char *named_path(struct arena *arena, const char *path)
{
    struct text text = {.arena = arena};
    bool quoted = false;
    for (; *path; path++) {
        text_printf(&text, *path == '{' && !quoted ? "{p" : "%c", *path);
        quoted ^= *path == '"' && (quoted || path[-1] == ' ');
        if (quoted && *path == '\\' && path[1])
            text_printf(&text, "%c", *++path);
    }
    return text.items;
}

/* The line's route, as far as paths go. NULL: it is none, reported. */
static struct route *route_of(struct tree *tree, const struct lock_line *line)
{
    struct route *route = arena_alloc(tree->arena, sizeof(*route));
    struct parser parser = {.tree = tree, .arena = tree->arena, .diags = tree->diags};
    int method = method_by_name(line->method);
    size_t n = tree->diags->n_errors;
    if (method >= 0 && *line->path == '/')
        parse_path_segments(&parser, line->pos, named_path(tree->arena, line->path), route);
    path_like_compile(tree, route);
    if (method < 0 || *line->path != '/' || route->segments.n > MAX_SEGMENTS) {
        diag_error(tree->diags, line->pos, "this is no line of a lock; run `gatewright lock`");
        return NULL;
    }
    route->pos = line->pos;
    route->method = (enum method)method;
    route->pattern = line->path;
    route->locked = line;
    return tree->diags->n_errors > n ? NULL : route;
}

static const struct route *best_of(const struct matcher *matcher, const struct match_state *state,
                                   unsigned slot)
{
    const struct route *best = NULL;
    for (size_t i = 0; i < state->n_nodes; i++) {
        const struct route *route = matcher->nodes.items[state->nodes[i]].routes[slot];
        if (route && (!best || match_compare_rank(route, best) < 0))
            best = route;
    }
    return best;
}

static void compare(struct matcher *matcher, struct map *reported, unsigned state,
                    const struct route *route, const struct lock_line *before)
{
    struct tree *tree = matcher->tree;
    struct lock_line now;
    if (!lock_line_split(tree->arena, lock_line_of(tree, route), &now) ||
        !strcmp(now.route, before->route))
        return;
    struct lock_change changes[N_LOCK_CHANGES];
    size_t n = lock_changes(tree->arena, &now, before, changes);
    const char *key = arena_printf(tree->arena, "%s %s", now.route, before->route);
    if (!n || map_put(tree->arena, reported, key, matcher))
        return;
    diag_error(tree->diags, route->pos,
               "opened since the lock: %s %s went to another route and comes here now: %s",
               now.method, match_witness(matcher, state), changes[0].text);
    diag_note(tree->diags, before->pos, "the lock has it here");
}

void lock_compare_paths(struct tree *tree, const struct lock_line *const *lines, size_t n_lines)
{
    struct tree joint = *tree;
    struct matcher matcher = {.tree = &joint, .arena = tree->arena};
    struct map reported = {0};
    memset(&joint.routes, 0, sizeof(joint.routes));
    for (size_t i = 0; i < tree->routes.n; i++)
        *vec_add(tree->arena, &joint.routes) = tree->routes.items[i];
    for (size_t i = 0; i < n_lines; i++) {
        struct route *route = route_of(tree, lines[i]);
        if (!route)
            return;
        *vec_add(tree->arena, &joint.routes) = route;
    }
    match_trie(&matcher);
    if (!match_mixed(&matcher) || !match_automaton(&matcher))
        return;
    for (unsigned i = 0; i < matcher.states.n; i++) {
        for (unsigned method = 0; method < N_METHODS; method++) {
            const struct match_state *state = &matcher.states.items[i];
            const struct route *now = best_of(&matcher, state, method);
            const struct route *before = best_of(&matcher, state, method + N_METHODS);
            if (now && before)
                compare(&matcher, &reported, i, now, before->locked);
        }
    }
}
