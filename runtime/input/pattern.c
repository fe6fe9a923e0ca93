/* pattern.c: texts against a regular expression, of which the compiler has made an automaton: one
 * move for each character, whatever the text. */
#include "input/format.h"

#include "generated.h"

/* The character at `*at`, of a text that is UTF-8. */
static uint32_t next_character(const unsigned char **at)
{
    unsigned char first = *(*at)++;
    unsigned more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t c = more ? first & (0x3fu >> more) : first;
    for (; more; more--)
        c = c << 6 | (*(*at)++ & 0x3f);
    return c;
}

/* The class of the interval that begins last of those that begin at `c` or before. */
static unsigned class_of(const struct gw_pattern *pattern, uint32_t c)
{
    size_t low = 0, high = pattern->n_intervals;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (pattern->firsts[middle] <= c)
            low = middle;
        else
            high = middle;
    }
    return pattern->classes[low];
}

bool gw_pattern_fits(const struct gw_pattern *pattern, struct gw_str text)
{
    const unsigned char *at = (const unsigned char *)text.ptr, *const end = at + text.len;
    uint32_t state = 1;
    while (at < end && state)
        state = pattern->next[state * pattern->n_classes + class_of(pattern, next_character(&at))];
    return pattern->accepts[state];
}
