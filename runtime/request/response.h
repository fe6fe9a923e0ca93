/* response.h: the response while it is being built; sent once by the dispatcher, or streamed. */
#ifndef GW_RESPONSE_H
#define GW_RESPONSE_H

#include "base/str.h"

struct gw_request;
struct gw_faults;

#define GW_RESPONSE_HEADERS_MAX 64

struct gw_response_header {
    struct gw_str name, value;
};

struct gw_response {
    int status; /* 0: none set yet */
    size_t n_headers;
    struct gw_str type; /* ptr NULL: none */
    struct gw_str body;
    int file; /* >= 0: the body is this file's `file_size` bytes; closed when sent */
    uint64_t file_size, file_at;         /* from there */
    const char *file_tag;                /* of a gw_file, whoever sends it; NULL: none */
    struct gw_response_header by_server; /* whom it tells to send the file; name.ptr NULL: nobody */
    bool streaming;                      /* the head is sent */
    bool broken;       /* a header was refused: answered with 500 whatever follows */
    bool cut;          /* the connection must be broken: the response is incomplete */
    bool issued_token; /* it may carry a token: never cached */
    bool conditional;  /* gw_etag was called */
    uint64_t bytes;    /* of the body, sent so far */
    struct gw_response_header headers[GW_RESPONSE_HEADERS_MAX];
};

/* The first header of that name, in any case, that was set; NULL: none was. */
const struct gw_response_header *gw_response_header(const struct gw_response *response,
                                                    struct gw_str name);

/* Before anything is set. */
void gw_response_init(struct gw_request *req);

/* Forgets what was set so far, headers too. */
void gw_response_reset(struct gw_request *req);

/* Sets a problem document that lists faults (NULL: none). 0 or -ENOMEM. */
int gw_response_problem(struct gw_request *req, int status, const struct gw_faults *faults,
                        const char *detail);

/* Sets a JSON answer whose text lives in the request's arena: it is not copied. */
int gw_response_json(struct gw_request *req, int status, struct gw_str text);

/* Gives a response that wants it its entity tag, and makes it a 304 where the client has it. 0 or
 * -ENOMEM. */
int gw_response_condition(struct gw_request *req);

/* Writes the whole response, or ends a streamed one. A response that cannot be built becomes a bare
 * 500. */
void gw_response_send(struct gw_request *req);

/* The entity tag of a file: a hash of where it lies, its size and its times, so that a file put in
 * its place has another, also one of the same size and age. NULL when memory is short. */
struct stat;
const char *gw_etag_of_file(struct gw_request *req, const struct stat *st);

/* Makes a whole answer of a file that the program sends the part that `Range` asks for (RFC 9110,
 * 14.2): 206, or 416. One range of bytes; what else it may ask for is answered whole. -ENOMEM. */
int gw_response_range(struct gw_request *req);

#endif
