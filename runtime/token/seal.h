/* seal.h: a keyed seal over values: a MAC, by keys that are made for this alone. */
#ifndef GW_SEAL_H
#define GW_SEAL_H

#include "generated.h"

#define GW_SEAL_MIN  32 /* bytes of the secret */
#define GW_SEAL_SIZE 32 /* of the MAC, HMAC-SHA256 */

/* The key now, and an old one whose seals are good, too. */
struct gw_seal {
    unsigned char keys[2][32];
    size_t n;
};

/* By HKDF (RFC 5869) from the secrets; `old` may be NULL. -ENOMEM. */
int gw_seal_open(struct gw_seal *seal, const char *secret, const char *old);

/* The MAC over `n` values, each with its type and its length, by key `which`. -ENOMEM. */
int gw_seal_values(const struct gw_seal *seal, size_t which, const struct gw_value *values,
                   size_t n, unsigned char ret[GW_SEAL_SIZE]);

#endif
