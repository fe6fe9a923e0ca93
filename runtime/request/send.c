/* send.c: puts a response on the wire, in the form of CGI (RFC 3875, 6), and streams.
 *
 * The head is built here and only here: status, media type, length, the application's headers
 * (checked when they were set), and the headers that every answer of a protected route carries
 * unless the application said otherwise. */
#include "base/text.h"
#include "request/cookie.h"
#include "request/phrase.h"
#include "request/request.h"
#include "request/context.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static bool has_header(const struct gw_request *req, struct gw_str name)
{
    return gw_response_header(&req->response, name);
}

static inline void put_header(struct gw_text *head, struct gw_str name, struct gw_str value)
{
    size_t len = name.len + value.len + 4;
    char *to = gw_text_reserve(head, len);
    if (!to)
        return;
    to = mempcpy(to, name.ptr, name.len);
    to = mempcpy(to, ": ", 2);
    to = mempcpy(to, value.ptr, value.len);
    memcpy(to, "\r\n", 3); /* with the NUL */
    head->len += len;
}

/* A token in the answer, or in the URL that it would be kept under. */
static bool carries_token(const struct gw_request *req)
{
    return req->response.issued_token || req->token_in_query;
}

/* Of a route whose token may stand in the URL; and of one that is, or was, deprecated and goes
 * (RFC 9745, 2; RFC 8594, 3). */
static void put_rare_headers(struct gw_text *head, const struct gw_request *req)
{
    const struct gw_route *route = req->route;
    if (route->query_token && !has_header(req, GW_STR("Referrer-Policy")))
        put_header(head, GW_STR("Referrer-Policy"), GW_STR("no-referrer"));
    if (route->deprecated && !has_header(req, GW_STR("Deprecation")))
        put_header(head, GW_STR("Deprecation"), gw_str_from(route->deprecated));
    if (route->sunset && !has_header(req, GW_STR("Sunset")))
        put_header(head, GW_STR("Sunset"), gw_str_from(route->sunset));
}

/* Answers that depend on who asks are nobody else's; those that carry a token are kept by nobody,
 * whatever the handler says. */
static void put_cache_headers(struct gw_text *head, const struct gw_request *req)
{
    bool gated = req->route && req->route->access == GW_ACCESS_GATED;
    if (carries_token(req))
        put_header(head, GW_STR("Cache-Control"),
                   gated ? GW_STR("private, no-store") : GW_STR("no-store"));
    else if (gated && !has_header(req, GW_STR("Cache-Control")))
        put_header(head, GW_STR("Cache-Control"),
                   req->response.conditional ? GW_STR("private, no-cache")
                                             : GW_STR("private, no-store"));
    if (req->route && (req->route->query_token || req->route->deprecated))
        put_rare_headers(head, req);
}

/* Where a cookie says who asks, the answer depends on it (RFC 9110, 12.5.5); and whether a browser
 * is sent elsewhere, on what it accepts. */
static void put_browser_headers(struct gw_text *head, const struct gw_request *req)
{
    gw_cookie_write_ends(head, req);
    if (!req->app->cookie || !req->route || req->route->access != GW_ACCESS_GATED)
        return;
    put_header(head, GW_STR("Vary"),
               req->route->otherwise ? GW_STR("Accept, Cookie") : GW_STR("Cookie"));
}

static bool has_origin(const char *const *list, const char *origin)
{
    for (size_t i = 0; list && list[i]; i++)
        if (!strcmp(origin, list[i]))
            return true;
    return false;
}

/* CORS (Fetch standard, 3.2): a declared origin may read the answer. */
static void put_cors_headers(struct gw_text *head, const struct gw_request *req)
{
    if (!req->app->cors)
        return;
    put_header(head, GW_STR("Vary"), GW_STR("Origin"));
    const char *origin = gw_header((struct gw_request *)req, "Origin");
    if (!origin || !has_origin(req->app->cors, origin))
        return;
    put_header(head, GW_STR("Access-Control-Allow-Origin"), gw_str_from(origin));
    put_header(head, GW_STR("Access-Control-Expose-Headers"),
               GW_STR("ETag, Location, Retry-After, WWW-Authenticate, X-Request-Id"));
    if (has_origin(req->app->credentials, origin))
        put_header(head, GW_STR("Access-Control-Allow-Credentials"), GW_STR("true"));
}

static bool has_no_content(int status)
{
    return status == 204 || status == 304;
}

static void put_status(struct gw_text *head, int status)
{
    struct gw_str phrase = gw_str_from(gw_status_phrase(status));
    char value[4] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10),
                     (char)('0' + status % 10), ' '};
    size_t len = strlen("Status: ") + sizeof(value) + phrase.len + 2;
    char *to = gw_text_reserve(head, len);
    assert(status >= 100 && status <= 599);
    if (!to)
        return;
    to = mempcpy(to, "Status: ", strlen("Status: "));
    to = mempcpy(to, value, sizeof(value));
    to = mempcpy(to, phrase.ptr, phrase.len);
    memcpy(to, "\r\n", 3); /* with the NUL */
    head->len += len;
}

/* Where the status stands: for an authorizer (FastCGI 1.0, 6.3) first, because lighttpd drops the
 * fields that it does not know yet to be a refusal's. Else last: of a 201 with Location HAProxy 2.6
 * (its bug 2865) makes 302 where any field stands behind the status. */
static bool status_is_first(const struct gw_request *req)
{
    return req->role == GW_ROLE_AUTHORIZER;
}

static void put_head(struct gw_text *head, const struct gw_request *req, uint64_t length,
                     bool length_known)
{
    const struct gw_response *response = &req->response;
    if (status_is_first(req))
        put_status(head, response->status);
    if (response->type.ptr && !has_no_content(response->status))
        put_header(head, GW_STR("Content-Type"), response->type);
    if (length_known && !has_no_content(response->status)) {
        char digits[GW_DIGITS_MAX];
        put_header(head, GW_STR("Content-Length"), gw_digits(length, digits));
    }
    if (response->by_server.name.ptr && response->status == 200)
        put_header(head, response->by_server.name, response->by_server.value);
    for (size_t i = 0; i < response->n_headers; i++) {
        struct gw_str name = response->headers[i].name;
        if (!carries_token(req) || !gw_str_equal_nocase(name, GW_STR("Cache-Control")))
            put_header(head, name, response->headers[i].value);
    }
    if (!has_header(req, GW_STR("X-Request-Id")))
        put_header(head, GW_STR("X-Request-Id"), gw_str_from(req->id));
    if (!has_header(req, GW_STR("X-Content-Type-Options")))
        put_header(head, GW_STR("X-Content-Type-Options"), GW_STR("nosniff"));
    put_cache_headers(head, req);
    put_browser_headers(head, req);
    put_cors_headers(head, req);
    if (!status_is_first(req))
        put_status(head, response->status);
    gw_text_add(head, GW_STR("\r\n"));
}

static int write_out(struct gw_request *req, const void *ptr, size_t len)
{
    int r = len ? req->transport->write(req->exchange, ptr, len) : 0;
    if (r)
        req->response.cut = true;
    return r;
}

static int write_file(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    if (req->transport->file) {
        req->transport->file(req->exchange, response->file, response->file_at, response->file_size);
        response->bytes = response->file_size;
        response->file = -1;
        return 0;
    }
    static const size_t chunk = 64 * 1024;
    char *buffer = gw_arena_alloc(req->arena, chunk);
    uint64_t left = response->file_size;
    int r = buffer ? 0 : -ENOMEM;
    while (!r && left) {
        ssize_t n = pread(response->file, buffer, left < chunk ? (size_t)left : chunk,
                          (off_t)response->file_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) { /* the file shrank under us: the announced length can't be kept */
            response->cut = true;
            return -EIO;
        }
        r = write_out(req, buffer, (size_t)n);
        left -= (uint64_t)n;
        response->file_at += (uint64_t)n;
        response->bytes += (uint64_t)n;
    }
    if (r)
        response->cut = true;
    return r;
}

/* What is sent when memory does not even suffice for a head. */
static void send_bare_failure(struct gw_request *req)
{
    static const char text[] = "Content-Length: 0\r\nCache-Control: no-store\r\n"
                               "Status: 500 Internal Server Error\r\n\r\n";
    req->response.status = 500;
    write_out(req, text, sizeof(text) - 1);
}

static void send_whole(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    struct gw_text head = {.arena = req->arena};
    head.failed = gw_response_condition(req) || gw_response_range(req);
    uint64_t length = response->file >= 0 ? response->file_size : response->body.len;
    bool body = !req->head && !has_no_content(response->status);
    /* Also where a handler has set such a header itself. */
    bool handed_over = response->by_server.name.ptr ||
                       has_header(req, GW_STR("X-Accel-Redirect")) ||
                       has_header(req, GW_STR("X-Sendfile"));
    put_head(&head, req, length, !handed_over);
    if (body && response->file < 0 && response->body.len <= 16 * 1024) {
        gw_text_add(&head, response->body); /* one write for a small answer */
        response->bytes = response->body.len;
        body = false;
    }
    if (head.failed) {
        response->bytes = 0;
        send_bare_failure(req);
        return;
    }
    if (write_out(req, head.ptr, head.len) || !body)
        return;
    if (response->file >= 0) {
        write_file(req);
    } else if (!write_out(req, response->body.ptr, response->body.len)) {
        response->bytes = response->body.len;
    }
}

void gw_response_send(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    if (!response->streaming)
        send_whole(req);
    if (response->file >= 0)
        close(response->file);
    response->file = -1;
}

/* ---- Streaming ------------------------------------------------------------------------------ */

int gw_begin(struct gw_request *req, int status, const char *type)
{
    struct gw_response *response = &req->response;
    if (response->streaming || response->broken || status < 200 || status > 599 ||
        gw_request_answers_nobody(req))
        return -EINVAL;
    if (req->spends_ticket) {
        gw_log(req,
               "an answer that spends a ticket is not streamed: what it says is known once the "
               "transaction has committed");
        return -EINVAL;
    }
    int r = gw_set_header(req, "Content-Type", type);
    if (r)
        return r;
    struct gw_text head = {.arena = req->arena};
    response->status = status;
    put_head(&head, req, 0, false);
    if (head.failed)
        return -ENOMEM;
    response->streaming = true;
    return write_out(req, head.ptr, head.len);
}

int gw_write(struct gw_request *req, const void *ptr, size_t len)
{
    if (!req->response.streaming)
        return -EINVAL;
    if (req->response.cut)
        return -EPIPE;
    if (req->head || has_no_content(req->response.status))
        return 0;
    int r = write_out(req, ptr, len);
    if (!r)
        req->response.bytes += len;
    return r;
}
