/* tree.c: members that are any JSON, as trees of jansson's, whose memory is not the arena's. */
#include "input/own.h"

#include "base/arena.h"
#include "gatewright.h"

#include <errno.h>

/* Values of the tree, until there are more than `most`. */
static size_t count_values(const struct gw_json *value, size_t most)
{
    size_t n = 1;
    if (value->kind != GW_JSON_ARRAY && value->kind != GW_JSON_OBJECT)
        return n;
    for (const struct gw_json *item = value->list.first; item && n <= most; item = item->next)
        n += count_values(item, most - n);
    return n;
}

static int keep(json_t **io_trees, json_t *tree)
{
    if (!*io_trees)
        *io_trees = json_array();
    return json_array_append_new(*io_trees, tree) ? -ENOMEM : 0;
}

void gw_check_tree(struct gw_check *check, const struct gw_place *place,
                   const struct gw_json *value, json_t **to)
{
    if (!check->trees) { /* no shape of a query or form has such a member */
        check->error = -EINVAL;
        return;
    }
    size_t n = count_values(value, GW_BODY_MAX_VALUES - check->n_values);
    if (n > GW_BODY_MAX_VALUES - check->n_values) {
        gw_check_fault(check, place, "holds too many values");
        return;
    }
    check->n_values += n;
    int r = gw_json_to_jansson(value, to);
    if (r > 0)
        gw_check_fault(check, place, "holds a number that is too large");
    else if (!r)
        r = keep(check->trees, *to);
    if (r < 0)
        check->error = r;
}
