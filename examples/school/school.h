/* school.h: what the files of the school share. */
#ifndef SCHOOL_H
#define SCHOOL_H

#include "routes.h"

/* Where browsers find the page: the first origin of GW_ORIGIN, without a slash at its end. */
const char *school_origin(struct gw_request *req);

/* The folder of the lessons' pictures. */
const char *school_pictures(struct gw_request *req);

/* Deletes the picture of a lesson whose row is gone. */
void school_forget_picture(struct gw_request *req, const struct lessons_row *lesson);

/* How many rows a page of a list shows, by what the query says. Ask for one more: it tells whether
 * there is a next page. */
unsigned school_page_size(struct gw_opt_i64 limit);

/* {"data": [...], "next": ...}: write the rows between the two calls. `next` is the key of the last
 * row that was written, or 0 for null. */
struct gw_writer *school_begin_page(struct gw_request *req);
int school_end_page(struct gw_request *req, struct gw_writer *w, int64_t next);

#endif
