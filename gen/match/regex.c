/* regex.c: the automaton of a regular expression.
 *
 * The tree becomes an NFA, the subset construction (subset.c) makes a DFA of it. Code
 * points that no set tells apart are one class. What comes out goes into the program as a table:
 * made to code by re2c, `.{1,255}` would take the C compiler many seconds. */
#include "match/regex.h"

#include "base/map.h"
#include "base/text.h"
#include "match/regex_tree.h"
#include "match/subset.h"

#include <stdlib.h>
#include <string.h>

#define BEYOND     0x110000u
#define MAX_NFA    40000
#define MAX_CELLS  131072   /* of the table */
#define MAX_EFFORT 20000000 /* members of all sets that are looked at */

#define TOO_LARGE                                                                                  \
    "this expression needs too large an automaton: say the length by a range behind the type, "    \
    "`text 1..255`, or repeat less"

static struct nfa_fragment build(struct nfa *nfa, const struct regex_node *node);

/* Each copy has a joint behind it, from which the end can be reached once there are enough. */
static struct nfa_fragment build_repeat(struct nfa *nfa, const struct regex_node *node)
{
    unsigned copies = node->max ? node->max : node->min ? node->min : 1;
    struct nfa_fragment all = nfa_new_fragment(nfa);
    unsigned last = all.first;
    for (unsigned i = 0; i < copies && !nfa->too_large; i++) {
        struct nfa_fragment copy = build(nfa, node->left);
        if (i >= node->min)
            nfa_link(nfa, last, all.last);
        nfa_link(nfa, last, copy.first);
        last = nfa_new_state(nfa);
        nfa_link(nfa, copy.last, last);
        if (!node->max && i + 1 == copies)
            nfa_link(nfa, copy.last, copy.first);
    }
    nfa_link(nfa, last, all.last);
    return all;
}

static struct nfa_fragment build_either(struct nfa *nfa, const struct regex_node *node)
{
    struct nfa_fragment all = nfa_new_fragment(nfa);
    const struct regex_node *sides[] = {node->left, node->right};
    for (int i = 0; i < 2; i++) {
        struct nfa_fragment side = build(nfa, sides[i]);
        nfa_link(nfa, all.first, side.first);
        nfa_link(nfa, side.last, all.last);
    }
    return all;
}

static struct nfa_fragment build(struct nfa *nfa, const struct regex_node *node)
{
    if (node->kind == REGEX_REPEAT)
        return build_repeat(nfa, node);
    if (node->kind == REGEX_EITHER)
        return build_either(nfa, node);
    if (node->kind == REGEX_BOTH) {
        struct nfa_fragment left = build(nfa, node->left);
        struct nfa_fragment right = build(nfa, node->right);
        nfa_link(nfa, left.last, right.first);
        return (struct nfa_fragment){left.first, right.last};
    }
    struct nfa_fragment all = nfa_new_fragment(nfa);
    if (node->kind == REGEX_NOTHING) {
        nfa_link(nfa, all.first, all.last);
    } else {
        nfa_link_set(nfa, all.first, all.last, node->set);
    }
    return all;
}

/* ---- Classes of code points ----------------------------------------------------------------- */

struct classes {
    VEC(uint32_t) firsts, classes;
    VEC(uint32_t) members; /* one code point of each class */
};

static bool has_code_point(const struct regex_set *set, uint32_t c)
{
    for (size_t i = 0; i < set->n; i++)
        if (c >= set->items[i].first && c <= set->items[i].last)
            return true;
    return false;
}

static int order_code_points(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Which sets the code point is in, as text. */
static const char *signature(struct arena *arena, const struct regex_tree *tree, uint32_t c)
{
    char *text = arena_alloc(arena, tree->n_sets + 1);
    for (size_t i = 0; i < tree->n_sets; i++)
        text[i] = has_code_point(&tree->sets[i], c) ? '1' : '0';
    return text;
}

static void find_classes(struct arena *arena, const struct regex_tree *tree,
                         struct classes *classes)
{
    struct map numbers = {0};
    VEC(uint32_t) bounds = {0};
    *vec_add(arena, &bounds) = 0;
    for (size_t i = 0; i < tree->n_sets; i++) {
        for (size_t j = 0; j < tree->sets[i].n; j++) {
            *vec_add(arena, &bounds) = tree->sets[i].items[j].first;
            *vec_add(arena, &bounds) = tree->sets[i].items[j].last + 1;
        }
    }
    qsort(bounds.items, bounds.n, sizeof(*bounds.items), order_code_points);
    for (size_t i = 0; i < bounds.n; i++) {
        uint32_t first = bounds.items[i];
        if (first == BEYOND || (i && first == bounds.items[i - 1]))
            continue;
        size_t number = classes->members.n + 1;
        void *before = map_put(arena, &numbers, signature(arena, tree, first), (void *)number);
        if (!before)
            *vec_add(arena, &classes->members) = first;
        uint32_t class = (uint32_t)(before ? (size_t)before : number) - 1;
        if (classes->classes.n && classes->classes.items[classes->classes.n - 1] == class)
            continue;
        *vec_add(arena, &classes->firsts) = first;
        *vec_add(arena, &classes->classes) = class;
    }
    *vec_add(arena, &classes->firsts) = BEYOND;
}

static const bool *find_members(struct arena *arena, const struct regex_tree *tree,
                                const struct classes *classes)
{
    size_t n = classes->members.n;
    bool *has = arena_alloc(arena, tree->n_sets * n + 1);
    for (size_t i = 0; i < tree->n_sets; i++)
        for (size_t j = 0; j < n; j++)
            has[i * n + j] = has_code_point(&tree->sets[i], classes->members.items[j]);
    return has;
}

/* Whether empty moves lead from `from` to `to`. */
static bool leads_to(const struct nfa *nfa, unsigned from, unsigned to)
{
    bool *seen = arena_alloc(nfa->arena, nfa->states.n);
    VEC(unsigned) stack = {0};
    *vec_add(nfa->arena, &stack) = from;
    while (stack.n && !seen[to]) {
        unsigned number = stack.items[--stack.n];
        const struct nfa_state *state = &nfa->states.items[number];
        for (int i = 0; i < 2 && !seen[number]; i++)
            if (state->empty[i])
                *vec_add(nfa->arena, &stack) = state->empty[i] - 1;
        seen[number] = true;
    }
    return seen[to];
}

/* `[\d\D]*` at the end, as of an expression that is looked for anywhere. */
static void find_rest(struct nfa *nfa, unsigned end, const bool *has, size_t n_classes)
{
    nfa->end = end;
    for (size_t i = nfa->states.n; i-- > 0 && !nfa->rest;) {
        const struct nfa_state *state = &nfa->states.items[i];
        bool all = state->set >= 0;
        for (size_t j = 1; j < n_classes && all; j++) /* the first has NUL, which no text holds */
            all = has[(size_t)state->set * n_classes + j];
        if (all && leads_to(nfa, state->to, (unsigned)i) && leads_to(nfa, state->to, end))
            nfa->rest = (unsigned)i + 1;
    }
}

/* ---- The whole ------------------------------------------------------------------------------ */

/* Moves to states from which no end can be reached become moves to state 0. Whether the first state
 * is none of these. */
static bool cut_dead_ends(struct arena *arena, struct subsets *subsets, size_t n_classes,
                          const bool *accepts)
{
    size_t n = subsets->items.n;
    bool *lives = arena_alloc(arena, n);
    bool more = true;
    memcpy(lives, accepts, n);
    while (more) {
        more = false;
        for (size_t i = n; i-- > 1;) {
            bool before = lives[i];
            for (size_t j = 0; j < n_classes && !lives[i]; j++)
                lives[i] = lives[subsets->next.items[i * n_classes + j]];
            more |= lives[i] != before;
        }
    }
    for (size_t i = 0; i < subsets->next.n; i++)
        if (!lives[subsets->next.items[i]])
            subsets->next.items[i] = 0;
    return lives[1];
}

static const bool *find_ends(const struct nfa *nfa, const struct subsets *subsets)
{
    bool *accepts = arena_alloc(nfa->arena, subsets->items.n);
    for (size_t i = 0; i < subsets->items.n; i++)
        for (size_t j = 0; j < subsets->items.items[i].n; j++)
            accepts[i] |= nfa->states.items[subsets->items.items[i].states[j]].accept != 0;
    return accepts;
}

/* Without anchors, and with each `\"` as `"`. */
static const char *plain_text(struct arena *arena, const char *text, const struct regex_tree *tree)
{
    struct text plain = {.arena = arena};
    text_add(&plain, "", 0);
    for (size_t i = tree->start; i < tree->end; i++) {
        bool escape = text[i] == '\\' && i + 1 < tree->end;
        if (!(escape && text[i + 1] == '"'))
            text_add(&plain, text + i, 1);
        if (escape)
            text_add(&plain, text + ++i, 1);
    }
    return plain.items;
}

static const struct subset_limits limits = {
    .kept = SIZE_MAX, .effort = MAX_EFFORT, .states = REGEX_MAX_STATES, .cells = MAX_CELLS};

const struct regex *regex_compile(struct arena *arena, const char *text, size_t len,
                                  struct regex_error *ret_error)
{
    struct regex_tree tree;
    struct nfa nfa = {.arena = arena, .vital = true, .most = MAX_NFA};
    struct classes classes = {0};
    struct subsets subsets = {0};
    if (!regex_read(arena, text, len, &tree, ret_error))
        return NULL;
    *ret_error = (struct regex_error){0, len, TOO_LARGE};
    struct nfa_fragment all = build(&nfa, tree.root);
    if (nfa.too_large)
        return NULL;
    nfa.states.items[all.last].accept = 1;
    *vec_add(arena, &nfa.starts) = all.first;
    find_classes(arena, &tree, &classes);
    const bool *has = find_members(arena, &tree, &classes);
    find_rest(&nfa, all.last, has, classes.members.n);
    if (!subset_walk(&nfa, has, classes.members.n, &limits, &subsets))
        return NULL;
    const bool *accepts = find_ends(&nfa, &subsets);
    *ret_error = (struct regex_error){0, len, "no text matches this expression"};
    if (!cut_dead_ends(arena, &subsets, classes.members.n, accepts))
        return NULL;
    struct regex *regex = arena_alloc(arena, sizeof(*regex));
    *regex = (struct regex){
        .text = plain_text(arena, text, &tree),
        .firsts = classes.firsts.items,
        .classes = classes.classes.items,
        .n_intervals = classes.classes.n,
        .n_classes = (unsigned)classes.members.n,
        .n_states = (unsigned)subsets.items.n,
        .next = subsets.next.items,
        .accepts = accepts,
    };
    return regex;
}

uint32_t regex_step(const struct regex *regex, uint32_t state, uint32_t code_point)
{
    size_t i = 0;
    while (regex->firsts[i + 1] <= code_point)
        i++;
    return regex->next[state * regex->n_classes + regex->classes[i]];
}

bool regex_matches(const struct regex *regex, const char *text)
{
    uint32_t state = 1;
    while (*text) {
        unsigned char first = (unsigned char)*text++;
        unsigned more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        uint32_t c = more ? first & (0x3fu >> more) : first;
        for (; more && *text; more--)
            c = c << 6 | ((unsigned char)*text++ & 0x3f);
        state = regex_step(regex, state, c);
    }
    return regex->accepts[state];
}
