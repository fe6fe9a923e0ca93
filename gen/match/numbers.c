/* numbers.c: the numbers of classes of segments and of mixed segments. */
#include "match/match.h"

#include <string.h>

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

/* Each part with its length or its end, so that no two segments have one key. */
void match_segment_key(struct text *to, const struct segment *segment)
{
    text_printf(to, "%d %s", segment->kind, segment->literal ? segment->literal : "");
    for (size_t i = 0; i < segment_params(segment); i++) {
        const struct segment *param = segment_param(segment, i);
        const char *like = param->like.text ? param->like.text : "";
        text_printf(to, "%s {%d", i ? segment->texts[i] : "", param_kind(param));
        for (size_t j = 0; j < param->n_words; j++)
            text_printf(to, " %s", param->words[j]);
        text_printf(to, " %zu %s}", strlen(like), like);
    }
    text_printf(to, "%s", segment->suffix ? segment->suffix : "");
}

unsigned match_pattern(struct matcher *matcher, const struct segment *segment)
{
    struct text key = {.arena = matcher->arena};
    match_segment_key(&key, segment);
    size_t number = matcher->patterns.n + 1;
    void *before = map_put(matcher->arena, &matcher->pattern_numbers, key.items, (void *)number);
    if (before)
        return (unsigned)(size_t)before;
    *vec_add(matcher->arena, &matcher->patterns) = (struct match_pattern){.segment = segment};
    return (unsigned)number;
}
