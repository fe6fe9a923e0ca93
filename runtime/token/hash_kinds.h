/* hash_kinds.h: what the files of the kinds of hashes (hash_*.c) share. */
#ifndef GW_HASH_KINDS_H
#define GW_HASH_KINDS_H

#include "token/hash.h"

#define GW_HASH_PREPARED_SIZE 65 /* with the NUL: 64 characters of hex or base64 */

struct gw_hash_kind {
    const char *name;
    const char *prefix;
    size_t skip;         /* bytes of the prefix that another program put before the hash proper */
    bool by_length;      /* each round hashes the password again: a long one costs more */
    const char *variant; /* the digest of PBKDF2, the type of Argon2 */
    enum gw_reason (*read)(struct gw_str text, struct gw_hash *ret); /* behind `skip` */
    /* Writes hash->digest_len bytes. 0; GW_E_MISMATCH: it cannot be right; negative errno. */
    int (*derive)(const struct gw_hash *hash, const char *password, unsigned char *out);
    /* What is hashed in the place of the password; NULL: itself. 0 or negative errno. */
    int (*prepare)(const char *password, char out[GW_HASH_PREPARED_SIZE]);
};

/* Takes the part of *text before the next `end`, and both away. False: there is no `end`. */
bool gw_hash_take(struct gw_str *text, char end, struct gw_str *ret);

/* The same for a decimal number of at least `least`. */
bool gw_hash_take_number(struct gw_str *text, char end, uint64_t least, uint64_t *ret);

/* The value of a character of crypt's alphabet ./0-9A-Za-z, in that order; -1: it is none. */
int gw_hash_value64(char c);
bool gw_hash_is_text64(struct gw_str text);

/* Keeps the salt, which has 1 to GW_HASH_SALT_MAX bytes from `begin` on; false otherwise. */
bool gw_hash_keep_salt(struct gw_hash *hash, struct gw_str salt, size_t begin);

/* Keep a digest of exactly `size` bytes: as lower-case hex, or as base64 with its padding. */
bool gw_hash_keep_hex(struct gw_hash *hash, struct gw_str hex, size_t size);
bool gw_hash_keep_base64(struct gw_hash *hash, struct gw_str text, size_t size);

/* The one spelling of `text` in base64 without padding. False: it is not, or it is longer than
 * `size` bytes. */
bool gw_hash_base64(struct gw_str text, unsigned char *out, size_t size, size_t *ret_len);

enum gw_reason gw_hash_read_yescrypt(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_read_crypt_scrypt(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_read_bcrypt(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_read_sha_crypt(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_read_md5_crypt(struct gw_str text, struct gw_hash *ret);
int gw_hash_derive_crypt(const struct gw_hash *hash, const char *password, unsigned char *out);
int gw_hash_prepare_django(const char *password, char out[GW_HASH_PREPARED_SIZE]);
int gw_hash_prepare_wordpress(const char *password, char out[GW_HASH_PREPARED_SIZE]);

enum gw_reason gw_hash_read_werkzeug_pbkdf2(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_read_django_pbkdf2(struct gw_str text, struct gw_hash *ret);
int gw_hash_derive_pbkdf2(const struct gw_hash *hash, const char *password, unsigned char *out);

enum gw_reason gw_hash_read_werkzeug_scrypt(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_read_django_scrypt(struct gw_str text, struct gw_hash *ret);
enum gw_reason gw_hash_bound_scrypt(const struct gw_hash *hash);
int gw_hash_derive_scrypt(const struct gw_hash *hash, const char *password, unsigned char *out);

enum gw_reason gw_hash_read_argon2(struct gw_str text, struct gw_hash *ret);
int gw_hash_derive_argon2(const struct gw_hash *hash, const char *password, unsigned char *out);

enum gw_reason gw_hash_read_phpass(struct gw_str text, struct gw_hash *ret);
int gw_hash_derive_phpass(const struct gw_hash *hash, const char *password, unsigned char *out);

#endif
