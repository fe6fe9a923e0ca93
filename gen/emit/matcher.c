/* matcher.c: routes.re, the matcher.
 *
 * re2c turns one segment into a word: the number of a literal, or of a class of segments by the
 * types they satisfy. A static table leads from state to state by words. Whole paths are never
 * compiled to code: at thousands of routes that costs minutes in the C compiler, tables do not. */
#include "emit/emit.h"

#include <string.h>

/* The expressions of the base classes. re2c takes the longest match, which `other` always has, and
 * among equals the first rule: so each rule holds only for whole segments, and only for those that
 * no rule above it took. */
struct expression {
    const char *name;
    const char *text;
    const char *limit_name, *limit; /* of emit_up_to() */
    enum base_class below[3]; /* the rules that take its segments if it has none; ends at OTHER */
};

static const struct expression expressions[N_BASE_CLASSES] = {
    [BASE_UUID_LOWER] = {.name = "uuid_lower",
                         .text = "    hex = [0-9a-f];\n"
                                 "    uuid_lower = hex{8} (\"-\" hex{4}){3} \"-\" hex{12};\n",
                         .below = {BASE_UUID_OTHER, BASE_SLUG, BASE_OTHER}},
    [BASE_UUID_OTHER] = {.name = "uuid_other",
                         .text = "    HEX = [0-9A-Fa-f];\n"
                                 "    uuid_other = HEX{8} (\"-\" HEX{4}){3} \"-\" HEX{12};\n",
                         .below = {BASE_OTHER}},
    [BASE_DATE] =
        {.name = "date",
         .text =
             "    day_28 = \"0\" [1-9] | \"1\" digit | \"2\" [0-8];\n"
             "    month_day = \"02-\" day_28\n"
             "        | (\"0\" [469] | \"11\") \"-\" (day_28 | \"29\" | \"30\")\n"
             "        | (\"0\" [13578] | \"1\" [02]) \"-\" (day_28 | \"29\" | \"30\" | \"31\");\n"
             "    leap_4 = \"0\" [48] | [2468] [048] | [13579] [26];\n"
             "    leap_year = digit{2} leap_4 | leap_4 \"00\";\n"
             "    year = [1-9] digit{3} | \"0\" [1-9] digit{2} | \"00\" [1-9] digit | \"000\" "
             "[1-9];\n"
             "    date = year \"-\" month_day | leap_year \"-02-29\";\n",
         .below = {BASE_SLUG, BASE_OTHER}},
    [BASE_INT] = {.name = "int",
                  .text = "    int = \"0\" | [1-9] digit{0,17} | int_19;\n",
                  .limit_name = "int_19",
                  .limit = "9223372036854775807",
                  .below = {BASE_BIG, BASE_SLUG, BASE_OTHER}},
    [BASE_BIG] = {.name = "big",
                  .text = "    big = \"0\" | [1-9] digit{0,18} | uint_20;\n",
                  .limit_name = "uint_20",
                  .limit = "18446744073709551615",
                  .below = {BASE_SLUG, BASE_OTHER}},
    [BASE_NEGATIVE] = {.name = "negative",
                       .text = "    negative = \"-\" ([1-9] digit{0,17} | negative_19);\n",
                       .limit_name = "negative_19",
                       .limit = "9223372036854775808",
                       .below = {BASE_OTHER}},
    [BASE_SLUG] = {.name = "slug",
                   .text = "    slug = [a-z0-9]+ (\"-\" [a-z0-9]+)*;\n",
                   .below = {BASE_OTHER}},
    [BASE_OTHER] = {.name = "other", .text = "    other = [^/\\x00]+;\n"},
};

/* Alternatives for the numbers of as many digits as `limit`, up to it. */
static void emit_up_to(struct text *to, const char *name, const char *limit)
{
    size_t n = strlen(limit);
    text_printf(to, "    %s = \"%s\"", name, limit);
    for (size_t i = 0; i < n; i++) {
        char least = i ? '0' : '1';
        if (limit[i] == least)
            continue;
        text_printf(to, "\n        | ");
        if (i)
            text_printf(to, "\"%.*s\" ", (int)i, limit);
        text_printf(to, "[%c-%c]", least, limit[i] - 1);
        if (i + 1 < n)
            text_printf(to, " digit{%zu}", n - i - 1);
    }
    text_printf(to, ";\n");
}

/* Which classes need a rule: those whose segments would else get another class's word. */
static void find_needed(const struct matcher *matcher, bool needed[N_BASE_CLASSES])
{
    needed[BASE_OTHER] = true;
    for (int i = BASE_OTHER - 1; i >= 0; i--) {
        const enum base_class *below = expressions[i].below;
        while (!needed[*below])
            below++;
        needed[i] = matcher->class_of_base[i] != matcher->class_of_base[*below];
    }
}

/* And those that mixed segments speak of. */
static void find_used(const struct matcher *matcher, bool used[N_BASE_CLASSES])
{
    find_needed(matcher, used);
    for (size_t i = 0; i < matcher->patterns.n; i++) {
        const struct segment *segment = matcher->patterns.items[i].segment;
        for (size_t j = 0; j < segment_params(segment); j++) {
            enum segment_kind inner = param_kind(segment_param(segment, j));
            used[BASE_UUID_OTHER] |= inner == SEGMENT_UUID;
            used[BASE_DATE] |= inner == SEGMENT_DATE;
            used[BASE_BIG] |= inner == SEGMENT_UINT;
            used[BASE_INT] |= inner == SEGMENT_INT;
            used[BASE_NEGATIVE] |= inner == SEGMENT_INT;
            used[BASE_SLUG] |= inner == SEGMENT_SLUG;
        }
    }
}

static void emit_expressions(const struct matcher *matcher, struct text *to)
{
    bool needed[N_BASE_CLASSES] = {0};
    find_used(matcher, needed);
    text_printf(to, "    digit = [0-9];\n");
    for (int i = 0; i < N_BASE_CLASSES; i++) {
        const struct expression *expression = &expressions[i];
        if (needed[i] && expression->limit_name)
            emit_up_to(to, expression->limit_name, expression->limit);
        if (needed[i])
            text_printf(to, "%s", expression->text);
    }
}

/* So many literals in one function that the C compiler, whose time grows faster than the function
 * does, still takes no time worth speaking of. */
#define GROUP_SIZE 500

static unsigned number_of_groups(const struct matcher *matcher)
{
    size_t n = matcher->n_literals;
    return n > 2 * GROUP_SIZE ? (unsigned)(n / GROUP_SIZE) : n > 0;
}

/* The same hash as in the runtime's matcher.h. */
static unsigned group_of(const char *text, unsigned n_groups)
{
    uint32_t hash = 2166136261u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash % n_groups;
}

/* A literal's rule holds the segment's end, so that it never takes part of one. The automaton is
 * then a plain trie of the literals. */
static void emit_group(const struct matcher *matcher, unsigned group, unsigned n_groups,
                       struct text *to)
{
    text_printf(to,
                "static const unsigned char *literal_%u(const unsigned char *cursor, unsigned "
                "*ret_word)\n"
                "{\n"
                "    const unsigned char *marker = cursor;\n"
                "    /*!re2c\n",
                group);
    for (size_t i = 0; i < matcher->n_literals; i++) {
        if (group_of(matcher->words.items[i].text, n_groups) != group)
            continue;
        text_printf(to, "    ");
        text_c_string(to, matcher->words.items[i].text);
        text_printf(to, " end { *ret_word = %zu; return cursor - 1; }\n", i + matcher->n_classes);
    }
    text_printf(to, "    * { (void)marker; return NULL; }\n"
                    "    */\n"
                    "}\n\n");
}

static void emit_classes(const struct matcher *matcher, struct text *to)
{
    bool needed[N_BASE_CLASSES] = {0};
    find_needed(matcher, needed);
    text_printf(
        to, "/* The first class that the segment fits, or NO_WORD. */\n"
            "static const unsigned char *class_of_segment(const unsigned char *cursor, unsigned "
            "*ret_word)\n"
            "{\n"
            "    const unsigned char *marker = cursor;\n"
            "    /*!re2c\n");
    for (int i = 0; i < N_BASE_CLASSES; i++) {
        if (needed[i])
            text_printf(to, "    %s { *ret_word = %u; return cursor; }\n", expressions[i].name,
                        matcher->class_of_base[i]);
    }
    text_printf(to, "    * { (void)marker; *ret_word = NO_WORD; return cursor; }\n"
                    "    */\n"
                    "}\n\n");
}

static void emit_scanner(const struct matcher *matcher, struct text *to)
{
    unsigned n_groups = number_of_groups(matcher);
    text_printf(to, "/*!re2c\n"
                    "    re2c:define:YYCTYPE = \"unsigned char\";\n"
                    "    re2c:define:YYCURSOR = cursor;\n"
                    "    re2c:define:YYMARKER = marker;\n"
                    "    re2c:yyfill:enable = 0;\n"
                    "    end = [/\\x00];\n");
    emit_expressions(matcher, to);
    text_printf(to, "*/\n\n");
    if (n_groups)
        text_printf(to, "/* The literal that the segment is. Gives its end; NULL: none. */\n");
    for (unsigned i = 0; i < n_groups; i++)
        emit_group(matcher, i, n_groups, to);
    emit_classes(matcher, to);
    emit_mixed(matcher, to);
    if (n_groups > 1) {
        text_printf(to,
                    "static const unsigned char *(*const literals[])(const unsigned char *cursor,\n"
                    "                                               unsigned *ret_word) = {\n");
        for (unsigned i = 0; i < n_groups; i++)
            text_printf(to, "    literal_%u,\n", i);
        text_printf(to, "};\n\n");
    }
    text_printf(to, "#define N_GROUPS   %u\n#define OTHER_WORD %s\n\n", n_groups,
                matcher->n_colours ? "class_or_mixed" : "class_of_segment");
}

static void emit_leaves(const struct matcher *matcher, struct text *to)
{
    text_printf(to, "/* The best route of each method, + 1. */\n"
                    "static const struct gw_leaf leaves[] = {\n");
    for (size_t i = 0; i < matcher->leaves.n; i++) {
        const struct match_leaf *leaf = &matcher->leaves.items[i];
        text_printf(to, "    {.route = {");
        for (int j = 0; j < N_METHODS; j++)
            text_printf(to, "%s%u", j ? ", " : "",
                        leaf->routes[j] ? leaf->routes[j]->index + 1 : 0);
        text_printf(to, "}},\n");
    }
    if (!matcher->leaves.n)
        text_printf(to, "    {.route = {0}},\n");
    text_printf(to, "};\n\n");
}

static void emit_tables(const struct matcher *matcher, struct text *to)
{
    struct match_comb comb;
    match_comb(matcher, &comb);
    uint32_t *leaf_of = arena_alloc(matcher->arena, matcher->states.n * sizeof(*leaf_of));
    uint32_t *class_of = arena_alloc(matcher->arena, (matcher->words.n + 1) * sizeof(*class_of));
    for (size_t i = 0; i < matcher->states.n; i++)
        leaf_of[i] = matcher->states.items[i].leaf;
    for (size_t i = 0; i < matcher->words.n; i++)
        class_of[i] = matcher->words.items[i].combination
                          ? matcher->words.items[i].combination - 1 + matcher->n_classes
                          : matcher->words.items[i].class;
    text_printf(to, "#define N_CLASSES %uu\n#define N_MOVES   %zuu\n#define NO_WORD   %zuu\n\n",
                matcher->n_classes, comb.check.n ? comb.check.n : 1,
                matcher->words.n + matcher->n_classes);
    emit_array(to, "What each literal is where it is only a parameter's value.", "class_of",
               class_of, matcher->words.n);
    emit_array(to, "Where the moves of each state begin in `check` and `next`.", "base", comb.base,
               matcher->states.n);
    emit_array(to, "Whose move it is: state + 1, or 0.", "check", comb.check.items, comb.check.n);
    emit_array(to, "Where it leads.", "next", comb.next.items, comb.next.n);
    emit_array(to, "The leaf of each state, + 1.", "leaf_of", leaf_of, matcher->states.n);
    emit_leaves(matcher, to);
}

/* What a leaf is taken for: its routes in this order, numbered up to MAX_ROUTES + 1. */
static void emit_assertions(struct text *to)
{
    for (int i = 0; i < N_METHODS; i++)
        text_printf(to, "_Static_assert(GW_%s == %d, \"the order of methods\");\n", method_names[i],
                    i);
    text_printf(to,
                "_Static_assert(GW_N_METHODS == %d, \"the number of methods\");\n"
                "_Static_assert(sizeof(((struct gw_leaf *)NULL)->route[0]) == 2, "
                "\"numbers of routes\");\n\n",
                N_METHODS);
}

_Static_assert(MAX_ROUTES < UINT16_MAX, "a leaf holds the number of every route");

void emit_matcher(const struct matcher *matcher, struct text *to)
{
    emit_banner(matcher->tree, "The matcher, of which re2c makes C.", to);
    text_printf(to, "#include \"generated.h\"\n\n");
    emit_contract(to);
    emit_assertions(to);
    emit_tables(matcher, to);
    emit_scanner(matcher, to);
    text_printf(to, "#include \"matcher.h\"\n");
}
