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

#endif
