/* address.h: IP addresses and networks, both kinds in one form. */
#ifndef GW_ADDRESS_H
#define GW_ADDRESS_H

#include "base/str.h"

/* An IPv4 address stands as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). All zero: it is not known. */
struct gw_address {
    unsigned char bytes[16];
};

struct gw_network {
    struct gw_address address;
    unsigned bits; /* of it that count, 0 to 128 */
};

/* "192.0.2.1", "2001:db8::1", and what proxies write: "192.0.2.1:443", "[2001:db8::1]:443", a zone
 * behind "%". False: none; *ret is left as it is. */
bool gw_address_read(struct gw_str text, struct gw_address *ret);

/* "192.0.2.0/24", "2001:db8::/32", or an address, which is a network of its own. False: none, or
 * bits are set beyond those that count. */
bool gw_network_read(struct gw_str text, struct gw_network *ret);

bool gw_network_has(const struct gw_network *network, const struct gw_address *address);

static inline bool gw_address_is_ipv4(const struct gw_address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    return !memcmp(address->bytes, mapped, sizeof(mapped));
}

#endif
