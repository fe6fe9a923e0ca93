/* chosen.c: which of its alternatives each text was. */
#include "routes.h"

#include <inttypes.h>

static int say_chosen(struct gw_request *req, const struct chosen_body *chosen)
{
    const char *all = "";
    if (chosen->who.kind == GW_KIND_NUMBER)
        all = gw_printf(req, "who=n%" PRId64, chosen->who.number);
    else if (chosen->who.kind)
        all = gw_printf(req, "who=t%s", chosen->who.text);
    if (all && chosen->amount.kind == GW_KIND_NUMBER)
        all = gw_printf(req, "%s amount=n%.17g", all, chosen->amount.number);
    else if (all && chosen->amount.kind == GW_KIND_BOOL)
        all = gw_printf(req, "%s amount=b%d", all, chosen->amount.boolean);
    else if (all && chosen->amount.kind)
        all = gw_printf(req, "%s amount=t%s", all, chosen->amount.text);
    for (size_t i = 0; all && i < chosen->ids.n; i++)
        all = chosen->ids.items[i].kind == GW_KIND_NUMBER
                  ? gw_printf(req, "%s ids=n%" PRIu64, all, chosen->ids.items[i].number)
                  : gw_printf(req, "%s ids=t%s", all, chosen->ids.items[i].text);
    for (size_t i = 0; all && i < chosen->marks.n; i++)
        all = chosen->marks.items[i].kind == GW_KIND_NUMBER
                  ? gw_printf(req, "%s marks=n%" PRId64, all, chosen->marks.items[i].number)
                  : gw_printf(req, "%s marks=b%d", all, chosen->marks.items[i].boolean);
    if (all && chosen->made.kind == GW_KIND_NUMBER)
        all = gw_printf(req, "%s made=n%" PRId64, all, chosen->made.number);
    else if (all && chosen->made.kind)
        all = gw_printf(req, "%s made=o%s..%s", all,
                        chosen->made.body->from ? chosen->made.body->from : "",
                        chosen->made.body->to ? chosen->made.body->to : "");
    for (size_t i = 0; all && i < chosen->sort.n; i++)
        all = chosen->sort.items[i].value.kind == GW_KIND_NUMBER
                  ? gw_printf(req, "%s sort.%s=n%" PRId64, all, chosen->sort.items[i].name,
                              chosen->sort.items[i].value.number)
                  : gw_printf(req, "%s sort.%s=t%s", all, chosen->sort.items[i].name,
                              chosen->sort.items[i].value.text);
    return gw_text(req, 200, all);
}

int show_chosen(struct gw_request *req, const struct chosen_body *query)
{
    return say_chosen(req, query);
}

int take_chosen(struct gw_request *req, const struct chosen_body *body)
{
    return say_chosen(req, body);
}

int show_marked(struct gw_request *req, const struct marked_body *headers)
{
    const char *all = headers->who.kind == GW_KIND_NUMBER
                          ? gw_printf(req, "who=n%" PRId64, headers->who.number)
                          : gw_printf(req, "who=t%s", headers->who.text);
    for (size_t i = 0; all && i < headers->ids.n; i++)
        all = headers->ids.items[i].kind == GW_KIND_NUMBER
                  ? gw_printf(req, "%s ids=n%" PRIu64, all, headers->ids.items[i].number)
                  : gw_printf(req, "%s ids=t%s", all, headers->ids.items[i].text);
    return gw_text(req, 200, all);
}
