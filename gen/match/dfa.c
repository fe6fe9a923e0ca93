/* dfa.c: the automaton.
 *
 * A state is the set of all nodes of the trie that the segments read so far may have reached, as in
 * the subset construction of an NFA, but a step is a whole segment. So the generated matcher never
 * goes back from a literal to a parameter. The best route of a state is chosen here, by the
 * precedence (docs/design.md, Precedence); and because the automaton is exact, it also proves what
 * can never match and what is ambiguous, with a path that shows it. */
#include "match/match.h"

#include "base/order.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* In matcher->key, until the next one: four bytes for a node, none of them zero. */
static const char *set_key(struct matcher *matcher, const unsigned *nodes, size_t n)
{
    struct text *key = &matcher->key;
    key->arena = matcher->arena;
    key->n = 0;
    for (size_t i = 0; i < n; i++) {
        char bytes[4];
        for (unsigned j = 0; j < 4; j++)
            bytes[j] = (char)((nodes[i] >> 7 * j & 127) + 128);
        text_add(key, bytes, sizeof(bytes));
    }
    return key->items;
}

/* The state for a set of nodes, which is sorted here. */
static unsigned state_of(struct matcher *matcher, unsigned *nodes, size_t n, unsigned from,
                         unsigned word)
{
    matcher->effort += n;
    qsort(nodes, n, sizeof(*nodes), order_numbers);
    const char *key = set_key(matcher, nodes, n);
    size_t number = matcher->states.n + 1;
    void *before = map_get(&matcher->state_numbers, key);
    if (before)
        return (unsigned)(size_t)before - 1;
    map_put(matcher->arena, &matcher->state_numbers,
            arena_copy(matcher->arena, key, matcher->key.n), (void *)number);
    unsigned *copy = arena_alloc(matcher->arena, n * sizeof(*copy));
    memcpy(copy, nodes, n * sizeof(*copy));
    *vec_add(matcher->arena, &matcher->states) =
        (struct match_state){.nodes = copy, .n_nodes = n, .from = from, .word = word};
    return (unsigned)number - 1;
}

/* Where one segment may lead from a state. */
struct fan {
    VEC(struct match_move) literals; /* `to` is a node */
    VEC(unsigned) typed;             /* nodes of typed, free and path parameters */
    VEC(unsigned) mixed;             /* nodes of mixed segments */
    VEC(unsigned) words;             /* combinations of these */
    unsigned *set;                   /* scratch for one target */
    size_t set_size;
};

static int compare_moves(const void *a, const void *b)
{
    const struct match_move *left = a, *right = b;
    if (left->word != right->word)
        return left->word < right->word ? -1 : 1;
    return left->to < right->to ? -1 : left->to > right->to;
}

static void collect(struct matcher *matcher, unsigned state, struct fan *fan)
{
    const struct match_state *from = &matcher->states.items[state];
    fan->literals.n = fan->typed.n = fan->mixed.n = 0;
    for (size_t i = 0; i < from->n_nodes; i++) {
        const struct match_node *node = &matcher->nodes.items[from->nodes[i]];
        if (node->kind == SEGMENT_PATH)
            *vec_add(matcher->arena, &fan->typed) = from->nodes[i];
        for (size_t j = 0; j < node->children.n; j++) {
            unsigned number = node->children.items[j];
            const struct match_node *child = &matcher->nodes.items[number];
            if (child->pattern)
                *vec_add(matcher->arena, &fan->mixed) = number;
            else if (!child->words.n)
                *vec_add(matcher->arena, &fan->typed) = number;
            for (size_t k = 0; k < child->words.n; k++)
                *vec_add(matcher->arena, &fan->literals) =
                    (struct match_move){.word = child->words.items[k], .to = number};
        }
    }
    if (fan->literals.n)
        qsort(fan->literals.items, fan->literals.n, sizeof(*fan->literals.items), compare_moves);
}

static size_t add_typed(struct matcher *matcher, struct fan *fan, unsigned mask, size_t n)
{
    for (size_t i = 0; i < fan->typed.n; i++) {
        if (mask >> matcher->nodes.items[fan->typed.items[i]].kind & 1)
            fan->set[n++] = fan->typed.items[i];
    }
    return n;
}

static size_t add_mixed(struct matcher *matcher, struct fan *fan, const struct match_word *word,
                        size_t n)
{
    for (size_t i = 0; i < fan->mixed.n; i++) {
        unsigned pattern = matcher->nodes.items[fan->mixed.items[i]].pattern - 1;
        for (size_t j = 0; j < word->patterns.n; j++) {
            if (word->patterns.items[j] == pattern)
                fan->set[n++] = fan->mixed.items[i];
        }
    }
    return n;
}

/* The combinations that the state's mixed segments are in, each once. */
static void collect_combinations(struct matcher *matcher, struct fan *fan)
{
    size_t kept = 0;
    fan->words.n = 0;
    for (size_t i = 0; i < fan->mixed.n; i++) {
        unsigned pattern = matcher->nodes.items[fan->mixed.items[i]].pattern - 1;
        const struct match_pattern *of = &matcher->patterns.items[pattern];
        for (size_t j = 0; j < of->words.n; j++)
            *vec_add(matcher->arena, &fan->words) = of->words.items[j];
    }
    if (fan->words.n)
        qsort(fan->words.items, fan->words.n, sizeof(unsigned), order_numbers);
    for (size_t i = 0; i < fan->words.n; i++) {
        if (!i || fan->words.items[i] != fan->words.items[i - 1])
            fan->words.items[kept++] = fan->words.items[i];
    }
    fan->words.n = kept;
}

static bool is_child_literal(const struct fan *fan, unsigned number)
{
    for (size_t i = 0; i < fan->literals.n; i++) {
        if (fan->literals.items[i].word == number)
            return true;
    }
    return false;
}

/* The word of a segment of the combination that is none of the state's literals; false: there is
 * none. */
static bool reachable_word(const struct matcher *matcher, const struct fan *fan, unsigned index,
                           unsigned *ret)
{
    const struct match_word *word = &matcher->words.items[index];
    *ret = index + matcher->n_classes;
    for (size_t i = 0; !word->others && i < word->literals.n; i++) {
        *ret = word->literals.items[i] + matcher->n_classes;
        if (!is_child_literal(fan, *ret))
            return true;
    }
    return word->others;
}

static bool has_child_pattern(const struct matcher *matcher, const struct fan *fan,
                              const struct match_word *word)
{
    for (size_t i = 0; i < fan->mixed.n; i++) {
        unsigned pattern = matcher->nodes.items[fan->mixed.items[i]].pattern - 1;
        for (size_t j = 0; j < word->patterns.n; j++)
            if (word->patterns.items[j] == pattern)
                return true;
    }
    return false;
}

/* The word of a segment of the class that fits none of the state's patterns; false: there is
 * none. */
static bool reachable_class(const struct matcher *matcher, const struct fan *fan, unsigned class,
                            unsigned *ret)
{
    *ret = class;
    if (!matcher->patterns.n || matcher->pure[class])
        return true;
    for (size_t i = matcher->n_literals; i < matcher->words.n; i++) {
        const struct match_word *word = &matcher->words.items[i];
        if (word->class == class && !has_child_pattern(matcher, fan, word) &&
            reachable_word(matcher, fan, (unsigned)i, ret))
            return true;
    }
    return false;
}

static void reserve(struct matcher *matcher, struct fan *fan)
{
    size_t size = fan->typed.n + fan->literals.n + fan->mixed.n + 1;
    if (fan->set_size >= size)
        return;
    fan->set = arena_alloc(matcher->arena, 2 * size * sizeof(*fan->set));
    fan->set_size = 2 * size;
}

/* All moves out of a state, by word: one for each class that leads somewhere, one for each literal
 * that leads elsewhere than its class, and one for each combination of mixed segments. */
static size_t expand(struct matcher *matcher, unsigned state, struct fan *fan)
{
    VEC(struct match_move) moves = {0};
    unsigned class_targets[N_BASE_CLASSES], from;
    collect(matcher, state, fan);
    collect_combinations(matcher, fan);
    reserve(matcher, fan);
    for (unsigned i = 0; i < matcher->n_classes; i++) {
        size_t n = reachable_class(matcher, fan, i, &from)
                       ? add_typed(matcher, fan, matcher->class_masks[i], 0)
                       : 0;
        class_targets[i] = n ? state_of(matcher, fan->set, n, state, from) : MAX_STATES + 1;
        if (n)
            *vec_add(matcher->arena, &moves) =
                (struct match_move){.word = i, .to = class_targets[i]};
    }
    for (size_t i = 0; i < fan->literals.n;) {
        unsigned number = fan->literals.items[i].word;
        const struct match_word *word = &matcher->words.items[number - matcher->n_classes];
        size_t n = 0;
        for (; i < fan->literals.n && fan->literals.items[i].word == number; i++)
            fan->set[n++] = fan->literals.items[i].to;
        n = add_mixed(matcher, fan, word, n);
        n = add_typed(matcher, fan, word->mask, n);
        unsigned to = state_of(matcher, fan->set, n, state, number);
        if (word->combination || to != class_targets[word->class])
            *vec_add(matcher->arena, &moves) = (struct match_move){.word = number, .to = to};
    }
    for (size_t i = 0; i < fan->words.n; i++) {
        const struct match_word *word = &matcher->words.items[fan->words.items[i]];
        if (!reachable_word(matcher, fan, fan->words.items[i], &from))
            continue;
        size_t n = add_typed(matcher, fan, word->mask, add_mixed(matcher, fan, word, 0));
        unsigned to = state_of(matcher, fan->set, n, state, from);
        *vec_add(matcher->arena, &moves) =
            (struct match_move){.word = fan->words.items[i] + matcher->n_classes, .to = to};
    }
    matcher->states.items[state].moves = moves.items;
    matcher->states.items[state].n_moves = moves.n;
    return moves.n;
}

bool match_automaton(struct matcher *matcher)
{
    struct fan fan = {0};
    unsigned root = 0;
    size_t n_moves = 0;
    state_of(matcher, &root, 1, 0, 0);
    for (unsigned i = 0; i < matcher->states.n; i++) {
        n_moves += expand(matcher, i, &fan);
        if (matcher->states.n <= MAX_STATES && n_moves <= MAX_TRANSITIONS &&
            matcher->effort <= MAX_EFFORT)
            continue;
        diag_error(matcher->tree->diags, matcher->tree->routes.items[0]->pos,
                   "these routes overlap in too many ways: the matcher would need more than %zu "
                   "states",
                   matcher->states.n);
        return false;
    }
    return true;
}

static const char *sample(struct arena *arena, int base, unsigned i)
{
    switch (base) {
    case BASE_UUID_LOWER:
        return arena_printf(arena, "0f000000-0000-4000-8000-%012x", i);
    case BASE_UUID_OTHER:
        return arena_printf(arena, "0F000000-0000-4000-8000-%012X", i);
    case BASE_DATE:
        return arena_printf(arena, "%04u-01-31", 2025 + i);
    case BASE_INT:
        return arena_printf(arena, "%u", 7 + i);
    case BASE_BIG:
        return arena_printf(arena, "%llu", 18446744073709551615ull - i);
    case BASE_NEGATIVE:
        return arena_printf(arena, "-%u", 7 + i);
    case BASE_SLUG:
        return i ? arena_printf(arena, "x%u", i) : "x";
    default:
        return i ? arena_printf(arena, "X%u", i) : "X";
    }
}

/* A segment of the class that is no literal of the routes. */
static const char *word_text(struct matcher *matcher, unsigned number)
{
    static const int plainest[] = {BASE_SLUG, BASE_OTHER, BASE_INT,        BASE_NEGATIVE,
                                   BASE_BIG,  BASE_DATE,  BASE_UUID_LOWER, BASE_UUID_OTHER};
    if (number >= matcher->n_classes)
        return matcher->words.items[number - matcher->n_classes].text;
    if (matcher->patterns.n)
        return matcher->pure[number];
    int base = BASE_OTHER;
    for (int i = N_BASE_CLASSES - 1; i >= 0; i--) {
        if (matcher->class_of_base[plainest[i]] == number)
            base = plainest[i];
    }
    for (unsigned i = 0;; i++) {
        const char *text = sample(matcher->arena, base, i);
        if (!map_get(&matcher->word_numbers, text))
            return text;
    }
}

const char *match_witness(struct matcher *matcher, unsigned state)
{
    const char *path = "";
    while (state) {
        const struct match_state *at = &matcher->states.items[state];
        path = arena_printf(matcher->arena, "/%s%s", word_text(matcher, at->word), path);
        state = at->from;
    }
    return *path ? path : "/";
}
