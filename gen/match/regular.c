/* regular.c: regular languages over the bytes of a segment, and which of them meet.
 *
 * Thompson's construction makes an NFA of each expression, the subset construction walks all of
 * them at once. A state of the result says exactly which languages its texts are in; the first text
 * that leads there is a witness. */
#include "match/regular.h"

#include "base/map.h"
#include "base/order.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct fragment {
    unsigned first, last;
};

struct reader {
    struct nfa *nfa;
    const char *at;
};

static unsigned new_state(struct nfa *nfa)
{
    *vec_add(nfa->arena, &nfa->states) = (struct nfa_state){.set = -1, .vital = nfa->vital};
    return (unsigned)nfa->states.n - 1;
}

static void link_states(struct nfa *nfa, unsigned from, unsigned to)
{
    unsigned *empty = nfa->states.items[from].empty;
    empty[empty[0] ? 1 : 0] = to + 1;
}

static int set_index(struct nfa *nfa, const struct byte_set *set)
{
    for (size_t i = 0; i < nfa->sets.n; i++) {
        if (!memcmp(&nfa->sets.items[i], set, sizeof(*set)))
            return (int)i;
    }
    *vec_add(nfa->arena, &nfa->sets) = *set;
    return (int)nfa->sets.n - 1;
}

static void set_byte(struct byte_set *set, unsigned char c)
{
    set->bits[c / 32] |= 1u << c % 32;
}

static struct fragment fragment_of_set(struct nfa *nfa, const struct byte_set *set)
{
    struct fragment fragment = {.first = new_state(nfa), .last = new_state(nfa)};
    nfa->states.items[fragment.first].set = set_index(nfa, set);
    nfa->states.items[fragment.first].to = fragment.last;
    return fragment;
}

static struct fragment fragment_of_text(struct nfa *nfa, const char *text)
{
    struct fragment all = {.first = new_state(nfa)};
    all.last = all.first;
    for (; *text; text++) {
        struct byte_set set = {{0}};
        set_byte(&set, (unsigned char)*text);
        struct fragment one = fragment_of_set(nfa, &set);
        link_states(nfa, all.last, one.first);
        all.last = one.last;
    }
    return all;
}

static struct fragment read_alternatives(struct reader *reader);

static struct fragment read_class(struct reader *reader)
{
    struct byte_set set = {{0}};
    bool inverted = *reader->at == '^';
    reader->at += inverted;
    for (; *reader->at != ']'; reader->at++) {
        unsigned char low = (unsigned char)*reader->at, high = low;
        if (reader->at[1] == '-' && reader->at[2] != ']') {
            high = (unsigned char)reader->at[2];
            reader->at += 2;
        }
        for (unsigned c = low; c <= high; c++)
            set_byte(&set, (unsigned char)c);
    }
    reader->at++;
    for (int i = 0; inverted && i < 8; i++)
        set.bits[i] = ~set.bits[i];
    if (inverted)
        set.bits[0] &= ~1u;
    return fragment_of_set(reader->nfa, &set);
}

static struct fragment read_atom(struct reader *reader)
{
    char c = *reader->at++;
    if (c == '(') {
        struct fragment inner = read_alternatives(reader);
        reader->at++;
        return inner;
    }
    if (c == '[')
        return read_class(reader);
    return fragment_of_text(reader->nfa, (const char[]){c, '\0'});
}

/* How often; `max` 0: without an end ({0} is not understood). */
static void read_count(struct reader *reader, unsigned *min, unsigned *max)
{
    *min = *max = 1;
    char c = *reader->at;
    if (c == '*' || c == '+' || c == '?') {
        *min = c == '+';
        *max = c == '?';
        reader->at++;
    } else if (c == '{') {
        char *end;
        *min = *max = (unsigned)strtoul(reader->at + 1, &end, 10);
        if (*end == ',')
            *max = (unsigned)strtoul(end + 1, &end, 10);
        reader->at = end + 1;
    }
}

/* An atom is read again for each copy of it. */
static struct fragment read_repeated(struct reader *reader)
{
    struct nfa *nfa = reader->nfa;
    const char *start = reader->at;
    struct fragment all = {.first = new_state(nfa)};
    unsigned min, max, last = all.first;
    struct fragment copy = read_atom(reader);
    read_count(reader, &min, &max);
    const char *behind = reader->at;
    unsigned end = new_state(nfa);
    for (unsigned i = 0; i < (max ? max : min ? min : 1); i++) {
        if (i) {
            reader->at = start;
            copy = read_atom(reader);
        }
        if (i >= min)
            link_states(nfa, last, end);
        link_states(nfa, last, copy.first);
        unsigned joint = new_state(nfa);
        link_states(nfa, copy.last, joint);
        if (!max && i + 1 == (min ? min : 1))
            link_states(nfa, copy.last, copy.first);
        last = joint;
    }
    reader->at = behind;
    link_states(nfa, last, end);
    all.last = end;
    return all;
}

static struct fragment read_sequence(struct reader *reader)
{
    struct fragment all = {.first = new_state(reader->nfa)};
    all.last = all.first;
    while (*reader->at && *reader->at != '|' && *reader->at != ')') {
        struct fragment one = read_repeated(reader);
        link_states(reader->nfa, all.last, one.first);
        all.last = one.last;
    }
    return all;
}

static struct fragment read_alternatives(struct reader *reader)
{
    struct fragment all = read_sequence(reader);
    while (*reader->at == '|') {
        reader->at++;
        struct fragment other = read_sequence(reader);
        struct fragment both = {.first = new_state(reader->nfa), .last = new_state(reader->nfa)};
        link_states(reader->nfa, both.first, all.first);
        link_states(reader->nfa, both.first, other.first);
        link_states(reader->nfa, all.last, both.last);
        link_states(reader->nfa, other.last, both.last);
        all = both;
    }
    return all;
}

void nfa_add(struct nfa *nfa, unsigned id, bool vital, const char *before, const char *expression,
             const char *behind)
{
    nfa->vital = vital;
    struct fragment all = fragment_of_text(nfa, before);
    if (expression) {
        struct reader reader = {.nfa = nfa, .at = expression};
        struct fragment middle = read_alternatives(&reader);
        link_states(nfa, all.last, middle.first);
        all.last = middle.last;
    }
    struct fragment rest = fragment_of_text(nfa, behind);
    link_states(nfa, all.last, rest.first);
    nfa->states.items[rest.last].accept = id + 1;
    *vec_add(nfa->arena, &nfa->starts) = all.first;
}

/* ---- The walk ------------------------------------------------------------------------------- */

struct meet_state {
    const unsigned *states; /* those with a set or an end, sorted */
    size_t n;
    unsigned from;
    char byte;
};

struct meeting {
    struct nfa *nfa;
    VEC(struct meet_state) states;
    struct map numbers;
    struct text key;       /* scratch */
    size_t kept;           /* members of the sets that are states */
    size_t effort;         /* members of all sets */
    VEC(unsigned) current; /* the set that is being collected */
    VEC(unsigned) stack;
    unsigned *mark; /* by state of the NFA: the round it was last seen in */
    unsigned round;
    char bytes[256]; /* one of each class of bytes, the plainest first */
    size_t n_bytes;
};

static bool has_byte(const struct nfa *nfa, int set, unsigned char c)
{
    return set >= 0 && nfa->sets.items[set].bits[c / 32] >> c % 32 & 1;
}

/* What a canonical path can hold, with the plainest first. */
static const char alphabet[] = "x7ayXbcdefghijklmnopqrstuvwz0123456789ABCDEFGHIJKLMNOPQRSTUVWYZ"
                               "-._~!$&'()*+,;=:@%";

/* Bytes that no set tells apart are one. */
static void find_bytes(struct meeting *meeting)
{
    const struct nfa *nfa = meeting->nfa;
    for (const char *c = alphabet; *c; c++) {
        bool same = false;
        for (size_t i = 0; i < meeting->n_bytes && !same; i++) {
            same = true;
            for (size_t j = 0; j < nfa->sets.n && same; j++)
                same = has_byte(nfa, (int)j, (unsigned char)*c) ==
                       has_byte(nfa, (int)j, (unsigned char)meeting->bytes[i]);
        }
        if (!same)
            meeting->bytes[meeting->n_bytes++] = *c;
    }
}

static void push(struct meeting *meeting, unsigned state)
{
    if (meeting->mark[state] == meeting->round)
        return;
    meeting->mark[state] = meeting->round;
    *vec_add(meeting->nfa->arena, &meeting->stack) = state;
}

/* Follows the empty moves. */
static void close_set(struct meeting *meeting)
{
    while (meeting->stack.n) {
        unsigned number = meeting->stack.items[--meeting->stack.n];
        const struct nfa_state *state = &meeting->nfa->states.items[number];
        if (state->set >= 0 || state->accept)
            *vec_add(meeting->nfa->arena, &meeting->current) = number;
        for (int i = 0; i < 2; i++) {
            if (state->empty[i])
                push(meeting, state->empty[i] - 1);
        }
    }
}

static bool is_vital(const struct meeting *meeting)
{
    for (size_t i = 0; i < meeting->current.n; i++) {
        if (meeting->nfa->states.items[meeting->current.items[i]].vital)
            return true;
    }
    return false;
}

/* Keeps the set that was collected as a state, if it is new. */
static void keep_set(struct meeting *meeting, unsigned from, char byte)
{
    struct arena *arena = meeting->nfa->arena;
    size_t n = meeting->current.n;
    meeting->effort += n;
    if (!is_vital(meeting))
        return;
    qsort(meeting->current.items, n, sizeof(unsigned), order_numbers);
    struct text *key = &meeting->key;
    key->arena = arena;
    key->n = 0;
    for (size_t i = 0; i < n; i++) {
        /* Five times six bits without a zero byte. */
        char bytes[5];
        for (unsigned j = 0; j < 5; j++)
            bytes[j] = (char)((meeting->current.items[i] >> 6 * j & 63) + 32);
        text_add(key, bytes, sizeof(bytes));
    }
    if (map_get(&meeting->numbers, key->items))
        return;
    map_put(arena, &meeting->numbers, arena_copy(arena, key->items, key->n), meeting);
    meeting->kept += n;
    unsigned *copy = arena_alloc(arena, n * sizeof(*copy));
    memcpy(copy, meeting->current.items, n * sizeof(*copy));
    *vec_add(arena, &meeting->states) =
        (struct meet_state){.states = copy, .n = n, .from = from, .byte = byte};
}

static void step(struct meeting *meeting, unsigned from, char byte)
{
    const struct nfa *nfa = meeting->nfa;
    meeting->round++;
    meeting->current.n = 0;
    for (size_t i = 0; i < meeting->states.items[from].n; i++) {
        const struct nfa_state *state = &nfa->states.items[meeting->states.items[from].states[i]];
        if (has_byte(nfa, state->set, (unsigned char)byte))
            push(meeting, state->to);
    }
    close_set(meeting);
    keep_set(meeting, from, byte);
}

static const char *text_to(struct meeting *meeting, unsigned number)
{
    size_t len = 0;
    for (unsigned i = number; i; i = meeting->states.items[i].from)
        len++;
    char *text = arena_alloc(meeting->nfa->arena, len + 1);
    for (unsigned i = number; i; i = meeting->states.items[i].from)
        text[--len] = meeting->states.items[i].byte;
    return text;
}

static void report(struct meeting *meeting, unsigned number, nfa_found *found, void *ctx)
{
    const struct meet_state *state = &meeting->states.items[number];
    VEC(unsigned) ids = {0};
    for (size_t i = 0; i < state->n; i++) {
        unsigned accept = meeting->nfa->states.items[state->states[i]].accept;
        if (accept)
            *vec_add(meeting->nfa->arena, &ids) = accept - 1;
    }
    if (!ids.n)
        return;
    qsort(ids.items, ids.n, sizeof(*ids.items), order_numbers);
    found(ctx, text_to(meeting, number), ids.items, ids.n);
}

bool nfa_meet(struct nfa *nfa, const struct nfa_limits *limits, nfa_found *found, void *ctx)
{
    struct meeting meeting = {
        .nfa = nfa,
        .mark = arena_alloc(nfa->arena, (nfa->states.n + 1) * sizeof(*meeting.mark)),
        .round = 1,
    };
    find_bytes(&meeting);
    for (size_t i = 0; i < nfa->starts.n; i++)
        push(&meeting, nfa->starts.items[i]);
    close_set(&meeting);
    keep_set(&meeting, 0, 0);
    for (unsigned i = 0; i < meeting.states.n; i++) {
        if (meeting.kept > limits->kept || meeting.effort > limits->effort)
            return false;
        if (i)
            report(&meeting, i, found, ctx);
        for (size_t j = 0; j < meeting.n_bytes; j++)
            step(&meeting, i, meeting.bytes[j]);
    }
    return true;
}
