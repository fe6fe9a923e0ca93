/* watch.h: looks after a store that is suspended (store.h) while the process serves. */
#ifndef GW_WATCH_H
#define GW_WATCH_H

#include "request/context.h"

/* The main thread's. */
struct gw_store_watch {
    struct gw_server *server;
    pthread_t thread;
    bool running;
    atomic_bool done;    /* the thread's last word */
    atomic_bool differs; /* the database is not as the program needs it: the process has to end */
};

void gw_store_watch_begin(struct gw_store_watch *watch, struct gw_server *server);

/* Starts a thread where the store is suspended. To be called several times a second. */
void gw_store_watch_tick(struct gw_store_watch *watch);

/* Waits for the thread, for a moment. False: it hangs in a look-up, and what it uses must not be
 * freed. */
bool gw_store_watch_end(struct gw_store_watch *watch);

#endif
