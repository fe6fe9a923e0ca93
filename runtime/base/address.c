/* address.c: see address.h. */
#include "base/address.h"

#include <arpa/inet.h>

#define LONGEST 64 /* of an address with zone and port */

/* An IPv4 address as the socket's form has it. */
static void map(const unsigned char ipv4[4], struct gw_address *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->bytes[10] = ret->bytes[11] = 0xff;
    memcpy(ret->bytes + 12, ipv4, 4);
}

/* Cuts the port off: behind "]", or behind the one colon of an IPv4 address. */
static bool without_port(char *text)
{
    char *end = strchr(text, ']'), *colon = strchr(text, ':');
    if (*text == '[') {
        if (!end || (end[1] && end[1] != ':'))
            return false;
        *end = 0;
        memmove(text, text + 1, strlen(text));
    } else if (colon && !strchr(colon + 1, ':')) {
        *colon = 0;
    }
    return true;
}

static bool read_bare(const char *text, struct gw_address *ret)
{
    unsigned char ipv4[4];
    struct gw_address address;
    if (inet_pton(AF_INET, text, ipv4) == 1)
        map(ipv4, &address);
    else if (inet_pton(AF_INET6, text, address.bytes) != 1)
        return false;
    *ret = address;
    return true;
}

static bool copy_text(struct gw_str text, char copy[LONGEST])
{
    if (!text.len || text.len >= LONGEST || memchr(text.ptr, 0, text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    return true;
}

bool gw_address_read(struct gw_str text, struct gw_address *ret)
{
    char copy[LONGEST];
    if (!copy_text(text, copy) || !without_port(copy))
        return false;
    copy[strcspn(copy, "%")] = 0;
    return read_bare(copy, ret);
}

bool gw_network_has(const struct gw_network *network, const struct gw_address *address)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    unsigned mask = 0xff00U >> rest & 0xff;
    return !memcmp(network->address.bytes, address->bytes, whole) &&
           (!rest || !((network->address.bytes[whole] ^ address->bytes[whole]) & mask));
}

bool gw_network_read(struct gw_str text, struct gw_network *ret)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    struct gw_str first = {text.ptr, slash ? (size_t)(slash - text.ptr) : text.len};
    struct gw_network network = {.bits = 128};
    char copy[LONGEST];
    uint64_t bits;
    if (!copy_text(first, copy) || !read_bare(copy, &network.address))
        return false;
    if (slash) {
        unsigned most = memchr(first.ptr, ':', first.len) ? 128 : 32;
        if (!gw_parse_u64((struct gw_str){slash + 1, text.len - first.len - 1}, &bits) ||
            bits > most)
            return false;
        network.bits = (unsigned)bits + 128 - most;
    }
    for (unsigned i = network.bits; i < 128; i++)
        if (network.address.bytes[i / 8] >> (7 - i % 8) & 1)
            return false;
    *ret = network;
    return true;
}
