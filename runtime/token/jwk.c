/* jwk.c: reads JSON Web Keys and sets of them (RFC 7517; RFC 7518, 6; RFC 8037, 2).
 *
 * Members that matter are read strictly, once, and in their one spelling; members that do not
 * (x5c, x5t, x5u and whatever else) are not looked at, and nothing behind a URL is fetched.
 *
 * In a set that an issuer publishes, a key that cannot be used is left out and the others are
 * taken, as RFC 7517, 5 asks. A secret in it is an error of the whole set: whoever reads it could
 * sign. */
#include "base/base64.h"
#include "gatewright.h"
#include "json/json.h"
#include "token/own.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#define DEPTH_MAX 8
#define TEXT_MAX  (1024 * 1024)

/* A JWK while it becomes a key. */
struct reader {
    const struct gw_keys *keys; /* that it is for */
    const struct gw_json *jwk;
    struct gw_arena *arena;
    const char *why;
};

/* The bytes of a base64url member. False with a reason unless it is there. */
static bool read_bytes(struct reader *reader, const char *name, struct gw_str *ret)
{
    const struct gw_json *value = gw_json_member(reader->jwk, name);
    size_t len = 0;
    if (!value || value->kind != GW_JSON_STRING || value->text.len == 0) {
        reader->why = "lacks a member of its key";
        return false;
    }
    unsigned char *bytes = gw_arena_alloc(reader->arena, GW_BASE64URL_DECODED(value->text.len) + 1);
    if (!bytes || !gw_base64url_decode(value->text, bytes, &len)) {
        reader->why = bytes ? "has a member that is not base64url" : NULL;
        return false;
    }
    *ret = (struct gw_str){(const char *)bytes, len};
    return true;
}

/* ---- Public-key kinds ----------------------------------------------------------------------- */

/* Numbers of a key on their way into OpenSSL, which wants them alive until the key is made. */
struct builder {
    OSSL_PARAM_BLD *bld;
    BIGNUM *numbers[8];
    size_t n;
};

static bool push_number(struct reader *reader, struct builder *builder, const char *member,
                        const char *param)
{
    struct gw_str bytes;
    if (!read_bytes(reader, member, &bytes))
        return false;
    if (bytes.len > 2048) {
        reader->why = "has a number that is too long";
        return false;
    }
    BIGNUM *number = BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
    if (!number)
        return false;
    builder->numbers[builder->n++] = number;
    return OSSL_PARAM_BLD_push_BN(builder->bld, param, number) == 1;
}

static bool push_rsa(struct reader *reader, struct builder *builder, bool private)
{
    static const char *const members[][2] = {
        {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    if (gw_json_member(reader->jwk, "oth")) {
        reader->why = "is an RSA key of more than two primes";
        return false;
    }
    for (size_t i = 0; i < (private ? 8 : 2); i++)
        if (!push_number(reader, builder, members[i][0], members[i][1]))
            return false;
    return true;
}

/* Coordinates are as long as the field, no shorter (RFC 7518, 6.2.1.2). */
static bool push_ec(struct reader *reader, struct builder *builder, bool private,
                    const struct gw_algorithm *algorithm)
{
    unsigned char point[1 + 2 * 66] = {4}; /* uncompressed (SEC 1, 2.3.3) */
    size_t half = algorithm->size;
    struct gw_str x, y, d;
    if (!read_bytes(reader, "x", &x) || !read_bytes(reader, "y", &y) ||
        (private && !read_bytes(reader, "d", &d)))
        return false;
    if (x.len != half || y.len != half || (private && d.len != half)) {
        reader->why = "has a coordinate of another length than its curve's";
        return false;
    }
    memcpy(point + 1, x.ptr, half);
    memcpy(point + 1 + half, y.ptr, half);
    char *copy = gw_arena_copy(reader->arena, point, 1 + 2 * half);
    return copy &&
           OSSL_PARAM_BLD_push_utf8_string(builder->bld, OSSL_PKEY_PARAM_GROUP_NAME,
                                           algorithm->group, 0) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(builder->bld, OSSL_PKEY_PARAM_PUB_KEY, copy,
                                            1 + 2 * half) == 1 &&
           (!private || push_number(reader, builder, "d", OSSL_PKEY_PARAM_PRIV_KEY));
}

/* What the builder holds as a key; NULL where OpenSSL does not take it. */
static EVP_PKEY *finish(struct builder *builder, const char *kind, bool private)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder->bld);
    EVP_PKEY *pair = NULL;
    if (context && params && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &pair, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          params) != 1)
        pair = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(context);
    return pair;
}

static EVP_PKEY *read_numbers(struct reader *reader, const struct gw_algorithm *algorithm,
                              bool private)
{
    struct builder builder = {.bld = OSSL_PARAM_BLD_new()};
    bool ec = algorithm->family == GW_FAMILY_EC;
    EVP_PKEY *pair = NULL;
    if (builder.bld && (ec ? push_ec(reader, &builder, private, algorithm)
                           : push_rsa(reader, &builder, private))) {
        pair = finish(&builder, ec ? "EC" : "RSA", private);
        if (!pair)
            reader->why = "is a key that OpenSSL finds to be broken";
    }
    OSSL_PARAM_BLD_free(builder.bld);
    for (size_t i = 0; i < builder.n; i++)
        BN_clear_free(builder.numbers[i]);
    return pair;
}

static EVP_PKEY *read_ed25519(struct reader *reader, bool private)
{
    unsigned char held[32];
    size_t len = sizeof(held);
    struct gw_str x, d;
    if (!read_bytes(reader, "x", &x) || (private && !read_bytes(reader, "d", &d)))
        return NULL;
    if (x.len != 32 || (private && d.len != 32)) {
        reader->why = "has a coordinate of another length than its curve's";
        return NULL;
    }
    if (!private)
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x.ptr,
                                           x.len);
    EVP_PKEY *pair =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)d.ptr, d.len);
    /* OpenSSL makes the public half by itself: the file's must be the same. */
    if (pair && (EVP_PKEY_get_raw_public_key(pair, held, &len) != 1 || memcmp(held, x.ptr, 32))) {
        EVP_PKEY_free(pair);
        pair = NULL;
        reader->why = "is a key that OpenSSL finds to be broken";
    }
    return pair;
}

/* ---- One key -------------------------------------------------------------------------------- */

static bool lists(const struct gw_json *list, const char *text)
{
    for (const struct gw_json *one = list->list.first; one; one = one->next)
        if (gw_json_is(one, text))
            return true;
    return false;
}

/* `use` and `key_ops` (RFC 7517, 4.2 and 4.3). */
static bool is_for_signatures(const struct gw_json *jwk)
{
    const struct gw_json *use = gw_json_member(jwk, "use"), *ops = gw_json_member(jwk, "key_ops");
    if (use && !gw_json_is(use, "sig"))
        return false;
    return !ops || (ops->kind == GW_JSON_ARRAY && (lists(ops, "verify") || lists(ops, "sign")));
}

static const struct gw_algorithm *algorithm_by_kind(const struct gw_json *jwk)
{
    const struct gw_json *kty = gw_json_member(jwk, "kty"), *crv = gw_json_member(jwk, "crv");
    if (gw_json_is(kty, "oct"))
        return gw_algorithm_find(GW_STR("HS256"));
    if (gw_json_is(kty, "RSA"))
        return gw_algorithm_find(GW_STR("RS256"));
    if (gw_json_is(kty, "OKP"))
        return gw_json_is(crv, "Ed25519") ? gw_algorithm_find(GW_STR("EdDSA")) : NULL;
    for (size_t i = 0; gw_json_is(kty, "EC") && i < gw_n_algorithms; i++)
        if (gw_algorithms[i].family == GW_FAMILY_EC && gw_json_is(crv, gw_algorithms[i].curve))
            return &gw_algorithms[i];
    return NULL;
}

/* The kind fixes what the key can do; `alg` may choose within it. */
static const struct gw_algorithm *algorithm_of(const struct gw_json *jwk)
{
    const struct gw_algorithm *kind = algorithm_by_kind(jwk), *named;
    const struct gw_json *alg = gw_json_member(jwk, "alg");
    if (!kind || !alg)
        return kind;
    named = alg->kind == GW_JSON_STRING ? gw_algorithm_find(alg->text) : NULL;
    if (!named || named == kind)
        return named;
    bool rsa = kind->family == GW_FAMILY_RSA && named->family == GW_FAMILY_RSA_PSS;
    bool same = kind->family == named->family && kind->family != GW_FAMILY_EC;
    return rsa || same ? named : NULL;
}

static int read_secret(struct reader *reader, struct gw_key *key)
{
    struct gw_str secret;
    if (!read_bytes(reader, "k", &secret))
        return reader->why ? -EINVAL : -ENOMEM;
    reader->why = gw_keys_refuse_secret(secret, key->algorithm);
    return reader->why ? -EINVAL : gw_hmac_prepare(key, secret);
}

static int read_pair(struct reader *reader, struct gw_key *key)
{
    bool private = gw_json_member(reader->jwk, "d");
    EVP_PKEY *pair = key->algorithm->family == GW_FAMILY_ED25519
                         ? read_ed25519(reader, private)
                         : read_numbers(reader, key->algorithm, private);
    ERR_clear_error();
    if (!pair)
        return reader->why ? -EINVAL : -ENOMEM;
    return gw_public_prepare(key, pair, &reader->why);
}

static int read_id(struct reader *reader, struct gw_str id, struct gw_key *key)
{
    const struct gw_json *kid = gw_json_member(reader->jwk, "kid");
    if (kid && kid->kind == GW_JSON_STRING)
        id = kid->text;
    if ((kid && kid->kind != GW_JSON_STRING) ||
        ((kid || id.len) && !gw_keys_takes_id(reader->keys, id))) {
        reader->why = "has no good key id: 1 to 64 of A-Z a-z 0-9 . _ -";
        return -EINVAL;
    }
    if (id.len)
        memcpy(key->id, id.ptr, id.len);
    return 0;
}

static int read_jwk(struct reader *reader, struct gw_str id, struct gw_key *key)
{
    if (reader->jwk->kind != GW_JSON_OBJECT || !gw_json_member(reader->jwk, "kty")) {
        reader->why = "is not a JSON Web Key";
        return -EINVAL;
    }
    key->algorithm = is_for_signatures(reader->jwk) ? algorithm_of(reader->jwk) : NULL;
    if (!key->algorithm) {
        reader->why = "is not for signatures, or of no algorithm here";
        return -EINVAL;
    }
    int r = read_id(reader, id, key);
    if (r)
        return r;
    return gw_key_is_secret(key) ? read_secret(reader, key) : read_pair(reader, key);
}

static int add(struct gw_keys *keys, struct reader *reader, struct gw_str id)
{
    struct gw_key key = {.algorithm = NULL};
    reader->keys = keys;
    int r = read_jwk(reader, id, &key);

    if (r) {
        gw_key_clear(&key);
        return r;
    }
    return gw_keys_take(keys, &key, &reader->why);
}

/* Reads the text; -EINVAL with a reason where it is not JSON. */
static int read_text(struct reader *reader, struct gw_str text)
{
    struct gw_json_error error;
    reader->why = "is too long";
    if (text.len > TEXT_MAX)
        return -EINVAL;
    int r = gw_json_read(text, DEPTH_MAX, reader->arena, &reader->jwk, &error);
    reader->why = r > 0 ? "is not JSON, or has a member twice" : NULL;
    return r > 0 ? -EINVAL : r;
}

int gw_keys_add_jwk(struct gw_keys *keys, struct gw_str text, struct gw_str id,
                    const char **ret_why)
{
    struct gw_arena arena = {.limit = 0};
    struct reader reader = {.arena = &arena};
    int r = read_text(&reader, text);
    if (!r)
        r = add(keys, &reader, id);
    gw_arena_wipe(&arena); /* it held the private part */
    if (r == -EINVAL)
        *ret_why = reader.why;
    return r;
}

/* ---- Sets ----------------------------------------------------------------------------------- */

static bool publishes_secret(struct reader *reader)
{
    if (gw_json_is(gw_json_member(reader->jwk, "kty"), "oct"))
        reader->why = "publishes a secret";
    else if (gw_json_member(reader->jwk, "d"))
        reader->why = "publishes a private key";
    else
        return false;
    return true;
}

static void leave_out(const struct gw_keys_report *report, const struct reader *reader,
                      size_t place)
{
    const struct gw_json *kid = gw_json_member(reader->jwk, "kid");
    bool text = kid && kid->kind == GW_JSON_STRING;
    if (report)
        report->left_out(report->data, place, text ? kid->text : (struct gw_str){NULL, 0},
                         reader->why);
}

static int add_all(struct gw_keys *keys, struct reader *reader, const struct gw_keys_report *report)
{
    const struct gw_json *list =
        reader->jwk->kind == GW_JSON_OBJECT ? gw_json_member(reader->jwk, "keys") : NULL;
    size_t place = 1;
    reader->why = "is not a JSON Web Key Set";
    if (!list || list->kind != GW_JSON_ARRAY)
        return -EINVAL;
    for (reader->jwk = list->list.first; reader->jwk; reader->jwk = reader->jwk->next, place++) {
        if (publishes_secret(reader))
            return -EINVAL;
        reader->why = NULL;
        int r = add(keys, reader, (struct gw_str){NULL, 0});
        if (r && r != -EINVAL)
            return r;
        if (r)
            leave_out(report, reader, place);
    }
    return 0;
}

int gw_keys_from_jwks(struct gw_str text, const struct gw_keys_report *report, struct gw_keys **ret,
                      const char **ret_why)
{
    struct gw_arena arena = {.limit = 0};
    struct reader reader = {.arena = &arena};
    struct gw_keys *keys;
    int r = gw_keys_new(&keys);
    if (r)
        return r;
    keys->foreign = true;
    r = read_text(&reader, text);
    if (!r)
        r = add_all(keys, &reader, report);
    gw_arena_free(&arena);
    if (r) {
        gw_keys_free(keys);
        if (r == -EINVAL)
            *ret_why = reader.why;
        return r;
    }
    *ret = keys;
    return 0;
}
