/* cookie.c: see cookie.h. */
#include "request/cookie.h"

#include "request/context.h"
#include "request/request.h"

#include <errno.h>
#include <inttypes.h>

/* The next `name=value` of a Cookie header (RFC 6265, 4.2.1); false at the end. */
static bool next_cookie(struct gw_str *rest, struct gw_str *name, struct gw_str *value)
{
    while (rest->len && (*rest->ptr == ' ' || *rest->ptr == ';'))
        *rest = (struct gw_str){rest->ptr + 1, rest->len - 1};
    if (!rest->len)
        return false;
    const char *stop = memchr(rest->ptr, ';', rest->len);
    size_t len = stop ? (size_t)(stop - rest->ptr) : rest->len;
    const char *equals = memchr(rest->ptr, '=', len);
    size_t name_len = equals ? (size_t)(equals - rest->ptr) : len;
    *name = (struct gw_str){rest->ptr, name_len};
    *value = equals ? (struct gw_str){equals + 1, len - name_len - 1} : (struct gw_str){"", 0};
    *rest = (struct gw_str){rest->ptr + len, rest->len - len};
    return true;
}

/* How many cookies of that name there are in all fields (RFC 9113, 8.2.3), and the last one. */
static size_t find(const struct gw_request *req, struct gw_str wanted, struct gw_str *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < req->exchange->n_meta; i++) {
        struct gw_str rest = req->exchange->meta[i].value, name, value;
        if (!gw_str_equal(req->exchange->meta[i].name, GW_STR("HTTP_COOKIE")))
            continue;
        while (next_cookie(&rest, &name, &value)) {
            if (!gw_str_equal(name, wanted))
                continue;
            *ret = value;
            n++;
        }
    }
    return n;
}

void gw_cookie_find(struct gw_request *req)
{
    req->n_cookies = find(req, gw_str_from(req->app->cookie), &req->cookie);
}

const char *gw_cookie(struct gw_request *req, const char *name)
{
    struct gw_str value = {NULL, 0};
    if (req->app && req->app->cookie &&
        !strcmp(name, req->app->cookie)) /* credentials are the gate's */
        return NULL;
    if (find(req, gw_str_from(name), &value) != 1)
        return NULL;
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = (struct gw_str){value.ptr + 1, value.len - 2};
    return gw_arena_copy(req->arena, value.ptr, value.len);
}

bool gw_cookie_is_ours(const struct gw_request *req, struct gw_str field)
{
    struct gw_str ours = gw_str_from(req->app->cookie);
    return ours.len && field.len > ours.len && field.ptr[ours.len] == '=' &&
           !memcmp(field.ptr, ours.ptr, ours.len);
}

int gw_cookie_put(struct gw_request *req, const char *value, int64_t seconds)
{
    struct gw_response *response = &req->response;
    const char *text = gw_arena_printf(req->arena, "%s=%s; " GW_COOKIE_ATTRIBUTES, req->app->cookie,
                                       value, seconds);
    size_t at = 0;
    if (!text)
        return -ENOMEM;
    while (at < response->n_headers &&
           !(gw_str_equal(response->headers[at].name, GW_STR("Set-Cookie")) &&
             gw_cookie_is_ours(req, response->headers[at].value)))
        at++;
    if (response->streaming || at == GW_RESPONSE_HEADERS_MAX)
        return -EINVAL;
    response->headers[at] = (struct gw_response_header){GW_STR("Set-Cookie"), gw_str_from(text)};
    response->n_headers += at == response->n_headers;
    response->issued_token = true; /* kept by nobody */
    return 0;
}
