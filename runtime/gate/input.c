/* input.c: see input.h. */
#include "gate/input.h"

#include "gate/form.h"
#include "gate/incoming.h"
#include "gate/media.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>

#define RAW_PIECE ((size_t)16 * 1024)

int gw_input_query(struct gw_request *req)
{
    const char *why;
    struct gw_str text = req->query_string.ptr ? req->query_string : GW_STR("");
    int r = gw_pairs_parse(text, req->arena, &req->query_pairs, &why);
    req->query_parsed = r == 0;
    return r < 0 ? r : 0;
}

static ssize_t read_some(struct gw_request *req, void *buffer, size_t size)
{
    uint64_t left = req->content_length - req->body_read;
    size = size < left ? size : (size_t)left;
    ssize_t n = req->transport->read(req->exchange, buffer, size);
    if (n > 0)
        req->body_read += (uint64_t)n;
    return n ? n : -EPIPE;
}

/* To the end of a body that the transport does not keep: a handler never runs on a request that did
 * not arrive whole, though a raw body, or one with files, is read piece by piece. */
static int spool_body(struct gw_request *req)
{
    char *buffer = gw_arena_alloc(req->arena, RAW_PIECE);
    uint64_t most = req->length_unknown ? req->exchange->body_limit : req->content_length;
    if (!buffer)
        return -ENOMEM;
    while (req->length_unknown || req->spool.len < most) {
        ssize_t n = req->transport->read(req->exchange, buffer, RAW_PIECE);
        int r = n < 0                               ? (int)n
                : !n && !req->length_unknown        ? -EPIPE
                : req->spool.len + (size_t)n > most ? -EFBIG
                                                    : 0;
        if (!r && n)
            r = gw_spool_write(&req->spool, buffer, (size_t)n);
        if (r || !n)
            return r;
    }
    return 0;
}

/* A transport that keeps the body says how long it is; of the others, what must lie somewhere
 * before its length is known, or before its handler reads it, is spooled here. */
static int await_body(struct gw_request *req)
{
    if (req->transport->body) {
        int r = req->transport->body(req->exchange, &req->content_length);
        bool long_one = req->length_unknown && req->content_length > req->exchange->body_limit;
        return r ? r : long_one ? -EFBIG : 0;
    }
    if (req->route->body_kind != GW_BODY_RAW && !req->length_unknown && !req->boundary.ptr)
        return 0;
    req->spool.folder = req->worker->server->config.spool_dir;
    int r = spool_body(req);
    req->body_is_spooled = true;
    req->content_length = req->spool.len;
    return r;
}

int gw_input_read(struct gw_request *req)
{
    if (!gw_incoming_has_body(req))
        return 0;
    bool unknown = req->length_unknown;
    int r = await_body(req);
    req->length_unknown = false; /* a body of no bytes is none, however it was sent */
    if (!r && unknown)
        gw_media_check(req);
    if (r || req->answered || req->route->body_kind == GW_BODY_RAW || req->boundary.ptr)
        return r;
    char *buffer = gw_arena_alloc(req->arena, (size_t)req->content_length + 1);
    if (!buffer)
        return -ENOMEM;
    for (uint64_t at = 0; at < req->content_length;) {
        size_t left = (size_t)(req->content_length - at);
        ssize_t n = req->body_is_spooled ? gw_spool_read(&req->spool, buffer + at, left)
                                         : read_some(req, buffer + at, left);
        if (n <= 0)
            return n ? (int)n : -EIO;
        at += (uint64_t)n;
    }
    req->raw_body = (struct gw_str){buffer, (size_t)req->content_length};
    return 0;
}

ssize_t gw_raw_read(struct gw_request *req, void *buffer, size_t size)
{
    if (!req->route || req->route->body_kind != GW_BODY_RAW || req->raw_body.ptr)
        return -EINVAL;
    if (req->body_is_spooled)
        return gw_spool_read(&req->spool, buffer, size);
    return size && req->body_read < req->content_length ? read_some(req, buffer, size) : 0;
}

struct gw_bytes gw_raw_body(struct gw_request *req)
{
    size_t len = (size_t)req->content_length, at = 0;
    struct gw_bytes failed = {NULL, 0};
    if (req->raw_body.ptr)
        return (struct gw_bytes){req->raw_body.ptr, req->raw_body.len};
    bool begun = req->body_is_spooled ? req->spool.at : req->body_read;
    char *buffer = begun ? NULL : gw_arena_alloc(req->arena, len + 1);
    while (buffer && at < len) {
        ssize_t n = gw_raw_read(req, buffer + at, len - at);
        if (n <= 0)
            return failed;
        at += (size_t)n;
    }
    if (!buffer)
        return failed;
    req->raw_body = (struct gw_str){buffer, len};
    return (struct gw_bytes){buffer, len};
}

/* The query without the token that the gate took. */
static int parse_query(struct gw_request *req, struct gw_faults *faults)
{
    if (!req->query_parsed) {
        faults->n = 1;
        faults->items[0] = (struct gw_fault){"", "the query is not well-formed"};
        return GW_E_SYNTAX;
    }
    struct gw_pairs pairs = {
        gw_arena_array(req->arena, req->query_pairs.n + 1, sizeof(struct gw_pair)), 0};
    if (!pairs.items)
        return -ENOMEM;
    for (size_t i = 0; i < req->query_pairs.n; i++)
        if (!req->route->query_token ||
            !gw_str_equal(req->query_pairs.items[i].name, GW_STR("auth")))
            pairs.items[pairs.n++] = req->query_pairs.items[i];
    return gw_body_pairs(&pairs, req->route->query, req->arena, faults, &req->query);
}

static int parse_headers(struct gw_request *req, struct gw_faults *faults)
{
    const struct gw_shape *shape = req->route->headers;
    struct gw_pairs fields = {
        gw_arena_array(req->arena, req->exchange->n_meta + 1, sizeof(struct gw_pair)), 0};
    if (!fields.items)
        return -ENOMEM;
    for (size_t i = 0; i < shape->n_members; i++)
        gw_request_add_fields(req, shape->members[i].name, &fields);
    return gw_body_fields(&fields, shape, req->arena, faults, &req->headers);
}

static int parse_form(struct gw_request *req, struct gw_faults *faults)
{
    struct gw_pairs pairs;
    const char *why = NULL;
    int r = gw_form_pairs(req, &pairs, &why);
    if (r > 0) {
        faults->n = 1;
        faults->items[0] = (struct gw_fault){"", why};
        return GW_E_SYNTAX;
    }
    if (!r)
        r = gw_body_pairs(&pairs, req->route->body, req->arena, faults, &req->body);
    if (r < 0 || !req->route->form)
        return r;
    int shown =
        gw_form_show(&pairs, req->route->body, req->route->form, faults, req->arena, &req->form);
    return shown ? shown : r;
}

static int parse_body(struct gw_request *req, struct gw_faults *faults)
{
    if (!gw_incoming_has_body(req))
        return 0;
    if (req->route->body_kind == GW_BODY_JSON)
        return gw_body_json(req->raw_body, req->route->body, req->arena, &req->trees, faults,
                            &req->body);
    if (req->route->body_kind == GW_BODY_FORM)
        return parse_form(req, faults);
    return 0;
}

/* What is wrong behind what was wrong before. */
static void append(struct gw_faults *faults, const struct gw_faults *more)
{
    for (size_t i = 0; i < more->n && faults->n < GW_BODY_MAX_FAULTS; i++)
        faults->items[faults->n++] = more->items[i];
}

/* `parse` is one of those above. What cannot be read at all is told alone. */
static int parse_part(struct gw_request *req, struct gw_faults *faults, int before,
                      int (*parse)(struct gw_request *req, struct gw_faults *faults))
{
    struct gw_faults more;
    more.n = 0;
    if (before && before != GW_E_INVALID)
        return before;
    int r = parse(req, &more);
    if (r == GW_E_SYNTAX)
        faults->n = 0;
    append(faults, &more);
    return r ? r : before;
}

int gw_input_parse(struct gw_request *req, struct gw_faults *faults)
{
    int r = 0;
    faults->n = 0;
    if (req->route->query)
        r = parse_part(req, faults, r, parse_query);
    if (req->route->headers)
        r = parse_part(req, faults, r, parse_headers);
    int body = parse_part(req, faults, r, parse_body);
    if (body == GW_E_INVALID && !r && req->route->form) {
        req->form_faults = faults;
        return 0;
    }
    return body;
}

size_t gw_faults(struct gw_request *req, const struct gw_fault **ret)
{
    if (ret)
        *ret = req->form_faults ? req->form_faults->items : NULL;
    return req->form_faults ? req->form_faults->n : 0;
}
