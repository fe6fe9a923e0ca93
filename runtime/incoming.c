/* incoming.c: the meta-variables that matter, each exactly once.
 *
 * A web server that sends a variable twice has been told two things, and the runtime will not guess
 * which one its access rules were applied to: every HTTP_ variable and every variable that is used
 * here may appear once. Values with NUL bytes are refused, since C strings would cut them. */
#include "incoming.h"

#include "request.h"
#include "serve.h"

#include <errno.h>

#define META_MAX   512          /* variables of a request */
#define META_BYTES (128 * 1024) /* of all names and values */

static int refuse(struct gw_request *req, const char *reason)
{
    req->reason = reason;
    return GW_E_MISMATCH;
}

/* Variables that are read here or by handlers; servers may repeat the rest. */
static bool must_be_single(struct gw_str name)
{
    static const char *const names[] = {
        "REQUEST_METHOD", "REQUEST_URI",
        "SCRIPT_NAME",    "PATH_INFO",
        "QUERY_STRING",   "CONTENT_TYPE",
        "REMOTE_ADDR",    "CONTENT_LENGTH",
        "HTTPS",          "REDIRECT_HTTP_AUTHORIZATION",
    };
    if (name.len > 5 && !memcmp(name.ptr, "HTTP_", 5))
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (gw_str_equal(name, gw_str_from(names[i])))
            return true;
    return false;
}

static const char *check_meta(const struct gw_exchange *exchange)
{
    size_t bytes = 0;
    if (exchange->truncated)
        return "frame.truncated";
    if (exchange->n_meta > META_MAX)
        return "frame.many";
    for (size_t i = 0; i < exchange->n_meta; i++) {
        const struct gw_meta *meta = &exchange->meta[i];
        bytes += meta->name.len + meta->value.len;
        if (bytes > META_BYTES)
            return "frame.long";
        if (!must_be_single(meta->name))
            continue;
        if (memchr(meta->value.ptr, 0, meta->value.len) ||
            memchr(meta->name.ptr, 0, meta->name.len))
            return "frame.nul";
        for (size_t j = 0; j < i; j++)
            if (gw_str_equal(exchange->meta[j].name, meta->name))
                return "frame.duplicate";
    }
    return NULL;
}

/* The value; ptr NULL where the variable is absent. */
static struct gw_str meta(const struct gw_request *req, const char *name)
{
    struct gw_str wanted = gw_str_from(name);
    for (size_t i = 0; i < req->exchange->n_meta; i++)
        if (gw_str_equal(req->exchange->meta[i].name, wanted))
            return req->exchange->meta[i].value;
    return (struct gw_str){NULL, 0};
}

/* Appends decoded path text of SCRIPT_NAME or PATH_INFO: a literal `%`, `?` or `#` in it is data.
 */
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
    struct gw_str script = meta(req, "SCRIPT_NAME"), info = meta(req, "PATH_INFO");
    struct gw_str query = meta(req, "QUERY_STRING");
    if (!script.ptr && !info.ptr)
        return refuse(req, "frame.target");
    char *text = gw_arena_alloc(req->arena, 3 * (script.len + info.len) + query.len + 2);
    if (!text)
        return -ENOMEM;
    size_t len = put_decoded(text, script);
    len += put_decoded(text + len, info);
    if (query.len) {
        text[len++] = '?';
        memcpy(text + len, query.ptr, query.len);
        len += query.len;
    }
    req->in.target = (struct gw_str){text, len};
    return 0;
}

static int read_authorization(struct gw_request *req)
{
    struct gw_str direct = meta(req, "HTTP_AUTHORIZATION");
    struct gw_str redirected = meta(req, "REDIRECT_HTTP_AUTHORIZATION");
    if (direct.ptr && redirected.ptr && !gw_str_equal(direct, redirected))
        return refuse(req, "frame.authorization");
    req->in.authorization = direct.ptr ? direct : redirected;
    req->in.has_authorization = req->in.authorization.ptr;
    return 0;
}

int gw_incoming_read(struct gw_request *req)
{
    const char *fault = check_meta(req->exchange);
    if (fault)
        return refuse(req, fault);
    req->in.method = meta(req, "REQUEST_METHOD");
    req->in.content_type = meta(req, "CONTENT_TYPE");
    req->in.content_length = meta(req, "CONTENT_LENGTH");
    struct gw_str address = meta(req, "REMOTE_ADDR");
    req->in.remote_address = gw_arena_copy(req->arena, address.ptr, address.len);
    if (!req->in.remote_address)
        return -ENOMEM;
    if (!req->in.method.len)
        return refuse(req, "frame.method");
    if (req->worker->server->config.path == GW_PATH_SCRIPT) {
        int r = target_from_script(req);
        if (r)
            return r;
    } else {
        req->in.target = meta(req, "REQUEST_URI");
        if (!req->in.target.len)
            return refuse(req, "frame.target");
    }
    return read_authorization(req);
}

int gw_incoming_length(struct gw_request *req)
{
    struct gw_str length = req->in.content_length, sent = meta(req, "HTTP_CONTENT_LENGTH");
    if (length.len && sent.len && !gw_str_equal(length, sent))
        return refuse(req, "frame.length");
    if (!length.len)
        return 0;
    /* RFC 9110, 8.6: digits only; leading zeros are harmless. */
    while (length.len > 1 && length.ptr[0] == '0')
        length = (struct gw_str){length.ptr + 1, length.len - 1};
    if (!gw_parse_u64(length, &req->content_length))
        return refuse(req, "frame.length");
    return 0;
}
