/* reason.c: the table of the reasons. The manual explains the same list to people; tests compare it
 * with the manual and with what the code can say. */
#include "base/reason.h"

#include <assert.h>

static const struct {
    const char *name;
    const char *text;
    bool leaves_other_keys;
} reasons[] = {
    [GW_REASON_FRAME_TRUNCATED] = {"frame.truncated", "the parameters exceed a bound", false},
    [GW_REASON_FRAME_ABORTED] = {"frame.aborted", "the web server aborted the request", false},
    [GW_REASON_FRAME_CLOSED] = {"frame.closed", "the web server closed the connection", false},
    [GW_REASON_FRAME_LATE] = {"frame.late", "the parameters did not arrive in time", false},
    [GW_REASON_FRAME_PROTOCOL] = {"frame.protocol", "what came is not FastCGI", false},
    [GW_REASON_FRAME_MANY] = {"frame.many", "the web server sent too many variables", false},
    [GW_REASON_FRAME_LONG] = {"frame.long", "the variables are too long together", false},
    [GW_REASON_FRAME_NUL] = {"frame.nul", "a variable holds a NUL byte", false},
    [GW_REASON_FRAME_DUPLICATE] = {"frame.duplicate", "a variable is there twice", false},
    [GW_REASON_FRAME_TARGET] = {"frame.target", "the web server named no path", false},
    [GW_REASON_FRAME_AUTHORIZATION] = {"frame.authorization",
                                       "two Authorization headers that contradict each other",
                                       false},
    [GW_REASON_FRAME_ROLE] = {"frame.role", "GATEWRIGHT_ROLE has no role that there is", false},
    [GW_REASON_FRAME_METHOD] = {"frame.method", "the web server named no method", false},
    [GW_REASON_FRAME_LENGTH] = {"frame.length", "Content-Length is malformed, or is two lengths",
                                false},

    [GW_REASON_METHOD_UNKNOWN] = {"method.unknown", "not a method of HTTP", false},
    [GW_REASON_METHOD_ROUTE] = {"method.route", "the path has routes, but none for the method",
                                false},
    [GW_REASON_METHOD_STATUS] = {"method.status", "status pages are only read", false},
    [GW_REASON_METHOD_OPTIONS] = {"method.options", "auth_request asked about OPTIONS", false},

    [GW_REASON_PATH_FORM] = {"path.form", "neither \"/...\" nor \"http(s)://host...\"", false},
    [GW_REASON_PATH_LONG] = {"path.long", "the path is over 8 KiB", false},
    [GW_REASON_PATH_ESCAPE] = {"path.escape", "a `%` without two hex digits", false},
    [GW_REASON_PATH_CONTROL] = {"path.control", "a byte 00 to 1F or 7F, raw or encoded", false},
    [GW_REASON_PATH_UTF8] = {"path.utf8", "not UTF-8 once decoded", false},
    [GW_REASON_PATH_FRAGMENT] = {"path.fragment", "a raw `#`", false},
    [GW_REASON_PATH_EMPTY] = {"path.empty", "an empty segment, as in `//`", false},
    [GW_REASON_PATH_DOT] = {"path.dot", "a segment `.` or `..`, in any encoding", false},
    [GW_REASON_PATH_SEPARATOR] = {"path.separator", "%2F or %5C outside a {:path}", false},
    [GW_REASON_PATH_MOUNT] = {"path.mount", "the path lies outside GW_MOUNT", false},
    [GW_REASON_PATH_ROUTE] = {"path.route", "auth_request asked about what no route has", false},

    [GW_REASON_LIMIT_ADDRESS] = {"limit.address", "too many requests from the client's address",
                                 false},
    [GW_REASON_LIMIT_CALLER] = {"limit.caller", "too many requests of the caller", false},
    [GW_REASON_LIMIT_BODY] = {"limit.body", "too many requests with that member of the body",
                              false},
    [GW_REASON_LIMIT_FAILED] = {"limit.failed",
                                "cryptography or a statement failed, and "
                                "nothing was counted",
                                false},
    [GW_REASON_CSRF] = {"csrf", "another site's page made the browser send it, as far as it says",
                        false},

    [GW_REASON_AUTH_NONE] = {"auth.none", "the route wants a token and the request has none",
                             false},
    [GW_REASON_AUTH_COMMA] = {"auth.comma",
                              "the credentials have a comma: several, or folded by a proxy", false},
    [GW_REASON_AUTH_SCHEME] = {"auth.scheme", "credentials of another scheme than `Bearer`", false},
    [GW_REASON_AUTH_TWICE] = {"auth.twice", "the query has `auth` more than once", false},
    [GW_REASON_AUTH_BOTH] =
        {"auth.both", "a token in the header and one in the query, or a ticket in header and body",
         false},
    [GW_REASON_AUTH_QUERY] = {"auth.query", "the query string is malformed", false},
    [GW_REASON_AUTH_COOKIES] = {"auth.cookies", "the token's cookie is there more than once",
                                false},
    [GW_REASON_AUTH_ENTITY] = {"auth.entity",
                               "a good token of an account that the route does not admit", false},
    [GW_REASON_AUTH_ROLE] = {"auth.role", "the account has none of the roles that the route admits",
                             false},
    [GW_REASON_AUTH_SCOPE] = {"auth.scope", "the token lacks the scope that the route wants",
                              false},
    [GW_REASON_AUTH_FAILED] = {"auth.failed", "memory or cryptography failed; nobody was let in",
                               false},

    [GW_REASON_JWT_SCHEME] = {"jwt.scheme",
                              "the Authorization header is `Bearer` with nothing behind it", false},
    [GW_REASON_JWT_LONG] = {"jwt.long", "the token is over 8 KiB", false},
    [GW_REASON_JWT_SEGMENTS] = {"jwt.segments", "the token has not exactly three segments", false},
    [GW_REASON_JWT_BASE64] = {"jwt.base64",
                              "a segment is not base64url, or in another spelling "
                              "than the one right one",
                              false},
    [GW_REASON_JWT_HEADER] = {"jwt.header", "the header is not a JSON object", false},
    [GW_REASON_JWT_DEPTH] = {"jwt.depth", "the JSON is nested over 8 levels", false},
    [GW_REASON_JWT_DUPLICATE] = {"jwt.duplicate", "a member is there twice", false},
    [GW_REASON_JWT_CRIT] = {"jwt.crit",
                            "the header has `crit` or `b64`, which ask for what is not "
                            "understood here",
                            false},
    [GW_REASON_JWT_KID] = {"jwt.kid", "`kid` is malformed, or no key of ours has that id", true},
    [GW_REASON_JWT_ALG] = {"jwt.alg", "`alg` is not the algorithm of the key that `kid` names",
                           true},
    [GW_REASON_JWT_TYP] = {"jwt.typ",
                           "`typ` is not that of an access token, or not the configured one", true},
    [GW_REASON_JWT_SIGNATURE] = {"jwt.signature", "the signature is not that key's over this token",
                                 true},
    [GW_REASON_JWT_CLAIMS] = {"jwt.claims",
                              "the claims are not a JSON object, or a registered "
                              "claim has a wrong type",
                              false},
    [GW_REASON_JWT_NO_EXPIRY] = {"jwt.no_expiry", "`exp` is missing", false},
    [GW_REASON_JWT_EXPIRED] = {"jwt.expired", "`exp` has passed", false},
    [GW_REASON_JWT_NOT_YET] = {"jwt.not_yet", "`nbf` lies ahead", false},
    [GW_REASON_JWT_ISSUED_AHEAD] = {"jwt.issued_ahead", "`iat` lies ahead", false},
    [GW_REASON_JWT_ISSUER] = {"jwt.issuer", "`iss` is not the configured issuer", true},
    [GW_REASON_JWT_AUDIENCE] = {"jwt.audience", "`aud` does not name this program", false},
    [GW_REASON_JWT_PATH] = {"jwt.path", "a token for one path, used elsewhere or in a header",
                            false},
    [GW_REASON_JWT_UNBOUND] = {"jwt.unbound",
                               "the route takes only tokens made for its path in the query", false},
    [GW_REASON_JWT_TABLE] = {"jwt.table", "`table_name` names no entity", false},
    [GW_REASON_JWT_KEY] = {"jwt.key", "the key claim is missing or not of its column's type",
                           false},
    [GW_REASON_JWT_EPOCH] = {"jwt.epoch", "`epoch` is not a whole number", false},
    [GW_REASON_JWT_EMAIL] = {"jwt.email", "the issuer has not verified the e-mail address", false},
    [GW_REASON_JWT_ROW] = {"jwt.row", "the account is not there (any more)", false},
    [GW_REASON_JWT_REVOKED] = {"jwt.revoked",
                               "all tokens of the account were revoked after this one was issued",
                               false},
    [GW_REASON_JWT_BLOCKED] = {"jwt.blocked", "the account is switched off", false},
    [GW_REASON_JWT_DENIED] = {"jwt.denied", "this token is on the deny-list", false},

    [GW_REASON_SESSION_GONE] = {"session.gone", "the session has ended", false},
    [GW_REASON_SESSION_REPEAT] = {"session.repeat",
                                  "a refresh token that was just replaced was answered once more: "
                                  "the answer before may have been lost",
                                  false},
    [GW_REASON_SESSION_REUSE] = {"session.reuse",
                                 "a refresh token that had been replaced: somebody has a copy, and "
                                 "the session was ended",
                                 false},
    [GW_REASON_SESSION_AHEAD] = {"session.ahead",
                                 "the refresh token is newer than the database knows: this node "
                                 "lags, or a backup was restored",
                                 false},
    [GW_REASON_TICKET_OTHER] = {"ticket.other", "a ticket for something else", false},
    [GW_REASON_TICKET_SPENT] = {"ticket.spent", "the ticket has been used before", false},
    [GW_REASON_TICKET_VOID] = {"ticket.void",
                               "a column that the ticket vouches for has another value now", false},

    [GW_REASON_CLOCK] = {"clock", "the machine's clock is not set", false},
    [GW_REASON_STORE_AWAY] = {"store.away", "the database is away, slow or full", false},
    [GW_REASON_STORE_FAILED] = {"store.failed", "the database failed; nobody was let in", false},
    [GW_REASON_STORE_CONFLICT] = {"store.conflict",
                                  "other transactions were in the way, again and again", false},
    [GW_REASON_BODY_LONG] = {"body.long", "the body is over the route's limit", false},
    [GW_REASON_BODY_TYPE] = {"body.type", "the body is of another media type", false},
    [GW_REASON_BODY_CODING] = {"body.coding", "the body has a Content-Encoding", false},
    [GW_REASON_BODY_INCOMPLETE] = {"body.incomplete", "the body did not arrive whole", false},
    [GW_REASON_BODY_ABORTED] = {"body.aborted", "the web server aborted the request", false},
    [GW_REASON_BODY_LATE] = {"body.late", "the body stood still, or took too long", false},
    [GW_REASON_BODY_SPOOL] = {"body.spool", "the body could not be kept", false},
    [GW_REASON_BODY_UPLOADS] = {"body.uploads", "too many bytes of files are under way", false},
    [GW_REASON_INPUT_SYNTAX] = {"input.syntax", "the body or the query is not well-formed", false},
    [GW_REASON_INPUT_INVALID] = {"input.invalid", "the body or the query is not as declared",
                                 false},
    [GW_REASON_OWN] = {"own", "the row is not there, or is not the caller's", false},
    [GW_REASON_OWN_FAILED] = {"own.failed", "the database failed at the caller's own row", false},
    [GW_REASON_QUEUE_FULL] = {"queue.full", "too many requests wait for a slow route", false},
    [GW_REASON_QUEUE_LATE] = {"queue.late", "the request waited too long for a slow route", false},
    [GW_REASON_STATUS_TOKEN] = {"status.token", "a status page without GW_STATUS_TOKEN", false},
    [GW_REASON_HANDLER] = {"handler", "the handler failed", false},
    [GW_REASON_PASSWORD_UNKNOWN] = {"password.unknown",
                                    "the hash of an account is of no kind that is known", false},
    [GW_REASON_PASSWORD_BOUND] = {"password.bound",
                                  "the hash of an account would take more work than is allowed",
                                  false},
    [GW_REASON_PASSWORD_OPTION] = {"password.option",
                                   "the hash of an account is of a kind that is not built in "
                                   "(meson's option `argon2`)",
                                   false},
    [GW_REASON_PASSWORD_BUSY] = {"password.busy", "too many passwords are hashed at once", false},
    [GW_REASON_RETURNS] = {"returns", "the answer is not what the route's `returns` declares",
                           false},
    [GW_REASON_MEMORY] = {"memory", "memory is short", false},
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
