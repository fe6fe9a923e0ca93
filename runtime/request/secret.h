/* secret.h: the texts that a request's secrets stand for.
 *
 * A secret is a number, never a pointer: what an application writes out by mistake tells nothing.
 * 40 bits of it are drawn anew by each request that has any, so that a secret which was kept beyond
 * its request, or came from another one, is refused and not read. */
#ifndef GW_REQUEST_SECRET_H
#define GW_REQUEST_SECRET_H

#include "gatewright.h"

struct gw_secrets {
    uint64_t request; /* the drawn bits; 0: there are none yet */
    struct gw_bytes *texts;
    size_t n, room;
};

/* A secret for `text`, which has a NUL behind it and lives as long as the request; its memory is
 * wiped at the end. ptr NULL: none. -ENOMEM. */
int gw_secret_keep(struct gw_request *req, struct gw_bytes text, struct gw_secret *ret);

/* The text; ptr NULL for none. -EINVAL, logged: it is not one of this request. */
int gw_secret_text(struct gw_request *req, struct gw_secret secret, struct gw_bytes *ret);

#endif
