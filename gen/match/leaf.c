/* leaf.c: which route a state stands for, and what that proves about the routes. */
#include "match/match.h"

#include "match/path_type.h"

#include <stdlib.h>
#include <string.h>

int match_compare_rank(const struct route *a, const struct route *b)
{
    for (size_t i = 0; i < a->segments.n && i < b->segments.n; i++) {
        int r = path_segment_compare(&a->segments.items[i], &b->segments.items[i]);
        if (r)
            return r;
    }
    return 0;
}

static int compare_routes(const void *a, const void *b)
{
    const struct route *left = *(const struct route *const *)a;
    const struct route *right = *(const struct route *const *)b;
    int r = match_compare_rank(left, right);
    return r ? r : left->index < right->index ? -1 : left->index > right->index;
}

/* What is known of each route. */
struct proof {
    bool matches;
    const struct route *loses_to;
    unsigned state;
};

struct leaves {
    struct matcher *matcher;
    struct proof *proofs; /* by the route's index */
    struct map ambiguous; /* pairs that were reported */
};

static void report_ambiguous(struct leaves *leaves, const struct route *a, const struct route *b,
                             unsigned state)
{
    struct matcher *matcher = leaves->matcher;
    const char *key = arena_printf(matcher->arena, "%u %u", a->index, b->index);
    if (map_put(matcher->arena, &leaves->ambiguous, key, matcher))
        return;
    diag_error(matcher->tree->diags, b->pos,
               "nothing separates this route from another one: both match %s %s",
               method_names[b->method], match_witness(matcher, state));
    diag_note(matcher->tree->diags, a->pos, "the other route is here");
}

static const struct route *best_route(struct leaves *leaves, unsigned number, int method)
{
    struct matcher *matcher = leaves->matcher;
    const struct match_state *state = &matcher->states.items[number];
    VEC(const struct route *) found = {0};
    for (size_t i = 0; i < state->n_nodes; i++) {
        const struct route *route = matcher->nodes.items[state->nodes[i]].routes[method];
        if (route)
            *vec_add(matcher->arena, &found) = route;
    }
    if (!found.n)
        return NULL;
    qsort(found.items, found.n, sizeof(*found.items), compare_routes);
    leaves->proofs[found.items[0]->index].matches = true;
    for (size_t i = 1; i < found.n; i++) {
        struct proof *proof = &leaves->proofs[found.items[i]->index];
        if (match_compare_rank(found.items[i - 1], found.items[i]) == 0) {
            report_ambiguous(leaves, found.items[i - 1], found.items[i], number);
            proof->matches = true; /* one complaint is enough */
        }
        if (!proof->loses_to) {
            proof->loses_to = found.items[0];
            proof->state = number;
        }
    }
    return found.items[0];
}

static unsigned leaf_of(struct leaves *leaves, unsigned number)
{
    struct matcher *matcher = leaves->matcher;
    struct match_leaf leaf = {0};
    const char *key = "";
    bool any = false;
    for (int i = 0; i < N_METHODS; i++) {
        leaf.routes[i] = best_route(leaves, number, i);
        any |= leaf.routes[i] != NULL;
        key = arena_printf(matcher->arena, "%s %u", key,
                           leaf.routes[i] ? leaf.routes[i]->index + 1 : 0);
    }
    if (!any)
        return 0;
    size_t next = matcher->leaves.n + 1;
    void *before = map_put(matcher->arena, &matcher->leaf_numbers, key, (void *)next);
    if (before)
        return (unsigned)(size_t)before;
    *vec_add(matcher->arena, &matcher->leaves) = leaf;
    return (unsigned)next;
}

static void report_dead(struct leaves *leaves, const struct route *route)
{
    struct matcher *matcher = leaves->matcher;
    const struct proof *proof = &leaves->proofs[route->index];
    if (proof->matches || !proof->loses_to)
        return;
    diag_error(matcher->tree->diags, route->pos,
               "this route can never match: others take all its paths, as %s %s",
               method_names[route->method], match_witness(matcher, proof->state));
    diag_note(matcher->tree->diags, proof->loses_to->pos, "that path goes here");
}

void match_leaves(struct matcher *matcher)
{
    struct tree *tree = matcher->tree;
    struct leaves leaves = {
        .matcher = matcher,
        .proofs = arena_alloc(tree->arena, (tree->routes.n + 1) * sizeof(*leaves.proofs)),
    };
    for (unsigned i = 0; i < matcher->states.n; i++) {
        unsigned leaf = leaf_of(&leaves, i);
        matcher->states.items[i].leaf = leaf;
    }
    for (size_t i = 0; i < tree->routes.n; i++)
        report_dead(&leaves, tree->routes.items[i]);
}

struct matcher *match_build(struct tree *tree)
{
    struct matcher *matcher = arena_alloc(tree->arena, sizeof(*matcher));
    *matcher = (struct matcher){.tree = tree, .arena = tree->arena};
    match_trie(matcher);
    if (match_mixed(matcher) && match_automaton(matcher))
        match_leaves(matcher);
    return matcher;
}
