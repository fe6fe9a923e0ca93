/* regular.c: regular languages over the bytes of a segment, and which of them meet.
 *
 * Each expression becomes an NFA, the subset construction (subset.c) walks all of them at once. A
 * state of the result says exactly which languages its texts are in; the first text that leads
 * there is a witness. */
#include "match/regular.h"

#include "base/order.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct languages *languages;
    const char *at;
};

static unsigned set_index(struct languages *languages, const struct byte_set *set)
{
    for (size_t i = 0; i < languages->sets.n; i++) {
        if (!memcmp(&languages->sets.items[i], set, sizeof(*set)))
            return (unsigned)i;
    }
    *vec_add(languages->nfa.arena, &languages->sets) = *set;
    return (unsigned)languages->sets.n - 1;
}

static void set_byte(struct byte_set *set, unsigned char c)
{
    set->bits[c / 32] |= 1u << c % 32;
}

static struct nfa_fragment fragment_of_set(struct languages *languages, const struct byte_set *set)
{
    struct nfa_fragment fragment = nfa_new_fragment(&languages->nfa);
    nfa_link_set(&languages->nfa, fragment.first, fragment.last, set_index(languages, set));
    return fragment;
}

static struct nfa_fragment fragment_of_nothing(struct languages *languages)
{
    unsigned state = nfa_new_state(&languages->nfa);
    return (struct nfa_fragment){state, state};
}

/* `one` behind `all`, or before it where texts are read backwards. */
static struct nfa_fragment both(struct languages *languages, struct nfa_fragment all,
                                struct nfa_fragment one)
{
    struct nfa_fragment first = languages->backwards ? one : all;
    struct nfa_fragment last = languages->backwards ? all : one;
    nfa_link(&languages->nfa, first.last, last.first);
    return (struct nfa_fragment){first.first, last.last};
}

static struct nfa_fragment fragment_of_text(struct languages *languages, const char *text)
{
    struct nfa_fragment all = fragment_of_nothing(languages);
    for (; *text; text++) {
        struct byte_set set = {{0}};
        set_byte(&set, (unsigned char)*text);
        all = both(languages, all, fragment_of_set(languages, &set));
    }
    return all;
}

static struct nfa_fragment read_alternatives(struct reader *reader);

static struct nfa_fragment read_class(struct reader *reader)
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
    return fragment_of_set(reader->languages, &set);
}

static struct nfa_fragment read_atom(struct reader *reader)
{
    char c = *reader->at++;
    if (c == '(') {
        struct nfa_fragment inner = read_alternatives(reader);
        reader->at++;
        return inner;
    }
    if (c == '[')
        return read_class(reader);
    return fragment_of_text(reader->languages, (const char[]){c, '\0'});
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
static struct nfa_fragment read_repeated(struct reader *reader)
{
    struct nfa *nfa = &reader->languages->nfa;
    const char *start = reader->at;
    struct nfa_fragment all = {.first = nfa_new_state(nfa)};
    unsigned min, max, last = all.first;
    struct nfa_fragment copy = read_atom(reader);
    read_count(reader, &min, &max);
    const char *behind = reader->at;
    unsigned end = nfa_new_state(nfa);
    for (unsigned i = 0; i < (max ? max : min ? min : 1); i++) {
        if (i) {
            reader->at = start;
            copy = read_atom(reader);
        }
        if (i >= min)
            nfa_link(nfa, last, end);
        nfa_link(nfa, last, copy.first);
        unsigned joint = nfa_new_state(nfa);
        nfa_link(nfa, copy.last, joint);
        if (!max && i + 1 == (min ? min : 1))
            nfa_link(nfa, copy.last, copy.first);
        last = joint;
    }
    reader->at = behind;
    nfa_link(nfa, last, end);
    all.last = end;
    return all;
}

static struct nfa_fragment read_sequence(struct reader *reader)
{
    struct nfa_fragment all = fragment_of_nothing(reader->languages);
    while (*reader->at && *reader->at != '|' && *reader->at != ')')
        all = both(reader->languages, all, read_repeated(reader));
    return all;
}

static struct nfa_fragment read_alternatives(struct reader *reader)
{
    struct nfa *nfa = &reader->languages->nfa;
    struct nfa_fragment all = read_sequence(reader);
    while (*reader->at == '|') {
        reader->at++;
        struct nfa_fragment other = read_sequence(reader);
        struct nfa_fragment either = nfa_new_fragment(nfa);
        nfa_link(nfa, either.first, all.first);
        nfa_link(nfa, either.first, other.first);
        nfa_link(nfa, all.last, either.last);
        nfa_link(nfa, other.last, either.last);
        all = either;
    }
    return all;
}

void languages_add(struct languages *languages, unsigned id, bool vital, const char *before,
                   const char *expression, const char *behind)
{
    struct nfa *nfa = &languages->nfa;
    nfa->vital = vital;
    struct nfa_fragment all = fragment_of_text(languages, before);
    if (expression) {
        struct reader reader = {.languages = languages, .at = expression};
        all = both(languages, all, read_alternatives(&reader));
    }
    all = both(languages, all, fragment_of_text(languages, behind));
    if (nfa->too_large)
        return;
    nfa->states.items[all.last].accept = id + 1;
    *vec_add(nfa->arena, &nfa->starts) = all.first;
}

/* ---- Where they meet ------------------------------------------------------------------------ */

/* Bytes that no set tells apart are one. */
struct bytes {
    char items[256]; /* one of each class, the plainest first */
    size_t n;
};

static bool has_byte(const struct languages *languages, size_t set, char c)
{
    return languages->sets.items[set].bits[(unsigned char)c / 32] >> (unsigned char)c % 32 & 1;
}

/* What a canonical path can hold, with the plainest first. */
static const char alphabet[] = "x7ayXbcdefghijklmnopqrstuvwz0123456789ABCDEFGHIJKLMNOPQRSTUVWYZ"
                               "-._~!$&'()*+,;=:@%";

static struct bytes find_bytes(const struct languages *languages)
{
    struct bytes bytes = {.n = 0};
    for (const char *c = alphabet; *c; c++) {
        bool same = false;
        for (size_t i = 0; i < bytes.n && !same; i++) {
            same = true;
            for (size_t j = 0; j < languages->sets.n && same; j++)
                same = has_byte(languages, j, *c) == has_byte(languages, j, bytes.items[i]);
        }
        if (!same)
            bytes.items[bytes.n++] = *c;
    }
    return bytes;
}

static const char *text_to(struct arena *arena, const struct subsets *subsets,
                           const struct bytes *bytes, unsigned number)
{
    size_t len = 0;
    for (unsigned i = number; i > 1; i = subsets->items.items[i].from)
        len++;
    char *text = arena_alloc(arena, len + 1);
    for (unsigned i = number; i > 1; i = subsets->items.items[i].from)
        text[--len] = bytes->items[subsets->items.items[i].symbol];
    return text;
}

/* Ascending, none twice. */
static size_t ids_of(const struct nfa *nfa, const struct subset *subset, unsigned *ids)
{
    size_t n = 0;
    for (size_t i = 0; i < subset->n; i++) {
        unsigned accept = nfa->states.items[subset->states[i]].accept;
        if (accept)
            ids[n++] = accept - 1;
    }
    if (n)
        qsort(ids, n, sizeof(*ids), order_numbers);
    return n;
}

/* The automaton of all, over classes of bytes. False: more than the limits. */
static bool walk(struct languages *languages, const struct bytes *bytes,
                 const struct subset_limits *limits, struct subsets *ret)
{
    bool *has = arena_alloc(languages->nfa.arena, languages->sets.n * bytes->n + 1);
    for (size_t i = 0; i < languages->sets.n; i++)
        for (size_t j = 0; j < bytes->n; j++)
            has[i * bytes->n + j] = has_byte(languages, i, bytes->items[j]);
    return !languages->nfa.too_large && subset_walk(&languages->nfa, has, bytes->n, limits, ret);
}

bool languages_meet(struct languages *languages, const struct subset_limits *limits,
                    languages_found *found, void *ctx)
{
    struct arena *arena = languages->nfa.arena;
    struct bytes bytes = find_bytes(languages);
    struct subsets subsets = {0};
    if (!walk(languages, &bytes, limits, &subsets))
        return false;
    for (unsigned i = 2; i < subsets.items.n; i++) {
        const struct subset *subset = &subsets.items.items[i];
        unsigned *ids = arena_alloc(arena, subset->n * sizeof(*ids));
        size_t n = ids_of(&languages->nfa, subset, ids);
        if (n)
            found(ctx, text_to(arena, &subsets, &bytes, i), ids, n);
    }
    return true;
}

/* ---- As one automaton ----------------------------------------------------------------------- */

/* The index among `bytes` of the one that stands for this one. */
static size_t byte_index(const struct languages *languages, const struct bytes *bytes, char c)
{
    for (size_t i = 0; i < bytes->n; i++) {
        bool same = true;
        for (size_t j = 0; j < languages->sets.n && same; j++)
            same = has_byte(languages, j, c) == has_byte(languages, j, bytes->items[i]);
        if (same)
            return i;
    }
    return 0; /* never: each byte of the alphabet has one */
}

bool languages_automaton(struct languages *languages, const struct subset_limits *limits,
                         struct automaton *ret)
{
    struct arena *arena = languages->nfa.arena;
    struct bytes bytes = find_bytes(languages);
    struct subsets subsets = {0};
    if (!walk(languages, &bytes, limits, &subsets))
        return false;
    size_t n = subsets.items.n, n_classes = bytes.n + 1;
    uint32_t *next = arena_alloc(arena, n * n_classes * sizeof(*next));
    uint32_t *ends = arena_alloc(arena, n * sizeof(*ends));
    *ret = (struct automaton){.n_classes = n_classes, .n_states = n, .next = next, .ends = ends};
    for (const char *c = alphabet; *c; c++)
        ret->classes[(unsigned char)*c] = (uint32_t)byte_index(languages, &bytes, *c) + 1;
    for (size_t i = 0; i < n; i++) {
        const struct subset *subset = &subsets.items.items[i];
        for (size_t j = 0; j < bytes.n; j++)
            next[i * n_classes + j + 1] = subsets.next.items[i * bytes.n + j];
        for (size_t j = 0; j < subset->n; j++)
            ends[i] |= languages->nfa.states.items[subset->states[j]].accept != 0;
    }
    return true;
}

const char *languages_quoted(struct arena *arena, const char *text)
{
    struct text quoted = {.arena = arena};
    text_printf(&quoted, "%s", "");
    for (; *text; text++)
        text_printf(&quoted, *text == '%' ? "%c" : "[%c]", *text);
    return quoted.items;
}
