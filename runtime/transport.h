/* transport.h: "give me the next request, take its response".
 *
 * A transport turns bytes of a web server into exchanges and back. It knows nothing of routes or
 * tokens. A worker thread asks for a batch of exchanges; several at once is the normal case of the
 * interface, and the blocking transports give batches of one. */
#ifndef GW_TRANSPORT_H
#define GW_TRANSPORT_H

#include "str.h"

#include <stdint.h>
#include <sys/types.h>

struct gw_server;
struct gw_exchange;

/* A CGI meta-variable (RFC 3875, 4.1) as the web server sent it; not NUL-checked yet. */
struct gw_meta {
    struct gw_str name, value;
};

/* One request under way. A transport's own structure begins with this. All memory belongs to the
 * transport and stays until `finish`. */
struct gw_exchange {
    const struct gw_meta *meta;
    size_t n_meta;
    bool truncated; /* the parameters did not arrive whole, or a bound was exceeded: never serve it
                     */
};

struct gw_transport {
    const char *name;

    /* Once per process, before workers start; `listen_fd` is -1 where there is no socket. */
    int (*open)(struct gw_server *server, int listen_fd, void **ret_state);
    void (*close)(void *state);

    /* Once per worker, on its thread. */
    int (*worker_open)(void *state, unsigned worker, void **ret_worker);
    void (*worker_close)(void *worker);

    /* Waits for requests. 0: `*ret_n` (1 to max) exchanges; -ESHUTDOWN: the server is stopping and
     * there is nothing more to serve. Other failures are dealt with inside. */
    int (*next)(void *worker, struct gw_exchange **ret, size_t max, size_t *ret_n);

    /* Reads up to `size` bytes of the body. 0 at its end; negative errno: -EPIPE the peer went away
     * or sent less than it announced, -ETIMEDOUT. `deadline_ns` is CLOCK_MONOTONIC. */
    ssize_t (*read)(struct gw_exchange *exchange, void *buffer, size_t size, uint64_t deadline_ns);

    /* Writes response bytes in CGI form (RFC 3875, 6): "Status: ..." and header lines ended by
     * CRLF, an empty line, the body. May buffer until finish. 0, -EPIPE or -ETIMEDOUT. */
    int (*write)(struct gw_exchange *exchange, const void *ptr, size_t len);

    /* Ends the exchange, which is gone afterwards. `cut`: break the connection instead of ending
     * the response, so that the peer sees it as incomplete. */
    void (*finish)(struct gw_exchange *exchange, bool cut);
};

extern const struct gw_transport gw_transport_libfcgi;
extern const struct gw_transport gw_transport_cgi;
extern const struct gw_transport gw_transport_memory;

#endif
