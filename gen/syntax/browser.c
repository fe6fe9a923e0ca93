/* browser.c: what stands in the file for browsers: `cookie "__Host-NAME"`, `cors "ORIGIN"`, and on
 * routes `sets session` and `else /path`. */
#include "syntax/parse.h"

#include <string.h>

#define COOKIE_PREFIX "__Host-"
#define COOKIE_MAX    64

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/* RFC 6265bis, 4.1.3.2: what begins so browsers take by TLS alone, of one host and for all of its
 * paths, so that no sub-domain can put another one in its place. */
static bool is_cookie_name(const char *text)
{
    size_t n = strlen(COOKIE_PREFIX), len = strlen(text);
    return !strncmp(text, COOKIE_PREFIX, n) && len > n && len <= COOKIE_MAX &&
           strspn(text, letters) == len;
}

bool parse_cookie(struct parser *parser)
{
    struct name *ret = &parser->tree->cookie;
    if (!parser_string(parser, "a cookie's name in quotes", ret))
        return false;
    if (is_cookie_name(ret->text))
        return true;
    diag_error(parser->diags, ret->pos,
               "a cookie's name is \"__Host-\" and then letters, digits, `-` and `_`, %d in all at "
               "most: only with that beginning do browsers keep it to this host and to TLS",
               COOKIE_MAX);
    return false;
}

bool parse_session_cookie(struct parser *parser, struct name *ret)
{
    size_t most = COOKIE_MAX - strlen("__Secure--refresh");
    if (!parser_string(parser, "a name in quotes", ret))
        return false;
    size_t len = strlen(ret->text);
    if (len && len <= most && strncmp(ret->text, "__", 2) && strspn(ret->text, letters) == len)
        return true;
    diag_error(
        parser->diags, ret->pos,
        "a session has two cookies, \"__Host-NAME\" and \"__Secure-NAME-refresh\": what stands "
        "here is the NAME alone, of letters, digits, `-` and `_`, %zu at most",
        most);
    return false;
}

bool parse_sets(struct parser *parser, struct route *route)
{
    (void)route;
    if (parser_accept_word(parser, "session"))
        return true;
    parser_unexpected(parser, "`session`");
    return false;
}

bool parse_else(struct parser *parser, struct route *route)
{
    struct token token = parser->token;
    if (!parser_expect(parser, TOKEN_PATH, "a path such as `/sign-in`"))
        return false;
    route->otherwise.pos = token.pos;
    const char *path = parse_plain_path(parser, &token);
    route->otherwise.text = path && !*path ? "/" : path;
    return path;
}

/* An origin as a browser sends it (RFC 6454, 6.2): scheme, host and port, in lower case. */
static bool is_origin(const char *text)
{
    const char *host = !strncmp(text, "https://", 8)  ? text + 8
                       : !strncmp(text, "http://", 7) ? text + 7
                                                      : "";
    size_t len = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-[:]");
    return len && *host != ':' && host[len] == '\0' && host[len - 1] != ':';
}

/* Browsers leave out the port that the scheme has by itself (RFC 6454, 6.2). */
static char *without_default_port(struct parser *parser, const char *origin)
{
    const char *port = origin[4] == 's' ? ":443" : ":80";
    size_t len = strlen(origin), n = strlen(port);
    if (len > n && !strcmp(origin + len - n, port))
        len -= n;
    return arena_printf(parser->arena, "%.*s", (int)len, origin);
}

/* Of a page that TLS brought, or that comes from the developer's own machine: another one is
 * whoever stands in between. */
static bool is_trustworthy(const char *origin)
{
    static const char *const local[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};
    for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++) {
        size_t n = strlen(local[i]);
        if (!strncmp(origin, local[i], n) && (origin[n] == ':' || !origin[n]))
            return true;
    }
    return !strncmp(origin, "https://", 8);
}

/* `credentials` behind the origins of a line: their pages may send the cookie. */
static bool parse_credentials(struct parser *parser, size_t first)
{
    const struct name *origins = parser->tree->cors.items;
    if (!parser_accept_word(parser, "credentials"))
        return true;
    for (size_t i = first; i < parser->tree->cors.n; i++) {
        if (!is_trustworthy(origins[i].text)) {
            diag_error(parser->diags, origins[i].pos,
                       "pages of `%s` cannot send the cookie: whoever stands in between writes "
                       "them; only https:// has `credentials`, and this machine",
                       origins[i].text);
            return false;
        }
        *vec_add(parser->arena, &parser->tree->credentials) = origins[i];
    }
    return true;
}

bool parse_cors(struct parser *parser)
{
    size_t first = parser->tree->cors.n;
    do {
        struct name origin;
        if (!parser_string(parser, "an origin in quotes", &origin))
            return false;
        if (!is_origin(origin.text)) {
            diag_error(parser->diags, origin.pos,
                       "`%s` is not an origin such as \"https://app.example\"%s", origin.text,
                       strchr(origin.text, '*') ? ": each one is named" : "");
            return false;
        }
        origin.text = without_default_port(parser, origin.text);
        *vec_add(parser->arena, &parser->tree->cors) = origin;
    } while (parser_at(parser, TOKEN_STRING));
    return parse_credentials(parser, first);
}
