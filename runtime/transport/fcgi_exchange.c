/* fcgi_exchange.c: the transport's functions of an exchange: what the dispatcher reads and writes
 * while a connection is its own. */
#include "transport/fcgi_conn.h"
#include "transport/fastcgi.h"

#include <errno.h>
#include <unistd.h>

int gw_fcgi_exchange_body(struct gw_exchange *exchange, uint64_t *ret_len)
{
    const struct gw_fcgi_conn *conn = (struct gw_fcgi_conn *)exchange;
    *ret_len = conn->body.len;
    return conn->spoilt;
}

const struct gw_spool *gw_fcgi_exchange_kept(const struct gw_exchange *exchange)
{
    return &((const struct gw_fcgi_conn *)exchange)->body;
}

ssize_t gw_fcgi_exchange_read(struct gw_exchange *exchange, void *buffer, size_t size)
{
    struct gw_fcgi_conn *conn = (struct gw_fcgi_conn *)exchange;
    return gw_spool_read(&conn->body, buffer, size);
}

int gw_fcgi_conn_put(struct gw_fcgi_conn *conn, const void *ptr, size_t len)
{
    if (conn->mute)
        return 0;
    if (!gw_fcgi_out_fits(&conn->out, len)) {
        int r = gw_fcgi_out_flush(&conn->out, conn->fd);
        if (r && r != -EAGAIN)
            return r;
    }
    return gw_fcgi_out_put_record(&conn->out, conn->fcgi.id, ptr, len);
}

void gw_fcgi_exchange_file(struct gw_exchange *exchange, int file, uint64_t at, uint64_t size)
{
    struct gw_fcgi_conn *conn = (struct gw_fcgi_conn *)exchange;
    if (conn->mute)
        close(file);
    else
        gw_fcgi_out_put_file(&conn->out, conn->fcgi.id, file, at, size);
}

void gw_fcgi_conn_complete(struct gw_fcgi_conn *conn, bool cut, bool ends_itself)
{
    unsigned char end[8 + GW_FCGI_END];
    size_t skipped = conn->mute ? 8 : 0; /* without a response no end of its stream */
    gw_fcgi_header(end, FCGI_STDOUT, conn->fcgi.id, 0);
    gw_fcgi_end(end + 8, conn->fcgi.id, FCGI_REQUEST_COMPLETE);
    conn->cut |= cut;
    if (!conn->cut && !ends_itself &&
        gw_fcgi_out_end(&conn->out, end + skipped, sizeof(end) - skipped))
        conn->cut = true;
    int r = conn->cut ? -EPIPE : gw_fcgi_out_flush(&conn->out, conn->fd);
    if (r && r != -EAGAIN)
        conn->cut = true;
}
