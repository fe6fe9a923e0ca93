/* browser.c: see browser.h.
 *
 * A browser sends a cookie whichever page has made it send the request. What tells whose page that
 * was it writes itself: `Origin`, and where that is absent `Sec-Fetch-Site`. A request with other
 * credentials is no browser's doing: no page of another site can add them, and cookies are not
 * looked at there. */
#include "gate/browser.h"

#include "gate/input.h"

#include "request/context.h"
#include "request/cookie.h"
#include "request/next.h"
#include "request/refuse.h"
#include "request/request.h"

static bool is_one_of(const char *const *origins, struct gw_str origin)
{
    for (size_t i = 0; origins && origins[i]; i++)
        if (gw_str_equal(origin, gw_str_from(origins[i])))
            return true;
    return false;
}

/* Fetch standard, 3.1; Fetch Metadata, 2.3. */
static bool is_ours(const struct gw_request *req)
{
    struct gw_str origin = {NULL, 0}, site = {NULL, 0};
    size_t n = gw_request_fields(req, GW_STR("HTTP_ORIGIN"), &origin);
    if (n)
        return n == 1 && (is_one_of(req->worker->server->config.origins, origin) ||
                          is_one_of(req->app->credentials, origin));
    return gw_request_fields(req, GW_STR("HTTP_SEC_FETCH_SITE"), &site) == 1 &&
           (gw_str_equal(site, GW_STR("same-origin")) || gw_str_equal(site, GW_STR("none")));
}

static bool has_query_token(struct gw_request *req)
{
    for (size_t i = 0; req->query_parsed && i < req->query_pairs.n; i++)
        if (gw_str_equal(req->query_pairs.items[i].name, GW_STR("auth")))
            return true;
    return false;
}

static bool has_cookie(const struct gw_request *req)
{
    return req->access_cookie.n || req->refresh_cookie.n;
}

/* Beside other credentials a cookie is not there. */
static int find_cookie(struct gw_request *req)
{
    int r = 0;
    if (!req->in.has_authorization)
        gw_cookie_find(req);
    if (has_cookie(req) && req->route->query_token) {
        r = gw_input_query(req);
        if (!r && has_query_token(req))
            req->access_cookie.n = req->refresh_cookie.n = 0;
    }
    return r;
}

void gw_step_csrf(struct gw_request *req)
{
    if (!req->app->cookie)
        return;
    if (find_cookie(req)) {
        gw_refuse(req, 500, GW_REASON_MEMORY);
        return;
    }
    if (req->route->method != GW_GET && (has_cookie(req) || req->route->sets_session) &&
        !is_ours(req))
        gw_refuse(req, 403, GW_REASON_CSRF);
}

/* ---- The way to sign in --------------------------------------------------------------------- */

/* Whether the list (RFC 9110, 12.5.1) has text/html, but not with a weight of 0. */
static bool names_html(struct gw_str list)
{
    while (list.len) {
        const char *comma = memchr(list.ptr, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.ptr) : list.len;
        struct gw_str range = {list.ptr, len};
        list = (struct gw_str){list.ptr + len + (comma != NULL), list.len - len - (comma != NULL)};
        while (range.len && (*range.ptr == ' ' || *range.ptr == '\t'))
            range = (struct gw_str){range.ptr + 1, range.len - 1};
        const char *weight = memmem(range.ptr, range.len, "q=0", 3);
        size_t left = weight ? (size_t)(range.ptr + range.len - weight) : 0;
        bool none = left >= 3;
        for (size_t i = 3; i < left; i++)
            none &= !(weight[i] >= '1' && weight[i] <= '9');
        if (range.len >= 9 &&
            gw_str_equal_nocase((struct gw_str){range.ptr, 9}, GW_STR("text/html")) &&
            (range.len == 9 || strchr("; \t", range.ptr[9])) && !none)
            return true;
    }
    return false;
}

/* Somebody sees the answer as a page of its own. */
static bool is_navigation(const struct gw_request *req)
{
    struct gw_str dest = {NULL, 0}, accept = {NULL, 0};
    if (gw_request_fields(req, GW_STR("HTTP_SEC_FETCH_DEST"), &dest) == 1 &&
        gw_str_equal(dest, GW_STR("document")))
        return true;
    return gw_request_fields(req, GW_STR("HTTP_ACCEPT"), &accept) == 1 && names_html(accept);
}

bool gw_browser_is_sent(struct gw_request *req)
{
    const char *to = req->route->otherwise, *next = NULL;
    if (!to || req->role != GW_ROLE_RESPONDER || !is_navigation(req))
        return false;
    req->answered = true;
    gw_response_reset(req);
    if (req->route->method == GW_GET && !req->head && gw_next_make(req, &next)) {
        gw_refuse(req, 500, GW_REASON_MEMORY);
        return true;
    }
    const char *place = gw_arena_printf(req->arena, "%s%s%s%s", req->worker->server->config.mount,
                                        to, next ? "?next=" : "", next ? next : "");
    if (!place || gw_redirect(req, 303, place))
        gw_refuse(req, 500, GW_REASON_MEMORY);
    return true;
}
