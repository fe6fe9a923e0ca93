/* input.c: see input.h. */
#include "input.h"

#include "request.h"

#include <errno.h>

int gw_input_query(struct gw_request *req)
{
    const char *why;
    struct gw_str text = req->query_string.ptr ? req->query_string : GW_STR("");
    int r = gw_pairs_parse(text, req->arena, &req->query_pairs, &why);
    req->query_parsed = r == 0;
    return r < 0 ? r : 0;
}

/* The media type is `name`, and if it names a charset it is UTF-8. */
static bool media_type_is(struct gw_str type, struct gw_str name)
{
    if (type.len < name.len || !gw_str_equal_nocase((struct gw_str){type.ptr, name.len}, name))
        return false;
    struct gw_str rest = {type.ptr + name.len, type.len - name.len};
    while (rest.len && (*rest.ptr == ' ' || *rest.ptr == '\t'))
        rest = (struct gw_str){rest.ptr + 1, rest.len - 1};
    if (!rest.len)
        return true;
    if (*rest.ptr != ';')
        return false;
    do
        rest = (struct gw_str){rest.ptr + 1, rest.len - 1};
    while (rest.len && (*rest.ptr == ' ' || *rest.ptr == '\t'));
    return !rest.len || gw_str_equal_nocase(rest, GW_STR("charset=utf-8")) ||
           gw_str_equal_nocase(rest, GW_STR("charset=\"utf-8\""));
}

bool gw_input_has_media_type(const struct gw_request *req)
{
    switch (req->route->body_kind) {
    case GW_BODY_JSON:
        return media_type_is(req->in.content_type, GW_STR("application/json"));
    case GW_BODY_FORM:
        return media_type_is(req->in.content_type, GW_STR("application/x-www-form-urlencoded"));
    case GW_BODY_RAW:
    case GW_BODY_NONE:
        break;
    }
    return true;
}

int gw_input_read(struct gw_request *req)
{
    if (req->route->body_kind == GW_BODY_NONE)
        return 0;
    char *buffer = gw_arena_alloc(req->arena, (size_t)req->content_length + 1);
    if (!buffer)
        return -ENOMEM;
    while (req->body_read < req->content_length) {
        ssize_t n =
            req->transport->read(req->exchange, buffer + req->body_read,
                                 (size_t)(req->content_length - req->body_read), req->deadline_ns);
        if (n <= 0)
            return n < 0 ? (int)n : -EPIPE;
        req->body_read += (uint64_t)n;
    }
    req->raw_body = (struct gw_str){buffer, (size_t)req->content_length};
    return 0;
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

static int parse_form(struct gw_request *req, struct gw_faults *faults)
{
    struct gw_pairs pairs;
    const char *why = NULL;
    int r = gw_pairs_parse(req->raw_body, req->arena, &pairs, &why);
    if (r > 0) {
        faults->n = 1;
        faults->items[0] = (struct gw_fault){"", why};
        return GW_E_SYNTAX;
    }
    return r ? r : gw_body_pairs(&pairs, req->route->body, req->arena, faults, &req->body);
}

static int parse_body(struct gw_request *req, struct gw_faults *faults)
{
    if (req->route->body_kind == GW_BODY_JSON)
        return gw_body_json(req->raw_body, req->route->body, req->arena, faults, &req->body);
    if (req->route->body_kind == GW_BODY_FORM)
        return parse_form(req, faults);
    return 0;
}

int gw_input_parse(struct gw_request *req, struct gw_faults *faults)
{
    int query = req->route->query ? parse_query(req, faults) : 0;
    if (query && query != GW_E_INVALID)
        return query;
    int body = parse_body(req, faults);
    return body ? body : query;
}
