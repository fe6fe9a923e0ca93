/* regex_tree.h: a regular expression as a tree, between its reader and the automaton. */
#ifndef GEN_REGEX_TREE_H
#define GEN_REGEX_TREE_H

#include "match/regex.h"

/* Of code points, both included. */
struct regex_range {
    uint32_t first, last;
};

/* Sorted, apart from each other, without surrogates and NUL: no text holds them. */
struct regex_set {
    struct regex_range *items;
    size_t n, cap;
};

enum regex_kind {
    REGEX_NOTHING, /* the empty text */
    REGEX_SET,
    REGEX_BOTH, /* one behind the other */
    REGEX_EITHER,
    REGEX_REPEAT,
};

struct regex_node {
    enum regex_kind kind;
    unsigned set;                          /* index */
    const struct regex_node *left, *right; /* REGEX_REPEAT: `left` alone */
    unsigned min, max;                     /* max 0: without an end */
};

struct regex_tree {
    const struct regex_node *root;
    struct regex_set *sets;
    size_t n_sets, cap_sets;
    size_t start, end; /* of the text, without anchors */
};

/* False and the error if it is none. */
bool regex_read(struct arena *arena, const char *text, size_t len, struct regex_tree *ret,
                struct regex_error *ret_error);

#endif
