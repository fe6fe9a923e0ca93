/* keys.h: signing keys. A key carries its one algorithm (RFC 8725, 3.1); the token's header never
 * chooses.
 *
 * A gw_keys is immutable once made and shared by all workers; each worker has a gw_crypto of
 * contexts that it alone uses. */
#ifndef GW_KEYS_H
#define GW_KEYS_H

#include "str.h"

#include <stdbool.h>

struct gw_keys;
struct gw_key;
struct gw_crypto;
struct gw_arena;

#define GW_SIGNATURE_MAX 512 /* bytes of the longest signature that any algorithm makes */

/* One HS256 secret (no kid). -EINVAL with *ret_why (static): shorter than 32 bytes, or a PEM, JWK
 * or ssh key, which must never be an HMAC secret. */
int gw_keys_from_secret(struct gw_str secret, struct gw_keys **ret, const char **ret_why);
void gw_keys_free(struct gw_keys *keys); /* wipes secrets */

const struct gw_key *gw_keys_active(const struct gw_keys *keys);
/* The key for a header's kid (ptr NULL: the header has none); NULL if there is none. */
const struct gw_key *gw_keys_find(const struct gw_keys *keys, struct gw_str kid);
const char *gw_key_algorithm(const struct gw_key *key); /* "HS256" */
const char *gw_key_id(const struct gw_key *key);        /* NULL: none */

/* The headers that tokens of this key usually carry, in base64url: a token that begins with one of
 * them names this key and its algorithm, and nothing else. The first is what we sign with. */
const struct gw_str *gw_key_headers(const struct gw_key *key, size_t *ret_n);
/* The key that has such a header; NULL: none, the header must be read. */
const struct gw_key *gw_keys_find_header(const struct gw_keys *keys, struct gw_str header);

int gw_crypto_new(struct gw_crypto **ret);
void gw_crypto_free(struct gw_crypto *crypto);
struct gw_arena *gw_crypto_scratch(struct gw_crypto *crypto); /* for one call's work; emptied */

/* Signs or verifies `input`. Verify: 0, GW_E_MISMATCH or a negative errno; compares in constant
 * time. -EIO: OpenSSL failed, which in these calls means memory. */
int gw_key_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                unsigned char ret_signature[GW_SIGNATURE_MAX], size_t *ret_len);
int gw_key_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                  const unsigned char *signature, size_t len);

#endif
