/* next.c: see next.h.
 *
 * The check knows what is right and nothing of what is wrong: a path that is written as the router
 * would write it, and that a GET route of this program has. So there is nothing that a browser
 * could read in another way: no host, no backslash, no blank, no control byte, no dot segment, no
 * encoded separator. The same check stands before the one that is made here and the one that is
 * read. */
#include "request/next.h"

#include "base/text.h"
#include "input/body.h"
#include "input/path.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>

/* RFC 3986, 3.4, written out; and nothing that stands for a control byte. A token is not carried
 * on. */
static int check_query(struct gw_request *req, struct gw_str query)
{
    struct gw_pairs pairs;
    const char *why;
    for (size_t i = 0; i < query.len; i++)
        if (!query.ptr[i] ||
            (!gw_is_alnum(query.ptr[i]) && !strchr("-._~!$&'()*+,;=:@/?%", query.ptr[i])))
            return GW_E_MISMATCH;
    int r = gw_pairs_parse(query, req->arena, &pairs, &why);
    for (size_t i = 0; !r && i < pairs.n; i++) {
        const struct gw_str *parts = &pairs.items[i].name, *value = &pairs.items[i].value;
        if (gw_str_equal(*parts, GW_STR("auth")))
            return GW_E_MISMATCH;
        for (int of_value = 0; of_value < 2; of_value++, parts = value)
            for (size_t at = 0; at < parts->len; at++)
                if ((unsigned char)parts->ptr[at] < 0x20 || parts->ptr[at] == 0x7f)
                    return GW_E_MISMATCH;
    }
    return r < 0 ? r : r ? GW_E_MISMATCH : 0;
}

/* 0: `text` is the one spelling of the path of a GET route, with the mount before it, and perhaps a
 * query. GW_E_MISMATCH, -ENOMEM. */
static int check(struct gw_request *req, struct gw_str text)
{
    struct gw_span segments[GW_MAX_SEGMENTS];
    union gw_param_value params[GW_MAX_PARAMS];
    struct gw_str path, query;
    enum gw_reason reason;
    const char *mark = text.len ? memchr(text.ptr, '?', text.len) : NULL;
    size_t len = mark ? (size_t)(mark - text.ptr) : text.len;
    if (!len || text.len > GW_NEXT_MAX || text.ptr[0] != '/')
        return GW_E_MISMATCH;
    int r = gw_path_canonical((struct gw_str){text.ptr, len}, req->arena, &path, &query, &reason);
    if (r)
        return r;
    if (!gw_str_equal(path, (struct gw_str){text.ptr, len}) ||
        gw_path_has_encoded_separator(path) ||
        !gw_path_unmount(&path, req->worker->server->config.mount))
        return GW_E_MISMATCH;
    const struct gw_leaf *leaf = req->app->match(path.ptr, segments);
    uint16_t index = leaf ? leaf->route[GW_GET] : 0;
    if (!index)
        return GW_E_MISMATCH;
    r = gw_path_params(&req->app->routes[index - 1], path, segments, req->arena, params, &reason);
    if (r)
        return r < 0 ? r : GW_E_MISMATCH;
    return mark ? check_query(req, (struct gw_str){mark + 1, text.len - len - 1}) : 0;
}

const char *gw_next(struct gw_request *req)
{
    const struct gw_pair *found = NULL;
    size_t n = 0;
    for (size_t i = 0; req->query_parsed && i < req->query_pairs.n; i++) {
        if (!gw_str_equal(req->query_pairs.items[i].name, GW_STR("next")))
            continue;
        found = &req->query_pairs.items[i];
        n++;
    }
    if (n != 1 || check(req, found->value))
        return NULL;
    return gw_arena_copy(req->arena, found->value.ptr, found->value.len);
}

/* ---- The way there -------------------------------------------------------------------------- */

/* Whether the `name=value` as it was sent has the name `auth`. */
static bool is_token(struct gw_str pair)
{
    static const char name[] = "auth";
    size_t at = 0, i = 0;
    for (; i < pair.len && pair.ptr[i] != '='; i++, at++) {
        int c = (unsigned char)pair.ptr[i];
        if (c == '%' && (c = gw_unescape(pair.ptr + i, pair.len - i)) >= 0)
            i += 2;
        if (at >= sizeof(name) - 1 || c != name[at])
            return false;
    }
    return at == sizeof(name) - 1;
}

static void add_query(struct gw_text *text, struct gw_str query)
{
    char mark = '?';
    while (query.len) {
        const char *end = memchr(query.ptr, '&', query.len);
        struct gw_str pair = {query.ptr, end ? (size_t)(end - query.ptr) : query.len};
        query.ptr += pair.len + (end != NULL);
        query.len -= pair.len + (end != NULL);
        if (is_token(pair))
            continue;
        gw_text_add(text, (struct gw_str){&mark, 1});
        gw_text_add(text, pair);
        mark = '&';
    }
}

int gw_next_make(struct gw_request *req, const char **ret)
{
    struct gw_text text = {.arena = req->arena}, encoded = {.arena = req->arena};
    *ret = NULL;
    gw_text_add(&text, gw_str_from(req->worker->server->config.mount));
    gw_text_add(&text, req->path);
    add_query(&text, req->query_string.ptr ? req->query_string : GW_STR(""));
    if (text.failed)
        return -ENOMEM;
    int r = check(req, (struct gw_str){text.ptr, text.len});
    if (r)
        return r < 0 ? r : 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (gw_is_alnum(c) || strchr("-._~/", c))
            gw_text_add(&encoded, (struct gw_str){&c, 1});
        else
            gw_text_printf(&encoded, "%%%02X", (unsigned char)c);
    }
    *ret = encoded.ptr;
    return encoded.failed ? -ENOMEM : 0;
}
