/* subset.c: see subset.h. */
#include "match/subset.h"

#include "base/map.h"
#include "base/order.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

unsigned nfa_new_state(struct nfa *nfa)
{
    nfa->too_large |= nfa->most && nfa->states.n >= nfa->most;
    if (nfa->too_large)
        return 0;
    *vec_add(nfa->arena, &nfa->states) = (struct nfa_state){.set = -1, .vital = nfa->vital};
    return (unsigned)nfa->states.n - 1;
}

struct nfa_fragment nfa_new_fragment(struct nfa *nfa)
{
    unsigned first = nfa_new_state(nfa);
    return (struct nfa_fragment){first, nfa_new_state(nfa)};
}

void nfa_link(struct nfa *nfa, unsigned from, unsigned to)
{
    unsigned *empty = nfa->states.items[from].empty;
    if (!nfa->too_large)
        empty[empty[0] ? 1 : 0] = to + 1;
}

void nfa_link_set(struct nfa *nfa, unsigned from, unsigned to, unsigned set)
{
    if (nfa->too_large)
        return;
    nfa->states.items[from].set = (int)set;
    nfa->states.items[from].to = to;
}

/* ---- The walk ------------------------------------------------------------------------------- */

struct walk {
    const struct nfa *nfa;
    struct subsets *to;
    struct map numbers;
    struct text key;              /* scratch */
    VEC(unsigned) current, stack; /* the set that is being collected */
    unsigned *mark;               /* by state of the NFA: the round it was last seen in */
    unsigned round;
    size_t kept, effort;
};

static void push(struct walk *walk, unsigned state)
{
    if (walk->mark[state] == walk->round)
        return;
    walk->mark[state] = walk->round;
    *vec_add(walk->nfa->arena, &walk->stack) = state;
}

/* Where whatever comes is taken, nothing else matters. */
static void take_rest(struct walk *walk)
{
    const struct nfa *nfa = walk->nfa;
    if (!nfa->rest || walk->mark[nfa->rest - 1] != walk->round ||
        walk->mark[nfa->end] != walk->round)
        return;
    walk->current.n = 0;
    *vec_add(nfa->arena, &walk->current) = nfa->rest - 1;
    *vec_add(nfa->arena, &walk->current) = nfa->end;
}

/* Follows the empty moves. */
static void close_set(struct walk *walk)
{
    while (walk->stack.n) {
        unsigned number = walk->stack.items[--walk->stack.n];
        const struct nfa_state *state = &walk->nfa->states.items[number];
        walk->effort++;
        if (state->set >= 0 || state->accept)
            *vec_add(walk->nfa->arena, &walk->current) = number;
        for (int i = 0; i < 2; i++)
            if (state->empty[i])
                push(walk, state->empty[i] - 1);
    }
    take_rest(walk);
}

static bool is_vital(const struct walk *walk)
{
    for (size_t i = 0; i < walk->current.n; i++)
        if (walk->nfa->states.items[walk->current.items[i]].vital)
            return true;
    return false;
}

/* In walk->key, until the next one: five times six bits for a state, none of them zero. */
static const char *key_of_current(struct walk *walk)
{
    struct text *key = &walk->key;
    key->arena = walk->nfa->arena;
    key->n = 0;
    for (size_t i = 0; i < walk->current.n; i++) {
        char bytes[5];
        for (unsigned j = 0; j < 5; j++)
            bytes[j] = (char)((walk->current.items[i] >> 6 * j & 63) + 32);
        text_add(key, bytes, sizeof(bytes));
    }
    return key->items;
}

/* The number of the set that was collected; without a vital state it is 0. */
static uint32_t keep_set(struct walk *walk, unsigned from, unsigned symbol)
{
    struct arena *arena = walk->nfa->arena;
    size_t n = walk->current.n, number = walk->to->items.n;
    if (!is_vital(walk))
        return 0;
    qsort(walk->current.items, n, sizeof(unsigned), order_numbers);
    const char *key = key_of_current(walk);
    void *before = map_get(&walk->numbers, key);
    if (before)
        return (uint32_t)(size_t)before;
    map_put(arena, &walk->numbers, arena_copy(arena, key, walk->key.n), (void *)number);
    walk->kept += n;
    unsigned *copy = arena_alloc(arena, n * sizeof(*copy));
    memcpy(copy, walk->current.items, n * sizeof(*copy));
    *vec_add(arena, &walk->to->items) = (struct subset){copy, n, from, symbol};
    return (uint32_t)number;
}

static uint32_t step(struct walk *walk, const bool *has, size_t n_symbols, unsigned from,
                     unsigned symbol)
{
    struct subset subset = walk->to->items.items[from];
    walk->round++;
    walk->current.n = 0;
    for (size_t i = 0; i < subset.n; i++) {
        const struct nfa_state *state = &walk->nfa->states.items[subset.states[i]];
        if (state->set >= 0 && has[(size_t)state->set * n_symbols + symbol])
            push(walk, state->to);
    }
    walk->effort += subset.n;
    close_set(walk);
    return keep_set(walk, from, symbol);
}

static bool is_within(const struct walk *walk, size_t n_symbols, const struct subset_limits *limits)
{
    size_t n = walk->to->items.n;
    return walk->kept <= limits->kept && walk->effort <= limits->effort && n <= limits->states &&
           (!limits->cells || n * n_symbols <= limits->cells);
}

bool subset_walk(const struct nfa *nfa, const bool *has, size_t n_symbols,
                 const struct subset_limits *limits, struct subsets *ret)
{
    struct walk walk = {.nfa = nfa, .to = ret, .round = 1};
    walk.mark = arena_alloc(nfa->arena, (nfa->states.n + 1) * sizeof(*walk.mark));
    *vec_add(nfa->arena, &ret->items) = (struct subset){.n = 0};
    for (size_t i = 0; i < nfa->starts.n; i++)
        push(&walk, nfa->starts.items[i]);
    close_set(&walk);
    keep_set(&walk, 0, 0);
    for (unsigned i = 0; i < ret->items.n; i++) {
        for (unsigned j = 0; j < n_symbols; j++) {
            uint32_t to = step(&walk, has, n_symbols, i, j);
            if (limits->cells)
                *vec_add(nfa->arena, &ret->next) = to;
        }
        if (!is_within(&walk, n_symbols, limits))
            return false;
    }
    return true;
}
