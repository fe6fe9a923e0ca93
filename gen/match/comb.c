/* comb.c: the transition table as three arrays.
 *
 * Rows are laid over one another where their entries do not meet (row displacement; Aho, Sethi and
 * Ullman, section 3.9), the fullest first. Most rows have one to three entries, so the first free
 * place nearly always serves; taken places are skipped in one step, as sets are joined (the same,
 * section 4.6 on union and find). */
#include "match/match.h"

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

/* While the rows are laid. */
struct laying {
    struct arena *arena;
    struct match_comb *comb;
    VEC(uint32_t) skip; /* of a taken place: how far the next one is that may be free */
};

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

static void place(struct laying *laying, const struct match_state *state, unsigned number,
                  size_t base)
{
    struct match_comb *comb = laying->comb;
    comb->base[number] = (uint32_t)base;
    for (size_t i = 0; i < state->n_moves; i++) {
        size_t at = base + state->moves[i].word;
        while (comb->check.n <= at) {
            *vec_add(laying->arena, &comb->check) = 0;
            *vec_add(laying->arena, &comb->next) = 0;
            *vec_add(laying->arena, &laying->skip) = 1;
        }
        comb->check.items[at] = number + 1;
        comb->next.items[at] = state->moves[i].to;
    }
}

/* The first free place from `from` on; the way there is shorter the next time. */
static size_t next_free(struct laying *laying, size_t from)
{
    size_t at = from;
    while (!is_free(laying->comb, at))
        at += laying->skip.items[at];
    while (from < at) {
        size_t step = laying->skip.items[from];
        laying->skip.items[from] = (uint32_t)(at - from);
        from += step;
    }
    return at;
}

/* The lowest word's entry must come to a free place. */
static size_t find_base(struct laying *laying, const struct match_state *state)
{
    unsigned lowest = state->moves[0].word;
    size_t at = next_free(laying, lowest);
    while (!fits(laying->comb, state, at - lowest))
        at = next_free(laying, at + 1);
    return at - lowest;
}

void match_comb(const struct matcher *matcher, struct match_comb *ret)
{
    size_t n = matcher->states.n;
    struct laying laying = {.arena = matcher->arena, .comb = ret};
    struct row *rows = arena_alloc(matcher->arena, n * sizeof(*rows));
    *ret = (struct match_comb){.base = arena_alloc(matcher->arena, n * sizeof(*ret->base))};
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct row){.state = (unsigned)i, .n = matcher->states.items[i].n_moves};
    qsort(rows, n, sizeof(*rows), fullest_first);
    for (size_t i = 0; i < n && rows[i].n; i++) {
        const struct match_state *state = &matcher->states.items[rows[i].state];
        place(&laying, state, rows[i].state, find_base(&laying, state));
    }
}
