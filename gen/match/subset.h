/* subset.h: nondeterministic automata (Thompson's construction), and the subset construction that
 * makes a deterministic one of them: of regular expressions over characters (regex.c), and of all
 * that may stand in a segment over bytes (regular.c). */
#ifndef GEN_SUBSET_H
#define GEN_SUBSET_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct nfa_state {
    int set; /* a number of the caller's, or -1: only the empty moves */
    unsigned to;
    unsigned empty[2]; /* + 1; 0: none */
    unsigned accept;   /* id + 1; 0: no end */
    bool vital;        /* what reaches no vital state is of no interest */
};

struct nfa {
    struct arena *arena;
    VEC(struct nfa_state) states;
    VEC(unsigned) starts;
    bool vital;     /* of the states that are being added */
    size_t most;    /* states; 0: as many as it takes */
    bool too_large; /* it would need more; what was added since leads nowhere */
    unsigned
        rest; /* + 1; 0: none. From it, where it stands beside the end, all that comes is taken */
    unsigned end;
};

struct nfa_fragment {
    unsigned first, last;
};

/* A state without moves. */
unsigned nfa_new_state(struct nfa *nfa);
struct nfa_fragment nfa_new_fragment(struct nfa *nfa);

/* An empty move. A state has two at most. */
void nfa_link(struct nfa *nfa, unsigned from, unsigned to);

/* `from` leads to `to` by what is in the set. */
void nfa_link_set(struct nfa *nfa, unsigned from, unsigned to, unsigned set);

struct subset {
    const unsigned *states; /* those with a set or an end, sorted */
    size_t n;
    unsigned from, symbol; /* how it was first reached, in the fewest steps */
};

/* 0: none of the NFA's states, 1: the start. */
struct subsets {
    VEC(struct subset) items;
    VEC(uint32_t) next; /* [number * n_symbols + symbol] */
};

struct subset_limits {
    size_t kept;   /* members of all that are kept: memory */
    size_t effort; /* states that are looked at: time */
    size_t states;
    size_t cells; /* of `next`; 0: it is not made */
};

/* `has`: [set * n_symbols + symbol]. False: it would take more than the limits. */
bool subset_walk(const struct nfa *nfa, const bool *has, size_t n_symbols,
                 const struct subset_limits *limits, struct subsets *ret);

#endif
