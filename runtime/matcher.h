/* matcher.h: the part of a generated matcher that is the same for all routes.
 *
 * matcher.c, which re2c makes of routes.re, includes this behind its tables and scanners, and
 * nothing else does. What has to stand before it:
 *
 *     class_of[] base[] check[] next[] leaf_of[] leaves[]   tables, of the smallest type that holds
 *                                                           their items
 *     N_CLASSES N_MOVES NO_WORD                             their sizes, and what is no word
 *     literal_0() or literals[], N_GROUPS                   scanners of literals, N_GROUPS of them
 *     OTHER_WORD()                                          the scanner of what is no literal
 *
 * A scanner takes where a segment begins and gives where it ends. */
#ifndef GW_MATCHER_H
#define GW_MATCHER_H

#include "generated.h"

extern gw_matcher gw_routes_match;

/* The word of a segment: a literal's, or else that of its class. Gives its end. */
static const unsigned char *scan(const unsigned char *segment, unsigned *ret_word)
{
#if N_GROUPS > 1
    /* The compiler puts each literal into the group that this hash (FNV-1a) gives. */
    const unsigned char *const end = OTHER_WORD(segment, ret_word);
    uint32_t hash = 2166136261u;
    unsigned word = 0;

    for (const unsigned char *p = segment; p < end; p++)
        hash = (hash ^ *p) * 16777619u;
    if (*ret_word != NO_WORD && literals[hash % N_GROUPS](segment, &word))
        *ret_word = word;
    return end;
#elif N_GROUPS == 1
    const unsigned char *const end = literal_0(segment, ret_word);

    return end ? end : OTHER_WORD(segment, ret_word);
#else
    return OTHER_WORD(segment, ret_word);
#endif
}

/* The state after `word`, or -1. */
static int step(unsigned state, unsigned word)
{
    for (;;) {
        unsigned i = base[state] + word;
        if (i < N_MOVES && check[i] == state + 1)
            return (int)next[i];
        if (word < N_CLASSES)
            return -1;
        word = class_of[word - N_CLASSES];
    }
}

const struct gw_leaf *gw_routes_match(const char *path, struct gw_span segments[GW_MAX_SEGMENTS])
{
    const unsigned char *const start = (const unsigned char *)path, *at = start;
    unsigned n = 0;
    int state = 0;
    if (*at != '/')
        return NULL;
    while (*at == '/' && (n || at[1])) {
        const unsigned char *const segment = ++at;
        unsigned word;
        at = scan(segment, &word);
        if (word == NO_WORD)
            return NULL;
        state = step((unsigned)state, word);
        if (state < 0)
            return NULL;
        if (n < GW_MAX_SEGMENTS)
            segments[n++] = (struct gw_span){(uint32_t)(segment - start), (uint32_t)(at - start)};
    }
    return leaf_of[state] ? &leaves[leaf_of[state] - 1] : NULL;
}

#endif
