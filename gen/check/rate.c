/* rate.c: `rate ... by`: what is counted is there when it is counted. */
#include "check/check.h"

#include "base/suggest.h"

#include <string.h>

static bool is_gated(const struct route *route)
{
    return route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
}

static void unknown_member(struct tree *tree, const struct rate *rate, const struct body *body)
{
    struct suggestion suggestion = {.wanted = rate->member.text};
    for (size_t i = 0; i < body->members.n; i++)
        suggest(&suggestion, body->members.items[i].name.text);
    diag_error(tree->diags, rate->member.pos, "body `%s` has no member `%s`%s", body->name.text,
               rate->member.text, suggestion_text(tree->arena, &suggestion));
}

/* One text or whole number, which every body has. */
static bool can_be_counted(const struct member *member)
{
    bool type = member->type == TYPE_TEXT || member->type == TYPE_EMAIL ||
                member->type == TYPE_UUID || member->type == TYPE_INT || member->type == TYPE_UINT;
    return type && member_is_single(member) && !member->optional;
}

static void check_member(struct tree *tree, const struct route *route, struct rate *rate)
{
    const struct body *body = route->body;
    rate->member_index = -1;
    if (!body || route->runtime || route->body_list || body->is_value) {
        diag_error(tree->diags, rate->by_pos, "`%s` takes no body with members",
                   route->handler.text);
        return;
    }
    if (route->body_optional.source)
        diag_error(tree->diags, route->body_optional,
                   "`rate ... by body` counts by what each request has: without `?`");
    for (size_t i = 0; i < body->members.n; i++) {
        if (strcmp(body->members.items[i].name.text, rate->member.text))
            continue;
        rate->member_index = (int)i;
        if (!can_be_counted(&body->members.items[i]))
            diag_error(tree->diags, rate->member.pos,
                       "requests are counted by a text, an email, a uuid or a whole number that "
                       "is not optional");
        return;
    }
    unknown_member(tree, rate, body);
}

void check_rates(struct tree *tree, struct route *route)
{
    for (size_t i = 0; i < route->rates.n; i++) {
        struct rate *rate = &route->rates.items[i];
        if (rate->by == RATE_MEMBER)
            check_member(tree, route, rate);
        else if (rate->by == RATE_CALLER && !is_gated(route))
            diag_error(tree->diags, rate->by_pos, "a route without a token knows no caller");
    }
}
