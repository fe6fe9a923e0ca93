/* media.h: the media type and the coding of a body. */
#ifndef GW_MEDIA_H
#define GW_MEDIA_H

struct gw_request;
struct gw_route;

/* Refuses (415, with what is taken instead) a body of another media type than its route's, or one
 * with a Content-Encoding. Again when the body is there, if its length was not known before: one
 * that may be left out is none where it has no bytes, whatever its type. */
void gw_media_check(struct gw_request *req);

/* The media types of the route's body, with commas between, in the request's memory; "": any, or it
 * has none. NULL: memory is short. */
const char *gw_media_accepted(struct gw_request *req, const struct gw_route *route);

#endif
