/* problem.c: a call for each declared problem, which answers with it. */
#include "emit/emit.h"

static void emit_head(const struct problem *problem, const char *tail, struct text *to)
{
    const char *argument = "struct gw_request *req";
    text_call(to, arena_printf(to->arena, "int problem_%s", problem->name.text), &argument, 1,
              tail);
}

void emit_problem_prototypes(const struct tree *tree, struct text *to)
{
    if (tree->problems.n)
        text_printf(to, "/* ---- Problems -------------------------------------------------------"
                        "----------------- */\n\n");
    for (size_t i = 0; i < tree->problems.n; i++) {
        const struct problem *problem = tree->problems.items[i];
        text_printf(to, "/* %d: ", problem->status);
        text_comment(to, problem->sentence.text);
        text_printf(to, " */\n");
        emit_head(problem, ";", to);
    }
    if (tree->problems.n)
        text_printf(to, "\n");
}

void emit_problems(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->problems.n; i++) {
        const struct problem *problem = tree->problems.items[i];
        emit_head(problem, "", to);
        text_printf(to, "{\n    static const struct gw_problem_type problem = {\n        .type = ");
        text_c_string(to, problem->type.text);
        text_printf(to, ",\n        .status = %d,\n        .sentence = ", problem->status);
        text_c_string(to, problem->sentence.text);
        if (problem->pointer.text) {
            text_printf(to, ",\n        .pointer = ");
            text_c_string(to, problem->pointer.text);
        }
        text_printf(to, ",\n    };\n    return gw_problem_of(req, &problem);\n}\n\n");
    }
}
