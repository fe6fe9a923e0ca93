/* scrape.h: GW_STATUS_LISTEN: the status pages by HTTP, on a socket of their own.
 *
 * Behind one address of a balancer there are many processes, and one that is full answers nobody:
 * who gathers figures asks each by itself. A thread answers one connection after the other, each
 * within a second, GET and HEAD only, nothing but the pages. Where there is a GW_STATUS_TOKEN it
 * must be shown; without one the socket is on the loopback, and what a browser was led to by
 * another name is refused. */
#ifndef GW_SCRAPE_H
#define GW_SCRAPE_H

#include "request/context.h"

struct gw_scrape {
    const struct gw_server *server;
    int listen_fd, end_fd;
    pthread_t thread;
    bool running;
};

/* `listen_fd` -1: there is nothing to do. It is closed by gw_scrape_end. 0 or a negative errno. */
int gw_scrape_begin(struct gw_scrape *scrape, const struct gw_server *server, int listen_fd);
void gw_scrape_end(struct gw_scrape *scrape);

#endif
