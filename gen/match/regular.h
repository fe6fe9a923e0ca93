/* regular.h: regular languages over the bytes of a segment, and which of them meet. */
#ifndef GEN_REGULAR_H
#define GEN_REGULAR_H

#include "match/subset.h"

struct byte_set {
    uint32_t bits[8];
};

/* A union of languages, each with an id. It begins with nfa.arena alone. */
struct languages {
    struct nfa nfa;
    VEC(struct byte_set) sets;
    bool backwards; /* of each text the bytes from its end */
};

/* Adds `before`, then what `expression` describes, then `behind`. In the expression: bytes,
 * `[a-z]`, `[^...]`, `( )`, `|`, `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`. NULL: nothing between.
 * Texts that are in no vital language are of no interest. */
void languages_add(struct languages *languages, unsigned id, bool vital, const char *before,
                   const char *expression, const char *behind);

/* Calls `found` for sets of ids that some text is in, which is not empty, each with such a text,
 * the shortest first; every set with a vital one that occurs is given, some more than once. Ids are
 * ascending. False: that would take more than the limits. */
typedef void languages_found(void *ctx, const char *text, const unsigned *ids, size_t n_ids);
bool languages_meet(struct languages *languages, const struct subset_limits *limits,
                    languages_found *found, void *ctx);

/* A deterministic automaton over bytes. State 0 leads nowhere, 1 is the start, and so is class 0 of
 * bytes that stand in no canonical path. */
struct automaton {
    uint32_t classes[256]; /* of each byte */
    size_t n_classes, n_states;
    const uint32_t *next; /* [state * n_classes + class] */
    const uint32_t *ends; /* of each state: whether a text may end there */
};

/* What takes the texts of all the languages. `limits` has `cells`. False: it would take more. */
bool languages_automaton(struct languages *languages, const struct subset_limits *limits,
                         struct automaton *ret);

/* The text as an expression. */
const char *languages_quoted(struct arena *arena, const char *text);

#endif
