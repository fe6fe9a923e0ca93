/* handlers.c: each handler says which it is, and what its parameters are. */
#include "routes.h"

#include <stdlib.h>
#include <string.h>

static int tell(struct gw_request *req, const char *handler, const char *text)
{
    return gw_json(req, 200, json_pack("{s:s, s:s}", "handler", handler, "given", text));
}

#define PAIR(handler)                                                                              \
    int handler(struct gw_request *req, const char *a, const char *b)                              \
    {                                                                                              \
        return tell(req, #handler, gw_printf(req, "%s|%s", a, b));                                 \
    }

PAIR(parts_refs)
PAIR(parts_pair)
PAIR(parts_words)
PAIR(parts_slugs)
PAIR(parts_likes)
PAIR(parts_typed)
PAIR(parts_accents)

int parts_open(struct gw_request *req, const char *any)
{
    return tell(req, "parts_open", any);
}

int parts_put(struct gw_request *req, const char *any)
{
    return tell(req, "parts_put", any);
}

int parts_any_note(struct gw_request *req, const char *any)
{
    return tell(req, "parts_any_note", any);
}

int parts_three(struct gw_request *req, const char *a, const char *b, const char *c)
{
    return tell(req, "parts_three", gw_printf(req, "%s|%s|%s", a, b, c));
}

int parts_rest(struct gw_request *req, const char *a, const char *b, const char *p)
{
    return tell(req, "parts_rest", gw_printf(req, "%s|%s|%s", a, b, p));
}

int parts_four(struct gw_request *req, const char *a, const char *b, const char *c, const char *d)
{
    return tell(req, "parts_four", gw_printf(req, "%s|%s|%s|%s", a, b, c, d));
}

int parts_numbers(struct gw_request *req, int64_t a, int64_t b)
{
    return tell(req, "parts_numbers", gw_printf(req, "%lld|%lld", (long long)a, (long long)b));
}

int parts_big(struct gw_request *req, uint64_t a, const char *b)
{
    return tell(req, "parts_big", gw_printf(req, "%llu|%s", (unsigned long long)a, b));
}

int parts_guarded(struct gw_request *req, const struct users_row *me, const char *a, const char *b)
{
    return tell(req, "parts_guarded", gw_printf(req, "%s|%s", a, b));
}

int parts_note(struct gw_request *req, const struct users_row *me, int64_t id, const char *as,
               const struct notes_row *row)
{
    return tell(req, "parts_note", gw_printf(req, "%lld|%s", (long long)row->id, as));
}

/* The URL of a route whose first value is `?of=`. */
int make_url(struct gw_request *req, const char *which)
{
    const char *of = gw_query(req, "of"), *url = NULL;
    if (!strcmp(which, "parts_refs"))
        url = url_parts_refs(req, of, "c");
    else if (!strcmp(which, "parts_pair"))
        url = url_parts_pair(req, of, "c");
    else if (!strcmp(which, "parts_open"))
        url = url_parts_open(req, of);
    else if (!strcmp(which, "parts_slugs"))
        url = url_parts_slugs(req, of, "c");
    else if (!strcmp(which, "parts_likes"))
        url = url_parts_likes(req, of, "c");
    else if (!strcmp(which, "parts_typed"))
        url = url_parts_typed(req, of, "2024-02-29");
    else if (!strcmp(which, "parts_numbers"))
        url = url_parts_numbers(req, atoll(of), -7);
    return gw_text(req, 200, url ? url : "none");
}
