/* Whatever a handler sets as headers, cookies, media type and target of a redirect: what is sent is
 * one head whose lines are those that were set and accepted, each whole, and then the body. */
#include "fuzz.h"
#include "gatewright.h"
#include "request/request.h"
#include "process/serve.h"

#include <string.h>

#define SENT_MAX (1 << 20)

static char sent[SENT_MAX];
static size_t sent_len;

static int keep(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    MUST(len <= SENT_MAX - sent_len);
    memcpy(sent + sent_len, ptr, len);
    sent_len += len;
    return 0;
}

/* The next text of the input, up to a 0xff byte or its end, as a C string. */
static char *take(const uint8_t **data, size_t *size)
{
    const uint8_t *stop = memchr(*data, 0xff, *size);
    size_t len = stop ? (size_t)(stop - *data) : *size;
    char *text = malloc(len + 1);
    MUST(text);
    memcpy(text, *data, len);
    text[len] = 0;
    *data += len + (stop != NULL);
    *size -= len + (stop != NULL);
    return text;
}

static int set_one(struct gw_request *req, unsigned how, const char *a, const char *b)
{
    switch (how % 5) {
    case 0:
        return gw_set_header(req, a, b);
    case 1:
        return gw_set_cookie(req, a, b, NULL);
    case 2:
        return gw_set_cookie(req, "c", "v",
                             &(struct gw_cookie_options){.path = a, .domain = b, .max_age = 1});
    case 3:
        return gw_redirect(req, 303, a);
    default:
        return gw_bytes(req, 200, a, b, strlen(b));
    }
}

/* Lines up to the empty one: each "token: text" without control bytes. Their number. */
static size_t check_head(const char **ret_body)
{
    size_t lines = 0;
    const char *at = sent, *end = sent + sent_len;
    for (;; lines++) {
        const char *stop = memchr(at, '\r', (size_t)(end - at));
        MUST(stop && stop + 1 < end && stop[1] == '\n');
        if (stop == at)
            break;
        const char *colon = memchr(at, ':', (size_t)(stop - at));
        MUST(colon && colon > at && colon + 1 < stop && colon[1] == ' ');
        for (const char *c = at; c < stop; c++) {
            MUST((unsigned char)*c >= 0x20 || *c == '\t');
            MUST(*c != 0x7f);
            MUST(c >= colon || !strchr(" \t\"(),/:;<=>?@[\\]{}", *c));
        }
        at = stop + 2;
    }
    *ret_body = at + 2;
    return lines;
}

static bool was_set(const struct gw_request *req, const char *name)
{
    for (size_t i = 0; i < req->response.n_headers; i++)
        if (gw_str_equal_nocase(req->response.headers[i].name, gw_str_from(name)))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_server server = {0};
    struct gw_worker worker = {.server = &server};
    struct gw_app app = {0};
    struct gw_exchange exchange = {0};
    struct gw_transport transport = {.write = keep};
    struct gw_request req = {.worker = &worker,
                             .app = &app,
                             .arena = &arena,
                             .exchange = &exchange,
                             .transport = &transport};
    gw_response_init(&req);
    sent_len = 0;
    MUST(gw_text(&req, 200, "body") == 0);
    while (size) {
        unsigned how = *data++;
        size--;
        char *a = take(&data, &size), *b = take(&data, &size);
        set_one(&req, how, a, b);
        free(a);
        free(b);
    }
    if (!req.response.broken) {
        const char *body;
        bool empty = req.response.status == 204 || req.response.status == 304;
        size_t wanted = req.response.body.len, set = req.response.n_headers;
        bool type = req.response.type.ptr && !empty;
        bool over = was_set(&req, "X-Sendfile") || was_set(&req, "X-Accel-Redirect");
        size_t own = !was_set(&req, "X-Content-Type-Options") + !was_set(&req, "X-Request-Id");
        gw_response_send(&req);
        size_t lines = check_head(&body);
        MUST(lines == 1 + set + type + own + (!over && !empty));
        MUST((size_t)(sent + sent_len - body) == (empty ? 0 : wanted));
    }
    gw_arena_free(&arena);
    return 0;
}
