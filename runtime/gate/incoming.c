/* incoming.c: the meta-variables that matter, those that decide exactly once.
 *
 * A web server that sends a variable twice has been told two things. Where they decide who asks for
 * what, or where a body ends, the runtime does not guess which one was meant. Any other header
 * field may be there several times, and is then one list (RFC 9110, 5.3; request.c joins it).
 * Values with NUL bytes are refused, since C strings would cut them. */
#include "gate/incoming.h"

#include "request/request.h"
#include "request/context.h"

#include <errno.h>

#define META_BYTES (128 * 1024) /* of all names and values */

static int refuse(struct gw_request *req, enum gw_reason reason)
{
    req->reason = reason;
    return GW_E_MISMATCH;
}

/* Header fields that decide and are not used here. */
static bool decides(struct gw_str name)
{
    return gw_str_equal(name, GW_STR("HTTP_HOST")) ||
           gw_str_equal(name, GW_STR("HTTP_CONTENT_TYPE")) ||
           gw_str_equal(name, GW_STR("HTTP_TRANSFER_ENCODING"));
}

/* Where a variable goes that is used here, beside the HTTP_ ones that handlers may ask for; NULL:
 * it is not. Most that a web server sends are not, and have another length. */
static struct gw_str *place_for(struct gw_incoming *in, struct gw_str name)
{
#define IS(text) gw_str_equal(name, GW_STR(text))
    switch (name.len) {
    case 5:
        return IS("HTTPS") ? &in->https : NULL;
    case 9:
        return IS("PATH_INFO") ? &in->info : IS("UNIQUE_ID") ? &in->unique_id : NULL;
    case 10:
        return IS("REQUEST_ID") ? &in->request_id : NULL;
    case 11:
        return IS("REQUEST_URI")   ? &in->uri
               : IS("SCRIPT_NAME") ? &in->script
               : IS("REMOTE_ADDR") ? &in->remote_address
                                   : NULL;
    case 12:
        return IS("QUERY_STRING") ? &in->query : IS("CONTENT_TYPE") ? &in->content_type : NULL;
    case 14:
        return IS("REQUEST_METHOD")   ? &in->method
               : IS("CONTENT_LENGTH") ? &in->content_length
                                      : NULL;
    case 15:
        return IS("GATEWRIGHT_ROLE") ? &in->role : NULL;
    case 18:
        return IS("HTTP_AUTHORIZATION") ? &in->authorization : NULL;
    case 19:
        return IS("HTTP_CONTENT_LENGTH") ? &in->sent_length : NULL;
    case 22:
        return IS("HTTP_TRANSFER_ENCODING") ? &in->transfer_encoding : NULL;
    case 27:
        return IS("REDIRECT_HTTP_AUTHORIZATION") ? &in->redirected : NULL;
    }
    return NULL;
#undef IS
}

/* A bit that equal names share. Only if it was seen before are the earlier names compared. */
static uint64_t bit_of(struct gw_str name)
{
    unsigned char middle = (unsigned char)name.ptr[name.len / 2];
    unsigned char last = (unsigned char)name.ptr[name.len - 1];
    return (uint64_t)1 << ((name.len * 7 + middle * 5 + last * 3) & 63);
}

static bool came_before(const struct gw_exchange *exchange, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (gw_str_equal(exchange->meta[i].name, exchange->meta[at].name))
            return true;
    return false;
}

/* What the log says of a request that did not arrive. */
static enum gw_reason why_failed(int failed)
{
    switch (failed) {
    case -EMSGSIZE:
        return GW_REASON_FRAME_TRUNCATED;
    case -ECONNABORTED:
        return GW_REASON_FRAME_ABORTED;
    case -EPIPE:
        return GW_REASON_FRAME_CLOSED;
    case -ETIMEDOUT:
        return GW_REASON_FRAME_LATE;
    case -ENOMEM:
        return GW_REASON_MEMORY;
    }
    return GW_REASON_FRAME_PROTOCOL;
}

/* FastCGI's value lies right behind its name. */
static bool has_nul(const struct gw_meta *meta)
{
    if (meta->name.ptr + meta->name.len == meta->value.ptr)
        return memchr(meta->name.ptr, 0, meta->name.len + meta->value.len);
    return memchr(meta->value.ptr, 0, meta->value.len) || memchr(meta->name.ptr, 0, meta->name.len);
}

/* Takes the variables that matter; the reason of a refusal, or GW_REASON_NONE. */
static enum gw_reason take_meta(const struct gw_exchange *exchange, struct gw_incoming *in)
{
    size_t bytes = 0;
    uint64_t seen = 0;
    if (exchange->failed)
        return why_failed(exchange->failed);
    if (exchange->n_meta > GW_META_MAX)
        return GW_REASON_FRAME_MANY;
    for (size_t i = 0; i < exchange->n_meta; i++) {
        const struct gw_meta *meta = &exchange->meta[i];
        bytes += meta->name.len + meta->value.len;
        if (bytes > META_BYTES)
            return GW_REASON_FRAME_LONG;
        struct gw_str *place = place_for(in, meta->name);
        bool header = meta->name.len > 5 && !memcmp(meta->name.ptr, "HTTP_", 5);
        if (!place && !header)
            continue;
        if (has_nul(meta))
            return GW_REASON_FRAME_NUL;
        if (!place && !decides(meta->name))
            continue;
        uint64_t bit = bit_of(meta->name);
        if (seen & bit && came_before(exchange, i))
            return GW_REASON_FRAME_DUPLICATE;
        seen |= bit;
        if (place)
            *place = meta->value;
    }
    return GW_REASON_NONE;
}

/* Appends decoded path text of SCRIPT_NAME or PATH_INFO: a literal `%`, `?` or `#` in it is
 * data. */
static size_t put_decoded(char *out, struct gw_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *escape = c == '%' ? "%25" : c == '?' ? "%3F" : c == '#' ? "%23" : NULL;
        if (escape)
            memcpy(out + n, escape, 3);
        else
            out[n] = c;
        n += escape ? 3 : 1;
    }
    return n;
}

static int target_from_script(struct gw_request *req)
{
    const struct gw_incoming *in = &req->in;
    if (!in->script.ptr && !in->info.ptr)
        return refuse(req, GW_REASON_FRAME_TARGET);
    char *text =
        gw_arena_alloc(req->arena, 3 * (in->script.len + in->info.len) + in->query.len + 2);
    if (!text)
        return -ENOMEM;
    size_t len = put_decoded(text, in->script);
    len += put_decoded(text + len, in->info);
    if (in->query.len) {
        text[len++] = '?';
        memcpy(text + len, in->query.ptr, in->query.len);
        len += in->query.len;
    }
    req->in.target = (struct gw_str){text, len};
    return 0;
}

static int choose_authorization(struct gw_request *req)
{
    struct gw_incoming *in = &req->in;
    if (in->authorization.ptr && in->redirected.ptr &&
        !gw_str_equal(in->authorization, in->redirected))
        return refuse(req, GW_REASON_FRAME_AUTHORIZATION);
    if (!in->authorization.ptr)
        in->authorization = in->redirected;
    in->has_authorization = in->authorization.ptr;
    return 0;
}

/* The web server's id of the request takes the place of ours, so that both logs name it alike. It
 * is a variable of the server's own: what a client sends as a header begins with HTTP_. */
static void take_id(struct gw_request *req)
{
    struct gw_str id = req->in.request_id.len ? req->in.request_id : req->in.unique_id;
    if (id.len < 8 || id.len >= sizeof(req->id))
        return;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!gw_is_alnum(c) && !strchr("-_.@", c))
            return;
    }
    memcpy(req->id, id.ptr, id.len);
    req->id[id.len] = 0;
}

static int take_role(struct gw_request *req)
{
    static const struct {
        const char *name;
        enum gw_role role;
    } roles[] = {
        {"auth_request", GW_ROLE_AUTH_REQUEST}, {"ping", GW_ROLE_PING}, {"ready", GW_ROLE_READY}};
    req->role = req->exchange->authorizer ? GW_ROLE_AUTHORIZER : GW_ROLE_RESPONDER;
    if (!req->in.role.len)
        return 0;
    for (size_t i = 0; !req->exchange->authorizer && i < sizeof(roles) / sizeof(roles[0]); i++)
        if (gw_str_equal(req->in.role, gw_str_from(roles[i].name))) {
            req->role = roles[i].role;
            return 0;
        }
    return refuse(req, GW_REASON_FRAME_ROLE);
}

int gw_incoming_read(struct gw_request *req)
{
    enum gw_reason fault = take_meta(req->exchange, &req->in);
    if (fault)
        return refuse(req, fault);
    take_id(req);
    int r = take_role(req);
    if (r)
        return r;
    if (!req->in.method.len)
        return refuse(req, GW_REASON_FRAME_METHOD);
    req->in.target = req->in.uri;
    r = req->worker->server->config.path == GW_PATH_SCRIPT ? target_from_script(req) : 0;
    if (!r && !req->in.target.len)
        r = refuse(req, GW_REASON_FRAME_TARGET);
    return r ? r : choose_authorization(req);
}

int gw_incoming_length(struct gw_request *req)
{
    struct gw_str length = req->in.content_length, sent = req->in.sent_length;
    if (length.len && sent.len && !gw_str_equal(length, sent))
        return refuse(req, GW_REASON_FRAME_LENGTH);
    req->length_unknown =
        !req->exchange->authorizer && gw_length_is_unknown(length, req->in.transfer_encoding);
    if (!length.len || req->length_unknown)
        return 0;
    /* RFC 9110, 8.6: digits only; leading zeros are harmless. */
    while (length.len > 1 && length.ptr[0] == '0')
        length = (struct gw_str){length.ptr + 1, length.len - 1};
    if (!gw_parse_u64(length, &req->content_length))
        return refuse(req, GW_REASON_FRAME_LENGTH);
    return 0;
}

bool gw_incoming_has_body(const struct gw_request *req)
{
    const struct gw_route *route = req->route;
    if (route->body_kind == GW_BODY_NONE)
        return false;
    bool refreshes = route->session && req->refresh_cookie.n;
    return req->content_length || req->length_unknown || !(refreshes || route->body_optional);
}
