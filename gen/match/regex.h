/* regex.h: regular expressions that people write (`like "[A-Z]{3}"`), over characters.
 *
 * What is understood is what ECMA-262 with the flag u, Python and PCRE2 read alike (JSON Schema's
 * `pattern` is ECMA-262): characters, `.`, escapes, classes, groups, `|`, and how often. A text
 * must match as a whole. No look-around, no back references: the automaton has no need to try
 * again. */
#ifndef GEN_REGEX_H
#define GEN_REGEX_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define REGEX_MAX_BYTES  1000
#define REGEX_MAX_STATES 4096

/* A deterministic automaton over classes of code points. State 0 leads nowhere, 1 is the start. */
struct regex {
    const char *text;       /* without anchors and with a plain `"` */
    const uint32_t *firsts; /* where intervals of code points begin, the first at 0; behind them one
                             * at 0x110000 */
    const uint32_t *classes; /* of each interval */
    size_t n_intervals;
    unsigned n_classes, n_states;
    const uint32_t *next; /* [state * n_classes + class] */
    const bool *accepts;
};

/* What is wrong with an expression. */
struct regex_error {
    size_t at, len; /* bytes */
    const char *message;
};

/* The expression as it stands between the quotes, where `\"` is a quote. NULL and the error if it
 * is none, if no text matches it, or if it needs more than REGEX_MAX_STATES. */
const struct regex *regex_compile(struct arena *arena, const char *text, size_t len,
                                  struct regex_error *ret_error);

bool regex_matches(const struct regex *regex, const char *text);

/* The state behind one more character; 0: none. */
uint32_t regex_step(const struct regex *regex, uint32_t state, uint32_t code_point);

/* regex_within.c: whether all that `inner` matches `outer` does. False: not, or it would take too
 * long to tell. */
bool regex_is_within(struct arena *arena, const struct regex *inner, const struct regex *outer);

/* regex_length.c: how many characters its texts have. */

#define REGEX_MAX_LOW 4096 /* of `low` below */

/* Whether any has `low` to `high` of them. */
bool regex_has_length(struct arena *arena, const struct regex *regex, size_t low, size_t high);

/* The most that any has; SIZE_MAX: there is no end. */
size_t regex_longest(struct arena *arena, const struct regex *regex);

/* Its i-th text of `low` to `high` characters, the shortest first; NULL: there are less. */
const char *regex_text(struct arena *arena, const struct regex *regex, size_t low, size_t high,
                       unsigned i);

/* regex_numbers.c: an expression of the whole numbers from `low` to `high`, in decimal, as a query
 * spells them: no leading zeros and no "-0". NULL: there are none. */
const char *regex_numbers(struct arena *arena, const char *low, const char *high);

#endif
