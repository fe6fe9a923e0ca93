/* steps.h: the checks of a request, in the order in which the first failure answers. */
#ifndef GW_STEPS_H
#define GW_STEPS_H

/* RFC 6750, 3: the scheme "MUST be followed by one or more auth-param values". */
#define GW_CHALLENGE "Bearer realm=\"gatewright\""

#include <stdbool.h>
#include <stddef.h>

struct gw_request;

/* A step lets the request through, or sets the response and req->answered. */
typedef void gw_step(struct gw_request *req);

/* Up to the verified token. */
struct gw_timed_step {
    gw_step *run;
    int phase; /* enum gw_phase */
};
extern const struct gw_timed_step gw_first_half[];
extern const size_t gw_n_first_half;

/* The gate's end, once rows are loaded: `result` and `row` as in struct gw_load. */
void gw_step_row(struct gw_request *req, int result, void *row);

/* The deny-list's answer about the token: 0 it is on it, GW_E_NOT_FOUND, or a negative errno. */
void gw_step_denied(struct gw_request *req, int result);

/* From `own` to the body, and then from its content to the handler. */
extern const struct gw_timed_step gw_second_half[];
extern const size_t gw_n_second_half;
extern const struct gw_timed_step gw_last_steps[];
extern const size_t gw_n_last_steps;

/* Between the two: looks at the token anew where the body arrived more than 5 s after the request.
 * True: it did, and the row (if req->needs_row) and `own` are to be asked for again. */
bool gw_step_token_again(struct gw_request *req);
gw_step gw_step_owned;

/* The same where only admission is asked: `own`, and 200. */
extern const struct gw_timed_step gw_second_half_admit[];
extern const size_t gw_n_second_half_admit;

/* The application's handler. */
gw_step gw_step_handler;

/* 200, and who is admitted. */
gw_step gw_step_admit;

/* Turns an answer into one that nginx's auth_request understands. */
void gw_step_auth_request(struct gw_request *req);

#endif
