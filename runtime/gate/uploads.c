/* uploads.c: see uploads.h.
 *
 * A form counts with all that it may have, before a byte of it is waited for. The first one of an
 * address, and the first of all, is let in whatever its size: a limit that is lower than what a
 * route takes makes it wait for others, and does not shut it out. */
#include "gate/uploads.h"

#include "request/client.h"
#include "request/context.h"
#include "request/refuse.h"
#include "request/request.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define PLACES 4096 /* addresses at once; one more is refused as if all were too many */

struct gw_upload_place {
    struct gw_address from;
    uint64_t bytes;
    unsigned n; /* forms under way; 0: the place is free */
};

struct gw_uploads {
    pthread_mutex_t lock;
    struct gw_magic *magic; /* NULL: what senders say counts */
    uint64_t bytes;
    struct gw_upload_place places[PLACES];
};

static bool takes_files(const struct gw_route *route)
{
    return route->body_kind == GW_BODY_FORM && route->body->files;
}

int gw_uploads_new(const struct gw_app *app, struct gw_uploads **ret)
{
    bool any = false;
    *ret = NULL;
    for (size_t i = 0; i < app->n_routes; i++)
        any |= takes_files(&app->routes[i]);
    if (!any)
        return 0;
    *ret = calloc(1, sizeof(**ret));
    if (!*ret)
        return -ENOMEM;
    pthread_mutex_init(&(*ret)->lock, NULL);
    (*ret)->magic = gw_magic_open();
    return 0;
}

void gw_uploads_free(struct gw_uploads *uploads)
{
    if (!uploads)
        return;
    gw_magic_close(uploads->magic);
    pthread_mutex_destroy(&uploads->lock);
    free(uploads);
}

/* Who has an address of IPv6 has all of its /64. */
static struct gw_address client_of(const struct gw_request *req)
{
    struct gw_address address = gw_client_find(req);
    if (!gw_address_is_ipv4(&address))
        memset(address.bytes + 8, 0, sizeof(address.bytes) - 8);
    return address;
}

/* The address's own place, or a free one; NULL: there is none. */
static struct gw_upload_place *find(struct gw_uploads *uploads, const struct gw_address *from)
{
    struct gw_upload_place *unused = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        struct gw_upload_place *place = &uploads->places[i];
        if (place->n && !memcmp(&place->from, from, sizeof(*from)))
            return place;
        if (!place->n && !unused)
            unused = place;
    }
    if (unused)
        *unused = (struct gw_upload_place){.from = *from};
    return unused;
}

static bool fits(uint64_t bytes, uint64_t more, uint64_t most)
{
    return !bytes || (more <= most && bytes <= most - more);
}

/* The status of a refusal; 0: it counts now. */
static int enter(struct gw_uploads *uploads, struct gw_request *req, uint64_t bytes)
{
    const struct gw_config *config = &req->worker->server->config;
    struct gw_address from = client_of(req);
    struct gw_upload_place *place = find(uploads, &from);
    if (!place || !fits(uploads->bytes, bytes, config->uploads))
        return 503;
    if (!fits(place->bytes, bytes, config->uploads_address))
        return 429;
    place->n++;
    place->bytes += bytes;
    uploads->bytes += bytes;
    req->upload_place = place;
    req->upload_bytes = bytes;
    return 0;
}

void gw_uploads_enter(struct gw_request *req)
{
    struct gw_uploads *uploads = req->worker->server->uploads;
    if (!uploads || req->upload_place || !takes_files(req->route))
        return;
    uint64_t bytes = req->length_unknown ? req->exchange->body_limit : req->content_length;
    pthread_mutex_lock(&uploads->lock);
    int status = enter(uploads, req, bytes ? bytes : 1);
    pthread_mutex_unlock(&uploads->lock);
    if (!status)
        return;
    gw_refuse(req, status, GW_REASON_BODY_UPLOADS);
    if (gw_set_header(req, "Retry-After", "10"))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

void gw_uploads_leave(struct gw_request *req)
{
    struct gw_uploads *uploads = req->worker->server->uploads;
    pthread_mutex_lock(&uploads->lock);
    req->upload_place->n--;
    req->upload_place->bytes -= req->upload_bytes;
    uploads->bytes -= req->upload_bytes;
    pthread_mutex_unlock(&uploads->lock);
    req->upload_place = NULL;
}

bool gw_uploads_know_types(const struct gw_uploads *uploads)
{
    return uploads->magic;
}

int gw_uploads_type(struct gw_uploads *uploads, const void *ptr, size_t len,
                    char ret[GW_MAGIC_TYPE])
{
    if (!uploads || !uploads->magic)
        return GW_E_MISMATCH;
    return gw_magic_type(uploads->magic, ptr, len, ret) ? 0 : -EIO;
}
