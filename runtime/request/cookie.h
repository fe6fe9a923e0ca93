/* cookie.h: the cookies of a request, and the one of them that may hold the caller's token. */
#ifndef GW_COOKIE_H
#define GW_COOKIE_H

#include "base/str.h"

#include <stdbool.h>

struct gw_request;

#define GW_COOKIE_MAX 4096 /* bytes of name and value that browsers keep (RFC 6265bis, 5.6) */

/* Of the gate's cookie, with its seconds: RFC 6265bis, 5.7; Lax, so that a link of another site
 * finds whoever follows it signed in and a form of another site does not. */
#define GW_COOKIE_ATTRIBUTES "Path=/; Max-Age=%" PRId64 "; SameSite=Lax; HttpOnly; Secure"

/* Looks for the gate's cookie, which the application declares: sets req->cookie, its value as it
 * was sent, and req->n_cookies. Allocates nothing, so that nothing can hide one. */
void gw_cookie_find(struct gw_request *req);

/* Sets the gate's cookie in the answer, in place of one set before, for `seconds`; 0: ends it.
 * -ENOMEM, or -EINVAL where the answer has begun or has too many fields. */
int gw_cookie_put(struct gw_request *req, const char *value, int64_t seconds);

/* Whether the Set-Cookie field is about the gate's cookie. */
bool gw_cookie_is_ours(const struct gw_request *req, struct gw_str field);

#endif
