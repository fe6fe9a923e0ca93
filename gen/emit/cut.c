/* cut.c: where segments with several parameters are divided, as tables. */
#include "emit/emit.h"

#include "match/cut.h"

const char *cut_name(struct arena *arena, const struct cut *cut)
{
    return arena_printf(arena, "gwt_cut_%u", cut->number);
}

static void emit_tables(const struct automaton *automaton, const char *name, const char *half,
                        struct text *to)
{
    struct arena *arena = to->arena;
    emit_array(to, arena_printf(arena, "The class of each byte %s.", half),
               arena_printf(arena, "%s_classes", name), automaton->classes, 256);
    emit_array(to, "Of each state the next one by classes; 0: none.",
               arena_printf(arena, "%s_next", name), automaton->next,
               automaton->n_states * automaton->n_classes);
    emit_array(to, "Whether it may be divided there.", arena_printf(arena, "%s_ends", name),
               automaton->ends, automaton->n_states);
}

static void emit_half(const struct automaton *automaton, const char *name, const char *half,
                      struct text *to)
{
    text_printf(to,
                "    .%s = {\n"
                "        .classes = %s_%s_classes,\n"
                "        .next = %s_%s_next,\n"
                "        .ends = %s_%s_ends,\n"
                "        .n_classes = %zu,\n"
                "    },\n",
                half, name, half, name, half, name, half, automaton->n_classes);
}

static void emit_cut(const struct cut *cut, const char *name, struct text *to)
{
    emit_tables(&cut->before, arena_printf(to->arena, "%s_before", name), "before a place", to);
    emit_tables(&cut->behind, arena_printf(to->arena, "%s_behind", name),
                "behind it, from the segment's end", to);
    text_printf(to, "static const struct gw_cut %s = {\n", name);
    emit_half(&cut->before, name, "before", to);
    emit_half(&cut->behind, name, "behind", to);
    text_printf(to, "};\n\n");
}

void emit_cuts(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->cuts.n; i++)
        emit_cut(tree->cuts.items[i], cut_name(to->arena, tree->cuts.items[i]), to);
}
