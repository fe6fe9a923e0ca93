/* slash.c: each handler says who it is. */
#include "routes.h"

int home(struct gw_request *req)
{
    return gw_text(req, 200, "home");
}

int list_notes(struct gw_request *req)
{
    return gw_text(req, 200, gw_path(req));
}

int add_note(struct gw_request *req, const struct note_body *body)
{
    return gw_text(req, 201, body->text);
}

int show_note(struct gw_request *req, const struct users_row *me, int64_t id)
{
    return gw_text(req, 200, "note");
}

int show_file(struct gw_request *req, const char *rest)
{
    return gw_text(req, 200, rest);
}

int show_any(struct gw_request *req, const char *x)
{
    return gw_text(req, 200, x);
}
