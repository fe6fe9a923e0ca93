/* reason.c: the table of the reasons. The manual explains the same list to people; tests compare it
 * with the manual and with what the code can say. */
#include "base/reason.h"

#include <assert.h>

static const struct {
    const char *name;
    const char *text;
    bool leaves_other_keys;
} reasons[] = {
    [GW_REASON_FRAME_TRUNCATED] = {"frame.truncated", "the parameters exceed a bound"},
    [GW_REASON_FRAME_ABORTED] = {"frame.aborted", "the web server aborted the request"},
    [GW_REASON_FRAME_CLOSED] = {"frame.closed", "the web server closed the connection"},
    [GW_REASON_FRAME_LATE] = {"frame.late", "the parameters did not arrive in time"},
    [GW_REASON_FRAME_PROTOCOL] = {"frame.protocol", "what came is not FastCGI"},
    [GW_REASON_FRAME_MANY] = {"frame.many", "the web server sent too many variables"},
    [GW_REASON_FRAME_LONG] = {"frame.long", "the variables are too long together"},
    [GW_REASON_FRAME_NUL] = {"frame.nul", "a variable holds a NUL byte"},
    [GW_REASON_FRAME_DUPLICATE] = {"frame.duplicate", "a variable is there twice"},
    [GW_REASON_FRAME_TARGET] = {"frame.target", "the web server named no path"},
    [GW_REASON_FRAME_AUTHORIZATION] = {"frame.authorization",
                                       "two Authorization headers that contradict each other"},
    [GW_REASON_FRAME_ROLE] = {"frame.role", "GATEWRIGHT_ROLE has no role that there is"},
    [GW_REASON_FRAME_METHOD] = {"frame.method", "the web server named no method"},
    [GW_REASON_FRAME_LENGTH] = {"frame.length", "Content-Length is malformed, or is two lengths"},

    [GW_REASON_METHOD_UNKNOWN] = {"method.unknown", "not a method of HTTP"},
    [GW_REASON_METHOD_ROUTE] = {"method.route", "the path has routes, but none for the method"},
    [GW_REASON_METHOD_STATUS] = {"method.status", "status pages are only read"},
    [GW_REASON_METHOD_OPTIONS] = {"method.options", "auth_request asked about OPTIONS"},

    [GW_REASON_PATH_FORM] = {"path.form", "neither \"/...\" nor \"http(s)://host...\""},
    [GW_REASON_PATH_LONG] = {"path.long", "the path is over 8 KiB"},
    [GW_REASON_PATH_ESCAPE] = {"path.escape", "a `%` without two hex digits"},
    [GW_REASON_PATH_CONTROL] = {"path.control", "a byte 00 to 1F or 7F, raw or encoded"},
    [GW_REASON_PATH_UTF8] = {"path.utf8", "not UTF-8 once decoded"},
    [GW_REASON_PATH_FRAGMENT] = {"path.fragment", "a raw `#`"},
    [GW_REASON_PATH_EMPTY] = {"path.empty", "an empty segment, as in `//`"},
    [GW_REASON_PATH_DOT] = {"path.dot", "a segment `.` or `..`, in any encoding"},
    [GW_REASON_PATH_SEPARATOR] = {"path.separator", "%2F or %5C outside a {:path}"},
    [GW_REASON_PATH_MOUNT] = {"path.mount", "the path lies outside GW_MOUNT"},
    [GW_REASON_PATH_ROUTE] = {"path.route", "auth_request asked about what no route has"},

    [GW_REASON_AUTH_NONE] = {"auth.none", "the route wants a token and the request has none"},
    [GW_REASON_AUTH_COMMA] = {"auth.comma",
                              "the credentials have a comma: several, or folded by a proxy"},
    [GW_REASON_AUTH_SCHEME] = {"auth.scheme", "credentials of another scheme than `Bearer`"},
    [GW_REASON_AUTH_TWICE] = {"auth.twice", "the query has `auth` more than once"},
    [GW_REASON_AUTH_BOTH] = {"auth.both", "a token in the header and one in the query"},
    [GW_REASON_AUTH_QUERY] = {"auth.query", "the query string is malformed"},
    [GW_REASON_AUTH_ENTITY] = {"auth.entity",
                               "a good token of an account that the route does not admit"},
    [GW_REASON_AUTH_SCOPE] = {"auth.scope", "the token lacks the scope that the route wants"},
    [GW_REASON_AUTH_FAILED] = {"auth.failed", "memory or cryptography failed; nobody was let in"},

    [GW_REASON_JWT_SCHEME] = {"jwt.scheme",
                              "the Authorization header is `Bearer` with nothing behind it"},
    [GW_REASON_JWT_LONG] = {"jwt.long", "the token is over 8 KiB"},
    [GW_REASON_JWT_SEGMENTS] = {"jwt.segments", "the token has not exactly three segments"},
    [GW_REASON_JWT_BASE64] = {"jwt.base64", "a segment is not base64url, or in another spelling "
                                            "than the one right one"},
    [GW_REASON_JWT_HEADER] = {"jwt.header", "the header is not a JSON object"},
    [GW_REASON_JWT_DEPTH] = {"jwt.depth", "the JSON is nested over 8 levels"},
    [GW_REASON_JWT_DUPLICATE] = {"jwt.duplicate", "a member is there twice"},
    [GW_REASON_JWT_CRIT] = {"jwt.crit", "the header has `crit` or `b64`, which ask for what is not "
                                        "understood here"},
    [GW_REASON_JWT_KID] = {"jwt.kid", "`kid` is malformed, or no key of ours has that id", true},
    [GW_REASON_JWT_ALG] = {"jwt.alg", "`alg` is not the algorithm of the key that `kid` names",
                           true},
    [GW_REASON_JWT_TYP] = {"jwt.typ", "`typ` is not the configured one", true},
    [GW_REASON_JWT_SIGNATURE] = {"jwt.signature", "the signature is not that key's over this token",
                                 true},
    [GW_REASON_JWT_CLAIMS] = {"jwt.claims", "the claims are not a JSON object, or a registered "
                                            "claim has a wrong type"},
    [GW_REASON_JWT_NO_EXPIRY] = {"jwt.no_expiry", "`exp` is missing"},
    [GW_REASON_JWT_EXPIRED] = {"jwt.expired", "`exp` has passed"},
    [GW_REASON_JWT_NOT_YET] = {"jwt.not_yet", "`nbf` lies ahead"},
    [GW_REASON_JWT_ISSUED_AHEAD] = {"jwt.issued_ahead", "`iat` lies ahead"},
    [GW_REASON_JWT_ISSUER] = {"jwt.issuer", "`iss` is not the configured issuer", true},
    [GW_REASON_JWT_AUDIENCE] = {"jwt.audience", "`aud` does not name this program"},
    [GW_REASON_JWT_PATH] = {"jwt.path", "a token for one path, used elsewhere or in a header"},
    [GW_REASON_JWT_UNBOUND] = {"jwt.unbound",
                               "the route takes only tokens made for its path in the query"},
    [GW_REASON_JWT_TABLE] = {"jwt.table", "`table_name` names no entity"},
    [GW_REASON_JWT_KEY] = {"jwt.key", "the key claim is missing or not of its column's type"},
    [GW_REASON_JWT_EPOCH] = {"jwt.epoch", "`epoch` is not a whole number"},
    [GW_REASON_JWT_EMAIL] = {"jwt.email", "the issuer has not verified the e-mail address"},
    [GW_REASON_JWT_ROW] = {"jwt.row", "the account is not there (any more)"},
    [GW_REASON_JWT_REVOKED] = {"jwt.revoked",
                               "all tokens of the account were revoked after this one was issued"},
    [GW_REASON_JWT_DENIED] = {"jwt.denied", "this token is on the deny-list"},

    [GW_REASON_CLOCK] = {"clock", "the machine's clock is not set"},
    [GW_REASON_STORE_AWAY] = {"store.away", "the database is away, slow or full"},
    [GW_REASON_STORE_FAILED] = {"store.failed", "the database failed; nobody was let in"},
    [GW_REASON_BODY_LONG] = {"body.long", "the body is over the route's limit"},
    [GW_REASON_BODY_TYPE] = {"body.type", "the body is of another media type"},
    [GW_REASON_BODY_CODING] = {"body.coding", "the body has a Content-Encoding"},
    [GW_REASON_BODY_INCOMPLETE] = {"body.incomplete", "the body did not arrive whole"},
    [GW_REASON_BODY_ABORTED] = {"body.aborted", "the web server aborted the request"},
    [GW_REASON_BODY_LATE] = {"body.late", "the body stood still, or took too long"},
    [GW_REASON_BODY_SPOOL] = {"body.spool", "the body could not be kept"},
    [GW_REASON_INPUT_SYNTAX] = {"input.syntax", "the body or the query is not well-formed"},
    [GW_REASON_INPUT_INVALID] = {"input.invalid", "the body or the query is not as declared"},
    [GW_REASON_OWN] = {"own", "the row is not there, or is not the caller's"},
    [GW_REASON_OWN_FAILED] = {"own.failed", "the database failed at the caller's own row"},
    [GW_REASON_QUEUE_FULL] = {"queue.full", "too many requests wait for a slow route"},
    [GW_REASON_QUEUE_LATE] = {"queue.late", "the request waited too long for a slow route"},
    [GW_REASON_STATUS_TOKEN] = {"status.token", "a status page without GW_STATUS_TOKEN"},
    [GW_REASON_HANDLER] = {"handler", "the handler failed"},
    [GW_REASON_RETURNS] = {"returns", "the answer is not what the route's `returns` declares"},
    [GW_REASON_MEMORY] = {"memory", "memory is short"},
};
_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == GW_N_REASONS, "a row for each reason");

const char *gw_reason_name(enum gw_reason reason)
{
    assert(reason < GW_N_REASONS);
    return reasons[reason].name;
}

const char *gw_reason_text(enum gw_reason reason)
{
    assert(reason < GW_N_REASONS);
    return reason ? reasons[reason].text : "";
}

bool gw_reason_leaves_other_keys(enum gw_reason reason)
{
    assert(reason < GW_N_REASONS);
    return reasons[reason].leaves_other_keys;
}
