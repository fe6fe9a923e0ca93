/* own.h: what the files of the keys module share. */
#ifndef GW_KEYS_OWN_H
#define GW_KEYS_OWN_H

#include "base/arena.h"
#include "token/keys.h"

#include <openssl/evp.h>
#include <stdatomic.h>

#define GW_KEY_N_HEADERS 3
#define GW_KEY_TYPE_MAX  64 /* characters of a `typ` */
#define GW_KEY_HEADER_MAX                                                                          \
    256 /* characters of {"alg":"HS256","typ":"<64>","kid":"<64>"} in base64url */

enum gw_family {
    GW_FAMILY_HMAC,
    GW_FAMILY_RSA,     /* RSASSA-PKCS1-v1_5 (RFC 7518, 3.3) */
    GW_FAMILY_RSA_PSS, /* RSASSA-PSS (RFC 7518, 3.5) */
    GW_FAMILY_EC,      /* ECDSA (RFC 7518, 3.4) */
    GW_FAMILY_ED25519, /* EdDSA (RFC 8037, 3.1) */
};

/* An algorithm is a row of a table: another one is another row. */
struct gw_algorithm {
    const char *name;
    enum gw_family family;
    const EVP_MD *(*digest)(void); /* NULL: EdDSA hashes by itself */
    size_t block;                  /* HMAC: bytes that the hash takes at once */
    size_t size;                   /* HMAC: bytes of the hash; EC: of a coordinate */
    const char *curve, *group;     /* EC: the name in a JWK, and OpenSSL's */
    int (*sign)(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                unsigned char *ret_signature, size_t *ret_len);
    int (*verify)(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                  const unsigned char *signature, size_t len);
};

struct gw_key {
    const struct gw_algorithm *algorithm;
    char id[GW_KEY_ID_MAX + 1]; /* "": none */
    EVP_MD_CTX *inner, *outer;  /* HMAC */
    EVP_PKEY *pair;             /* all others */
    BIGNUM *order;              /* EC: of the group */
    bool can_sign;              /* the private part is there */
    char header_text[GW_KEY_N_HEADERS][GW_KEY_HEADER_MAX];
    struct gw_str headers[GW_KEY_N_HEADERS];
    size_t n_headers;
};

struct gw_keys {
    _Atomic unsigned references;
    uint64_t generation;            /* no other set of this process has it */
    char type[GW_KEY_TYPE_MAX + 1]; /* the one `typ`; "": JWT when issuing */
    bool foreign;                   /* an issuer's: gw_keys_takes_id */
    size_t n, room, active;         /* active == n: none signs */
    struct gw_key *items;
};

struct gw_crypto {
    EVP_MD_CTX *digest;
    struct gw_arena scratch;
    struct gw_keys_seen *seen; /* NULL until a public-key token was verified */
};

extern const struct gw_algorithm gw_algorithms[];
extern const size_t gw_n_algorithms;
const struct gw_algorithm *gw_algorithm_find(struct gw_str name);
/* The algorithm of a key that names none (algorithm.c has the rule); NULL: no algorithm here
 * has such keys. */
const struct gw_algorithm *gw_algorithm_of(const EVP_PKEY *pair);

/* OpenSSL's calls on what is set up fail only for memory, and leave a note in the thread's queue
 * that nobody reads: -EIO. */
int gw_keys_openssl_failed(void);

/* Why that is no secret for the algorithm (static); NULL: it may be one. */
const char *gw_keys_refuse_secret(struct gw_str secret, const struct gw_algorithm *algorithm);

/* Why a key's public part is worth nothing although it is well-formed (static); NULL: it is good.
 * An encoded point of Ed25519, and an RSA modulus. */
const char *gw_keys_refuse_point(const unsigned char point[32]);
const char *gw_keys_refuse_modulus(const BIGNUM *n);

/* Makes the states of an HMAC key. */
int gw_hmac_prepare(struct gw_key *key, struct gw_str secret);
int gw_hmac_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                 unsigned char *ret_signature, size_t *ret_len);
int gw_hmac_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                   const unsigned char *signature, size_t len);

/* Checks a key pair or public key (consumed in every case) against the algorithm and takes it.
 * -EINVAL with *ret_why. */
int gw_public_prepare(struct gw_key *key, EVP_PKEY *pair, const char **ret_why);
int gw_public_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                   unsigned char *ret_signature, size_t *ret_len);
int gw_public_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                     const unsigned char *signature, size_t len);

/* Adds a finished key (its contents are taken, also on failure). -EINVAL: the id is malformed or
 * there already. */
int gw_keys_take(struct gw_keys *keys, struct gw_key *key, const char **ret_why);
void gw_key_clear(struct gw_key *key);

bool gw_keys_is_pem(struct gw_str text);

#endif
