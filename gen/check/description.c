/* description.c: descriptions that describe nothing, and tags that nobody declared.
 *
 * In files without a line `api` a `##` that stands above nothing is a comment, as it was before
 * there were descriptions. */
#include "check/check.h"

#include "base/suggest.h"

#include <string.h>

static void report(struct tree *tree, const struct description *description)
{
    switch (description->below) {
    case BELOW_EMPTY:
        diag_error(tree->diags, description->pos,
                   "an empty line separates this `##` from what it describes: delete the line, or "
                   "write `#` for a comment");
        break;
    case BELOW_BESIDE:
        diag_error(tree->diags, description->pos,
                   "a `##` stands on a line of its own, above what it describes: move it there, or "
                   "write `#` for a comment");
        break;
    default:
        diag_error(tree->diags, description->pos,
                   "this `##` stands above nothing that has a description (a route, `body`, "
                   "`entity`, `table`, a member or column, `sql`, `tag` or `api`): write `#` for a "
                   "comment");
    }
}

static const struct tag *find_tag(const struct tree *tree, const char *name)
{
    for (size_t i = 0; i < tree->tags.n; i++)
        if (!strcmp(tree->tags.items[i].name.text, name))
            return &tree->tags.items[i];
    return NULL;
}

/* Whoever declares tags means all of them. */
static void check_tags(struct tree *tree, const struct route *route)
{
    for (size_t i = 0; tree->tags.n && i < route->tags.n; i++) {
        const struct name *name = &route->tags.items[i];
        struct suggestion suggestion = {.wanted = name->text};
        if (find_tag(tree, name->text))
            continue;
        for (size_t j = 0; j < tree->tags.n; j++)
            suggest(&suggestion, tree->tags.items[j].name.text);
        diag_error(tree->diags, name->pos, "there is no tag `%s`%s", name->text,
                   suggestion_text(tree->arena, &suggestion));
    }
}

void check_descriptions(struct tree *tree)
{
    /* What was not understood has not taken its own. */
    bool judged = tree->api.pos.source && !tree->diags->n_errors;
    for (size_t i = 0; i < tree->routes.n; i++)
        check_tags(tree, tree->routes.items[i]);
    for (size_t i = 0; judged && i < tree->descriptions.n; i++) {
        const struct description *description = tree->descriptions.items[i];
        if (!description->taken && description->text.n)
            report(tree, description);
    }
}
