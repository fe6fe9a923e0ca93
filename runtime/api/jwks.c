/* jwks.c: the handler `jwks`, which every program has: the public keys that its tokens are signed
 * with, for whoever verifies them elsewhere (RFC 7517, 5).
 *
 *     GET  /.well-known/jwks.json  ignored  jwks
 *
 * Secrets are never in it; a program that signs with a secret serves an empty set. Keys that only
 * verify are in it, so that one can be published before it signs. */
#include "request/request.h"
#include "request/context.h"

#include <string.h>

int jwks(struct gw_request *req) __asm__("gwh_jwks");

int jwks(struct gw_request *req)
{
    const struct gw_keys *own = gw_worker_trust(req->worker)->own;
    const char *text = "{\"keys\":[]}\n";
    int r = own ? gw_keys_write_jwks(own, req->arena, &text) : 0;
    if (!r)
        r = gw_bytes(req, 200, "application/jwk-set+json", text, strlen(text));
    /* Short: a new key should be known everywhere before it signs. */
    return r ? r : gw_set_header(req, "Cache-Control", "public, max-age=300");
}
