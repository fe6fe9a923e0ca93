/* response.h: the response while it is being built; sent once by the dispatcher, or streamed. */
#ifndef GW_RESPONSE_H
#define GW_RESPONSE_H

#include "str.h"

struct gw_request;

#define GW_RESPONSE_HEADERS_MAX 64

struct gw_response_header {
    struct gw_str name, value;
};

struct gw_response {
    int status; /* 0: none set yet */
    struct gw_response_header headers[GW_RESPONSE_HEADERS_MAX];
    size_t n_headers;
    struct gw_str type;
    struct gw_str body;
    bool streaming; /* headers are sent */
    bool broken;    /* a header was refused: answered with 500 whatever follows */
    bool problem;   /* the body is a problem document */
    uint64_t bytes; /* of the body, sent so far */
};

/* Forgets what was set so far (headers too). */
void gw_response_reset(struct gw_request *req);

/* A problem document with the list of faults. */
struct gw_faults;
int gw_response_problem(struct gw_request *req, int status, const struct gw_faults *faults,
                        const char *detail);

/* Renders and writes the whole response (nothing for one already streamed). HEAD sends no body. */
int gw_response_send(struct gw_request *req);

/* The reason phrase of a status code (RFC 9110, 15); "Unknown" where there is none. */
const char *gw_status_phrase(int status);

#endif
