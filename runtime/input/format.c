/* format.c: see format.h. */
#include "input/format.h"

#include <arpa/inet.h>

#define LABEL_MAX    63
#define HOSTNAME_MAX 253

bool gw_is_domain(struct gw_str text)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '.') {
            if (text.ptr[i] != '-' && !gw_is_alnum(text.ptr[i]))
                return false;
            continue;
        }
        size_t len = i - start;
        if (len == 0 || len > LABEL_MAX || text.ptr[start] == '-' || text.ptr[i - 1] == '-')
            return false;
        start = i + 1;
    }
    return true;
}

bool gw_is_hostname(struct gw_str text)
{
    return text.len <= HOSTNAME_MAX && gw_is_domain(text);
}

static bool is_address(int family, struct gw_str text)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    if (text.len >= sizeof(copy) || memchr(text.ptr, 0, text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    return inet_pton(family, copy, address) == 1;
}

bool gw_is_ip(struct gw_str text)
{
    return text.len && (is_address(AF_INET, text) || is_address(AF_INET6, text));
}

/* ---- URIs ----------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Unreserved characters, escapes, sub-delims, and those of `more` (RFC 3986, 2 and 3.3). */
static bool is_made_of(struct gw_str text, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (text.len - i < 3 || !is_hex(text.ptr[i + 1]) || !is_hex(text.ptr[i + 2]))
                return false;
            i += 2;
        } else if (!c || (!gw_is_alnum(c) && !strchr("-._~!$&'()*+,;=", c) && !strchr(more, c))) {
            return false;
        }
    }
    return true;
}

/* Cuts what stands before the first of `marks` off `*rest`, which keeps the mark. */
static struct gw_str cut_before(struct gw_str *rest, const char *marks)
{
    size_t n = 0;
    while (n < rest->len && !(rest->ptr[n] && strchr(marks, rest->ptr[n])))
        n++;
    struct gw_str piece = {rest->ptr, n};
    *rest = (struct gw_str){rest->ptr + n, rest->len - n};
    return piece;
}

static bool is_scheme(struct gw_str text)
{
    if (!text.len || !gw_is_alnum(text.ptr[0]) || is_digit(text.ptr[0]))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!gw_is_alnum(text.ptr[i]) && text.ptr[i] != '+' && text.ptr[i] != '-' &&
            text.ptr[i] != '.')
            return false;
    return true;
}

static bool is_port(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return false;
    return true;
}

/* `[v1.x]` is of the future (RFC 3986, 3.2.2), which nothing is of today: refused. */
static bool is_host_and_port(struct gw_str text)
{
    struct gw_str host;
    if (text.len && text.ptr[0] == '[') {
        struct gw_str rest = {text.ptr + 1, text.len - 1};
        host = cut_before(&rest, "]");
        if (!rest.len || !is_address(AF_INET6, host))
            return false;
        text = (struct gw_str){rest.ptr + 1, rest.len - 1};
    } else {
        host = cut_before(&text, ":");
        if (!is_made_of(host, ""))
            return false;
    }
    return !text.len ||
           (text.ptr[0] == ':' && is_port((struct gw_str){text.ptr + 1, text.len - 1}));
}

static bool is_authority(struct gw_str text)
{
    struct gw_str rest = text, user = cut_before(&rest, "@");
    if (!rest.len)
        return is_host_and_port(text);
    return is_made_of(user, ":") && is_host_and_port((struct gw_str){rest.ptr + 1, rest.len - 1});
}

bool gw_is_uri(struct gw_str text)
{
    struct gw_str scheme = cut_before(&text, ":");
    if (!text.len || !is_scheme(scheme))
        return false;
    text = (struct gw_str){text.ptr + 1, text.len - 1};
    struct gw_str rest = cut_before(&text, "#"), fragment = text;
    struct gw_str path = cut_before(&rest, "?"), query = rest;
    if (path.len >= 2 && path.ptr[0] == '/' && path.ptr[1] == '/') {
        struct gw_str behind = {path.ptr + 2, path.len - 2};
        if (!is_authority(cut_before(&behind, "/")))
            return false;
        path = behind;
    }
    return is_made_of(path, ":@/") && is_made_of(query, ":@/?") &&
           (!fragment.len ||
            is_made_of((struct gw_str){fragment.ptr + 1, fragment.len - 1}, ":@/?"));
}
