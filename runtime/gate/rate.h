/* rate.h: how many requests in which time (`rate` of routes.def), counted in the memory that all
 * workers share, or in the store (`shared`). */
#ifndef GW_RATE_H
#define GW_RATE_H

#include <stdbool.h>

struct gw_app;
struct gw_rates;
struct gw_request;

/* *ret is NULL where no route has a limit. 0, -ENOMEM, or -EIO: there is no randomness. */
int gw_rates_new(const struct gw_app *app, struct gw_rates **ret);
void gw_rates_free(struct gw_rates *rates); /* NULL is fine */

/* Steps: 429 with Retry-After and the fields of draft-ietf-httpapi-ratelimit-headers-10. By address
 * before anything is looked at that the route asks for; by caller behind the token; by a member of
 * the body as soon as that is read. */
void gw_step_rate_address(struct gw_request *req);
void gw_step_rate_caller(struct gw_request *req);
void gw_step_rate_body(struct gw_request *req);

/* Whether a step of the first half asks the store for the request alone: others need not wait for
 * that. */
bool gw_rate_asks(const struct gw_request *req, void (*step)(struct gw_request *req));

#endif
