/* beside.h: the thread beside the workers: what it does about a suspended store (store.h) and
 * what has expired. */
#ifndef GW_BESIDE_H
#define GW_BESIDE_H

#include "request/context.h"

/* The main thread's. One thing at a time is done. */
struct gw_beside {
    struct gw_server *server;
    pthread_t thread;
    bool running;
    uint64_t sweep_ns;   /* when the next sweep is due */
    atomic_bool done;    /* the thread's last word */
    atomic_bool differs; /* the database is not as the program needs it: the process is to stop */
};

void gw_beside_begin(struct gw_beside *beside, struct gw_server *server);

/* Starts the thread where there is something to do. To be called several times a second. */
void gw_beside_tick(struct gw_beside *beside);

/* Waits for the thread, for a moment. False: it hangs in a look-up, and what it uses must not be
 * freed. */
bool gw_beside_end(struct gw_beside *beside);

#endif
