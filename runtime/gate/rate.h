/* rate.h: how many requests in which time (`rate` of routes.def), counted in the memory that all
 * workers share. */
#ifndef GW_RATE_H
#define GW_RATE_H

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

#endif
