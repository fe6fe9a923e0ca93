/* client.c: see client.h. */
#include "request/client.h"

#include "request/context.h"
#include "request/request.h"

#include <arpa/inet.h>

static bool is_trusted(const struct gw_request *req, const struct gw_address *address)
{
    const struct gw_config *config = &req->worker->server->config;
    for (size_t i = 0; i < config->n_proxies; i++)
        if (gw_network_has(&config->proxies[i], address))
            return true;
    return false;
}

/* Goes through a field from its end. True: the client's address is found, or nobody knows more. */
static bool go_back(const struct gw_request *req, struct gw_str field, struct gw_address *io)
{
    for (;;) {
        const char *comma = field.len ? memrchr(field.ptr, ',', field.len) : NULL;
        size_t at = comma ? (size_t)(comma - field.ptr) + 1 : 0;
        struct gw_str entry = {field.ptr + at, field.len - at};
        while (entry.len && (*entry.ptr == ' ' || *entry.ptr == '\t'))
            entry = (struct gw_str){entry.ptr + 1, entry.len - 1};
        while (entry.len && strchr(" \t", entry.ptr[entry.len - 1]))
            entry.len--;
        if (!gw_address_read(entry, io) || !is_trusted(req, io))
            return true;
        if (!comma)
            return false;
        field.len = at - 1;
    }
}

struct gw_address gw_client_find(const struct gw_request *req)
{
    struct gw_address address = {{0}};
    if (!gw_address_read(req->in.remote_address, &address) || !is_trusted(req, &address))
        return address;
    for (size_t i = req->exchange->n_meta; i > 0; i--) {
        const struct gw_meta *meta = &req->exchange->meta[i - 1];
        if (gw_str_equal(meta->name, GW_STR("HTTP_X_FORWARDED_FOR")) &&
            go_back(req, meta->value, &address))
            break;
    }
    return address;
}

const char *gw_client_address(struct gw_request *req)
{
    static const struct gw_address unknown;
    struct gw_address address = gw_client_find(req);
    char text[INET6_ADDRSTRLEN];
    bool ipv4 = gw_address_is_ipv4(&address);
    if (!memcmp(&address, &unknown, sizeof(address)))
        return "";
    if (!inet_ntop(ipv4 ? AF_INET : AF_INET6, address.bytes + (ipv4 ? 12 : 0), text, sizeof(text)))
        return "";
    const char *copy = gw_arena_copy(req->arena, text, strlen(text));
    return copy ? copy : "";
}
