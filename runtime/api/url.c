/* url.c: URLs of routes, for the generated url_<handler> functions. */
#include "input/path.h"
#include "request/request.h"
#include "request/context.h"

#include <inttypes.h>

/* The value as text, percent-encoded; NULL where it cannot stand in a path. */
static const char *part_text(struct gw_request *req, const struct gw_url_part *part)
{
    const struct gw_value *value = &part->value;
    const char *encoded;
    if (part->literal)
        return part->literal;
    if (value->type == GW_TYPE_INT)
        return gw_printf(req, "%" PRId64, value->as.i64);
    if (value->type == GW_TYPE_UINT)
        return gw_printf(req, "%" PRIu64, value->as.u64);
    if (!value->as.text || gw_path_encode(req->arena, value->as.text, part->slashes, &encoded))
        return NULL;
    return encoded;
}

const char *gw_url_build(struct gw_request *req, const struct gw_url_part *parts, size_t n_parts)
{
    const char *url = req->worker->server->config.mount;
    for (size_t i = 0; url && i < n_parts; i++) {
        const char *text = part_text(req, &parts[i]);
        url = text ? gw_printf(req, "%s%s", url, text) : NULL;
    }
    return url;
}
