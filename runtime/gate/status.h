/* status.h: the pages beneath GW_STATUS_PATH: ping, status (text, or JSON with ?json), metrics
 * (OpenMetrics 1.0).
 *
 * They are never public: whoever asks must show GW_STATUS_TOKEN as a bearer token. Without it the
 * answer is that of a path which is not there. */
#ifndef GW_STATUS_H
#define GW_STATUS_H

#include <stdbool.h>

struct gw_request;
struct gw_server;

/* The status path must not lie where a route does. -EINVAL with *ret_why (in the server's
 * arena). */
int gw_status_check(struct gw_server *server, const char **ret_why);

/* Whether the request's path lies beneath GW_STATUS_PATH. */
bool gw_status_has(const struct gw_request *req);

/* Sets the page. GW_E_NOT_FOUND: there is none of that name; GW_E_MISMATCH: the token is not there
 * or not the right one; -ENOMEM. */
int gw_status_answer(struct gw_request *req);

#endif
