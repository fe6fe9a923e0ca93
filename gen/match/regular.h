/* regular.h: regular languages over the bytes of a segment, and which of them meet. */
#ifndef GEN_REGULAR_H
#define GEN_REGULAR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct byte_set {
    uint32_t bits[8];
};

struct nfa_state {
    int set; /* index in nfa.sets, or -1: only the empty moves */
    unsigned to;
    unsigned empty[2]; /* + 1; 0: none */
    unsigned accept;   /* id + 1; 0: no end */
    bool vital;        /* see nfa_add() */
};

/* A union of languages, each with an id. */
struct nfa {
    struct arena *arena;
    VEC(struct nfa_state) states;
    VEC(struct byte_set) sets;
    VEC(unsigned) starts;
    bool vital; /* of the language that is being added */
};

/* Adds `before`, then what `expression` describes, then `behind`. In the expression: bytes,
 * `[a-z]`, `[^...]`, `( )`, `|`, `*`, `+`, `?`, `{n}`, `{n,m}`. NULL: nothing between. Texts that
 * are in no vital language are of no interest. */
void nfa_add(struct nfa *nfa, unsigned id, bool vital, const char *before, const char *expression,
             const char *behind);

/* Calls `found` for sets of ids that some text is in, each with such a text, the shortest first;
 * every set with a vital one that occurs is given, some more than once. Ids are ascending. False:
 * that would take more than the limits. */
struct nfa_limits {
    size_t kept;   /* members of the sets that are kept: memory */
    size_t effort; /* and of those that are looked at: time */
};
typedef void nfa_found(void *ctx, const char *text, const unsigned *ids, size_t n_ids);
bool nfa_meet(struct nfa *nfa, const struct nfa_limits *limits, nfa_found *found, void *ctx);

#endif
