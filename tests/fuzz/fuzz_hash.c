/* The input as what is stored for an account: it is refused, or it is a hash whose work is bounded,
 * and which a password that nobody has does not fit. */
#include "token/hash.h"

#include "fuzz.h"
#include "gatewright.h"

#include <stdbool.h>

/* Little enough to be done for every input. */
static bool is_quick(const struct gw_hash *hash)
{
    return strncmp(gw_hash_kind_name(hash->kind), "bcrypt", 6) && hash->n <= 256 && hash->r <= 2 &&
           hash->p <= 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct gw_hash hash, like;
    enum gw_reason reason = gw_hash_read(text, &hash);
    bool locked = !size || data[0] == '!' || data[0] == '*';

    MUST(reason == GW_REASON_NONE || reason == GW_REASON_PASSWORD_UNKNOWN ||
         reason == GW_REASON_PASSWORD_BOUND || reason == GW_REASON_PASSWORD_OPTION);
    MUST((!reason && !hash.kind) == locked);
    if (reason || locked)
        return 0;
    MUST(size <= GW_HASH_TEXT_MAX);
    MUST(hash.salt_begin < hash.salt_len && hash.salt_len <= GW_HASH_SALT_MAX);
    MUST(hash.digest_len >= 16 && hash.digest_len <= GW_HASH_DIGEST_MAX);
    MUST(hash.n <= 3000000 && hash.r <= 48 && hash.p <= 16);
    MUST(hash.n * (hash.r ? hash.r : 1) <= 3000000);
    MUST(gw_hash_liken(&hash, &like) == 0 && gw_hash_alike(&hash, &like));
    MUST(like.salt_len == hash.salt_len && !like.digest[0]);
    if (is_quick(&hash)) {
        MUST(gw_hash_fits(&hash, "a password of nobody") != 0);
        MUST(gw_hash_fits(&like, "a password of nobody") != 0);
    }
    return 0;
}
