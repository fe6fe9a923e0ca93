/* memory.h: requests that never leave the process, for tests of applications and of the
 * runtime. */
#ifndef GW_TRANSPORT_MEMORY_H
#define GW_TRANSPORT_MEMORY_H

#include "transport/transport.h"

/* One request and, once it was served, its response. The caller fills in the request. */
struct gw_memory_exchange {
    struct gw_exchange exchange; /* first */
    const char *body;
    size_t body_len, body_at;
    size_t read_most; /* bytes that one read gives at most; 0: no bound */
    char *out;        /* the response in CGI form, NUL-terminated; freed by the caller */
    size_t out_len;
    bool finished, cut;
};

#endif
