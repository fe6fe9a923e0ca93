/* alone.h: what is run with a request that came from nowhere: jobs, and commands on rows. */
#ifndef GW_ALONE_H
#define GW_ALONE_H

#include "process/serve.h"

struct gw_errand {
    const char *name;    /* static, or longer than it takes; the log's id is made of it */
    const char *where;   /* "routes.def:48" */
    uint32_t timeout_ms; /* for all of it; 0: as long as it takes, its statements too */
    int (*run)(struct gw_request *req, void *data);
    void *data;
};

/* What it returned, or -EINVAL where that left its transaction open, which is rolled back. Nobody
 * is answered, and its memory is wiped. */
int gw_errand_run(struct gw_worker *worker, const struct gw_errand *errand);

#endif
