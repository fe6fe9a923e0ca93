/* cookie.h: the cookies of a request, and those of them that may hold tokens: the access cookie,
 * and where sessions have cookies the refresh cookie. */
#ifndef GW_COOKIE_H
#define GW_COOKIE_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct gw_request;
struct gw_session;
struct gw_table;
struct gw_text;

#define GW_COOKIE_MAX 4096 /* bytes of name and value that browsers keep (RFC 6265bis, 5.6) */

/* Looks for our cookies, which the application declares: sets req->access_cookie and
 * req->refresh_cookie. Allocates nothing, so that nothing can hide one. */
void gw_cookie_find(struct gw_request *req);

/* Sets the access cookie in the answer, in place of one set before, for `seconds`. -ENOMEM, or
 * -EINVAL where the answer has begun, has too many fields, or browsers would not keep it. */
int gw_cookie_put(struct gw_request *req, const char *token, int64_t seconds);

/* The same with both cookies of a session of `table`; those of other entities' sessions end. */
int gw_cookie_put_session(struct gw_request *req, const struct gw_table *table,
                          const struct gw_session *session);

/* Ends all of our cookies. */
int gw_cookie_end_all(struct gw_request *req);

/* Whether the Set-Cookie field is about one of our cookies. */
bool gw_cookie_is_ours(const struct gw_request *req, struct gw_str field);

/* Writes what ends the cookies that are no good (req->clears_cookie, req->clears_cookies), but for
 * those that the answer sets. */
void gw_cookie_write_ends(struct gw_text *head, const struct gw_request *req);

#endif
