/* uploads.h: how many bytes of forms with files are under way at once, of each client and all. */
#ifndef GW_UPLOADS_H
#define GW_UPLOADS_H

#include "base/magic.h"
#include "generated.h"

struct gw_request;
struct gw_uploads;

/* *ret is NULL where no route takes files. 0 or -ENOMEM. */
int gw_uploads_new(const struct gw_app *app, struct gw_uploads **ret);
void gw_uploads_free(struct gw_uploads *uploads); /* NULL is fine */

/* Before the body of such a route is waited for: counts its bytes until gw_uploads_leave. Where
 * they are too many the request is answered with 503, or 429 where they are its own address's.
 * Nothing if they count already, or the route takes no files. */
void gw_uploads_enter(struct gw_request *req);
void gw_uploads_leave(struct gw_request *req); /* where req->upload_place is not NULL */

/* Whether types are known by contents, and the type of what begins so: 0; GW_E_MISMATCH: what the
 * sender says counts; another result: it is not known. */
bool gw_uploads_know_types(const struct gw_uploads *uploads);
int gw_uploads_type(struct gw_uploads *uploads, const void *ptr, size_t len,
                    char ret[GW_MAGIC_TYPE]);

#endif
