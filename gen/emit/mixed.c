/* mixed.c: the matcher's part for segments that mix text and a parameter.
 *
 * For each colour one scanner, which says which of its patterns the segment is, if any; then tables
 * from what is known so far and that number to the next, the last of them to the word. */
#include "emit/emit.h"

#include "match/path_like.h"

#include <string.h>

static const char *inner_expression(enum segment_kind kind)
{
    static const char *const texts[N_SEGMENT_KINDS] = {
        [SEGMENT_UUID] = "uuid_other", [SEGMENT_DATE] = "date",
        [SEGMENT_UINT] = "big",        [SEGMENT_INT] = "(int | negative)",
        [SEGMENT_SLUG] = "slug",       [SEGMENT_FREE] = "([^/%\\x00] | \"%\" [0-9A-F]{2})+",
    };
    return texts[kind];
}

static void emit_param(const struct segment *param, struct text *to)
{
    if (param->like.text) {
        text_printf(to, " %s ", path_like_re2c(to->arena, param));
        return;
    }
    if (param->kind != SEGMENT_WORDS) {
        text_printf(to, " %s ", inner_expression(param_kind(param)));
        return;
    }
    for (size_t i = 0; i < param->n_words; i++) {
        text_printf(to, i ? " | " : " (");
        text_c_string(to, param->words[i]);
    }
    text_printf(to, ") ");
}

static void emit_pattern_of(const struct segment *segment, struct text *to)
{
    if (*segment->literal)
        text_c_string(to, segment->literal);
    for (size_t i = 0; i < segment_params(segment); i++) {
        if (i)
            text_c_string(to, segment->texts[i]);
        emit_param(segment_param(segment, i), to);
    }
    if (*segment->suffix)
        text_c_string(to, segment->suffix);
}

static unsigned emit_colour(const struct matcher *matcher, unsigned colour, struct text *to)
{
    unsigned n = 1;
    text_printf(to,
                "static unsigned mixed_%u(const unsigned char *cursor)\n"
                "{\n"
                "    const unsigned char *marker = cursor;\n"
                "    /*!re2c\n",
                colour);
    for (size_t i = 0; i < matcher->patterns.n; i++) {
        const struct match_pattern *pattern = &matcher->patterns.items[i];
        if (pattern->colour != colour)
            continue;
        text_printf(to, "    ");
        emit_pattern_of(pattern->segment, to);
        text_printf(to, " end { return %u; }\n", pattern->number);
        n++;
    }
    text_printf(to, "    * { (void)marker; return 0; }\n"
                    "    */\n"
                    "}\n\n");
    return n;
}

/* The number in the colour of the pattern that the word has there; 0: none. */
static unsigned number_in(const struct matcher *matcher, const struct match_word *word,
                          unsigned colour)
{
    for (size_t i = 0; i < word->patterns.n; i++) {
        const struct match_pattern *pattern = &matcher->patterns.items[word->patterns.items[i]];
        if (pattern->colour == colour)
            return pattern->number;
    }
    return 0;
}

/* What is known of a segment before a colour is looked at. */
struct known {
    struct arena *arena;
    struct map numbers;
    unsigned n;
};

static unsigned known_number(struct known *known, unsigned before, unsigned number)
{
    const char *key = arena_printf(known->arena, "%u %u", before, number);
    size_t next = (size_t)known->n + 1;
    void *there = map_put(known->arena, &known->numbers, key, (void *)next);
    if (there)
        return (unsigned)(size_t)there - 1;
    return known->n++;
}

struct combine {
    const struct matcher *matcher;
    uint32_t *before; /* of each class and each combination: what is known of it */
    size_t n, n_classes;
};

static unsigned number_of(const struct combine *combine, size_t i, unsigned colour)
{
    const struct matcher *matcher = combine->matcher;
    if (i < combine->n_classes)
        return 0;
    return number_in(matcher, &matcher->words.items[matcher->n_literals + i - combine->n_classes],
                     colour);
}

/* The table of one colour. */
static void emit_combine(struct combine *combine, unsigned colour, unsigned n_numbers,
                         unsigned n_before, struct text *to, unsigned *ret_n)
{
    const struct matcher *matcher = combine->matcher;
    struct known known = {.arena = to->arena};
    bool last = colour + 1 == matcher->n_colours;
    size_t size = (size_t)n_before * n_numbers;
    uint32_t *table = arena_alloc(to->arena, size * sizeof(*table));
    for (size_t i = 0; i < combine->n; i++) {
        unsigned number = number_of(combine, i, colour);
        size_t at = (size_t)combine->before[i] * n_numbers + number;
        size_t word = i < combine->n_classes ? i : i + matcher->n_literals;
        combine->before[i] =
            last ? (uint32_t)word : known_number(&known, combine->before[i], number);
        table[at] = combine->before[i];
    }
    *ret_n = known.n;
    emit_array(to,
               last ? "The word, by what is known and the number of the mixed segment."
                    : "What is known with the number of the mixed segment.",
               arena_printf(to->arena, "combine_%u", colour), table, size);
}

void emit_mixed(const struct matcher *matcher, struct text *to)
{
    struct combine combine = {
        .matcher = matcher,
        .n_classes = matcher->n_classes,
        .n = matcher->n_classes + matcher->words.n - matcher->n_literals,
    };
    unsigned numbers[MAX_COLOURS], n_before = matcher->n_classes;
    if (!matcher->n_colours)
        return;
    combine.before = arena_alloc(to->arena, combine.n * sizeof(*combine.before));
    for (size_t i = 0; i < combine.n; i++)
        combine.before[i] =
            i < combine.n_classes
                ? (uint32_t)i
                : matcher->words.items[matcher->n_literals + i - combine.n_classes].class;
    text_printf(to, "/* Which mixed segment it is, of those that never meet; 0: none. */\n");
    for (unsigned i = 0; i < matcher->n_colours; i++)
        numbers[i] = emit_colour(matcher, i, to);
    for (unsigned i = 0; i < matcher->n_colours; i++)
        emit_combine(&combine, i, numbers[i], n_before, to, &n_before);
    text_printf(to, "static const unsigned char *class_or_mixed(const unsigned char *segment, "
                    "unsigned *ret_word)\n"
                    "{\n"
                    "    const unsigned char *const end = class_of_segment(segment, ret_word);\n"
                    "    if (*ret_word == NO_WORD)\n"
                    "        return end;\n");
    for (unsigned i = 0; i < matcher->n_colours; i++)
        text_printf(to, "    *ret_word = combine_%u[*ret_word * %uu + mixed_%u(segment)];\n", i,
                    numbers[i], i);
    text_printf(to, "    return end;\n}\n\n");
}
