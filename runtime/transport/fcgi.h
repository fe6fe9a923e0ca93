/* fcgi.h: the FastCGI 1.0 protocol as records, without sockets.
 *
 * A reader takes bytes as they come, cut anywhere, and tells of one request at a time (no
 * multiplexing: FCGI_MPXS_CONNS is 0). Everything it keeps is bounded. Constants are those of
 * <fastcgi.h>. */
#ifndef GW_FCGI_H
#define GW_FCGI_H

#include "transport/transport.h"

#include <stdbool.h>

#define GW_FCGI_PARAMS_MAX (128 * 1024) /* bytes of a request's parameters */
#define GW_FCGI_META_MAX   (GW_META_MAX + 1)
#define GW_FCGI_VALUES_MAX 1024        /* bytes of a GET_VALUES record */
#define GW_FCGI_STRAY_MAX  (64 * 1024) /* bytes that belong to no request, between two requests */

/* What a reader tells of. Each may be NULL but `body`. A non-zero result stops the reading and is
 * handed on. */
struct gw_fcgi_events {
    int (*body)(void *data, const void *ptr, size_t len);  /* bytes of STDIN */
    int (*reply)(void *data, const void *ptr, size_t len); /* a record to be sent back */
};

enum gw_fcgi_phase {
    GW_FCGI_IDLE,   /* between requests */
    GW_FCGI_PARAMS, /* BEGIN_REQUEST came */
    GW_FCGI_STDIN,  /* the parameters are complete */
    GW_FCGI_DONE,   /* STDIN has ended, too */
};

struct gw_fcgi {
    enum gw_fcgi_phase phase;
    uint16_t id;     /* of the request under way */
    bool keep;       /* FCGI_KEEP_CONN */
    bool authorizer; /* the role: such a request has no STDIN (specification, 6.3) */
    bool aborted;
    bool overflow; /* the parameters exceeded a bound or were malformed */
    unsigned char header[8];
    unsigned header_len;
    uint32_t content_left, padding_left;
    unsigned char small[GW_FCGI_VALUES_MAX]; /* content of a record that is read whole */
    uint32_t small_len;
    size_t stray;
    char *params;
    size_t params_len, params_size;
    struct gw_meta *meta; /* into params */
    size_t n_meta, meta_size;
};

/* Takes bytes until they are used up, or the request's parameters or its STDIN are complete: look
 * at `phase` then, and come again with the rest. *ret_used bytes were taken. -EPROTO: the peer does
 * not speak FastCGI or exceeds a bound: close. -ENOMEM. Otherwise what an event gave. */
int gw_fcgi_read(struct gw_fcgi *reader, const struct gw_fcgi_events *events, void *data,
                 const void *ptr, size_t len, size_t *ret_used);

/* Ready for the next request on the connection. */
void gw_fcgi_next(struct gw_fcgi *reader);
void gw_fcgi_free(struct gw_fcgi *reader);

/* Writes a record's header to `ret`. `len` is at most 65535. */
void gw_fcgi_header(unsigned char ret[8], unsigned type, uint16_t id, size_t len);

/* The end of a response: an empty STDOUT and END_REQUEST, 24 bytes. */
#define GW_FCGI_END 24
void gw_fcgi_end(unsigned char ret[GW_FCGI_END], uint16_t id);

#endif
