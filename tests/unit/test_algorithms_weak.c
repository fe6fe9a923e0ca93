/* test_algorithms_weak.c: public keys that are well-formed and worth nothing. */
#include "token/keys.h"

#include "base/arena.h"
#include "base/base64.h"
#include "key_sets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

TestSuite(algorithms, .init = begin, .fini = finish);

/* ---- Keys that are refused ---- */

static void refuses(const char *jwk, const char *part)
{
    struct gw_keys *keys;
    const char *why = "";

    cr_assert_eq(gw_keys_new(&keys), 0);
    cr_assert_eq(add(keys, jwk, &why), -EINVAL, "%s", jwk);
    cr_assert_not_null(strstr(why, part), "%s: %s", why, jwk);
    cr_assert_eq(gw_keys_count(keys), 0);
    gw_keys_free(keys);
}

/* An RSA public key with that exponent, as JWK. */
static const char *rsa_jwk(unsigned bits, const char *e)
{
    EVP_PKEY *pair = EVP_RSA_gen(bits);
    unsigned char bytes[1024];
    char text[2048] = "";
    BIGNUM *n = NULL;

    cr_assert_eq(EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    gw_base64url_encode(bytes, (size_t)BN_bn2bin(n, bytes), text);
    BN_free(n);
    EVP_PKEY_free(pair);
    return gw_arena_printf(&arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", text, e);
}

/* A modulus of that many bytes that is none, but is refused before anybody looks. */
static const char *huge_jwk(size_t bytes, const char *e)
{
    char *n = gw_arena_alloc(&arena, GW_BASE64URL_ENCODED(bytes) + 1);
    unsigned char *number = gw_arena_alloc(&arena, bytes);

    memset(number, 0xab, bytes);
    gw_base64url_encode(number, bytes, n);
    return gw_arena_printf(&arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", n, e);
}

/* A modulus as the library of CVE-2017-15361 makes it (Nemec and others, "The Return of
 * Coppersmith's Attack", 2017): primes k * M + (65537^a mod M), M the product of the first 126
 * primes for this size. */
static BIGNUM *roca_prime(BN_CTX *context)
{
    BIGNUM *m = BN_new(), *base = BN_new(), *exponent = BN_new(), *k = BN_new(), *p = BN_new();
    size_t n = 0;

    BN_one(m);
    BN_set_word(base, 65537);
    for (unsigned prime = 2; n < 126; prime++) {
        unsigned divisor = 2;
        while (divisor * divisor <= prime && prime % divisor)
            divisor++;
        if (divisor * divisor > prime && ++n)
            BN_mul_word(m, prime);
    }
    do {
        BN_rand(exponent, 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
        BN_rand(k, 1024 - BN_num_bits(m), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY);
        BN_mod_exp(p, base, exponent, m, context);
        BN_mul(k, k, m, context);
        BN_add(p, p, k);
    } while (BN_num_bits(p) != 1024 || BN_check_prime(p, context, NULL) != 1);
    BN_free(m);
    BN_free(base);
    BN_free(exponent);
    BN_free(k);
    return p;
}

Test(algorithms, rsa_moduli_of_the_roca_kind_are_refused, .timeout = 600)
{
    BN_CTX *context = BN_CTX_new();
    unsigned char bytes[256];
    char text[400] = "";

    for (int i = 0; i < 3; i++) {
        BIGNUM *p = roca_prime(context), *q = roca_prime(context);
        BN_mul(p, p, q, context);
        cr_assert_eq(BN_num_bits(p), 2048);
        text[gw_base64url_encode(bytes, (size_t)BN_bn2bin(p, bytes), text)] = 0;
        refuses(gw_arena_printf(&arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", text),
                "ROCA");
        BN_free(p);
        BN_free(q);
    }
    BN_CTX_free(context);
    for (int i = 0; i < 5; i++) /* one in 2^27 of others looks like one */
        gw_keys_free(set_of(rsa_jwk(2048, "AQAB")));
}

Test(algorithms, rsa_moduli_that_are_even_or_have_a_small_factor_are_refused)
{
    char *jwk = (char *)rsa_jwk(2048, "AQAB"), *end = strstr(jwk, "\",\"e\"");

    end[-2] = 'A'; /* the last bits: a multiple of four */
    end[-1] = 'A';
    refuses(jwk, "broken");
    refuses(huge_jwk(256, "AQAB"), "broken"); /* 0xabab...: divisible by 3 */
}

/* ---- Points of Ed25519 ---- */

static const char *ed_jwk(const unsigned char point[32])
{
    char x[64];
    x[gw_base64url_encode(point, 32, x)] = 0;
    return gw_arena_printf(&arena, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", x);
}

/* All encodings of points whose order divides 8 (libsodium's list; the last three are 0, 1 and -1
 * in other spellings: p, p + 1, and 2^255 - 20 + ... of RFC 8032, 5.1.3). */
static const char *const small_points[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void point_of(const char *hex, bool sign, unsigned char ret[32])
{
    for (size_t i = 0; i < 32; i++) {
        unsigned byte;
        cr_assert_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        ret[i] = (unsigned char)byte;
    }
    ret[31] |= sign ? 0x80 : 0;
}

Test(algorithms, ed25519_points_of_small_order_are_refused_in_every_encoding)
{
    unsigned char point[32];

    for (size_t i = 0; i < sizeof(small_points) / sizeof(*small_points); i++)
        for (int sign = 0; sign < 2; sign++) {
            point_of(small_points[i], sign, point);
            refuses(ed_jwk(point), i < 5 ? "small order" : "another encoding");
        }
}

/* What they are refused for: with the identity as key, the identity and S = 0 sign every text. */
Test(algorithms, openssl_alone_takes_a_signature_of_nobody)
{
    unsigned char identity[32] = {1}, signature[64] = {1};
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, identity, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    cr_assert_eq(EVP_DigestVerifyInit(context, NULL, NULL, NULL, key), 1);
    cr_assert_eq(EVP_DigestVerify(context, signature, 64, (const unsigned char *)"any", 3), 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

/* Euler's criterion for x^2 = (y^2 - 1) / (d y^2 + 1), d = -121665 / 121666 (RFC 8032, 5.1). */
static bool has_x(unsigned y)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_new(), *d = BN_new(), *v = BN_new(), *u = BN_new(), *half = BN_new();

    BN_set_bit(p, 255);
    BN_sub_word(p, 19);
    BN_set_word(d, 121666);
    BN_mod_inverse(d, d, p, context);
    BN_mul_word(d, 121665);
    BN_set_negative(d, 1);
    BN_set_word(u, y * y - 1);
    BN_set_word(v, y * y);
    BN_mod_mul(v, v, d, p, context);
    BN_add_word(v, 1);
    BN_mod_inverse(v, v, p, context);
    BN_mod_mul(u, u, v, p, context);
    BN_rshift1(half, p);
    BN_mod_exp(u, u, half, p, context);
    bool found = BN_is_one(u);
    BN_free(p);
    BN_free(d);
    BN_free(v);
    BN_free(u);
    BN_free(half);
    BN_CTX_free(context);
    return found;
}

/* y from p to 2^255 - 1 has a second spelling; half of all y have no x. */
Test(algorithms, ed25519_points_that_are_none_are_refused)
{
    unsigned char point[32];
    size_t on = 0, off = 0;

    for (unsigned last = 0xed; last <= 0xff; last++) {
        point_of(small_points[1], false, point);
        point[0] = (unsigned char)last;
        refuses(ed_jwk(point), "another encoding");
    }
    for (unsigned i = 2; i < 200; i++) {
        struct gw_keys *set;
        const char *why = "";
        memset(point, 0, sizeof(point));
        point[0] = (unsigned char)i;
        cr_assert_eq(gw_keys_new(&set), 0);
        int r = add(set, ed_jwk(point), &why);
        cr_assert(r == 0 || strstr(why, "not on the curve"), "%u: %s", i, why);
        cr_assert_eq(r == 0, has_x(i), "%u: %s", i, why);
        r ? off++ : on++;
        gw_keys_free(set);
    }
    cr_assert(on > 70 && off > 70, "%zu on, %zu off", on, off);
}

/* RFC 8032, 5.1.7: S is below the order of the base point. */
Test(algorithms, ed25519_refuses_a_signature_whose_s_is_not_below_the_order)
{
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a,       0x63,
                                            0x12, 0x58, 0xd6, 0x9c, 0xf7,       0xa2,
                                            0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    struct gw_keys *keys = generated("EdDSA");
    const struct gw_key *key = gw_keys_at(keys, 0);
    unsigned char signature[GW_SIGNATURE_MAX];
    size_t len;
    unsigned carry = 0;

    cr_assert_eq(gw_key_sign(key, crypto, GW_STR("text"), signature, &len), 0);
    cr_assert_eq(gw_key_verify(key, crypto, GW_STR("text"), signature, len), 0);
    for (size_t i = 0; i < 32; i++) {
        carry += signature[32 + i] + order[i];
        signature[32 + i] = (unsigned char)carry;
        carry >>= 8;
    }
    cr_assert_neq(gw_key_verify(key, crypto, GW_STR("text"), signature, len), 0);
    gw_keys_free(keys);
}
