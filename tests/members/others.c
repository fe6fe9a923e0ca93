/* others.c: reals between bounds, and bodies that have no members, or other members than those that are declared. */
#include "routes.h"

#define TAKES(name)                                                                                \
    int take_##name(struct gw_request *req, const struct name##_body *body)                        \
    {                                                                                              \
        return gw_empty(req, 204);                                                                 \
    }

TAKES(rates)
TAKES(depths)
TAKES(empty)

int take_shares(struct gw_request *req, const struct shares_body *body)
{
    return gw_text(req, 200, gw_printf(req, "%.17g %.17g", body->v, body->w));
}

int take_empties(struct gw_request *req, const struct empties_body *body)
{
    return gw_text(req, 200,
                   gw_printf(req, "%d %zu %zu %d", body->v != NULL, body->w.n, body->x.n,
                             body->x.n ? body->x.items[0].value != NULL : -1));
}

int take_empty_list(struct gw_request *req, const struct empty_list *body)
{
    json_t *all = json_array();
    for (size_t i = 0; i < body->n; i++)
        json_array_append_new(all, json_object());
    return gw_json(req, 200, all);
}

int take_empty_form(struct gw_request *req, const struct empty_body *body)
{
    return gw_text(req, 200, body ? "empty" : "none");
}

int show_empty(struct gw_request *req, const struct empty_body *query)
{
    return gw_json(req, 200, query ? json_object() : json_null());
}
