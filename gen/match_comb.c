/* match_comb.c: the transition table as three arrays.
 *
 * Rows are laid over one another where their entries do not meet (row displacement; Aho, Sethi and
 * Ullman, section 3.9), the fullest first. Most rows have one to three entries, so the first free
 * place nearly always serves. */
#include "match.h"

#include <stdlib.h>

struct row {
    unsigned state;
    size_t n;
};

static int fullest_first(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    if (left->n != right->n)
        return left->n > right->n ? -1 : 1;
    return left->state < right->state ? -1 : left->state > right->state;
}

static bool is_free(const struct match_comb *comb, size_t i)
{
    return i >= comb->check.n || comb->check.items[i] == 0;
}

static bool fits(const struct match_comb *comb, const struct match_state *state, size_t base)
{
    for (size_t i = 0; i < state->n_moves; i++) {
        if (!is_free(comb, base + state->moves[i].word))
            return false;
    }
    return true;
}

static void place(struct arena *arena, struct match_comb *comb, const struct match_state *state,
                  unsigned number, size_t base)
{
    comb->base[number] = (uint32_t)base;
    for (size_t i = 0; i < state->n_moves; i++) {
        size_t at = base + state->moves[i].word;
        while (comb->check.n <= at) {
            *vec_add(arena, &comb->check) = 0;
            *vec_add(arena, &comb->next) = 0;
        }
        comb->check.items[at] = number + 1;
        comb->next.items[at] = state->moves[i].to;
    }
}

/* The lowest word's entry must come to a free place; `*first_free` grows with the table. */
static size_t find_base(const struct match_comb *comb, const struct match_state *state,
                        size_t *first_free)
{
    unsigned lowest = state->moves[0].word;
    while (!is_free(comb, *first_free))
        ++*first_free;
    size_t at = *first_free > lowest ? *first_free : lowest;
    while (!fits(comb, state, at - lowest))
        at++;
    return at - lowest;
}

void match_comb(const struct matcher *matcher, struct match_comb *ret)
{
    size_t n = matcher->states.n, first_free = 0;
    struct row *rows = arena_alloc(matcher->arena, n * sizeof *rows);
    *ret = (struct match_comb){.base = arena_alloc(matcher->arena, n * sizeof *ret->base)};
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct row){.state = (unsigned)i, .n = matcher->states.items[i].n_moves};
    qsort(rows, n, sizeof *rows, fullest_first);
    for (size_t i = 0; i < n && rows[i].n; i++) {
        const struct match_state *state = &matcher->states.items[rows[i].state];
        place(matcher->arena, ret, state, rows[i].state, find_base(ret, state, &first_free));
    }
}
