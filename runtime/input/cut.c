/* cut.c: see cut.h.
 *
 * Backwards first: each place behind which the rest fits is marked. Then forwards: those marked
 * before which the text fits are the places where the segment can be divided. */
#include "input/cut.h"

#include "input/path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Of a path in its canonical form: every byte may have become an escape. */
#define LONGEST (3 * (size_t)GW_PATH_MAX)

struct marks {
    unsigned char bits[LONGEST / CHAR_BIT + 1];
};

static void mark(struct marks *marks, size_t at)
{
    marks->bits[at / CHAR_BIT] |= (unsigned char)(1u << at % CHAR_BIT);
}

static bool is_marked(const struct marks *marks, size_t at)
{
    return marks->bits[at / CHAR_BIT] >> at % CHAR_BIT & 1;
}

static unsigned step(const struct gw_automaton *automaton, unsigned state, char c)
{
    return automaton->next[state * automaton->n_classes + automaton->classes[(unsigned char)c]];
}

static void mark_behind(const struct gw_automaton *behind, struct gw_str segment, struct marks *ret)
{
    unsigned state = 1;
    memset(ret->bits, 0, segment.len / CHAR_BIT + 1);
    for (size_t at = segment.len; at && state; at--) {
        state = step(behind, state, segment.ptr[at - 1]);
        if (behind->ends[state])
            mark(ret, at - 1);
    }
}

int gw_cut_find(const struct gw_cut *cut, struct gw_str segment, size_t *ret)
{
    struct marks marks;
    unsigned state = 1, n = 0;
    if (segment.len > LONGEST)
        return -EINVAL;
    mark_behind(&cut->behind, segment, &marks);
    for (size_t at = 0; at < segment.len && state && n < 2; at++) {
        state = step(&cut->before, state, segment.ptr[at]);
        if (!cut->before.ends[state] || !is_marked(&marks, at + 1))
            continue;
        *ret = at + 1;
        n++;
    }
    return n == 1 ? 0 : n ? GW_E_NOT_FOUND : -EINVAL;
}
