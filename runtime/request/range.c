/* range.c: parts of files (RFC 9110, 14).
 *
 * Only what players and resumed downloads ask for: one range of bytes, of a GET. Several ranges are
 * answered with the whole, as 14.2 allows: their overhead can exceed the file. */
#include "request/refuse.h"
#include "request/request.h"

#include <errno.h>
#include <inttypes.h>

enum range {
    RANGE_NONE,   /* answer with the whole */
    RANGE_BEYOND, /* nothing of the file lies in it */
    RANGE_PART,
};

/* Digits up to `end`. False: there are none, or it is something else. A number that is too large is
 * beyond every file. */
static bool read_number(const char **at, char end, uint64_t *ret)
{
    size_t n = strspn(*at, "0123456789");
    if (!n || (*at)[n] != end)
        return false;
    if (!gw_parse_u64((struct gw_str){*at, n}, ret)) {
        while (n > 1 && **at == '0' && (*at)++)
            n--;
        if (!gw_parse_u64((struct gw_str){*at, n}, ret))
            *ret = UINT64_MAX;
    }
    *at += n;
    return true;
}

/* `bytes=FIRST-[LAST]` or `bytes=-LENGTH` */
static enum range read_range(const char *text, uint64_t size, uint64_t *first, uint64_t *last)
{
    if (!gw_str_equal_nocase((struct gw_str){text, strnlen(text, 6)}, GW_STR("bytes=")))
        return RANGE_NONE;
    text += 6;
    *last = UINT64_MAX;
    if (*text == '-') {
        text++;
        if (!read_number(&text, 0, first))
            return RANGE_NONE;
        if (!*first || !size)
            return RANGE_BEYOND;
        *first = *first < size ? size - *first : 0;
    } else if (!read_number(&text, '-', first)) {
        return RANGE_NONE;
    } else if (text[1] && (text++, !read_number(&text, 0, last) || *last < *first)) {
        return RANGE_NONE;
    }
    *last = *last < size ? *last : size - 1;
    return *first < size ? RANGE_PART : RANGE_BEYOND;
}

/* RFC 9110, 13.1.5: only a strong tag that is ours; no date, for we send none. */
static bool if_range_holds(struct gw_request *req)
{
    const char *wanted = gw_header(req, "If-Range");
    for (size_t i = 0; wanted && i < req->response.n_headers; i++)
        if (gw_str_equal_nocase(req->response.headers[i].name, GW_STR("ETag")))
            return gw_str_equal(req->response.headers[i].value, gw_str_from(wanted));
    return !wanted;
}

static int refuse_range(struct gw_request *req, uint64_t size)
{
    const char *text = gw_arena_printf(req->arena, "bytes */%" PRIu64, size);
    if (!text)
        return -ENOMEM;
    gw_refuse(req, 416, GW_REASON_NONE);
    return gw_set_header(req, "Content-Range", text);
}

int gw_response_range(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    uint64_t size = response->file_size, first, last;
    if (response->file < 0 || response->status != 200)
        return 0;
    int r = gw_set_header(req, "Accept-Ranges", "bytes");
    const char *wanted = gw_header(req, "Range");
    if (r || !wanted || !gw_str_equal(req->in.method, GW_STR("GET")) || !if_range_holds(req))
        return r;
    switch (read_range(wanted, size, &first, &last)) {
    case RANGE_NONE:
        return 0;
    case RANGE_BEYOND:
        return refuse_range(req, size);
    case RANGE_PART:
        break;
    }
    const char *text =
        gw_arena_printf(req->arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first, last, size);
    response->status = 206;
    response->file_at = first;
    response->file_size = last - first + 1;
    return text ? gw_set_header(req, "Content-Range", text) : -ENOMEM;
}
