/* rate.c: `rate 5 per minute by address`, `by caller`, `by body.email`, each perhaps
 * `shared`. */
#include "syntax/parse.h"

#include <string.h>

#define RATE_MOST 1000000
#define MAX_RATES 4 /* of a route */

static bool parse_unit(struct parser *parser, struct rate *rate)
{
    static const struct {
        const char *word;
        uint32_t seconds;
    } units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};
    if (!parser_accept_word(parser, "per")) {
        parser_unexpected(parser, "`per`");
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (!parser_accept_word(parser, units[i].word))
            continue;
        rate->seconds = units[i].seconds;
        return true;
    }
    parser_unexpected(parser, "`second`, `minute`, `hour` or `day`");
    return false;
}

static bool parse_by(struct parser *parser, struct rate *rate)
{
    if (!parser_accept_word(parser, "by")) {
        parser_unexpected(parser, "`by`");
        return false;
    }
    rate->by_pos = parser->token.pos;
    if (parser_accept_word(parser, "address")) {
        rate->by = RATE_ADDRESS;
    } else if (parser_accept_word(parser, "caller")) {
        rate->by = RATE_CALLER;
    } else if (parser_accept_word(parser, "body")) {
        rate->by = RATE_MEMBER;
        return parser_expect(parser, TOKEN_DOT, "`.` and the name of a member") &&
               parser_name(parser, "the name of a member", &rate->member);
    } else {
        parser_unexpected(parser, "`address`, `caller` or `body.MEMBER`");
        return false;
    }
    return true;
}

bool parse_rate(struct parser *parser, struct route *route)
{
    struct rate rate = {.pos = parser->token.pos};
    uint64_t most;
    if (!parser_uint(parser, "a number of requests", 1, RATE_MOST, &most) ||
        !parse_unit(parser, &rate) || !parse_by(parser, &rate))
        return false;
    rate.most = (uint32_t)most;
    rate.shared = parser_accept_word(parser, "shared");
    if (route->rates.n == MAX_RATES) {
        diag_error(parser->diags, rate.pos, "a route has %d limits at most", MAX_RATES);
        return false;
    }
    *vec_add(parser->arena, &route->rates) = rate;
    return true;
}
