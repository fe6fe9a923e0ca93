/* handlers.c: each handler of the program that the tests of paths run says which it is, and what it
 * was given. */
#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tell(struct gw_request *req, const char *handler, const char *text)
{
    return gw_json(req, 200, json_pack("{s:s, s:s}", "handler", handler, "given", text));
}

#define PLAIN(handler)                                                                             \
    int handler(struct gw_request *req, const char *p)                                             \
    {                                                                                              \
        return tell(req, #handler, p);                                                             \
    }

#define OF(entity, handler)                                                                        \
    int handler(struct gw_request *req, const struct entity##_row *me, const char *p)              \
    {                                                                                              \
        return tell(req, #handler, p);                                                             \
    }

#define BEHIND(handler, type)                                                                      \
    int handler(struct gw_request *req, const struct teachers_row *me, type first, const char *p)  \
    {                                                                                              \
        return tell(req, #handler, p);                                                             \
    }

PLAIN(wide)
PLAIN(open_wide)
PLAIN(by_name)
PLAIN(by_id)
PLAIN(form)
OF(teachers, literal)
OF(teachers, upload)
OF(teachers, accented)
OF(teachers, open_deeper)
OF(users, ids_of_users)
OF(users, scoped)
OF(users, open_closed)
OF(users, linked)
BEHIND(mixed, int64_t)
BEHIND(typed, const char *)
BEHIND(dated, const char *)
BEHIND(words, const char *)

int owned(struct gw_request *req, const struct users_row *me, int64_t id, const char *p,
          const struct notes_row *row)
{
    return tell(req, "owned", p);
}

int two(struct gw_request *req, const char *a, const char *p)
{
    return tell(req, "two", gw_printf(req, "%s|%s", a, p));
}

int two_x(struct gw_request *req, const struct teachers_row *me, const char *a, const char *b)
{
    return tell(req, "two_x", gw_printf(req, "%s|%s", a, b));
}

int two_number(struct gw_request *req, const struct teachers_row *me, const char *a, uint64_t b,
               const char *p)
{
    return tell(req, "two_number", gw_printf(req, "%s|%s", a, p));
}

PLAIN(parts_open)
PLAIN(parts_any_note)

int parts_refs(struct gw_request *req, const char *a, const char *b)
{
    return tell(req, "parts_refs", gw_printf(req, "%s|%s", a, b));
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

/* The URL of a route with the value of `?of=`. */
int make_url(struct gw_request *req, const char *which)
{
    const char *of = gw_query(req, "of"), *url = NULL;
    if (!strcmp(which, "by_name"))
        url = url_by_name(req, of);
    else if (!strcmp(which, "wide"))
        url = url_wide(req, of);
    else if (!strcmp(which, "open_wide"))
        url = url_open_wide(req, of);
    else if (!strcmp(which, "typed"))
        url = url_typed(req, of, "x");
    else if (!strcmp(which, "dated"))
        url = url_dated(req, of, "x");
    else if (!strcmp(which, "words"))
        url = url_words(req, of, "x");
    return gw_text(req, 200, url ? url : "none");
}

/* The file whose name is `?name=`, in hex digits, in the folder `which` of PATHS_FILES; "-" is that
 * folder itself. */
static int send_named(struct gw_request *req, const char *which)
{
    const char *hex = gw_query(req, "name"), *base = getenv("PATHS_FILES");
    const char *root = strcmp(which, "-") ? gw_printf(req, "%s/%s", base, which) : base;
    char *name = hex ? gw_alloc(req, strlen(hex) / 2 + 1) : NULL;
    unsigned byte;
    if (!name || !root)
        return 400;
    for (size_t i = 0; sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
        name[i] = (char)byte;
    int r = gw_file(req, root, name, "text/x-test");
    if (!r && gw_query(req, "tag"))
        r = gw_etag(req, NULL);
    if (!r && gw_query(req, "instead"))
        r = gw_text(req, 200, "instead");
    return r;
}

int send_file(struct gw_request *req, const char *which)
{
    return send_named(req, which);
}

int one_id(struct gw_request *req, const struct users_row *me)
{
    return tell(req, "one_id", "");
}

int send_mine(struct gw_request *req, const struct users_row *me, const char *which)
{
    return send_named(req, which);
}

int redirect(struct gw_request *req)
{
    const char *to = gw_query(req, "to");
    return gw_redirect(req, 303, to ? to : "") ? 422 : 0;
}

int seen(struct gw_request *req)
{
    const char *user = gw_header(req, "X-User");
    return gw_text(req, 200, user ? user : "none");
}
