/* numbers.c: the numbers of classes of segments and of mixed segments. */
#include "match/match.h"

unsigned match_class(struct matcher *matcher, unsigned mask)
{
    unsigned i = 0;
    mask &= matcher->used_types;
    while (i < matcher->n_classes && matcher->class_masks[i] != mask)
        i++;
    if (i == matcher->n_classes)
        matcher->class_masks[matcher->n_classes++] = mask;
    return i;
}

unsigned match_pattern(struct matcher *matcher, const struct segment *segment)
{
    const char *key =
        arena_printf(matcher->arena, "%s\n%d\n%s\n%s", segment->literal, param_kind(segment),
                     segment->suffix, segment->like.text ? segment->like.text : "");
    size_t number = matcher->patterns.n + 1;
    void *before = map_put(matcher->arena, &matcher->pattern_numbers, key, (void *)number);
    if (before)
        return (unsigned)(size_t)before;
    *vec_add(matcher->arena, &matcher->patterns) = (struct match_pattern){.segment = segment};
    return (unsigned)number;
}
