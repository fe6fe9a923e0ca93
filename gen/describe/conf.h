/* conf.h: the configurations of web servers, one function each. */
#ifndef GEN_CONF_H
#define GEN_CONF_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seconds that a connection to a program may take: a lost packet is sent again after one. */
#define CONF_CONNECT_SECONDS 2

/* Seconds that a server waits until it can write on to a client. It hears of one that reads only
 * when a third of the socket's buffer is gone, which is up to 4 MB: 280 seconds at 5 kB/s. */
#define CONF_WRITE_SECONDS 300

/* Where one program listens. */
struct conf_socket {
    const char *path;        /* NULL: by TCP, */
    const char *host, *port; /* there */
};

/* `rate ... by address` on a route that is told from others by its path alone. The program counts
 * exactly; the server refuses what is beyond anything that the program could admit. */
struct conf_rate {
    const char *methods; /* "GET|HEAD" */
    const char *path;    /* with the mount; of letters, digits and "-._~/" */
    uint32_t most, seconds;
};

struct conf {
    const struct conf_socket *sockets; /* of one program on each of several machines, say */
    size_t n_sockets;
    const struct tree *tree;
    const char *socket, *port, *address, *program, *state, *user;
    const char *group;            /* the web server's, which may connect to the unit's socket */
    const char *unit;             /* what the program is called: its file's name */
    const char *host, *host_port; /* the first one's TCP address; NULL: `socket` is a path */
    const char *listen;           /* what the program's GW_LISTEN holds; of several, all of them */
    const char *files;            /* NULL: none */
    const char *dev;              /* the socket of `gatewright dev`, for /-/dev; NULL: none */
    const char *guard;            /* a folder of static files that the program guards; NULL: none */
    const char *mount;            /* "" or "/x" */
    uint64_t limit;               /* bytes of a body that reach the program */
    const struct conf_rate *rates;
    size_t n_rates;
    bool counts_more; /* there are rates by address that are not among them */
    bool keep;        /* the program keeps connections open */
    unsigned timeout; /* seconds that the program may take */
};

/* `limit` is beyond what routes take, so that the program's own answer, a problem document, says
 * that a body is too large; the server's is only a second fence. */
void conf_nginx(const struct conf *conf, struct text *to);
void conf_lighttpd(const struct conf *conf, struct text *to);
void conf_apache(const struct conf *conf, struct text *to);
void conf_caddy(const struct conf *conf, struct text *to);
void conf_haproxy(const struct conf *conf, struct text *to);
void conf_systemd(const struct conf *conf, struct text *to);

#endif
