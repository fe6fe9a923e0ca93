/* problem.c: the problems that routes return. */
#include "check/check.h"

#include "base/suggest.h"

static struct problem *find_problem(struct tree *tree, const struct name *name)
{
    struct problem *problem = map_get(&tree->problem_names, name->text);
    struct suggestion suggestion = {.wanted = name->text};
    if (problem)
        return problem;
    for (size_t i = 0; i < tree->problems.n; i++)
        suggest(&suggestion, tree->problems.items[i]->name.text);
    diag_error(tree->diags, name->pos, "there is no problem `%s`%s", name->text,
               suggestion_text(tree->arena, &suggestion));
    return NULL;
}

/* What has a declared body is another document than a problem. */
static void check_status(struct tree *tree, const struct route *route, const struct name *name,
                         const struct problem *problem)
{
    for (size_t i = 0; i < route->returns.n; i++) {
        const struct returned *returned = &route->returns.items[i];
        if (returned->status != problem->status)
            continue;
        diag_error(tree->diags, name->pos,
                   "problem `%s` has the status %d, which `returns` names already: leave %d out",
                   name->text, problem->status, problem->status);
        diag_note(tree->diags, returned->pos, "it is here");
    }
}

void check_problems(struct tree *tree)
{
    for (size_t i = 0; i < tree->routes.n; i++) {
        struct route *route = tree->routes.items[i];
        for (size_t j = 0; j < route->problem_names.n; j++) {
            const struct name *name = &route->problem_names.items[j];
            struct problem *problem = find_problem(tree, name);
            if (!problem)
                continue;
            problem->returned = true;
            check_status(tree, route, name, problem);
            *vec_add(tree->arena, &route->problems) = problem;
        }
    }
    for (size_t i = 0; i < tree->problems.n; i++)
        if (!tree->problems.items[i]->returned && !tree->diags->n_errors)
            diag_warning(tree->diags, tree->problems.items[i]->name.pos,
                         "no route returns problem `%s`", tree->problems.items[i]->name.text);
}
