/* match.h: from routes to the tables of the matcher.
 *
 *     routes -> trie of segments (trie.c) -> automaton over words (dfa.c)
 *            -> three arrays (comb.c) -> routes.re (emit/matcher.c)
 *
 * A word is what the generated scanner makes of one segment: the number of a literal, of a class of
 * segments that satisfy the same types, or of such a class with the mixed segments that fit too
 * (mixed.c). */
#ifndef GEN_MATCH_H
#define GEN_MATCH_H

#include "base/text.h"
#include "syntax/tree.h"

#define MAX_STATES      200000
#define MAX_TRANSITIONS 4000000
#define MAX_EFFORT      100000000 /* nodes looked at while the automaton is built */

#define MAX_PATTERNS 256 /* different segments of that kind */
#define MAX_COLOURS  8   /* of them that fit one text */

/* The scanner's expressions, each with the types that all its segments satisfy. Together with their
 * order they divide all segments: the first that fits is it. */
enum base_class {
    BASE_UUID_LOWER,
    BASE_UUID_OTHER,
    BASE_DATE,
    BASE_INT,      /* not negative and within 63 bits: an int and a uint */
    BASE_BIG,      /* a uint only */
    BASE_NEGATIVE, /* an int only */
    BASE_SLUG,
    BASE_OTHER,
    N_BASE_CLASSES,
};

extern const unsigned base_class_masks[N_BASE_CLASSES];

struct match_word {
    const char *text;       /* the literal; of a combination a text that is one */
    unsigned mask;          /* of types, see path_type.h */
    unsigned class;         /* what it is where the word leads nowhere */
    VEC(unsigned) patterns; /* the mixed segments that it fits */
    unsigned combination;   /* of a literal that fits any: the word for those, index + 1 */
    bool others;            /* of a combination: there are texts that are no literals, */
    VEC(unsigned) literals; /* beside these */
};

/* A segment that mixes text and a parameter, or whose parameter has an expression. */
struct match_pattern {
    const struct segment *segment;
    unsigned colour, number; /* from 1 in its colour */
    VEC(unsigned) words;     /* combinations that it is in */
};

struct match_node {
    enum segment_kind kind;
    const struct segment *segment;
    unsigned pattern;    /* SEGMENT_LIKE, and SEGMENT_MIXED without words: index + 1 */
    VEC(unsigned) words; /* SEGMENT_LITERAL: one; SEGMENT_WORDS: all; as word numbers */
    VEC(unsigned) children;
    struct route *routes[2 * N_METHODS]; /* behind those of routes.def: those of the lock */
};

struct match_move {
    unsigned word, to;
};

struct match_state {
    const unsigned *nodes; /* sorted */
    size_t n_nodes;
    const struct match_move *moves; /* by word */
    size_t n_moves;
    unsigned from, word; /* how it was first reached */
    unsigned leaf;       /* index + 1 */
};

struct match_leaf {
    const struct route *routes[N_METHODS];
};

struct matcher {
    struct tree *tree;
    struct arena *arena;
    VEC(struct match_word) words; /* number - n_classes; literals, then combinations */
    size_t n_literals;
    VEC(struct match_pattern) patterns;
    struct map pattern_numbers;
    unsigned n_colours;
    /* Of each class a text that fits no pattern and is no literal; NULL: patterns take all. */
    const char *pure[N_BASE_CLASSES];
    struct map word_numbers;      /* text -> index + 1 */
    VEC(struct match_node) nodes; /* 0: the root */
    struct map edges;
    unsigned used_types; /* a bit for each kind of segment that occurs */
    unsigned n_classes;
    unsigned class_masks[N_BASE_CLASSES];
    unsigned class_of_base[N_BASE_CLASSES];
    VEC(struct match_state) states; /* 0: the start */
    struct map state_numbers;
    size_t effort;
    struct text key; /* scratch: a key that is looked up, and copied if it is new */
    VEC(struct match_leaf) leaves;
    struct map leaf_numbers;
};

/* Builds the automaton and reports duplicate, ambiguous and dead routes. */
struct matcher *match_build(struct tree *tree);

void match_trie(struct matcher *matcher);

/* Finds which patterns meet. False: reported. */
bool match_mixed(struct matcher *matcher);

/* The class of segments with these types. */
unsigned match_class(struct matcher *matcher, unsigned mask);

/* Adds what tells a segment from others, whatever its parameters are called. */
void match_segment_key(struct text *to, const struct segment *segment);

/* Index + 1 of the pattern of a mixed segment. */
unsigned match_pattern(struct matcher *matcher, const struct segment *segment);

bool match_automaton(struct matcher *matcher);
void match_leaves(struct matcher *matcher);

/* By precedence (docs/design.md, Precedence), for routes that match one path: literals that match
 * the same segment are the same. Negative: `a` goes before; 0: nothing separates them. */
int match_compare_rank(const struct route *a, const struct route *b);

/* A path that leads to a state. */
const char *match_witness(struct matcher *matcher, unsigned state);

/* Rows of a sparse table laid over one another: the entry of (state, word) is at base[state] + word
 * if check[] there is the state. */
struct match_comb {
    uint32_t *base;            /* of each state */
    VEC(uint32_t) check, next; /* check: state + 1, 0 where free */
};
void match_comb(const struct matcher *matcher, struct match_comb *ret);

#endif
