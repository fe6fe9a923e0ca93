/* media.h: the media type and the coding of a body. */
#ifndef GW_MEDIA_H
#define GW_MEDIA_H

struct gw_request;

/* Refuses (415, with what is taken instead) a body of another media type than its route's, or one
 * with a Content-Encoding. */
void gw_media_check(struct gw_request *req);

#endif
