/* others.c: reals between bounds, and bodies that have no members, or other members than those that
 * are declared. */
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

TAKES(looses)
TAKES(leftovers)

static const char *say_extras(struct gw_request *req, const struct extras_body *extras)
{
    const char *all =
        gw_printf(req, "%d %s", (int)extras->id, extras->name ? extras->name : "null");
    for (size_t i = 0; all && i < extras->others.n; i++)
        all = gw_printf(req, "%s %s=%s", all, extras->others.items[i].name,
                        extras->others.items[i].value);
    return all;
}

int take_extras(struct gw_request *req, const struct extras_body *body)
{
    return gw_text(req, 200, say_extras(req, body));
}

int take_kept(struct gw_request *req, const struct kept_body *body)
{
    const char *all = gw_printf(req, "%d", body->id.set ? (int)body->id.value : -1);
    for (size_t i = 0; all && i < body->others.n; i++) {
        const char *extras = say_extras(req, body->others.items[i].value);
        all = extras ? gw_printf(req, "%s; %s: %s", all, body->others.items[i].name, extras) : NULL;
    }
    return gw_text(req, 200, all);
}

int give_kept(struct gw_request *req, const struct anything_body *body)
{
    return gw_json(req, 200, json_incref(body->value));
}
