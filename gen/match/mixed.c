/* mixed.c: segments that mix text and a parameter.
 *
 * Which of them can meet on one segment, and with which types of whole segments, is decided
 * exactly, as regular languages (regular.c). Each combination that occurs becomes a word of the
 * matcher, as literals are; where the combination leads nowhere of its own, its class is taken. For
 * the scanner the patterns get colours: those of one colour never meet, so one expression of re2c
 * finds which of them a segment is. */
#include "match/match.h"

#include "match/path_expression.h"
#include "match/path_like.h"
#include "match/regular.h"

#include <stdlib.h>
#include <string.h>

/* Members of sets of an automaton: beyond, memory would grow faster than the source. */
static const struct subset_limits limits = {
    .kept = 2000000, .effort = 300000000, .states = SIZE_MAX};

/* Ids of the languages: the types by their kinds, what is no segment at all, patterns, literals. */
#define ID_DOTS     N_SEGMENT_KINDS
#define ID_PATTERNS (N_SEGMENT_KINDS + 1)

/* SEGMENT_FREE is any segment, so that texts are found that fit no pattern. */

struct meet {
    struct matcher *matcher;
    bool *conflicts;  /* of patterns, squared */
    struct map words; /* of combinations: key -> index + 1 in matcher->words */
};

/* The word for a class and the patterns. */
static unsigned combination(struct meet *meet, unsigned mask, const unsigned *patterns, size_t n)
{
    struct matcher *matcher = meet->matcher;
    unsigned class = match_class(matcher, mask);
    const char *key = arena_printf(matcher->arena, "%u", class);
    for (size_t i = 0; i < n; i++)
        key = arena_printf(matcher->arena, "%s %u", key, patterns[i]);
    size_t number = matcher->words.n + 1;
    void *before = map_put(matcher->arena, &meet->words, key, (void *)number);
    if (before)
        return (unsigned)(size_t)before - 1;
    struct match_word word = {.mask = mask, .class = class};
    for (size_t i = 0; i < n; i++) {
        *vec_add(matcher->arena, &word.patterns) = patterns[i];
        *vec_add(matcher->arena, &matcher->patterns.items[patterns[i]].words) =
            (unsigned)number - 1;
    }
    *vec_add(matcher->arena, &matcher->words) = word;
    return (unsigned)number - 1;
}

static void meet_literal(struct meet *meet, unsigned literal, unsigned number)
{
    struct matcher *matcher = meet->matcher;
    struct match_word *word = &matcher->words.items[number];
    struct match_word *of = &matcher->words.items[literal];
    *vec_add(matcher->arena, &word->literals) = literal;
    if (!word->text)
        word->text = of->text;
    of->patterns.items = word->patterns.items;
    of->patterns.n = word->patterns.n;
    of->combination = number + 1;
}

static void found(void *ctx, const char *text, const unsigned *ids, size_t n_ids)
{
    struct meet *meet = ctx;
    struct matcher *matcher = meet->matcher;
    size_t n = matcher->patterns.n;
    unsigned mask = 1u << SEGMENT_FREE | 1u << SEGMENT_PATH, literal = 0;
    VEC(unsigned) patterns = {0};
    for (size_t i = 0; i < n_ids; i++) {
        if (ids[i] == ID_DOTS)
            return;
        if (ids[i] < ID_DOTS)
            mask |= 1u << ids[i];
        else if (ids[i] < ID_PATTERNS + n)
            *vec_add(matcher->arena, &patterns) = ids[i] - ID_PATTERNS;
        else
            literal = ids[i] - ID_PATTERNS - (unsigned)n + 1;
    }
    if (!patterns.n) {
        const char **pure = &matcher->pure[match_class(matcher, mask)];
        *pure = *pure || literal ? *pure : text;
        return;
    }
    for (size_t i = 0; i < patterns.n; i++) {
        for (size_t j = 0; j < patterns.n; j++)
            meet->conflicts[patterns.items[i] * n + patterns.items[j]] = true;
    }
    unsigned number = combination(meet, mask, patterns.items, patterns.n);
    if (literal) {
        meet_literal(meet, literal - 1, number);
    } else if (!matcher->words.items[number].others) {
        matcher->words.items[number].others = true;
        matcher->words.items[number].text = text;
    }
}

static void add_languages(struct matcher *matcher, struct languages *languages)
{
    size_t n = matcher->patterns.n;
    static const enum segment_kind types[] = {SEGMENT_UUID, SEGMENT_DATE, SEGMENT_UINT, SEGMENT_INT,
                                              SEGMENT_SLUG};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (matcher->used_types >> types[i] & 1)
            languages_add(languages, types[i], false, "",
                          path_type_expression(matcher->arena, types[i]), "");
    languages_add(languages, SEGMENT_FREE, true, "", path_like_any(matcher->arena), "");
    languages_add(languages, ID_DOTS, false, "", NULL, ".");
    languages_add(languages, ID_DOTS, false, "", NULL, "..");
    for (size_t i = 0; i < n; i++) {
        const struct segment *segment = matcher->patterns.items[i].segment;
        languages_add(languages, ID_PATTERNS + (unsigned)i, true, segment->literal,
                      path_params_expression(matcher->arena, segment, 0, segment_params(segment)),
                      segment->suffix);
    }
    for (size_t i = 0; i < matcher->n_literals; i++)
        languages_add(languages, ID_PATTERNS + (unsigned)(n + i), false, "", NULL,
                      matcher->words.items[i].text);
}

/* Each pattern gets the first colour that no pattern has which it meets. */
static void colour_patterns(struct matcher *matcher, const bool *conflicts)
{
    size_t n = matcher->patterns.n;
    for (size_t i = 0; i < n; i++) {
        struct match_pattern *pattern = &matcher->patterns.items[i];
        for (size_t j = 0; j < i;) {
            bool clash =
                conflicts[i * n + j] && matcher->patterns.items[j].colour == pattern->colour;
            pattern->colour += clash;
            j = clash ? 0 : j + 1;
        }
        pattern->number = 1;
        for (size_t j = 0; j < i; j++)
            pattern->number += matcher->patterns.items[j].colour == pattern->colour;
        if (pattern->colour >= matcher->n_colours)
            matcher->n_colours = pattern->colour + 1;
    }
}

bool match_mixed(struct matcher *matcher)
{
    size_t n = matcher->patterns.n;
    struct languages languages = {.nfa.arena = matcher->arena};
    struct meet meet = {.matcher = matcher, .conflicts = arena_alloc(matcher->arena, n * n + 1)};
    if (!n)
        return true;
    struct pos pos = matcher->patterns.items[n - 1].segment->param.pos;
    if (n > MAX_PATTERNS) {
        diag_error(matcher->tree->diags, matcher->patterns.items[MAX_PATTERNS].segment->param.pos,
                   "more than %d different segments mix text and a parameter", MAX_PATTERNS);
        return false;
    }
    add_languages(matcher, &languages);
    if (!languages_meet(&languages, &limits, found, &meet)) {
        diag_error(
            matcher->tree->diags, pos,
            "the segments that mix text and a parameter overlap in too many ways: give their "
            "parameters types, or text that tells them apart");
        return false;
    }
    colour_patterns(matcher, meet.conflicts);
    if (matcher->n_colours > MAX_COLOURS) {
        diag_error(matcher->tree->diags, pos,
                   "more than %d segments that mix text and a parameter fit one text: give their "
                   "parameters types, or text that tells them apart",
                   MAX_COLOURS);
        return false;
    }
    return true;
}
