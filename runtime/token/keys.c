/* keys.c: sets of keys, and what a thread needs to use them.
 *
 * A set never changes once it is published: a new one is made beside it and put in its place, and
 * the old one goes when the last worker has let go of it (trust.c). Whoever verifies picks a
 * key by its id and does what the key says; a token's header can agree or be refused. */
#include "token/keys.h"

#include "base/arena.h"
#include "base/base64.h"
#include "gatewright.h"
#include "token/jwt.h"
#include "token/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Headers -------------------------------------------------------------------------------- */

/* The usual spellings of a header. A key with an id has it in every one of them: a token that does
 * not name the key is looked up as such. Where a `typ` is demanded, every spelling has it. */
static int make_headers(struct gw_key *key, const char *type)
{
    const char *typ = *type ? type : "JWT", *name = key->algorithm->name;
    const struct {
        const char *first, *first_value, *second, *second_value;
    } forms[GW_KEY_N_HEADERS] = {
        {"alg", name, "typ", typ},
        {"typ", typ, "alg", name},
        {"alg", name, NULL, NULL},
    };
    bool id = key->id[0] != '\0';

    key->n_headers = *type ? 2 : GW_KEY_N_HEADERS;
    for (size_t i = 0; i < key->n_headers; i++) {
        char text[GW_KEY_HEADER_MAX * 3 / 4];
        bool both = forms[i].second;
        int len = snprintf(text, sizeof(text), "{\"%s\":\"%s\"%s%s%s%s%s%s%s%s}", forms[i].first,
                           forms[i].first_value, both ? ",\"" : "", both ? forms[i].second : "",
                           both ? "\":\"" : "", both ? forms[i].second_value : "", both ? "\"" : "",
                           id ? ",\"kid\":\"" : "", key->id, id ? "\"" : "");
        if (len < 0 || (size_t)len >= sizeof(text))
            return -EINVAL;
        char *out = key->header_text[i];
        size_t n = gw_base64url_encode((const unsigned char *)text, (size_t)len, out);
        key->headers[i] = (struct gw_str){out, n};
    }
    return 0;
}

const struct gw_str *gw_key_headers(const struct gw_key *key, size_t *ret_n)
{
    *ret_n = key->n_headers;
    return key->headers;
}

const char *gw_key_header(const struct gw_key *key, const char *type, struct gw_arena *arena,
                          size_t *ret_len)
{
    bool id = key->id[0] != '\0';
    const char *text =
        gw_arena_printf(arena, "{\"alg\":\"%s\",\"typ\":\"%s\"%s%s%s}", key->algorithm->name, type,
                        id ? ",\"kid\":\"" : "", key->id, id ? "\"" : "");
    size_t len = text ? strlen(text) : 0;
    char *ret = text ? gw_arena_alloc(arena, GW_BASE64URL_ENCODED(len) + 1) : NULL;
    if (ret)
        *ret_len = gw_base64url_encode((const unsigned char *)text, len, ret);
    return ret;
}

const struct gw_key *gw_keys_find_header(const struct gw_keys *keys, struct gw_str header)
{
    for (size_t i = 0; i < keys->n; i++)
        for (size_t k = 0; k < keys->items[i].n_headers; k++)
            if (gw_str_equal(header, keys->items[i].headers[k]))
                return &keys->items[i];
    return NULL;
}

/* ---- Making a set --------------------------------------------------------------------------- */

int gw_keys_new(struct gw_keys **ret)
{
    static _Atomic uint64_t generations;
    struct gw_keys *keys = calloc(1, sizeof(*keys));
    if (!keys)
        return -ENOMEM;
    atomic_init(&keys->references, 1);
    keys->generation = atomic_fetch_add(&generations, 1) + 1;
    *ret = keys;
    return 0;
}

static bool is_id(struct gw_str text, const char *others)
{
    if (text.len == 0 || text.len > GW_KEY_ID_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(gw_is_alnum(c) || (c && strchr(others, c))))
            return false;
    }
    return true;
}

bool gw_key_id_is_good(struct gw_str id)
{
    return is_id(id, "._-");
}

bool gw_keys_takes_id(const struct gw_keys *keys, struct gw_str id)
{
    return is_id(id, keys->foreign ? "._-+/=:@" : "._-");
}

void gw_key_clear(struct gw_key *key)
{
    /* OpenSSL wipes a hash's state and a private key when it frees them. */
    EVP_MD_CTX_free(key->inner);
    EVP_MD_CTX_free(key->outer);
    EVP_PKEY_free(key->pair);
    BN_free(key->order);
    *key = (struct gw_key){.algorithm = NULL};
}

/* The texts of headers lie in the keys themselves, which a larger array moves. */
static int grow(struct gw_keys *keys)
{
    size_t room = keys->room ? 2 * keys->room : 1;
    struct gw_key *items = calloc(room, sizeof(*items));
    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < keys->n; i++) {
        items[i] = keys->items[i];
        for (size_t k = 0; k < items[i].n_headers; k++)
            items[i].headers[k].ptr = items[i].header_text[k];
    }
    free(keys->items);
    keys->items = items;
    keys->room = room;
    return 0;
}

static int find_room(struct gw_keys *keys, const struct gw_key *key, const char **ret_why)
{
    struct gw_str id = gw_str_from(key->id);
    if (gw_keys_find(keys, id.len ? id : (struct gw_str){NULL, 0})) {
        *ret_why = id.len ? "has the id of another key" : "is the second key without an id";
        return -EINVAL;
    }
    return keys->n < keys->room ? 0 : grow(keys);
}

int gw_keys_take(struct gw_keys *keys, struct gw_key *key, const char **ret_why)
{
    bool none_signs = keys->active == keys->n;
    int r = find_room(keys, key, ret_why);
    if (r) {
        gw_key_clear(key);
        return r;
    }
    struct gw_key *place = &keys->items[keys->n];
    *place = *key;
    r = make_headers(place, keys->type);
    if (r) {
        gw_key_clear(place);
        return r;
    }
    keys->n++;
    if (none_signs)
        keys->active = keys->n;
    return 0;
}

int gw_keys_add_secret(struct gw_keys *keys, struct gw_str secret, const char **ret_why)
{
    struct gw_key key = {.algorithm = gw_algorithm_find(GW_STR("HS256"))};
    const char *why = gw_keys_refuse_secret(secret, key.algorithm);
    if (why) {
        *ret_why = why;
        return -EINVAL;
    }
    int r = gw_hmac_prepare(&key, secret);
    if (r) {
        gw_key_clear(&key);
        return r;
    }
    return gw_keys_take(keys, &key, ret_why);
}

int gw_keys_from_secret(struct gw_str secret, struct gw_keys **ret, const char **ret_why)
{
    struct gw_keys *keys;
    int r = gw_keys_new(&keys);
    if (r)
        return r;
    r = gw_keys_add_secret(keys, secret, ret_why);
    if (r) {
        gw_keys_free(keys);
        return r;
    }
    keys->active = 0;
    *ret = keys;
    return 0;
}

bool gw_keys_activate(struct gw_keys *keys, struct gw_str id)
{
    for (size_t i = 0; i < keys->n; i++) {
        if (!keys->items[i].can_sign || !gw_str_equal(id, gw_str_from(keys->items[i].id)))
            continue;
        keys->active = i;
        return true;
    }
    return false;
}

/* RFC 6838, 4.2: the characters of a media type's name. That of our refresh tokens is not for
 * access tokens. */
static bool is_type(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && !strcasestr(text, GW_JWT_REFRESH) && !strcasestr(text, GW_JWT_TICKET) &&
           len <= GW_KEY_TYPE_MAX &&
           strspn(text,
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+/") ==
               len;
}

bool gw_keys_set_type(struct gw_keys *keys, const char *type)
{
    if (!is_type(type))
        return false;
    strcpy(keys->type, type);
    for (size_t i = 0; i < keys->n; i++)
        if (make_headers(&keys->items[i], keys->type))
            return false;
    return true;
}

/* ---- Using a set ---------------------------------------------------------------------------- */

struct gw_keys *gw_keys_ref(struct gw_keys *keys)
{
    atomic_fetch_add(&keys->references, 1);
    return keys;
}

void gw_keys_free(struct gw_keys *keys)
{
    if (!keys || atomic_fetch_sub(&keys->references, 1) != 1)
        return;
    for (size_t i = 0; i < keys->n; i++)
        gw_key_clear(&keys->items[i]);
    free(keys->items);
    free(keys);
}

size_t gw_keys_count(const struct gw_keys *keys)
{
    return keys->n;
}

const struct gw_key *gw_keys_at(const struct gw_keys *keys, size_t i)
{
    return &keys->items[i];
}

const struct gw_key *gw_keys_active(const struct gw_keys *keys)
{
    return keys->active < keys->n ? &keys->items[keys->active] : NULL;
}

const struct gw_key *gw_keys_find(const struct gw_keys *keys, struct gw_str kid)
{
    if (!kid.ptr)
        kid = GW_STR("");
    else if (kid.len == 0)
        return NULL;
    for (size_t i = 0; i < keys->n; i++)
        if (gw_str_equal(kid, gw_str_from(keys->items[i].id)))
            return &keys->items[i];
    return NULL;
}

const char *gw_keys_type(const struct gw_keys *keys)
{
    return keys->type[0] ? keys->type : NULL;
}

const char *gw_key_algorithm(const struct gw_key *key)
{
    return key->algorithm->name;
}

const char *gw_key_id(const struct gw_key *key)
{
    return key->id[0] ? key->id : NULL;
}

bool gw_key_can_sign(const struct gw_key *key)
{
    return key->can_sign;
}

bool gw_key_is_secret(const struct gw_key *key)
{
    return key->algorithm->family == GW_FAMILY_HMAC;
}

/* ---- A thread's contexts -------------------------------------------------------------------- */

int gw_crypto_new(struct gw_crypto **ret)
{
    struct gw_crypto *crypto = calloc(1, sizeof(*crypto));
    if (!crypto)
        return -ENOMEM;
    crypto->digest = EVP_MD_CTX_new();
    if (!crypto->digest) {
        gw_crypto_free(crypto);
        return -ENOMEM;
    }
    *ret = crypto;
    return 0;
}

void gw_crypto_free(struct gw_crypto *crypto)
{
    if (!crypto)
        return;
    EVP_MD_CTX_free(crypto->digest);
    gw_arena_free(&crypto->scratch);
    free(crypto->seen);
    free(crypto);
}

struct gw_arena *gw_crypto_scratch(struct gw_crypto *crypto)
{
    gw_arena_reset(&crypto->scratch);
    return &crypto->scratch;
}

int gw_key_sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                unsigned char ret_signature[GW_SIGNATURE_MAX], size_t *ret_len)
{
    return key->algorithm->sign(key, crypto, input, ret_signature, ret_len);
}

int gw_key_verify(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str input,
                  const unsigned char *signature, size_t len)
{
    return key->algorithm->verify(key, crypto, input, signature, len);
}
