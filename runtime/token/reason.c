/* reason.c: the reasons of the gate. docs/tokens.md explains the same list to people; a test
 * compares it with that page and with what the code can say. */
#include "token/reason.h"

#include <string.h>

const struct gw_reason gw_reasons[] = {
    {"auth.none", "the route wants a token and the request has none"},
    {"auth.comma", "the credentials have a comma: several, or folded by a proxy"},
    {"auth.twice", "the query has `auth` more than once"},
    {"auth.both", "a token in the header and one in the query"},
    {"auth.query", "the query string is malformed"},
    {"auth.entity", "a good token of an account that the route does not admit"},
    {"auth.scope", "the token lacks the scope that the route wants"},
    {"auth.failed", "memory or cryptography failed; nobody was let in"},
    {"jwt.scheme", "the Authorization header is not `Bearer TOKEN`"},
    {"jwt.long", "the token is over 8 KiB"},
    {"jwt.segments", "the token has not exactly three segments"},
    {"jwt.base64", "a segment is not base64url, or in another spelling than the one right one"},
    {"jwt.header", "the header is not a JSON object"},
    {"jwt.depth", "the JSON is nested over 8 levels"},
    {"jwt.duplicate", "a member is there twice"},
    {"jwt.crit", "the header has `crit` or `b64`, which ask for what is not understood here"},
    {"jwt.kid", "`kid` is malformed, or no key of ours has that id"},
    {"jwt.alg", "`alg` is not the algorithm of the key that `kid` names"},
    {"jwt.typ", "`typ` is not the configured one"},
    {"jwt.signature", "the signature is not that key's over this token"},
    {"jwt.claims", "the claims are not a JSON object, or a registered claim has a wrong type"},
    {"jwt.no_expiry", "`exp` is missing"},
    {"jwt.expired", "`exp` has passed"},
    {"jwt.not_yet", "`nbf` lies ahead"},
    {"jwt.issued_ahead", "`iat` lies ahead"},
    {"jwt.issuer", "`iss` is not the configured issuer"},
    {"jwt.audience", "`aud` does not name this program"},
    {"jwt.path", "a token for one path, used elsewhere or in a header"},
    {"jwt.unbound", "the route takes only tokens made for its path in the query"},
    {"jwt.table", "`table_name` names no entity"},
    {"jwt.key", "the key claim is missing or not of its column's type"},
    {"jwt.epoch", "`epoch` is not a whole number"},
    {"jwt.email", "the issuer has not verified the e-mail address"},
    {"jwt.row", "the account is not there (any more)"},
    {"jwt.revoked", "all tokens of the account were revoked after this one was issued"},
    {"jwt.denied", "this token is on the deny-list"},
};
const size_t gw_n_reasons = sizeof(gw_reasons) / sizeof(gw_reasons[0]);

const char *gw_reason_text(const char *name)
{
    for (size_t i = 0; i < gw_n_reasons; i++)
        if (!strcmp(gw_reasons[i].name, name))
            return gw_reasons[i].text;
    return "";
}
