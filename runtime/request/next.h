/* next.h: where somebody wanted to go who was sent to sign in: a page of this program, or nowhere.
 * What a client sends as `next` is believed in one spelling only (gw_next in gatewright.h). */
#ifndef GW_NEXT_H
#define GW_NEXT_H

struct gw_request;

#define GW_NEXT_MAX 2048 /* bytes of path and query */

/* This request's path and query, less what is called `auth` in it, percent-encoded to stand behind
 * `?next=`. *ret is NULL where gw_next would not give it back. 0 or -ENOMEM. */
int gw_next_make(struct gw_request *req, const char **ret);

#endif
