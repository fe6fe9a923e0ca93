/* quoted.c: what came of numbers that are written as texts. */
#include "routes.h"

int take_figures(struct gw_request *req, const struct figures_body *body)
{
    const char *all = gw_printf(req, "%lld %s%llu", (long long)body->v, body->w.set ? "" : "none ",
                                (unsigned long long)(body->w.set ? body->w.value : 0));
    for (size_t i = 0; all && i < body->x.n; i++)
        all = gw_printf(req, "%s %.17g", all, body->x.items[i]);
    for (size_t i = 0; all && i < body->y.n; i++)
        all = gw_printf(req, "%s %s=%lld", all, body->y.items[i].name,
                        (long long)body->y.items[i].value);
    return gw_text(req, 200, all ? gw_printf(req, "%s %lld", all, (long long)body->z) : NULL);
}

int take_dials(struct gw_request *req, const struct dials_body *body)
{
    return gw_text(req, 200, gw_printf(req, "%lld %.17g", (long long)body->v, body->w.value));
}
