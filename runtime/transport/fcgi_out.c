/* fcgi_out.c: see fcgi_out.h.
 *
 * The spool is filled at its end while its beginning is sent, and gives its room back once all of
 * it was. What all connections together have in spools is bounded, too. */
#include "transport/fcgi_out.h"

#include "transport/fcgi.h"
#include "transport/fastcgi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SMALLEST     4096
#define KEPT         32768
#define SLOW_PIECE   4096 /* unix(7): room comes back only for a piece that was read whole */
#define SENT_AT_ONCE ((size_t)1 << 20)

/* Makes room in memory for `len` more bytes, which is not there now. */
static int make_room(struct gw_fcgi_out *out, size_t len)
{
    if (out->at) {
        memmove(out->ptr, out->ptr + out->at, out->len - out->at);
        out->len -= out->at;
        out->at = 0;
    }
    if (out->size - out->len >= len)
        return 0;
    size_t size = out->size ? out->size : SMALLEST;
    while (size - out->len < len)
        size *= 2;
    char *larger = realloc(out->ptr, size);
    if (!larger)
        return -ENOMEM;
    out->ptr = larger;
    out->size = size;
    return 0;
}

static int put_memory(struct gw_fcgi_out *out, const void *ptr, size_t len)
{
    if (out->size - out->len < len && make_room(out, len))
        return -ENOMEM;
    memcpy(out->ptr + out->len, ptr, len);
    out->len += len;
    return 0;
}

static bool has_spooled(const struct gw_fcgi_out *out)
{
    return out->spool.at < out->spool.len;
}

static void reset_spool(struct gw_fcgi_out *out)
{
    if (!out->spool.len && !out->spool.has_file)
        return;
    atomic_fetch_sub_explicit(out->spooled, out->spool.len, memory_order_relaxed);
    gw_spool_reset(&out->spool);
}

static int put_spool(struct gw_fcgi_out *out, const void *ptr, size_t len)
{
    uint64_t before = out->spool.len;
    int r = gw_spool_write(&out->spool, ptr, len);
    if (r) /* what was written of it is not there: the next one goes where this one should have */
        out->spool.len = before;
    else
        atomic_fetch_add_explicit(out->spooled, len, memory_order_relaxed);
    return r && r != -ENOMEM ? -ENOBUFS : r;
}

static bool fits_in_memory(const struct gw_fcgi_out *out, size_t len)
{
    return !has_spooled(out) && out->len - out->at + len <= GW_FCGI_OUT_MAX;
}

bool gw_fcgi_out_fits(const struct gw_fcgi_out *out, size_t len)
{
    return fits_in_memory(out, 8 + len);
}

static bool fits_in_spool(const struct gw_fcgi_out *out, size_t len)
{
    return out->spool.len + len <= GW_FCGI_SPOOL_MAX &&
           atomic_load_explicit(out->spooled, memory_order_relaxed) + len <= GW_FCGI_SPOOLS_MAX;
}

int gw_fcgi_out_put(struct gw_fcgi_out *out, const void *ptr, size_t len)
{
    if (fits_in_memory(out, len))
        return put_memory(out, ptr, len);
    return fits_in_spool(out, len) ? put_spool(out, ptr, len) : -ENOBUFS;
}

static int put_record_in_memory(struct gw_fcgi_out *out, uint16_t id, const void *ptr, size_t len)
{
    if (out->size - out->len < 8 + len && make_room(out, 8 + len))
        return -ENOMEM;
    gw_fcgi_header((unsigned char *)out->ptr + out->len, FCGI_STDOUT, id, len);
    memcpy(out->ptr + out->len + 8, ptr, len);
    out->len += 8 + len;
    return 0;
}

int gw_fcgi_out_put_record(struct gw_fcgi_out *out, uint16_t id, const void *ptr, size_t len)
{
    unsigned char header[8];
    uint64_t before = out->spool.len;
    if (fits_in_memory(out, sizeof(header) + len))
        return put_record_in_memory(out, id, ptr, len);
    if (!fits_in_spool(out, sizeof(header) + len))
        return -ENOBUFS;
    gw_fcgi_header(header, FCGI_STDOUT, id, len);
    int r = put_spool(out, header, sizeof(header));
    if (!r && (r = put_spool(out, ptr, len))) {
        atomic_fetch_sub_explicit(out->spooled, sizeof(header), memory_order_relaxed);
        out->spool.len = before;
    }
    return r;
}

void gw_fcgi_out_put_file(struct gw_fcgi_out *out, uint16_t id, int file, uint64_t at,
                          uint64_t size)
{
    out->file = file;
    out->file_at = at;
    out->file_left = size;
    out->file_id = id;
    if (!size)
        close(file);
}

int gw_fcgi_out_end(struct gw_fcgi_out *out, const void *ptr, size_t len)
{
    if (!out->file_left)
        return gw_fcgi_out_put(out, ptr, len);
    memcpy(out->tail, ptr, len);
    out->tail_len = len;
    return 0;
}

/* ---- Sending -------------------------------------------------------------------------------- */

static ssize_t read_some(int file, void *buffer, size_t size, uint64_t at)
{
    ssize_t n;
    do
        n = pread(file, buffer, size, (off_t)at);
    while (n < 0 && errno == EINTR);
    return n;
}

/* The memory is sent: puts the next piece of the file into it, and what comes behind the last. */
static int refill_from_file(struct gw_fcgi_out *out)
{
    char piece[GW_FCGI_PIECE];
    unsigned char header[8];
    size_t wanted = out->file_left < sizeof(piece) ? (size_t)out->file_left : sizeof(piece);
    ssize_t n = read_some(out->file, piece, wanted, out->file_at);
    if (n <= 0) /* it shrank under us: the announced length can't be kept */
        return -EIO;
    gw_fcgi_header(header, FCGI_STDOUT, out->file_id, (size_t)n);
    int r = put_memory(out, header, sizeof(header));
    if (!r)
        r = put_memory(out, piece, (size_t)n);
    out->file_at += (uint64_t)n;
    out->file_left -= (uint64_t)n;
    if (out->file_left)
        return r;
    close(out->file);
    if (!r)
        r = put_memory(out, out->tail, out->tail_len);
    out->tail_len = 0;
    return r;
}

static int refill(struct gw_fcgi_out *out)
{
    char piece[GW_FCGI_PIECE];
    out->at = out->len = 0;
    if (!has_spooled(out))
        return out->file_left ? refill_from_file(out) : 0;
    ssize_t n = gw_spool_read(&out->spool, piece, sizeof(piece));
    int r = n > 0 ? put_memory(out, piece, (size_t)n) : -EIO;
    if (!has_spooled(out))
        reset_spool(out);
    return r;
}

static int send_piece(struct gw_fcgi_out *out, int fd, size_t *ret_sent)
{
    size_t left = out->len - out->at;
    if (out->slow && left > SLOW_PIECE)
        left = SLOW_PIECE;
    ssize_t n = send(fd, out->ptr + out->at, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR)
        return 0;
    if (n < 0 && errno != EAGAIN)
        return -EPIPE;
    if (n < 0) {
        out->slow = true;
        return -EAGAIN;
    }
    out->at += (size_t)n;
    out->sent += (size_t)n;
    *ret_sent += (size_t)n;
    return 0;
}

int gw_fcgi_out_flush(struct gw_fcgi_out *out, int fd)
{
    size_t sent = 0;
    int r = 0;
    while (!r && sent < SENT_AT_ONCE && !gw_fcgi_out_is_empty(out))
        r = out->at < out->len ? send_piece(out, fd, &sent) : refill(out);
    if (r)
        return r == -ENOMEM ? -EIO : r;
    if (!gw_fcgi_out_is_empty(out))
        return -EAGAIN;
    out->at = out->len = 0;
    return 0;
}

void gw_fcgi_out_reset(struct gw_fcgi_out *out)
{
    if (out->file_left)
        close(out->file);
    out->file_left = 0;
    out->tail_len = out->len = out->at = 0;
    out->slow = false;
    reset_spool(out);
    if (out->size > KEPT) { /* one large answer is no reason to hold that much for ever */
        free(out->ptr);
        out->ptr = NULL;
        out->size = 0;
    }
}

void gw_fcgi_out_free(struct gw_fcgi_out *out)
{
    gw_fcgi_out_reset(out);
    gw_spool_free(&out->spool);
    free(out->ptr);
    out->ptr = NULL;
    out->size = 0;
}
