/* hash_argon2.c: Argon2 (RFC 9106), version 19, through libargon2 (meson's option `argon2`).
 *
 * All lanes are computed by the calling thread: libargon2 would start a thread for each, and
 * GW_HASHERS bounds how many cores passwords take. */
#include "token/hash_kinds.h"

#include <errno.h>
#ifdef GW_HAVE_ARGON2
#include <argon2.h>
#endif

#define SALT_MIN   8
#define SALT_MAX   48
#define DIGEST_MIN 16 /* argon2-cffi before version 21.2 wrote 16 bytes, PHP writes 32 */
#define DIGEST_MAX 64

static bool take_named(struct gw_str *text, struct gw_str name, char end, uint64_t *ret)
{
    if (text->len < name.len || memcmp(text->ptr, name.ptr, name.len))
        return false;
    *text = (struct gw_str){text->ptr + name.len, text->len - name.len};
    return gw_hash_take_number(text, end, 1, ret);
}

static bool take_salt(struct gw_str *text, struct gw_hash *ret)
{
    struct gw_str part;
    unsigned char salt[SALT_MAX];
    size_t len;
    return gw_hash_take(text, '$', &part) && gw_hash_base64(part, salt, sizeof(salt), &len) &&
           len >= SALT_MIN && gw_hash_keep_salt(ret, (struct gw_str){(char *)salt, len}, 0);
}

/* v=19$m=65536,t=4,p=1$salt$digest, both in base64 without padding. */
enum gw_reason gw_hash_read_argon2(struct gw_str text, struct gw_hash *ret)
{
    uint64_t version, passes, lanes;
    if (!take_named(&text, GW_STR("v="), '$', &version) || version != 19 ||
        !take_named(&text, GW_STR("m="), ',', &ret->n) ||
        !take_named(&text, GW_STR("t="), ',', &passes) ||
        !take_named(&text, GW_STR("p="), '$', &lanes) || !take_salt(&text, ret) ||
        !gw_hash_base64(text, ret->digest, DIGEST_MAX, &ret->digest_len) ||
        ret->digest_len < DIGEST_MIN)
        return GW_REASON_PASSWORD_UNKNOWN;
    if (ret->n > GW_HASH_MEMORY_MAX >> 10 || passes > GW_HASH_ARGON2_PASSES_MAX ||
        lanes > GW_HASH_ARGON2_LANES_MAX)
        return GW_REASON_PASSWORD_BOUND;
    ret->r = (uint32_t)passes;
    ret->p = (uint32_t)lanes;
    if (ret->n < 8 * lanes)
        return GW_REASON_PASSWORD_UNKNOWN;
#ifdef GW_HAVE_ARGON2
    return GW_REASON_NONE;
#else
    return GW_REASON_PASSWORD_OPTION;
#endif
}

int gw_hash_derive_argon2(const struct gw_hash *hash, const char *password, unsigned char *out)
{
#ifdef GW_HAVE_ARGON2
    const char *type = hash->kind->variant;
    argon2_context context = {
        .out = out,
        .outlen = (uint32_t)hash->digest_len,
        .pwd = (uint8_t *)password, /* read only: no flag has it cleared */
        .pwdlen = (uint32_t)strlen(password),
        .salt = (uint8_t *)hash->salt,
        .saltlen = (uint32_t)hash->salt_len,
        .t_cost = hash->r,
        .m_cost = (uint32_t)hash->n,
        .lanes = hash->p,
        .threads = 1,
        .version = ARGON2_VERSION_13,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    int r = argon2_ctx(&context, !strcmp(type, "id")  ? Argon2_id
                                 : !strcmp(type, "i") ? Argon2_i
                                                      : Argon2_d);
    return r == ARGON2_OK ? 0 : r == ARGON2_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EIO;
#else
    return -EINVAL;
#endif
}
