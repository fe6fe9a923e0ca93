/* media.c: what a body is written in, and how it is packed, against what its route takes. */
#include "gate/media.h"

#include "gate/incoming.h"
#include "input/multipart.h"
#include "request/refuse.h"
#include "request/request.h"

/* Cuts what stands before the next `;` off `*rest`, without blanks around it. */
static struct gw_str next_part(struct gw_str *rest)
{
    const char *mark = rest->len ? memchr(rest->ptr, ';', rest->len) : NULL;
    struct gw_str part = {rest->ptr, mark ? (size_t)(mark - rest->ptr) : rest->len};
    *rest = mark ? (struct gw_str){mark + 1, rest->len - part.len - 1} : (struct gw_str){NULL, 0};
    while (part.len && (*part.ptr == ' ' || *part.ptr == '\t'))
        part = (struct gw_str){part.ptr + 1, part.len - 1};
    while (part.len && (part.ptr[part.len - 1] == ' ' || part.ptr[part.len - 1] == '\t'))
        part.len--;
    return part;
}

/* application/json, or what is JSON by its suffix (RFC 6839, 3.1): application/merge-patch+json. */
static bool is_json_type(struct gw_str type)
{
    static const struct gw_str suffix = {"+json", 5}, family = {"application/", 12};
    if (gw_str_equal_nocase(type, GW_STR("application/json")))
        return true;
    return type.len > family.len + suffix.len &&
           gw_str_equal_nocase((struct gw_str){type.ptr, family.len}, family) &&
           gw_str_equal_nocase((struct gw_str){type.ptr + type.len - suffix.len, suffix.len},
                               suffix) &&
           gw_str_is_token((struct gw_str){type.ptr + family.len, type.len - family.len});
}

/* UTF-8 is all that is read here; parameters other than the charset do not matter. */
static bool is_utf8(struct gw_str parameter)
{
    static const struct gw_str name = {"charset=", 8};
    if (parameter.len < name.len ||
        !gw_str_equal_nocase((struct gw_str){parameter.ptr, name.len}, name))
        return true;
    struct gw_str value = {parameter.ptr + name.len, parameter.len - name.len};
    return gw_str_equal_nocase(value, GW_STR("utf-8")) ||
           gw_str_equal_nocase(value, GW_STR("\"utf-8\""));
}

static bool is_accepted(const char *const *accepts, struct gw_str type)
{
    for (; *accepts; accepts++)
        if (gw_str_equal_nocase(type, gw_str_from(*accepts)))
            return true;
    return false;
}

/* A form in parts, as one with files comes; where its boundary is possible it is noted. */
static bool is_in_parts(struct gw_request *req, struct gw_str type)
{
    return gw_str_equal_nocase(type, GW_STR("multipart/form-data")) &&
           gw_multipart_boundary(req->in.content_type, &req->boundary);
}

static bool is_form(struct gw_request *req)
{
    struct gw_str rest = req->in.content_type, type = next_part(&rest);
    bool plain = !req->route->body->files &&
                 gw_str_equal_nocase(type, GW_STR("application/x-www-form-urlencoded"));
    while (plain && rest.len)
        plain = is_utf8(next_part(&rest));
    return plain || is_in_parts(req, type);
}

/* Whether Content-Type names what the route's body is written in (RFC 9110, 8.3). */
static bool has_wanted_type(struct gw_request *req)
{
    struct gw_str rest = req->in.content_type, type = next_part(&rest);
    const struct gw_route *route = req->route;
    if (route->body_kind == GW_BODY_FORM)
        return is_form(req);
    if (route->body_kind != GW_BODY_JSON)
        return !route->accepts || is_accepted(route->accepts, type);
    bool good = route->accepts ? is_accepted(route->accepts, type) : is_json_type(type);
    while (good && rest.len)
        good = is_utf8(next_part(&rest));
    return good;
}

static const char *usual_type(const struct gw_route *route)
{
    if (route->body_kind == GW_BODY_JSON)
        return "application/json";
    if (route->body_kind != GW_BODY_FORM)
        return "";
    return route->body->files ? "multipart/form-data"
                              : "application/x-www-form-urlencoded, multipart/form-data";
}

const char *gw_media_accepted(struct gw_request *req, const struct gw_route *route)
{
    const char *all = NULL;
    if (!route->accepts)
        return usual_type(route);
    for (const char *const *type = route->accepts; *type; type++) {
        all = all ? gw_arena_printf(req->arena, "%s, %s", all, *type) : *type;
        if (!all)
            return NULL;
    }
    return all;
}

/* Whether the body is as its media type says, not packed (RFC 9110, 8.4). A raw one is its
 * handler's. */
static bool has_no_coding(struct gw_request *req)
{
    struct gw_str coding = {NULL, 0};
    if (req->route->body_kind == GW_BODY_NONE || req->route->body_kind == GW_BODY_RAW)
        return true;
    size_t n = gw_request_fields(req, GW_STR("HTTP_CONTENT_ENCODING"), &coding);
    return n <= 1 && (!coding.len || gw_str_equal_nocase(coding, GW_STR("identity")));
}

/* "A", "A or B", "A, B or C", of a list by commas. NULL: no memory. */
static const char *in_words(struct gw_request *req, const char *list)
{
    const char *last = strrchr(list, ',');
    return last ? gw_arena_printf(req->arena, "%.*s or %s", (int)(last - list), list, last + 2)
                : list;
}

/* What is taken instead, in the header that the method has for it: RFC 9110, 12.5.1; RFC 5789, 3.1;
 * W3C Linked Data Platform, 7.1.2. */
static void refuse_media_type(struct gw_request *req)
{
    const char *name = gw_str_equal(req->in.method, GW_STR("POST"))    ? "Accept-Post"
                       : gw_str_equal(req->in.method, GW_STR("PATCH")) ? "Accept-Patch"
                                                                       : "Accept";
    const char *accepted = gw_media_accepted(req, req->route);
    const char *words = accepted ? in_words(req, accepted) : NULL;
    if (words)
        gw_refuse_saying(req, 415, GW_REASON_BODY_TYPE,
                         gw_arena_printf(req->arena, "the body must be %s", words));
    if (!words || gw_set_header(req, name, accepted))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

/* It may have no bytes, and then no type that matters; what it has is known when it is there. */
static bool may_be_none(const struct gw_request *req)
{
    return req->length_unknown && req->route->body_optional;
}

/* Nothing is unpacked here: a coding other than `identity` is refused, with what is taken (RFC
 * 9110, 12.5.3). */
void gw_media_check(struct gw_request *req)
{
    if (!has_no_coding(req)) {
        gw_refuse_saying(req, 415, GW_REASON_BODY_CODING, "the body must have no Content-Encoding");
        if (gw_set_header(req, "Accept-Encoding", "identity"))
            gw_refuse(req, 500, GW_REASON_MEMORY);
    } else if (gw_incoming_has_body(req) && !has_wanted_type(req) && !may_be_none(req)) {
        refuse_media_type(req);
    }
}
