/* response.c: the public API's writing half: what a handler may answer.
 *
 * Everything is kept until the handler has returned, so that a later failure can still replace it;
 * send.c puts it on the wire. A header that could split the response is refused here, at the one
 * place that all headers pass, and spoils the whole response. */
#include "request/response.h"

#include "json/out.h"
#include "request/cookie.h"
#include "request/phrase.h"
#include "request/request.h"
#include "request/context.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void gw_response_init(struct gw_request *req)
{
    req->response.file = -1;
}

static void forget_file(struct gw_response *response)
{
    if (response->file >= 0)
        close(response->file);
    response->file = -1;
    response->file_size = response->file_at = 0;
    response->file_tag = NULL;
    response->by_server = (struct gw_response_header){{NULL, 0}, {NULL, 0}};
}

void gw_response_reset(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    forget_file(response);
    response->status = 0;
    response->n_headers = 0;
    response->type = response->body = (struct gw_str){NULL, 0};
    response->broken = response->conditional = false;
}

/* ---- Headers -------------------------------------------------------------------------------- */

/* RFC 9110, 5.5: visible characters, blanks and bytes beyond ASCII; CR, LF and NUL would let a
 * value write headers of its own. */
static bool is_field_value(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Headers that the web server or send.c writes. */
static bool is_framing(struct gw_str name)
{
    static const char *const names[] = {"Status", "Content-Length", "Transfer-Encoding",
                                        "Connection"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (gw_str_equal_nocase(name, gw_str_from(names[i])))
            return true;
    return false;
}

const struct gw_response_header *gw_response_header(const struct gw_response *response,
                                                    struct gw_str name)
{
    for (size_t i = 0; i < response->n_headers; i++)
        if (gw_str_equal_nocase(response->headers[i].name, name))
            return &response->headers[i];
    return NULL;
}

static int break_response(struct gw_request *req, const char *why)
{
    req->response.broken = true;
    gw_log(req, "a response header was refused: %s", why);
    return -EINVAL;
}

int gw_set_header(struct gw_request *req, const char *name, const char *value)
{
    struct gw_response *response = &req->response;
    struct gw_str key = gw_str_from(name);
    if (gw_request_answers_nobody(req))
        return -EINVAL;
    if (!name || !value || !gw_str_is_token(key))
        return break_response(req, "its name is not a token");
    if (!is_field_value(value))
        return break_response(req, "its value holds a control byte");
    if (is_framing(key) || response->streaming)
        return break_response(req, "it is the runtime's to set, or was set too late");
    struct gw_str copy = {gw_arena_copy(req->arena, value, strlen(value)), strlen(value)};
    key.ptr = gw_arena_copy(req->arena, name, key.len);
    if (!copy.ptr || !key.ptr)
        return -ENOMEM;
    if (gw_str_equal_nocase(key, GW_STR("Content-Type"))) {
        response->type = copy;
        return 0;
    }
    bool several = gw_str_equal_nocase(key, GW_STR("Set-Cookie"));
    if (several && gw_cookie_is_ours(req, copy))
        return break_response(req, "the token's cookie is set by gw_set_token_cookie alone");
    const struct gw_response_header *old = several ? NULL : gw_response_header(response, key);
    size_t at = old ? (size_t)(old - response->headers) : response->n_headers;
    if (at == GW_RESPONSE_HEADERS_MAX)
        return break_response(req, "there are too many");
    response->headers[at] = (struct gw_response_header){key, copy};
    response->n_headers += !old;
    return 0;
}

/* RFC 6265, 4.1.1: cookie-octet */
static bool is_cookie_value(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= 0x20 || c >= 0x7f || strchr("\",;\\", c))
            return false;
    }
    return true;
}

int gw_set_cookie(struct gw_request *req, const char *name, const char *value,
                  const struct gw_cookie_options *options)
{
    static const struct gw_cookie_options defaults;
    const struct gw_cookie_options *o = options ? options : &defaults;
    const char *path = o->path ? o->path : "/", *site = o->same_site ? o->same_site : "Lax";
    if (!name || !gw_str_is_token(gw_str_from(name)) || !value || !is_cookie_value(value) ||
        strchr(path, ';') || strchr(site, ';') || (o->domain && strchr(o->domain, ';')))
        return break_response(req, "it is not a cookie");
    const char *age = o->max_age ? gw_arena_printf(req->arena, "; Max-Age=%u", o->max_age) : "";
    const char *text =
        gw_arena_printf(req->arena, "%s=%s; Path=%s%s%s%s; SameSite=%s%s%s", name, value, path,
                        o->domain ? "; Domain=" : "", o->domain ? o->domain : "", age, site,
                        o->readable ? "" : "; HttpOnly", o->insecure ? "" : "; Secure");
    return age && text ? gw_set_header(req, "Set-Cookie", text) : -ENOMEM;
}

/* ---- Bodies --------------------------------------------------------------------------------- */

/* `body` must live as long as the request. */
static int take_body(struct gw_request *req, int status, struct gw_str type, struct gw_str body)
{
    struct gw_response *response = &req->response;
    if (response->streaming || status < 200 || status > 599 || gw_request_answers_nobody(req))
        return -EINVAL;
    forget_file(response);
    response->status = status;
    response->type = type;
    response->body = body;
    return 0;
}

static int set_body(struct gw_request *req, int status, struct gw_str type, const void *ptr,
                    size_t len)
{
    char *copy = gw_arena_copy(req->arena, ptr, len);
    return copy ? take_body(req, status, type, (struct gw_str){copy, len}) : -ENOMEM;
}

#define JSON_TYPE GW_STR("application/json")

int gw_json(struct gw_request *req, int status, json_t *body)
{
    if (!body) {
        gw_log(req, "gw_json was given no JSON (out of memory, or a format that does not fit)");
        return -EINVAL;
    }
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(body);
    if (!text)
        return -ENOMEM;
    int r = set_body(req, status, JSON_TYPE, text, strlen(text));
    free(text);
    return r;
}

int gw_json_text(struct gw_request *req, int status, const char *text, size_t len)
{
    return text ? set_body(req, status, JSON_TYPE, text, len) : -EINVAL;
}

int gw_response_json(struct gw_request *req, int status, struct gw_str text)
{
    return take_body(req, status, JSON_TYPE, text);
}

int gw_text(struct gw_request *req, int status, const char *text)
{
    return text ? set_body(req, status, GW_STR("text/plain; charset=utf-8"), text, strlen(text))
                : -EINVAL;
}

int gw_html(struct gw_request *req, int status, const char *html)
{
    return html ? set_body(req, status, GW_STR("text/html; charset=utf-8"), html, strlen(html))
                : -EINVAL;
}

int gw_bytes(struct gw_request *req, int status, const char *type, const void *ptr, size_t len)
{
    if (!type || !is_field_value(type))
        return break_response(req, "it is not a media type");
    char *copy = gw_arena_copy(req->arena, type, strlen(type));
    return copy ? set_body(req, status, gw_str_from(copy), ptr, len) : -ENOMEM;
}

int gw_empty(struct gw_request *req, int status)
{
    return set_body(req, status, (struct gw_str){NULL, 0}, "", 0);
}

/* What browsers read as it stands here (URL Standard, 4.4): they drop tabs and line ends wherever
 * they are and blanks at the ends, and take a backslash for a slash. */
static bool is_plain_location(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= 0x20 || *text == 0x7f || *text == '\\')
            return false;
    return true;
}

/* "//host" would name another host. */
static bool is_path(const char *text)
{
    return text[0] == '/' && text[1] != '/';
}

/* With a host that is there and is all of the authority: browsers skip further slashes, and take
 * what stands before an "@" for a user. */
static bool is_url(const char *text)
{
    size_t n = !strncmp(text, "https://", 8) ? 8 : !strncmp(text, "http://", 7) ? 7 : 0;
    size_t len = strcspn(text + n, "/?#");
    return n && len && text[n] != ':' && !memchr(text + n, '@', len);
}

int gw_redirect(struct gw_request *req, int status, const char *location)
{
    bool redirects =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!redirects || !location || !is_plain_location(location) ||
        !(is_path(location) || is_url(location)))
        return -EINVAL;
    int r = gw_empty(req, status);
    return r ? r : gw_set_header(req, "Location", location);
}

/* ---- Problems ------------------------------------------------------------------------------- */

/* Without a type it is `about:blank`, with the status's title (RFC 9457, 4.2.1). */
static int set_problem(struct gw_request *req, const char *type, const char *title, int status,
                       const struct gw_faults *faults, const char *detail)
{
    struct gw_jsonout out = {.text = {.arena = req->arena}};
    gw_jsonout_object(&out);
    gw_jsonout_name(&out, "type");
    gw_jsonout_text(&out, type ? type : "about:blank");
    gw_jsonout_name(&out, "title");
    gw_jsonout_text(&out, title ? title : gw_status_phrase(status));
    gw_jsonout_name(&out, "status");
    gw_jsonout_i64(&out, status);
    if (detail) {
        gw_jsonout_name(&out, "detail");
        gw_jsonout_text(&out, detail);
    }
    gw_jsonout_name(&out, "instance");
    gw_jsonout_text(&out, req->id);
    if (faults && faults->n) {
        gw_jsonout_name(&out, "errors");
        gw_jsonout_array(&out);
        for (size_t i = 0; i < faults->n; i++) {
            gw_jsonout_object(&out);
            gw_jsonout_name(&out, "pointer");
            gw_jsonout_text(&out, faults->items[i].pointer);
            gw_jsonout_name(&out, "detail");
            gw_jsonout_text(&out, faults->items[i].detail);
            gw_jsonout_end_object(&out);
        }
        gw_jsonout_end_array(&out);
    }
    gw_jsonout_end_object(&out);
    if (out.text.failed)
        return -ENOMEM;
    int r = set_body(req, status, GW_STR("application/problem+json"), out.text.ptr, out.text.len);
    return r ? r : gw_set_header(req, "Cache-Control", "no-store");
}

int gw_response_problem(struct gw_request *req, int status, const struct gw_faults *faults,
                        const char *detail)
{
    return set_problem(req, NULL, NULL, status, faults, detail);
}

static int one_fault(struct gw_request *req, const char *pointer, const char *detail,
                     const struct gw_faults **ret)
{
    struct gw_faults *faults = pointer ? gw_arena_alloc(req->arena, sizeof(*faults)) : NULL;
    *ret = faults;
    if (!faults)
        return pointer ? -ENOMEM : 0;
    faults->n = 1;
    faults->items[0] = (struct gw_fault){pointer, detail};
    return 0;
}

int gw_problem_of(struct gw_request *req, const struct gw_problem_type *problem)
{
    const struct gw_faults *faults;
    int r = one_fault(req, problem->pointer, problem->sentence, &faults);
    return r ? r
             : set_problem(req, problem->type, problem->sentence, problem->status, faults,
                           problem->sentence);
}

int gw_problem(struct gw_request *req, int status, const char *pointer, const char *detail)
{
    const struct gw_faults *faults;
    if (status < 400)
        return -EINVAL;
    int r = one_fault(req, pointer, detail ? detail : "", &faults);
    return r ? r : gw_response_problem(req, status, faults, detail);
}
