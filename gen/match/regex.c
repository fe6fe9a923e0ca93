/* regex.c: the automaton of a regular expression.
 *
 * Thompson's construction makes an NFA of the tree, the subset construction a DFA of it. Code
 * points that no set tells apart are one class. What comes out goes into the program as a table:
 * made to code by re2c, `.{1,255}` would take the C compiler many seconds. */
#include "match/regex.h"

#include "base/map.h"
#include "base/order.h"
#include "base/text.h"
#include "match/regex_tree.h"

#include <stdlib.h>
#include <string.h>

#define BEYOND     0x110000u
#define MAX_NFA    40000
#define MAX_CELLS  131072   /* of the table */
#define MAX_EFFORT 20000000 /* members of all sets that are looked at */

#define TOO_LARGE                                                                                  \
    "this expression needs too large an automaton: say the length by a range behind the type, "    \
    "`text 1..255`, or repeat less"

struct nfa_state {
    int set; /* -1: only the empty moves */
    unsigned to;
    unsigned empty[2]; /* + 1; 0: none */
};

struct fragment {
    unsigned first, last;
};

struct building {
    struct arena *arena;
    const struct regex_tree *tree;
    VEC(struct nfa_state) states;
    bool too_large;
};

static unsigned new_state(struct building *building)
{
    building->too_large |= building->states.n >= MAX_NFA;
    if (building->too_large)
        return 0;
    *vec_add(building->arena, &building->states) = (struct nfa_state){.set = -1};
    return (unsigned)building->states.n - 1;
}

static struct fragment new_fragment(struct building *building)
{
    unsigned first = new_state(building);
    return (struct fragment){first, new_state(building)};
}

static void link_states(struct building *building, unsigned from, unsigned to)
{
    unsigned *empty = building->states.items[from].empty;
    if (!building->too_large)
        empty[empty[0] ? 1 : 0] = to + 1;
}

static struct fragment build(struct building *building, const struct regex_node *node);

/* Each copy has a joint behind it, from which the end can be reached once there are enough. */
static struct fragment build_repeat(struct building *building, const struct regex_node *node)
{
    unsigned copies = node->max ? node->max : node->min ? node->min : 1;
    struct fragment all = new_fragment(building);
    unsigned last = all.first;
    for (unsigned i = 0; i < copies && !building->too_large; i++) {
        struct fragment copy = build(building, node->left);
        if (i >= node->min)
            link_states(building, last, all.last);
        link_states(building, last, copy.first);
        last = new_state(building);
        link_states(building, copy.last, last);
        if (!node->max && i + 1 == copies)
            link_states(building, copy.last, copy.first);
    }
    link_states(building, last, all.last);
    return all;
}

static struct fragment build_either(struct building *building, const struct regex_node *node)
{
    struct fragment all = new_fragment(building);
    const struct regex_node *sides[] = {node->left, node->right};
    for (int i = 0; i < 2; i++) {
        struct fragment side = build(building, sides[i]);
        link_states(building, all.first, side.first);
        link_states(building, side.last, all.last);
    }
    return all;
}

static struct fragment build(struct building *building, const struct regex_node *node)
{
    if (node->kind == REGEX_REPEAT)
        return build_repeat(building, node);
    if (node->kind == REGEX_EITHER)
        return build_either(building, node);
    if (node->kind == REGEX_BOTH) {
        struct fragment left = build(building, node->left);
        struct fragment right = build(building, node->right);
        link_states(building, left.last, right.first);
        return (struct fragment){left.first, right.last};
    }
    struct fragment all = new_fragment(building);
    if (node->kind == REGEX_NOTHING) {
        link_states(building, all.first, all.last);
    } else if (!building->too_large) {
        building->states.items[all.first].set = (int)node->set;
        building->states.items[all.first].to = all.last;
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

/* ---- The subset construction ---------------------------------------------------------------- */

struct subset {
    const unsigned *states; /* those with a set, sorted; the NFA's end too */
    size_t n;
};

struct walk {
    struct building *building;
    unsigned end; /* of the NFA */
    struct map numbers;
    VEC(struct subset) subsets;
    VEC(uint32_t) next;
    VEC(unsigned) current, stack;
    unsigned *mark;
    unsigned round;
    size_t effort, n_classes;
    const bool *has; /* [set * n_classes + class] */
};

static void push(struct walk *walk, unsigned state)
{
    if (walk->mark[state] == walk->round)
        return;
    walk->mark[state] = walk->round;
    *vec_add(walk->building->arena, &walk->stack) = state;
}

/* Follows the empty moves. */
static void close_set(struct walk *walk)
{
    while (walk->stack.n) {
        unsigned number = walk->stack.items[--walk->stack.n];
        const struct nfa_state *state = &walk->building->states.items[number];
        walk->effort++;
        if (state->set >= 0 || number == walk->end)
            *vec_add(walk->building->arena, &walk->current) = number;
        for (int i = 0; i < 2; i++)
            if (state->empty[i])
                push(walk, state->empty[i] - 1);
    }
}

/* The number of the state that the collected set is; the empty one is 0. */
static uint32_t keep_subset(struct walk *walk)
{
    struct arena *arena = walk->building->arena;
    size_t n = walk->current.n, number = walk->subsets.n + 1;
    if (n)
        qsort(walk->current.items, n, sizeof(unsigned), order_numbers);
    char *key = arena_alloc(arena, 3 * n + 1);
    for (size_t i = 0; i < n; i++)
        for (unsigned j = 0; j < 3; j++)
            key[3 * i + j] = (char)((walk->current.items[i] >> 6 * j & 63) + 32);
    void *before = map_put(arena, &walk->numbers, key, (void *)number);
    if (before)
        return (uint32_t)(size_t)before - 1;
    unsigned *copy = arena_alloc(arena, n * sizeof(*copy));
    if (n)
        memcpy(copy, walk->current.items, n * sizeof(*copy));
    *vec_add(arena, &walk->subsets) = (struct subset){copy, n};
    return (uint32_t)number - 1;
}

_Static_assert(MAX_NFA < 1 << 18, "three times six bits in keep_subset()");

static uint32_t step(struct walk *walk, size_t from, size_t class)
{
    const struct building *building = walk->building;
    struct subset subset = walk->subsets.items[from];
    walk->round++;
    walk->current.n = 0;
    for (size_t i = 0; i < subset.n; i++) {
        const struct nfa_state *state = &building->states.items[subset.states[i]];
        if (state->set >= 0 && walk->has[(size_t)state->set * walk->n_classes + class])
            push(walk, state->to);
    }
    walk->effort += subset.n;
    close_set(walk);
    return keep_subset(walk);
}

/* False: it would be too large. */
static bool walk_subsets(struct walk *walk, unsigned first)
{
    keep_subset(walk);
    walk->round++;
    push(walk, first);
    close_set(walk);
    keep_subset(walk);
    for (size_t i = 0; i < walk->subsets.n; i++) {
        for (size_t j = 0; j < walk->n_classes; j++) {
            uint32_t to = step(walk, i, j);
            *vec_add(walk->building->arena, &walk->next) = to;
        }
        if (walk->subsets.n > REGEX_MAX_STATES || walk->effort > MAX_EFFORT ||
            walk->subsets.n * walk->n_classes > MAX_CELLS)
            return false;
    }
    return true;
}

/* ---- The whole ------------------------------------------------------------------------------ */

/* Moves to states from which no end can be reached become moves to state 0. Whether the first state
 * is none of these. */
static bool cut_dead_ends(struct walk *walk, const bool *accepts)
{
    size_t n = walk->subsets.n, n_classes = walk->n_classes;
    bool *lives = arena_alloc(walk->building->arena, n);
    bool more = true;
    memcpy(lives, accepts, n);
    while (more) {
        more = false;
        for (size_t i = n; i-- > 1;) {
            bool before = lives[i];
            for (size_t j = 0; j < n_classes && !lives[i]; j++)
                lives[i] = lives[walk->next.items[i * n_classes + j]];
            more |= lives[i] != before;
        }
    }
    for (size_t i = 0; i < walk->next.n; i++)
        if (!lives[walk->next.items[i]])
            walk->next.items[i] = 0;
    return lives[1];
}

static const bool *find_ends(struct walk *walk)
{
    bool *accepts = arena_alloc(walk->building->arena, walk->subsets.n);
    for (size_t i = 0; i < walk->subsets.n; i++)
        for (size_t j = 0; j < walk->subsets.items[i].n; j++)
            accepts[i] |= walk->subsets.items[i].states[j] == walk->end;
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

const struct regex *regex_compile(struct arena *arena, const char *text, size_t len,
                                  struct regex_error *ret_error)
{
    struct regex_tree tree;
    struct building building = {.arena = arena, .tree = &tree};
    struct classes classes = {0};
    if (!regex_read(arena, text, len, &tree, ret_error))
        return NULL;
    *ret_error = (struct regex_error){0, len, TOO_LARGE};
    struct fragment all = build(&building, tree.root);
    if (building.too_large)
        return NULL;
    find_classes(arena, &tree, &classes);
    struct walk walk = {.building = &building, .end = all.last, .n_classes = classes.members.n};
    walk.mark = arena_alloc(arena, building.states.n * sizeof(*walk.mark));
    walk.has = find_members(arena, &tree, &classes);
    if (!walk_subsets(&walk, all.first))
        return NULL;
    const bool *accepts = find_ends(&walk);
    *ret_error = (struct regex_error){0, len, "no text matches this expression"};
    if (!cut_dead_ends(&walk, accepts))
        return NULL;
    struct regex *regex = arena_alloc(arena, sizeof(*regex));
    *regex = (struct regex){
        .text = plain_text(arena, text, &tree),
        .firsts = classes.firsts.items,
        .classes = classes.classes.items,
        .n_intervals = classes.classes.n,
        .n_classes = (unsigned)classes.members.n,
        .n_states = (unsigned)walk.subsets.n,
        .next = walk.next.items,
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
