/* pattern.c: automata of regular expressions, as tables. */
#include "emit/emit.h"

#include "match/regex.h"

void emit_pattern(const struct regex *regex, const char *name, struct text *to)
{
    struct arena *arena = to->arena;
    size_t n = regex->n_states, n_moves = n * regex->n_classes;
    uint32_t *accepts = arena_alloc(arena, n * sizeof(*accepts));
    for (size_t i = 0; i < n; i++)
        accepts[i] = regex->accepts[i];
    emit_array(to, "Where intervals of characters begin, and what is none.",
               arena_printf(arena, "%s__firsts", name), regex->firsts, regex->n_intervals + 1);
    emit_array(to, "The class of each.", arena_printf(arena, "%s__classes", name), regex->classes,
               regex->n_intervals);
    emit_array(to, "Of each state the next one by classes; 0: none.",
               arena_printf(arena, "%s__next", name), regex->next, n_moves);
    emit_array(to, "Whether a text may end there.", arena_printf(arena, "%s__accepts", name),
               accepts, n);
    text_printf(to, "static const struct gw_pattern %s = {\n    .text = ", name);
    text_c_string(to, regex->text);
    text_printf(to,
                ",\n"
                "    .firsts = %s__firsts,\n"
                "    .classes = %s__classes,\n"
                "    .n_intervals = %zu,\n"
                "    .next = %s__next,\n"
                "    .accepts = %s__accepts,\n"
                "    .n_classes = %u,\n"
                "};\n\n",
                name, name, regex->n_intervals, name, name, regex->n_classes);
}
