/* headers.c: the headers that a route takes. Their names are those of HTTP, and none that something
 * else has decided on before a handler runs. */
#include "check/check.h"

#include <string.h>
#include <strings.h>

/* Names, or with `*` at the end what they begin with, and what is to be done instead. */
static const struct kept {
    const char *name, *instead;
} kept[] = {
    {"Authorization", "the gate reads it; the route's access says whose token it takes"},
    {"Proxy-*", "it is for proxies; leave it out"},
    {"Proxy", "programs take it for a setting (httpoxy); leave it out"},
    {"Cookie", "cookies are read by gw_cookie()"},
    {"Set-Cookie", "it is an answer's; gw_set_cookie() sets one"},
    {"Content-*", "what a body is, its declaration says; gw_content_type() tells the media type"},
    {"Host", "the web server has decided by it; leave it out"},
    {"Connection", "it ends at the web server; leave it out"},
    {"Keep-Alive", "it ends at the web server; leave it out"},
    {"TE", "it ends at the web server; leave it out"},
    {"Trailer", "it ends at the web server; leave it out"},
    {"Transfer-Encoding", "it ends at the web server; leave it out"},
    {"Upgrade", "it ends at the web server; leave it out"},
    {"Expect", "it ends at the web server; leave it out"},
    {"Accept", "OpenAPI has no such parameter; gw_header() reads it"},
    {"Origin", "the runtime decides by it; `cors` says whose pages may call"},
    {"Access-Control-*", "the runtime decides by it; `cors` says whose pages may call"},
    {"Sec-Fetch-*", "the runtime decides by it; `sets session` and `cookie` say what pages may do"},
    {"Range", "the runtime decides by it; gw_file() answers with parts"},
    {"If-*", "the runtime decides by it; gw_etag() answers 304"},
    {"Forwarded",
     "GW_TRUSTED_PROXIES says who may send it; gw_remote_address() tells the client's"},
    {"X-Forwarded-*",
     "GW_TRUSTED_PROXIES says who may send it; gw_remote_address() tells the client's"},
    {"X-Real-IP",
     "GW_TRUSTED_PROXIES says who may send it; gw_remote_address() tells the client's"},
    {"X-HTTP-Method*", "the method is the request's own, and nothing overrides it"},
    {"X-Method-Override", "the method is the request's own, and nothing overrides it"},
};

static const struct kept *find_kept(const char *name)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        size_t len = strlen(kept[i].name);
        bool begins = kept[i].name[len - 1] == '*';
        if (begins ? !strncasecmp(name, kept[i].name, len - 1) : !strcasecmp(name, kept[i].name))
            return &kept[i];
    }
    return NULL;
}

/* "Idempotency-Key" for `idempotency_key`. */
static const char *header_like(struct arena *arena, const char *name)
{
    char *text = arena_copy(arena, name, strlen(name));
    for (char *p = text; *p; p++) {
        bool begins = p == text || p[-1] == '-';
        *p = *p == '_' ? '-' : begins && *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    return text;
}

/* RFC 9110, 5.1 has more characters; RFC 3875, 4.1.18 makes one variable of X-Foo and X_Foo. */
static bool is_header_name(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    return *name && *name != '-' && !name[strspn(name, plain)];
}

static bool check_name(struct tree *tree, const struct member *member)
{
    struct pos pos = member->as.text ? member->as.pos : member->name.pos;
    const struct kept *found;
    if (!member->as.text && strchr(member->name.text, '_')) {
        diag_error(tree->diags, pos, "a header is not called `%s`: write as \"%s\" behind the type",
                   member->name.text, header_like(tree->arena, member->name.text));
        return false;
    }
    if (!is_header_name(member->outer)) {
        diag_error(
            tree->diags, pos,
            "a header's name has letters, digits and hyphens: of other characters web servers "
            "do not tell X_Foo from X-Foo");
        return false;
    }
    if ((found = find_kept(member->outer))) {
        diag_error(tree->diags, pos, "`%s` is no header that a route takes: %s", member->outer,
                   found->instead);
        return false;
    }
    return true;
}

static bool check_form(struct tree *tree, const struct member *member)
{
    if (member->null)
        diag_error(tree->diags, member->name.pos,
                   "a header is never null: `optional` is one that may be left out");
    else if (member->by.text && strcmp(member->by.text, ","))
        diag_error(tree->diags, member->by.pos,
                   "a list in a header has commas (RFC 9110, 5.6.1): without `by`");
    else
        return true;
    return false;
}

static bool met_before(struct tree *tree, const struct body *body, size_t i)
{
    const struct member *member = &body->members.items[i];
    for (size_t j = 0; j < i; j++) {
        const struct member *before = &body->members.items[j];
        if (strcasecmp(before->outer, member->outer))
            continue;
        diag_error(tree->diags, member->name.pos,
                   "`%s` and `%s` are one header: their names differ in case alone",
                   before->name.text, member->name.text);
        diag_note(tree->diags, before->name.pos, "`%s` is here", before->name.text);
        return true;
    }
    return false;
}

/* The first mistake of a body, which may be the headers of many routes. */
void check_headers(struct tree *tree, struct route *route)
{
    if (!route->headers_name.text)
        return;
    struct body *body = tree_body(tree, route->headers_name.text);
    route->headers = check_body_name(tree, &route->headers_name);
    if (!body || body->headers_checked)
        return;
    body->headers_checked = true;
    check_pairs(tree, &route->headers_name, body, PAIRS_HEADERS);
    if (!body->members.n && !body->broken)
        diag_error(tree->diags, route->headers_name.pos, "`%s` names no headers", body->name.text);
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        if (!check_name(tree, member) || !check_form(tree, member) || met_before(tree, body, i))
            diag_note(tree->diags, route->headers_name.pos, "`%s` are the headers of a route here",
                      body->name.text);
    }
}
