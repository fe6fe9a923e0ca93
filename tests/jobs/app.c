/* app.c: what exports many rows. */
#include "routes.h"

static int write_one(struct gw_request *req, const struct notes_row *row, void *writer)
{
    notes_write_json(writer, row);
    return gw_writer_flush(req, writer);
}

static int export(struct gw_request *req,
                  int (*each)(struct gw_request *req,
                              int (*fn)(struct gw_request *, const struct notes_row *, void *),
                              void *data))
{
    struct gw_writer *w = gw_writer_new(req);
    int r = gw_begin(req, 200, "application/json");
    gw_writer_array(w);
    if (!r)
        r = each(req, write_one, w);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 200, w);
}

int export_list(struct gw_request *req)
{
    return export(req, notes_each);
}

int export_selected(struct gw_request *req)
{
    return export(req, all_notes_each);
}
