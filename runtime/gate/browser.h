/* browser.h: what the gate does for browsers (docs/design.md, "Cookies"): requests that other sites
 * made them send, and people without a token, who are sent to sign in. */
#ifndef GW_BROWSER_H
#define GW_BROWSER_H

#include <stdbool.h>

struct gw_request;

/* Step 6: an unsafe request that carries one of our cookies, or that may set one, comes from a
 * page of ours, or it is 403. Looks for the cookies. */
void gw_step_csrf(struct gw_request *req);

/* A request that the gate refuses for want of a good token: where its route says `else` and a
 * browser shows the answer to somebody, it is answered with the way there. */
bool gw_browser_is_sent(struct gw_request *req);

#endif
