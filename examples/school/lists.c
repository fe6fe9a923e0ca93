/* lists.c: lists page by page, as school.h has them. */
#include "school.h"

#define PAGE_DEFAULT 20

unsigned school_page_size(struct gw_opt_i64 limit)
{
    return limit.set ? (unsigned)limit.value : PAGE_DEFAULT;
}

struct gw_writer *school_begin_page(struct gw_request *req)
{
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "data");
    gw_writer_array(w);
    return w;
}

int school_end_page(struct gw_request *req, struct gw_writer *w, int64_t next)
{
    gw_writer_end(w);
    gw_writer_name(w, "next");
    if (next)
        gw_writer_int(w, next);
    else
        gw_writer_null(w);
    gw_writer_end(w);
    return gw_writer_send(req, 200, w);
}
