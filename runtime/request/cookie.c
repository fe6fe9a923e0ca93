/* cookie.c: see cookie.h. */
#include "request/cookie.h"

#include "base/text.h"
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

/* How many cookies have the names, and the last value of each. */
static void find(const struct gw_request *req, const struct gw_str *names, size_t n,
                 struct gw_found_cookie *ret)
{
    for (size_t i = 0; i < req->exchange->n_meta; i++) {
        struct gw_str rest = req->exchange->meta[i].value, name, value;
        if (!gw_str_equal(req->exchange->meta[i].name, GW_STR("HTTP_COOKIE")))
            continue; /* several fields: RFC 9113, 8.2.3 */
        while (next_cookie(&rest, &name, &value)) {
            for (size_t j = 0; j < n; j++) {
                if (!gw_str_equal(name, names[j]))
                    continue;
                ret[j].value = value;
                ret[j].n++;
            }
        }
    }
}

void gw_cookie_find(struct gw_request *req)
{
    const struct gw_str names[] = {gw_str_from(req->app->cookie),
                                   gw_str_from(req->app->refresh_cookie)};
    struct gw_found_cookie found[2] = {{.n = 0}, {.n = 0}};
    find(req, names, req->app->refresh_cookie ? 2 : 1, found);
    req->access_cookie = found[0];
    req->refresh_cookie = found[1];
}

static bool is_name_of_ours(const struct gw_request *req, struct gw_str name)
{
    return req->app && req->app->cookie &&
           (gw_str_equal(name, gw_str_from(req->app->cookie)) ||
            (req->app->refresh_cookie &&
             gw_str_equal(name, gw_str_from(req->app->refresh_cookie))));
}

const char *gw_cookie(struct gw_request *req, const char *name)
{
    struct gw_str wanted = gw_str_from(name);
    struct gw_found_cookie found = {.n = 0};
    if (is_name_of_ours(req, wanted)) /* credentials are the gate's */
        return NULL;
    find(req, &wanted, 1, &found);
    if (found.n != 1)
        return NULL;
    struct gw_str value = found.value;
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = (struct gw_str){value.ptr + 1, value.len - 2};
    return gw_arena_copy(req->arena, value.ptr, value.len);
}

bool gw_cookie_is_ours(const struct gw_request *req, struct gw_str field)
{
    const char *equals = field.len ? memchr(field.ptr, '=', field.len) : NULL;
    return equals && is_name_of_ours(req, (struct gw_str){field.ptr, (size_t)(equals - field.ptr)});
}

/* ---- Setting -------------------------------------------------------------------------------- */

/* One of our cookies. An entity's refresh cookie has its name from all, and a path of its own. */
struct cookie {
    const char *name, *mount, *path, *same_site;
};

/* RFC 6265bis, 5.7. Lax, so that a link of another site finds whoever follows it signed in and a
 * form of another site does not. */
static struct cookie access_cookie(const struct gw_request *req)
{
    return (struct cookie){req->app->cookie, "", "/", "Lax"};
}

/* Strict: it goes where no link leads. */
static struct cookie refresh_cookie(const struct gw_request *req, const struct gw_table *table)
{
    return (struct cookie){req->app->refresh_cookie, req->worker->server->config.mount,
                           table->session->cookie_path, "Strict"};
}

#define COOKIE_FORMAT "%s=%s; Path=%s%s; Max-Age=%" PRId64 "; SameSite=%s; HttpOnly; Secure"
#define COOKIE_ARGUMENTS(cookie, value, seconds)                                                   \
    (cookie).name, value, (cookie).mount, (cookie).path, seconds, (cookie).same_site

/* Whether the field is about that cookie: name and path are the same (RFC 6265, 5.3). */
static bool is_about(struct gw_str field, const struct cookie *cookie)
{
    size_t name = strlen(cookie->name), mount = strlen(cookie->mount), path = strlen(cookie->path);
    const char *end = field.len ? memchr(field.ptr, ';', field.len) : NULL;
    if (!end || field.len < name + 1 || memcmp(field.ptr, cookie->name, name) ||
        field.ptr[name] != '=')
        return false;
    struct gw_str rest = {end, (size_t)(field.ptr + field.len - end)};
    size_t len = strlen("; Path=");
    return rest.len > len + mount + path && !memcmp(rest.ptr, "; Path=", len) &&
           !memcmp(rest.ptr + len, cookie->mount, mount) &&
           !memcmp(rest.ptr + len + mount, cookie->path, path) &&
           rest.ptr[len + mount + path] == ';';
}

static size_t place_of(const struct gw_response *response, const struct cookie *cookie)
{
    size_t at = 0;
    while (at < response->n_headers &&
           !(gw_str_equal(response->headers[at].name, GW_STR("Set-Cookie")) &&
             is_about(response->headers[at].value, cookie)))
        at++;
    return at;
}

static int put(struct gw_request *req, const struct cookie *cookie, const char *value,
               int64_t seconds)
{
    struct gw_response *response = &req->response;
    size_t at = place_of(response, cookie);
    if (response->streaming || at == GW_RESPONSE_HEADERS_MAX)
        return -EINVAL;
    if (strlen(cookie->name) + strlen(value) > GW_COOKIE_MAX) {
        gw_log(req, "the token is too long for a cookie: browsers keep %d bytes", GW_COOKIE_MAX);
        return -EINVAL;
    }
    const char *text =
        gw_arena_printf(req->arena, COOKIE_FORMAT, COOKIE_ARGUMENTS(*cookie, value, seconds));
    if (!text)
        return -ENOMEM;
    response->headers[at] = (struct gw_response_header){GW_STR("Set-Cookie"), gw_str_from(text)};
    response->n_headers += at == response->n_headers;
    response->issued_token = true; /* kept by nobody */
    return 0;
}

int gw_cookie_put(struct gw_request *req, const char *token, int64_t seconds)
{
    struct cookie cookie = access_cookie(req);
    return put(req, &cookie, token, seconds);
}

static bool has_refresh_cookie(const struct gw_table *table)
{
    return table->session && table->session->cookie_path;
}

/* Of each entity but `keeps` and those whose cookie that is, too. */
static int end_refresh_cookies(struct gw_request *req, const struct gw_table *keeps)
{
    int r = 0;
    for (size_t i = 0; !r && i < req->app->n_entities; i++) {
        const struct gw_table *table = req->app->tables[i];
        if (!has_refresh_cookie(table) ||
            (keeps && !strcmp(keeps->session->cookie_path, table->session->cookie_path)))
            continue;
        struct cookie cookie = refresh_cookie(req, table);
        r = put(req, &cookie, "", 0);
    }
    return r;
}

int gw_cookie_put_session(struct gw_request *req, const struct gw_table *table,
                          const struct gw_session *session)
{
    struct cookie cookie = refresh_cookie(req, table);
    int r = gw_cookie_put(req, session->access_token, (int64_t)session->access_seconds);
    if (!r)
        r = put(req, &cookie, session->refresh_token, (int64_t)session->refresh_seconds);
    return r ? r : end_refresh_cookies(req, table);
}

int gw_cookie_end_all(struct gw_request *req)
{
    int r = gw_cookie_put(req, "", 0);
    return r ? r : end_refresh_cookies(req, NULL);
}

static void write_end(struct gw_text *head, const struct gw_request *req,
                      const struct cookie *cookie)
{
    if (place_of(&req->response, cookie) == req->response.n_headers)
        gw_text_printf(head, "Set-Cookie: " COOKIE_FORMAT "\r\n",
                       COOKIE_ARGUMENTS(*cookie, "", (int64_t)0));
}

void gw_cookie_write_ends(struct gw_text *head, const struct gw_request *req)
{
    struct cookie cookie;
    if (!req->clears_cookie && !req->clears_cookies)
        return;
    cookie = access_cookie(req);
    write_end(head, req, &cookie);
    for (size_t i = 0; req->clears_cookies && i < req->app->n_entities; i++) {
        if (!has_refresh_cookie(req->app->tables[i]))
            continue;
        cookie = refresh_cookie(req, req->app->tables[i]);
        write_end(head, req, &cookie);
    }
}
