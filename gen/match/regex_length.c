/* regex_length.c: how many characters the texts of a regular expression have.
 *
 * A text of n characters is a way of n moves, so only which states follow which matters. `left[k]`
 * are the states from which an end is k moves away; the start is in it where there is a text of k
 * characters. If there is one of `low` or more, there is one of less than `low` + n_states: a
 * longer way goes through a state twice, and the round can be left out. */
#include "match/regex.h"

#include "base/text.h"

#include <string.h>

/* Which states follow each, without repeats. */
struct moves {
    uint32_t *to;
    size_t *starts; /* of each state in `to`, and one behind the last */
};

static struct moves find_moves(struct arena *arena, const struct regex *regex)
{
    size_t n = 0;
    unsigned *seen = arena_alloc(arena, regex->n_states * sizeof(*seen));
    struct moves moves = {
        arena_alloc(arena, ((size_t)regex->n_states * regex->n_classes + 1) * sizeof(uint32_t)),
        arena_alloc(arena, (regex->n_states + 1) * sizeof(size_t)),
    };
    for (unsigned i = 0; i < regex->n_states; i++) {
        moves.starts[i] = n;
        for (unsigned j = 0; j < regex->n_classes; j++) {
            uint32_t to = regex->next[i * regex->n_classes + j];
            if (!to || seen[to] == i + 1)
                continue;
            seen[to] = i + 1;
            moves.to[n++] = to;
        }
    }
    moves.starts[regex->n_states] = n;
    return moves;
}

/* `left[k + 1]` from `left[k]`. */
static void step_back(const struct regex *regex, const struct moves *moves, const bool *left,
                      bool *ret)
{
    for (unsigned i = 0; i < regex->n_states; i++) {
        ret[i] = false;
        for (size_t j = moves->starts[i]; j < moves->starts[i + 1] && !ret[i]; j++)
            ret[i] = left[moves->to[j]];
    }
}

bool regex_has_length(struct arena *arena, const struct regex *regex, size_t low, size_t high)
{
    size_t n = regex->n_states, last = high - low < n ? high : low + n;
    struct moves moves = find_moves(arena, regex);
    bool *left = arena_alloc(arena, n), *next = arena_alloc(arena, n);
    memcpy(left, regex->accepts, n);
    for (size_t k = 0; k <= last; k++) {
        if (k >= low && left[1])
            return true;
        step_back(regex, &moves, left, next);
        bool *swap = left;
        left = next;
        next = swap;
    }
    return false;
}

size_t regex_longest(struct arena *arena, const struct regex *regex)
{
    size_t n = regex->n_states;
    struct moves moves = find_moves(arena, regex);
    bool *reached = arena_alloc(arena, n), *next = arena_alloc(arena, n);
    reached[1] = true;
    for (size_t k = 0; k < n; k++) {
        bool any = false;
        memset(next, 0, n);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = moves.starts[i]; reached[i] && j < moves.starts[i + 1]; j++)
                any = next[moves.to[j]] = true;
        }
        if (!any) /* from each state an end can be reached: these are ends */
            return k;
        bool *swap = reached;
        reached = next;
        next = swap;
    }
    return SIZE_MAX;
}

/* ---- Examples ------------------------------------------------------------------------------- */

#define MAX_CHOICES 64 /* of the characters of an interval that are not plain */

static const char plain[] = "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW"
                            "-._~!$'()*,;:@/?&=+%#[]{}<>|^`\\\" ";

struct sample {
    const struct regex *regex;
    struct {
        bool **items; /* left[k] of all k so far */
        size_t n, cap;
    } left;
    unsigned skip;
    struct text *text;
};

static void add_code_point(struct text *text, uint32_t c)
{
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    char bytes[4] = {(char)(leads[more] | c >> 6 * more)};
    for (unsigned i = 1; i <= more; i++)
        bytes[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
    text_add(text, bytes, more + 1);
}

static bool find_way(struct sample *sample, uint32_t state, size_t n);

static bool try_code_point(struct sample *sample, uint32_t state, size_t n, uint32_t c)
{
    size_t before = sample->text->n;
    uint32_t to = regex_step(sample->regex, state, c);
    if (!to || !sample->left.items[n - 1][to])
        return false;
    add_code_point(sample->text, c);
    if (find_way(sample, to, n - 1))
        return true;
    sample->text->n = before;
    return false;
}

/* The skip-th way of `n` moves from the state to an end. False: there are less. */
static bool find_way(struct sample *sample, uint32_t state, size_t n)
{
    const struct regex *regex = sample->regex;
    if (n == 0)
        return sample->skip-- == 0;
    for (const char *c = plain; *c; c++)
        if (try_code_point(sample, state, n, (unsigned char)*c))
            return true;
    for (size_t i = 0; i < regex->n_intervals; i++) {
        uint32_t first = regex->firsts[i], last = regex->firsts[i + 1] - 1;
        for (uint32_t c = first; c <= last && c < first + MAX_CHOICES; c++)
            if ((c <= ' ' || c > '~') && try_code_point(sample, state, n, c))
                return true;
    }
    return false;
}

const char *regex_text(struct arena *arena, const struct regex *regex, size_t low, size_t high,
                       unsigned i)
{
    size_t n = regex->n_states, last = high - low < n ? high : low + n;
    struct moves moves = find_moves(arena, regex);
    struct text text = {.arena = arena};
    struct sample sample = {.regex = regex, .skip = i, .text = &text};
    text_add(&text, "", 0);
    for (size_t k = 0; k <= last; k++) {
        bool *left = arena_alloc(arena, n);
        if (k)
            step_back(regex, &moves, sample.left.items[k - 1], left);
        else
            memcpy(left, regex->accepts, n);
        *vec_add(arena, &sample.left) = left;
        if (k < low || !left[1] || !find_way(&sample, 1, k))
            continue;
        text.items[text.n] = '\0';
        return text.items;
    }
    return NULL;
}
