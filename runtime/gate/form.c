/* form.c: see form.h.
 *
 * A form with files is kept whole, in a file where it is long, and read from there piece by piece;
 * its files are places in it. So nothing is copied before a handler wants it, and what is cut off
 * leaves nothing behind. */
#include "gate/form.h"

#include "gate/uploads.h"
#include "input/multipart.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>

static ssize_t read_at(void *data, uint64_t at, void *buffer, size_t size)
{
    return gw_request_body_at(data, at, buffer, size);
}

/* ---- Media types ---------------------------------------------------------------------------- */

/* "audio/wav" is "audio/x-wav", and "text/xml" is "application/xml" (RFC 7303, 9.2). */
static bool is_same_type(const char *a, const char *b)
{
    const char *slash_a = strchr(a, '/'), *slash_b = strchr(b, '/');
    if (!slash_a || !slash_b)
        return false;
    const char *sub_a = slash_a + 1 + 2 * !strncmp(slash_a, "/x-", 3);
    const char *sub_b = slash_b + 1 + 2 * !strncmp(slash_b, "/x-", 3);
    return !strcmp(sub_a, sub_b) &&
           (!strcmp(sub_a, "xml") ||
            (slash_a - a == slash_b - b && !strncmp(a, b, (size_t)(slash_a - a))));
}

/* What it is by its content. Of texts it shows little more than that they are texts: there the
 * sender's word holds, as it does where the two are spellings of one type. */
static const char *decide_type(struct gw_arena *arena, const char *said, const char *seen)
{
    bool text = !strcmp(seen, "text/plain") && !strncmp(said, "text/", 5);
    return text || is_same_type(said, seen) ? said : gw_arena_copy(arena, seen, strlen(seen));
}

static int find_type(struct gw_request *req, struct gw_upload *upload)
{
    char seen[GW_MAGIC_TYPE], *begin = gw_arena_alloc(req->arena, GW_MAGIC_BYTES);
    size_t n = 0;
    if (!begin)
        return -ENOMEM;
    while (n < GW_MAGIC_BYTES && n < upload->size) {
        size_t most =
            GW_MAGIC_BYTES - n < upload->size - n ? GW_MAGIC_BYTES - n : (size_t)(upload->size - n);
        ssize_t got = gw_request_body_at(req, upload->at + n, begin + n, most);
        if (got <= 0)
            return got ? (int)got : -EIO;
        n += (size_t)got;
    }
    int r = gw_uploads_type(req->worker->server->uploads, begin, n, seen);
    if (r == GW_E_MISMATCH)
        return 0;
    upload->type = r ? "application/octet-stream" : decide_type(req->arena, upload->type, seen);
    return upload->type ? 0 : -ENOMEM;
}

/* ---- Parts ---------------------------------------------------------------------------------- */

/* Whether the body has a file of that name: of others nothing need be known. */
static bool is_wanted(const struct gw_shape *shape, struct gw_str name)
{
    for (size_t i = 0; i < shape->n_members; i++)
        if (shape->members[i].type == GW_TYPE_FILE &&
            gw_str_equal(name, gw_str_from(shape->members[i].name)))
            return true;
    return false;
}

static int make_upload(struct gw_request *req, const struct gw_part *part, struct gw_upload **ret)
{
    struct gw_upload *upload = *ret = gw_arena_alloc(req->arena, sizeof(*upload));
    if (!upload)
        return -ENOMEM;
    *upload = (struct gw_upload){
        .name = gw_multipart_shown_name(part->file_name, req->arena),
        .type = part->type,
        .size = part->len,
        .at = part->at,
    };
    if (!upload->name)
        return -ENOMEM;
    return upload->size && is_wanted(req->route->body, part->name) ? find_type(req, upload) : 0;
}

/* What a browser sends of a field of files in which none was chosen. */
static bool is_nothing(const struct gw_part *part)
{
    return part->file_name && !*part->file_name && !part->len;
}

static int add_part(struct gw_request *req, const struct gw_part *part, struct gw_pairs *pairs)
{
    struct gw_pair *pair = &pairs->items[pairs->n];
    struct gw_upload *upload = NULL;
    if (is_nothing(part))
        return 0;
    int r = part->file_name ? make_upload(req, part, &upload) : 0;
    if (r)
        return r;
    *pair = (struct gw_pair){.name = part->name, .value = part->text, .file = upload};
    if (upload) /* what a handler that takes `faults` shows */
        pair->value = gw_str_from(upload->name);
    pairs->n++;
    return 0;
}

static int read_multipart(struct gw_request *req, struct gw_pairs *ret, const char **ret_why)
{
    struct gw_multipart body = {read_at, req, req->content_length};
    struct gw_parts parts;
    int r = gw_multipart_parse(&body, req->boundary, (size_t)req->worker->server->config.body_limit,
                               req->arena, &parts, ret_why);
    if (r)
        return r;
    *ret = (struct gw_pairs){gw_arena_array(req->arena, parts.n, sizeof(*ret->items)), 0};
    if (!ret->items)
        return -ENOMEM;
    for (size_t i = 0; !r && i < parts.n; i++)
        r = add_part(req, &parts.items[i], ret);
    return r;
}

int gw_form_pairs(struct gw_request *req, struct gw_pairs *ret, const char **ret_why)
{
    return req->boundary.ptr ? read_multipart(req, ret, ret_why)
                             : gw_pairs_parse(req->raw_body, req->arena, ret, ret_why);
}
