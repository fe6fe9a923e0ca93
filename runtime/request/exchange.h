/* exchange.h: "give me the next request, take its response".
 *
 * A transport turns bytes of a web server into exchanges and back. It knows nothing of routes or
 * tokens. A worker thread asks for a batch of exchanges; several at once is the normal case of the
 * interface, and the blocking transports give batches of one. */
#ifndef GW_EXCHANGE_H
#define GW_EXCHANGE_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct gw_server;
struct gw_exchange;
struct gw_pace;
struct gw_spool;

#define GW_META_MAX 512 /* variables of a request; a transport keeps one more, which refuses it */

/* A CGI meta-variable (RFC 3875, 4.1) as the web server sent it; not NUL-checked yet. */
struct gw_meta {
    struct gw_str name, value;
};

/* Whether a body is there to be read to its end: a server that hands on a chunked body gives no
 * Content-Length (Apache), or -1 (Caddy). */
static inline bool gw_length_is_unknown(struct gw_str length, struct gw_str transfer_encoding)
{
    return length.len ? gw_str_equal(length, GW_STR("-1")) : transfer_encoding.len != 0;
}

struct gw_slot;

/* How far the dispatcher has brought an exchange. */
enum gw_stage {
    GW_STAGE_NEW,
    GW_STAGE_GATED, /* the first half is done and the row is loaded */
};

/* One request under way. A transport's own structure begins with this. All memory belongs to the
 * transport and stays until `finish`. */
struct gw_exchange {
    const struct gw_meta *meta;
    size_t n_meta;
    int failed;      /* 0, or why the request did not arrive: never serve it. -EMSGSIZE: a bound was
                        exceeded; -EPROTO, -ECONNABORTED, -EPIPE, -ETIMEDOUT as for `body` */
    bool authorizer; /* the FastCGI role: only whether the request is admitted is asked */
    bool body_waits; /* the body has not arrived: if a handler needs it, `park` the exchange */
    bool length_unknown; /* see gw_length_is_unknown */
    bool queued;         /* it has been in the queue */
    uint64_t body_limit; /* the dispatcher's: bytes of a body whose length is unknown */
    uint64_t until_ns;   /* the dispatcher's: when it must be over, both ways; 0: no such time, and
                            the rule of progress alone holds */
    enum gw_stage stage;
    struct gw_slot *slot; /* the dispatcher's memory for it; kept for the next exchange in this
                             place, freed by gw_slot_free */
};

struct gw_transport {
    const char *name;
    bool single; /* the process answers one request, on the thread that started it, and ends */

    /* Once per process, before workers start; `listen_fd` is -1 where there is no socket. */
    int (*open)(struct gw_server *server, int listen_fd, void **ret_state);
    void (*close)(void *state);

    /* Once per worker, on its thread. */
    int (*worker_open)(void *state, unsigned worker, void **ret_worker);
    void (*worker_close)(void *worker);

    /* Waits for requests. 0: `*ret_n` (1 to max) exchanges, new ones or such that were parked or
     * left to others; -ESHUTDOWN: the server is stopping and there is nothing more to serve. Other
     * failures are dealt with inside. */
    int (*next)(void *worker, struct gw_exchange **ret, size_t max, size_t *ret_n);

    /* Waits until the whole body is here, and gives its length; `read` then waits for nothing.
     * Negative errno: -EPIPE the peer went away or sent less than it announced, -ECONNABORTED it
     * has aborted the request, -EPROTO it broke the protocol, -ETIMEDOUT, -EFBIG more than
     * `body_limit`, or what keeping it failed with. NULL: `read` waits. */
    int (*body)(struct gw_exchange *exchange, uint64_t *ret_len);

    /* Where `body` has kept it, until `finish`. NULL where that is NULL. */
    const struct gw_spool *(*kept)(const struct gw_exchange *exchange);

    /* Reads up to `size` bytes of the body. 0 at its end; -EPIPE, -ETIMEDOUT. */
    ssize_t (*read)(struct gw_exchange *exchange, void *buffer, size_t size);

    /* Writes response bytes in CGI form (RFC 3875, 6): "Status: ..." and header lines ended by
     * CRLF, an empty line, the body. May buffer until finish. 0, -EPIPE or -ETIMEDOUT; -ENOBUFS:
     * the peer reads too slowly, and nobody can wait for it. */
    int (*write)(struct gw_exchange *exchange, const void *ptr, size_t len);

    /* Sends `size` bytes of a file, from `at` on, behind what was written, and takes the descriptor
     * over. Nothing is written afterwards. NULL: there is `write` alone. */
    void (*file)(struct gw_exchange *exchange, int file, uint64_t at, uint64_t size);

    /* Ends the exchange, which is gone afterwards. `cut`: break the connection instead of ending
     * the response, so that the peer sees it as incomplete. */
    void (*finish)(struct gw_exchange *exchange, bool cut);

    /* The four below may be NULL, all together: the transport then serves one exchange at a time
     * and its workers hold up nobody. */

    /* Keeps the exchange until its body has arrived; `next` gives it again. */
    void (*park)(struct gw_exchange *exchange);

    /* Around anything that may take long. While a worker is held there, another may take over its
     * other connections, and `rest`: the exchanges of its batch that it has not begun with. `pace`:
     * of the route whose handler it is in, to be told then; NULL: it is in none. */
    void (*hold)(void *worker, struct gw_exchange *const *rest, size_t n, struct gw_pace *pace);
    /* `now_ns`: when it ended, CLOCK_MONOTONIC. `in_handler_ns`: how long a handler took; 0, it was
     * something else. False: the rest is no longer this worker's. */
    bool (*release)(void *worker, uint64_t now_ns, uint64_t in_handler_ns);

    /* Before a handler that is known to take long: true if the exchange was handed to a spare
     * worker, or queued for the next one that is; it comes again there by `next`. *ret_full: there
     * is no room, it must be refused. False without it: do it here. `writes`: it may, and is not to
     * keep the last spare workers from what only reads. */
    bool (*queue)(void *worker, struct gw_exchange *exchange, bool writes, bool *ret_full);
};

#endif
