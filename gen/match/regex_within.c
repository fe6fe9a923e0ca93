/* regex_within.c: whether one expression matches all that another one matches. */
#include "match/regex.h"

#define MAX_PAIRS (1u << 20) /* of states: beyond, nothing is proven */

struct walk {
    const struct regex *inner, *outer;
    bool *seen; /* [inner state * outer->n_states + outer state] */
    uint32_t *todo;
    size_t n;
};

static void visit(struct walk *walk, uint32_t inner, uint32_t outer)
{
    size_t at = (size_t)inner * walk->outer->n_states + outer;
    if (!inner || walk->seen[at])
        return;
    walk->seen[at] = true;
    walk->todo[walk->n++] = (uint32_t)at;
}

/* Both by every character at which an interval of either begins: within, all are alike. */
static void step(struct walk *walk, uint32_t inner, uint32_t outer)
{
    const struct regex *sides[] = {walk->inner, walk->outer};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side]->n_intervals; i++) {
            uint32_t c = sides[side]->firsts[i];
            visit(walk, regex_step(walk->inner, inner, c),
                  outer ? regex_step(walk->outer, outer, c) : 0);
        }
}

bool regex_is_within(struct arena *arena, const struct regex *inner, const struct regex *outer)
{
    size_t n = (size_t)inner->n_states * outer->n_states;
    if (n > MAX_PAIRS)
        return false;
    struct walk walk = {inner, outer, arena_alloc(arena, n * sizeof(bool)),
                        arena_alloc(arena, n * sizeof(uint32_t)), 0};
    visit(&walk, 1, 1);
    while (walk.n) {
        uint32_t at = walk.todo[--walk.n];
        uint32_t one = at / outer->n_states, other = at % outer->n_states;
        if (inner->accepts[one] && !(other && outer->accepts[other]))
            return false;
        step(&walk, one, other);
    }
    return true;
}
