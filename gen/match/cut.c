/* cut.c: see cut.h. */
#include "match/cut.h"

#include "match/match.h"
#include "match/path_expression.h"
#include "match/path_like.h"

static const struct subset_limits limits = {
    .kept = 200000, .effort = 5000000, .states = PATH_LIKE_MAX_STATES, .cells = 100000};

/* The parameters [from, to) with the text before the first and, where there is no other behind
 * them, the text behind the last. */
static bool compile_half(struct arena *arena, const struct segment *segment, size_t from, size_t to,
                         bool backwards, struct automaton *ret)
{
    struct languages languages = {.nfa = {.arena = arena, .most = 50000}, .backwards = backwards};
    languages_add(&languages, 0, true, segment->texts[from],
                  path_params_expression(arena, segment, from, to),
                  to == segment->n_parts ? segment->suffix : "");
    return languages_automaton(&languages, &limits, ret);
}

static bool compile_cuts(struct tree *tree, struct segment *segment)
{
    struct automaton whole; /* of which re2c makes code */
    size_t n = segment->n_parts;
    struct cut **cuts = arena_alloc(tree->arena, n * sizeof(*cuts));
    segment->cuts = cuts;
    for (size_t i = 1; i < n; i++) {
        struct cut *cut = cuts[i - 1] = arena_alloc(tree->arena, sizeof(*cut));
        if (!compile_half(tree->arena, segment, 0, i, false, &cut->before) ||
            !compile_half(tree->arena, segment, i, n, true, &cut->behind))
            return false;
        cut->number = (unsigned)tree->cuts.n;
        *vec_add(tree->arena, &tree->cuts) = cut;
    }
    return compile_half(tree->arena, segment, 0, n, false, &whole);
}

/* As of a segment before that differs in its names alone, or anew. */
static bool find_cuts(struct tree *tree, struct segment *segment)
{
    struct text key = {.arena = tree->arena};
    match_segment_key(&key, segment);
    const struct segment *before = map_put(tree->arena, &tree->cuts_of, key.items, segment);
    if (before)
        segment->cuts = before->cuts;
    return before || compile_cuts(tree, segment);
}

void cut_compile(struct tree *tree, struct route *route)
{
    for (size_t i = 0; i < route->segments.n && !route->broken; i++) {
        struct segment *segment = &route->segments.items[i];
        if (!segment->n_parts || find_cuts(tree, segment))
            continue;
        diag_error(tree->diags, segment->param.pos,
                   "these parameters are too large for one segment: repeat less in their "
                   "expressions, or leave out of them what stands between the parameters");
        route->broken = true;
    }
}
