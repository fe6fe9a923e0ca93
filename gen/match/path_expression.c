/* path_expression.c: see path_expression.h. */
#include "match/path_expression.h"

#include "base/text.h"
#include "match/path_like.h"
#include "match/regular.h"

#include <string.h>

/* The numbers of as many digits as `limit`, up to it. */
static const char *up_to(struct arena *arena, const char *limit)
{
    const char *text = limit;
    size_t n = strlen(limit);
    for (size_t i = 0; i < n; i++) {
        char least = i ? '0' : '1';
        if (limit[i] == least)
            continue;
        text = arena_printf(arena, "%s|%.*s[%c-%c]", text, (int)i, limit, least, limit[i] - 1);
        if (i + 1 < n)
            text = arena_printf(arena, "%s[0-9]{%zu}", text, n - i - 1);
    }
    return text;
}

const char *path_type_expression(struct arena *arena, enum segment_kind kind)
{
    switch (kind) {
    case SEGMENT_UUID:
        return "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    case SEGMENT_DATE:
        return "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-"
               "(02-(0[1-9]|1[0-9]|2[0-8])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
               "|(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))"
               "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29";
    case SEGMENT_UINT:
        return arena_printf(arena, "0|[1-9][0-9]{0,18}|%s", up_to(arena, "18446744073709551615"));
    case SEGMENT_INT:
        return arena_printf(arena, "0|[1-9][0-9]{0,17}|%s|-([1-9][0-9]{0,17}|%s)",
                            up_to(arena, "9223372036854775807"),
                            up_to(arena, "9223372036854775808"));
    case SEGMENT_SLUG:
        return "[a-z0-9]+(-[a-z0-9]+)*";
    default:
        return "([^/%]|%[0-9A-F][0-9A-F])+";
    }
}

static const char *param_expression(struct arena *arena, const struct segment *param)
{
    struct text words = {.arena = arena};
    if (param->like.text)
        return path_like_expression(arena, param);
    if (param->kind != SEGMENT_WORDS)
        return path_type_expression(arena, param_kind(param));
    for (size_t i = 0; i < param->n_words; i++)
        text_printf(&words, "%s%s", i ? "|" : "", languages_quoted(arena, param->words[i]));
    return words.items;
}

const char *path_params_expression(struct arena *arena, const struct segment *segment, size_t from,
                                   size_t to)
{
    struct text text = {.arena = arena};
    for (size_t i = from; i < to; i++)
        text_printf(&text, "%s(%s)", i > from ? languages_quoted(arena, segment->texts[i]) : "",
                    param_expression(arena, segment_param(segment, i)));
    return text.items;
}
