/* keys.h: signing keys. A key carries its one algorithm (RFC 8725, 3.1); the token's header never
 * chooses.
 *
 * A gw_keys is immutable once published and shared by all workers; each worker has a gw_crypto of
 * contexts that it alone uses. */
#ifndef GW_KEYS_H
#define GW_KEYS_H

#include "base/str.h"

#include <stdbool.h>

struct gw_keys;
struct gw_key;
struct gw_crypto;
struct gw_arena;

#define GW_SIGNATURE_MAX 1024 /* bytes of the longest signature that any algorithm makes */
#define GW_KEY_ID_MAX    64

/* ---- Making a set ------------------------------------------------------------------------------
 *
 * The calls that add a key give -EINVAL with *ret_why (static) where the key is none, is too weak
 * or is there already, else a negative errno. `id` may be of length 0: the key has none. */

int gw_keys_new(struct gw_keys **ret);

/* One HS256 secret (no kid). -EINVAL with *ret_why (static): shorter than 32 bytes, or a PEM, JWK
 * or ssh key, which must never be an HMAC secret. */
int gw_keys_from_secret(struct gw_str secret, struct gw_keys **ret, const char **ret_why);
int gw_keys_add_secret(struct gw_keys *keys, struct gw_str secret, const char **ret_why);

/* A private or public key in PEM (RFC 7468: PRIVATE KEY, PUBLIC KEY, and OpenSSL's older forms),
 * not encrypted, no certificate. The algorithm is the first of its kind: RS256, ES256, ES384, ES512
 * or EdDSA. */
int gw_keys_add_pem(struct gw_keys *keys, struct gw_str text, struct gw_str id,
                    const char **ret_why);

/* A key as JSON Web Key (RFC 7517, 4). Its own `kid` beats `id`, its `alg` is its algorithm. */
int gw_keys_add_jwk(struct gw_keys *keys, struct gw_str text, struct gw_str id,
                    const char **ret_why);

/* The public keys of an issuer (RFC 7517, 5). A key that cannot be used (not for signatures, of no
 * algorithm of ours, malformed, weak, with the id of another) is left out, and `report` (NULL:
 * none) hears of it: its place from 1, its id (ptr NULL: none that is a text), why. None left is an
 * empty set. -EINVAL: no set, or one that publishes a secret or a private key. */
struct gw_keys_report {
    void (*left_out)(void *data, size_t place, struct gw_str id, const char *why);
    void *data;
};
int gw_keys_from_jwks(struct gw_str text, const struct gw_keys_report *report, struct gw_keys **ret,
                      const char **ret_why);

/* A folder of keys (folder.c has the names), and the secret beside them (ptr NULL: none),
 * which then only verifies. *ret_why is in `arena`, and names the file. */
int gw_keys_from_folder(const char *folder, struct gw_str secret, struct gw_arena *arena,
                        struct gw_keys **ret, const char **ret_why);

/* The key that signs. False: no such key, or it has no private part. */
bool gw_keys_activate(struct gw_keys *keys, struct gw_str id);

/* Demands the header `typ` of every token, and issues tokens with it (RFC 8725, 3.11). False: too
 * long, or not made of the characters of a media type. */
bool gw_keys_set_type(struct gw_keys *keys, const char *type);

/* ---- Using a set ---------------------------------------------------------------------------- */

/* A further reference; gw_keys_free gives one back, and the last one wipes the secrets. */
struct gw_keys *gw_keys_ref(struct gw_keys *keys);
void gw_keys_free(struct gw_keys *keys);

size_t gw_keys_count(const struct gw_keys *keys);
const struct gw_key *gw_keys_at(const struct gw_keys *keys, size_t i);

/* The key that signs; NULL if none does. */
const struct gw_key *gw_keys_active(const struct gw_keys *keys);
/* The key for a header's kid (ptr NULL: the header has none); NULL if there is none. */
const struct gw_key *gw_keys_find(const struct gw_keys *keys, struct gw_str kid);
const char *gw_keys_type(const struct gw_keys *keys);   /* the `typ` demanded; NULL: none is */
const char *gw_key_algorithm(const struct gw_key *key); /* "HS256" */
const char *gw_key_id(const struct gw_key *key);        /* NULL: none */
bool gw_key_can_sign(const struct gw_key *key);
bool gw_key_is_secret(const struct gw_key *key); /* an HMAC key */

/* The public keys as JWK Set (RFC 7517, 5), without any secret. -ENOMEM or -EIO. */
int gw_keys_write_jwks(const struct gw_keys *keys, struct gw_arena *arena, const char **ret);

/* Makes a key for `algorithm` and writes it as private JWK with that id, a line in `arena`.
 * -EINVAL: no such algorithm; -ENOMEM, -EIO. */
int gw_keys_generate(const char *algorithm, const char *id, struct gw_arena *arena,
                     const char **ret_jwk);

/* The same for the same keys in whatever order, and for no others: 16 hexadecimal digits. Tells a
 * secret only to who can try all. 0, -ENOMEM or -EIO. */
#define GW_FINGERPRINT_SIZE 17
int gw_keys_fingerprint(const struct gw_keys *keys, char ret[GW_FINGERPRINT_SIZE]);

bool gw_key_id_is_good(struct gw_str id); /* 1 to 64 of A-Z a-z 0-9 . _ - */
/* What a header's kid may be to be looked up: as above, and for an issuer's set, whose ids others
 * choose, also + / = : @ (some providers' ids are padded base64). */
bool gw_keys_takes_id(const struct gw_keys *keys, struct gw_str id);

/* The headers that tokens of this key usually carry, in base64url: a token that begins with one of
 * them names this key and its algorithm, and nothing else. The first is what we sign with. */
const struct gw_str *gw_key_headers(const struct gw_key *key, size_t *ret_n);
/* A header with another `typ`, in base64url in `arena`; NULL when memory is short. */
const char *gw_key_header(const struct gw_key *key, const char *type, struct gw_arena *arena,
                          size_t *ret_len);
/* The key that has such a header; NULL: none, the header must be read. */
const struct gw_key *gw_keys_find_header(const struct gw_keys *keys, struct gw_str header);

/* ---- Cryptography --------------------------------------------------------------------------- */

int gw_crypto_new(struct gw_crypto **ret);
void gw_crypto_free(struct gw_crypto *crypto);
struct gw_arena *gw_crypto_scratch(struct gw_crypto *crypto); /* for one call's work; emptied */

/* Signs or verifies `input`. Verify: 0, GW_E_MISMATCH or a negative errno; compares in constant
 * time. -EIO: OpenSSL failed, which in these calls means memory. */
int gw_key_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                unsigned char ret_signature[GW_SIGNATURE_MAX], size_t *ret_len);
int gw_key_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                  const unsigned char *signature, size_t len);

/* What this thread has verified before (seen.c). A place in it, for a token of a public key;
 * memory that is short only makes it forget. */
struct gw_seen {
    unsigned char hash[32];
    uint64_t generation;
};
/* Whether `token` was verified under `keys` and its exp lies after `now`. Fills *ret. */
bool gw_keys_seen(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                  int64_t now, struct gw_seen *ret);
void gw_keys_remember(struct gw_crypto *crypto, const struct gw_seen *seen, int64_t exp);

#endif
