/* escape.c: text in pages. */
#include "request/request.h"

/* The reference that stands for a character of markup; NULL: it stands for itself. */
static const char *reference_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static size_t escaped_length(const char *text)
{
    size_t len = 0;
    for (; *text; text++) {
        const char *reference = reference_of(*text);
        len += reference ? strlen(reference) : 1;
    }
    return len;
}

/* The answer would lack the text: there is none, then. */
static const char *spoil(struct gw_request *req)
{
    if (req->response.streaming)
        req->response.cut = true;
    else
        req->response.broken = true;
    return "";
}

const char *gw_escape(struct gw_request *req, const char *text)
{
    size_t len = text ? escaped_length(text) : 0;
    char *escaped = gw_arena_alloc(gw_request_memory(req), len + 1), *out = escaped;
    if (!escaped)
        return spoil(req);
    for (; text && *text; text++) {
        const char *reference = reference_of(*text);
        if (reference)
            out = stpcpy(out, reference);
        else
            *out++ = *text;
    }
    *out = 0;
    return escaped;
}
