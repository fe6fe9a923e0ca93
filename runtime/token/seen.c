/* seen.c: public-key tokens that this thread has verified already.
 *
 * Verifying RS256, ES256 or EdDSA costs 60 to 300 times an HMAC, and clients send the same token
 * again and again. A token is known here by the SHA-256 of all its bytes and by the generation of
 * the key set that vouched for it: another set, be it another issuer's or a reloaded one, has
 * verified nothing yet. Only the signature is remembered; times and claims are read each time.
 *
 * The table is of a fixed size, belongs to one thread and forgets by being written over: a place
 * whose token has expired first, else the one that expires soonest. HMAC keys never come here:
 * theirs is cheaper to make than to look up. */
#include "token/own.h"

#include <stdlib.h>

#define SETS 256
#define WAYS 4

struct entry {
    struct gw_seen seen;
    int64_t exp; /* 0: empty */
};

struct gw_keys_seen {
    struct entry sets[SETS][WAYS];
};

static bool equal(const struct gw_seen *a, const struct gw_seen *b)
{
    return a->generation == b->generation && !memcmp(a->hash, b->hash, sizeof(a->hash));
}

bool gw_keys_seen(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                  int64_t now, struct gw_seen *ret)
{
    ret->generation = 0;
    if (EVP_DigestInit_ex(crypto->digest, EVP_sha256(), NULL) != 1 ||
        EVP_DigestUpdate(crypto->digest, token.ptr, token.len) != 1 ||
        EVP_DigestFinal_ex(crypto->digest, ret->hash, NULL) != 1) {
        gw_keys_openssl_failed();
        return false;
    }
    ret->generation = keys->generation;
    for (size_t i = 0; crypto->seen && i < WAYS; i++) {
        const struct entry *entry = &crypto->seen->sets[ret->hash[0]][i];
        if (entry->exp > now && equal(&entry->seen, ret))
            return true;
    }
    return false;
}

void gw_keys_remember(struct gw_crypto *crypto, const struct gw_seen *seen, int64_t exp)
{
    if (!crypto->seen)
        crypto->seen = calloc(1, sizeof(*crypto->seen));
    if (!crypto->seen || seen->generation == 0)
        return;
    struct entry *set = crypto->seen->sets[seen->hash[0]], *soonest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (equal(&set[i].seen, seen))
            return;
        if (set[i].exp < soonest->exp)
            soonest = &set[i];
    }
    *soonest = (struct entry){*seen, exp};
}
