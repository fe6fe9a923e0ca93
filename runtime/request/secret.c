/* secret.c: see secret.h. */
#include "request/secret.h"

#include "base/arena.h"
#include "request/request.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_ROOM 4
#define PLACE_BITS 24 /* beside the 40 of the request */
#define PLACE_MAX  ((UINT64_C(1) << PLACE_BITS) - 1)

/* Makes room for one more. The texts stay where they are. */
static int grow(struct gw_request *req)
{
    struct gw_secrets *secrets = &req->secrets;
    size_t room = secrets->room ? 2 * secrets->room : FIRST_ROOM;
    struct gw_bytes *texts = gw_arena_array(req->arena, room, sizeof(*texts));
    if (!texts || secrets->n > PLACE_MAX / 2)
        return -ENOMEM;
    for (; !secrets->request; secrets->request &= ~PLACE_MAX)
        if (getrandom(&secrets->request, sizeof(secrets->request), 0) < 0)
            return -EIO;
    if (secrets->n)
        memcpy(texts, secrets->texts, secrets->n * sizeof(*texts));
    secrets->texts = texts;
    secrets->room = room;
    return 0;
}

int gw_secret_keep(struct gw_request *req, struct gw_bytes text, struct gw_secret *ret)
{
    struct gw_secrets *secrets = &req->secrets;
    *ret = (struct gw_secret){0};
    if (!text.ptr)
        return 0;
    req->holds_secret = true;
    int r = secrets->n == secrets->room ? grow(req) : 0;
    if (r)
        return r;
    secrets->texts[secrets->n++] = text;
    ret->number = secrets->request | secrets->n;
    return 0;
}

int gw_secret_text(struct gw_request *req, struct gw_secret secret, struct gw_bytes *ret)
{
    const struct gw_secrets *secrets = &req->secrets;
    uint64_t place = secret.number & PLACE_MAX;
    *ret = (struct gw_bytes){0};
    if (!secret.number && !secret.nothing)
        return 0;
    if (secret.nothing || !place || place > secrets->n ||
        (secret.number & ~PLACE_MAX) != secrets->request) {
        gw_log(req, "a secret is not of this request");
        return -EINVAL;
    }
    *ret = secrets->texts[place - 1];
    return 0;
}

int gw_secret_of(struct gw_request *req, const void *text, size_t len, struct gw_secret *ret)
{
    struct gw_bytes copy = {.len = len};
    req->holds_secret = true;
    copy.ptr = text ? gw_arena_copy(req->arena, text, len) : NULL;
    return text && !copy.ptr ? -ENOMEM : gw_secret_keep(req, copy, ret);
}

int gw_secret_reveal(struct gw_request *req, struct gw_secret secret, const char **ret_text,
                     size_t *ret_len)
{
    struct gw_bytes text;
    int r = gw_secret_text(req, secret, &text);
    if (r)
        return r;
    *ret_text = text.ptr;
    if (ret_len)
        *ret_len = text.len;
    return 0;
}
