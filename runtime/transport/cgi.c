/* cgi.c: plain CGI (RFC 3875): the environment, standard input and output, one request.
 *
 * The command line is never looked at: some servers turn a query without `=` into arguments. */
#include "request/context.h"
#include "base/clock.h"
#include "transport/transport.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define META_MAX (GW_META_MAX + 1)

struct cgi {
    struct gw_exchange exchange;
    struct gw_meta meta[META_MAX];
    bool taken;
};

extern char **environ;

static int open_transport(struct gw_server *server, int listen_fd, void **ret_state)
{
    struct cgi *cgi = calloc(1, sizeof(*cgi));
    if (!cgi)
        return -ENOMEM;
    for (char **entry = environ; *entry && cgi->exchange.n_meta < META_MAX; entry++) {
        const char *equals = strchr(*entry, '=');
        if (!equals || !strncmp(*entry, "GW_", 3))
            continue;
        struct gw_meta *meta = &cgi->meta[cgi->exchange.n_meta++];
        meta->name = (struct gw_str){*entry, (size_t)(equals - *entry)};
        meta->value = gw_str_from(equals + 1);
    }
    cgi->exchange.meta = cgi->meta;
    *ret_state = cgi;
    return 0;
}

static void close_transport(void *state)
{
    gw_slot_free(((struct cgi *)state)->exchange.slot);
    free(state);
}

static int open_worker(void *state, unsigned worker, void **ret_worker)
{
    *ret_worker = state;
    return 0;
}

static void close_worker(void *worker)
{
}

static int next(void *worker, struct gw_exchange **ret, size_t max, size_t *ret_n)
{
    struct cgi *cgi = worker;
    if (cgi->taken)
        return -ESHUTDOWN;
    cgi->taken = true;
    ret[0] = &cgi->exchange;
    *ret_n = 1;
    return 0;
}

static int wait_for(int fd, short events, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now = gw_now_ns();
        if (now >= deadline_ns)
            return -ETIMEDOUT;
        struct pollfd event = {.fd = fd, .events = events};
        int n = poll(&event, 1, (int)((deadline_ns - now) / 1000000) + 1);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -EPIPE;
    }
}

static ssize_t read_body(struct gw_exchange *exchange, void *buffer, size_t size,
                         uint64_t deadline_ns)
{
    for (;;) {
        int r = wait_for(STDIN_FILENO, POLLIN, deadline_ns);
        if (r)
            return r;
        ssize_t n = read(STDIN_FILENO, buffer, size);
        if (n >= 0 || errno != EINTR)
            return n > 0 ? n : -EPIPE;
    }
}

static int write_out(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    uint64_t deadline = gw_now_ns() + 10000000000ULL;
    for (const char *at = ptr; len;) {
        int r = wait_for(STDOUT_FILENO, POLLOUT, deadline);
        if (r)
            return r;
        ssize_t n = write(STDOUT_FILENO, at, len);
        if (n < 0 && errno != EINTR)
            return -EPIPE;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* The body that nobody read: a server that writes it before it reads our answer would get EPIPE. */
static void drain(void)
{
    char buffer[8192];
    uint64_t deadline = gw_now_ns() + 2000000000ULL;
    for (size_t total = 0; total < (size_t)16 << 20;) {
        if (wait_for(STDIN_FILENO, POLLIN, deadline))
            return;
        ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));
        if (n <= 0)
            return;
        total += (size_t)n;
    }
}

static void finish(struct gw_exchange *exchange, bool cut)
{
    close(STDOUT_FILENO);
    const char *length = getenv("CONTENT_LENGTH");
    if (!cut && length && *length && strcmp(length, "0"))
        drain();
}

const struct gw_transport gw_transport_cgi = {
    .single = true,
    .name = "cgi",
    .open = open_transport,
    .close = close_transport,
    .worker_open = open_worker,
    .worker_close = close_worker,
    .next = next,
    .read = read_body,
    .write = write_out,
    .finish = finish,
};
