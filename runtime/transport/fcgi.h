/* fcgi.h: the FastCGI 1.0 protocol as records, without sockets and without requests.
 *
 * A reader takes bytes as they come, cut anywhere, and tells of one thing at a time. What a thing
 * means for the request under way, fcgi_state.c says. Everything that is kept is bounded. Constants
 * are those of fastcgi.h. */
#ifndef GW_FCGI_H
#define GW_FCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_FCGI_VALUES_MAX 1024 /* bytes of a GET_VALUES record */

enum gw_fcgi_kind {
    GW_FCGI_NOTHING,    /* the bytes are used up */
    GW_FCGI_BEGIN,      /* id, role, keep */
    GW_FCGI_ABORT,      /* of the request under way, as are the next four */
    GW_FCGI_PARAMS,     /* ptr, len: never empty */
    GW_FCGI_PARAMS_END, /* the stream's empty record */
    GW_FCGI_STDIN,      /* ptr, len: never empty */
    GW_FCGI_STDIN_END,
    GW_FCGI_VALUES,  /* GET_VALUES; ptr, len: its content */
    GW_FCGI_UNKNOWN, /* a type that we do not know: `type` */
    GW_FCGI_STRAY,   /* a record of no request that is under way, or DATA; len: its content's */
    GW_FCGI_BROKEN,  /* not FastCGI, or beyond a bound: nothing after it can be understood */
};

struct gw_fcgi_record {
    enum gw_fcgi_kind kind;
    uint16_t id;
    unsigned type, role;
    bool keep;
    const unsigned char *ptr; /* into what was given, or into the reader */
    size_t len;
};

/* All bytes zero: at the beginning of a record, and no request under way. */
struct gw_fcgi {
    uint16_t id; /* of the request under way; 0: none. Its owner's to set */
    unsigned char header[8];
    unsigned header_len; /* 0: between two records */
    uint32_t content_left, padding_left;
    unsigned char small[GW_FCGI_VALUES_MAX]; /* content of a record that is read whole */
    uint32_t small_len;
};

/* Takes bytes up to the next thing to tell: the number taken, which is `len` for GW_FCGI_NOTHING
 * and never 0 otherwise. */
size_t gw_fcgi_read(struct gw_fcgi *reader, const void *ptr, size_t len,
                    struct gw_fcgi_record *ret);

/* Writes a record's header to `ret`. `len` is at most 65535. */
void gw_fcgi_header(unsigned char ret[8], unsigned type, uint16_t id, size_t len);

/* An END_REQUEST record with a protocol status of fastcgi.h. */
#define GW_FCGI_END 16
void gw_fcgi_end(unsigned char ret[GW_FCGI_END], uint16_t id, unsigned protocol_status);

/* An UNKNOWN_TYPE record. */
void gw_fcgi_unknown(unsigned char ret[16], unsigned type);

/* The answer to GET_VALUES (specification, 4.1): each variable that we know once, however often it
 * was named. Its length; 0: the content is malformed. */
#define GW_FCGI_ANSWER_MAX 136
size_t gw_fcgi_values(const void *content, size_t len, unsigned char ret[GW_FCGI_ANSWER_MAX]);

#endif
