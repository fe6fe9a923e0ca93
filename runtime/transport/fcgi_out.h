/* fcgi_out.h: what a connection has still to send: as much as a reader takes at once lies in
 * memory, what a slow one leaves behind it in a spool, and last comes a file that is sent. */
#ifndef GW_FCGI_OUT_H
#define GW_FCGI_OUT_H

#include "base/spool.h"

#include <stdatomic.h>

#define GW_FCGI_OUT_MAX    (256 * 1024)         /* bytes in memory */
#define GW_FCGI_SPOOL_MAX  ((uint64_t)64 << 20) /* bytes behind them, of one connection */
#define GW_FCGI_SPOOLS_MAX ((uint64_t)1 << 30)  /* the same of all connections */

/* All bytes but `spooled` zero: nothing. */
struct gw_fcgi_out {
    char *ptr;
    size_t len, at, size; /* bytes in memory, and sent of these */
    struct gw_spool spool;
    int file; /* if file_left */
    uint64_t file_at;
    uint64_t file_left;     /* bytes of it that are not framed yet */
    uint16_t file_id;       /* the request that they belong to */
    unsigned char tail[32]; /* what ends the response behind a file */
    size_t tail_len;
    bool slow;     /* the peer has once left something behind: small pieces from then on */
    uint64_t sent; /* bytes, all in all */
    _Atomic uint64_t *spooled; /* bytes in the spools of all connections; the owner sets it */
};

/* Appends. 0; -ENOBUFS: there is no room, and the peer has to read first; -ENOMEM. */
int gw_fcgi_out_put(struct gw_fcgi_out *out, const void *ptr, size_t len);

/* Appends a STDOUT record of at most GW_FCGI_PIECE bytes, whole or not at all. */
#define GW_FCGI_PIECE 32768
int gw_fcgi_out_put_record(struct gw_fcgi_out *out, uint16_t id, const void *ptr, size_t len);

/* Whether such a record finds room in memory. */
bool gw_fcgi_out_fits(const struct gw_fcgi_out *out, size_t len);

/* Appends `size` bytes of a file, from `at` on, as STDOUT of `id`; the descriptor is taken over. */
void gw_fcgi_out_put_file(struct gw_fcgi_out *out, uint16_t id, int file, uint64_t at,
                          uint64_t size);

/* Appends the end of the response, at most 32 bytes: behind the file, if there is one. 0 or as
 * gw_fcgi_out_put. */
int gw_fcgi_out_end(struct gw_fcgi_out *out, const void *ptr, size_t len);

/* Sends what the socket takes, a bounded amount. 0: there is nothing left; -EAGAIN: there is;
 * -EPIPE; -EIO: the file or the spool could not be read, and the response can't be kept. */
int gw_fcgi_out_flush(struct gw_fcgi_out *out, int fd);

static inline bool gw_fcgi_out_is_empty(const struct gw_fcgi_out *out)
{
    return out->at == out->len && out->spool.at >= out->spool.len && !out->file_left;
}

void gw_fcgi_out_reset(struct gw_fcgi_out *out); /* nothing to send; keeps a little memory */
void gw_fcgi_out_free(struct gw_fcgi_out *out);

#endif
