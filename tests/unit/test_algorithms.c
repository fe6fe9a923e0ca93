/* Every algorithm against the vectors of the RFCs, and the keys that are refused. */
#include "keys.h"

#include "arena.h"
#include "gatewright.h"
#include "jwt.h"
#include "tokens.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>

static struct gw_crypto *crypto;
static struct gw_arena arena;

static void begin(void)
{
    cr_assert_eq(gw_crypto_new(&crypto), 0);
}

static void finish(void)
{
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

TestSuite(algorithms, .init = begin, .fini = finish);

static const char *const names[] = {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
                                    "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};
#define N_NAMES (sizeof(names) / sizeof(*names))

static json_t *load(const char *name)
{
    char path[1024];
    json_error_t error;

    snprintf(path, sizeof(path), "%s/%s", getenv("GW_TEST_VECTORS"), name);
    json_t *vector = json_load_file(path, 0, &error);
    cr_assert_not_null(vector, "%s: %s", path, error.text);
    return vector;
}

static int add(struct gw_keys *keys, const char *jwk, const char **ret_why)
{
    return gw_keys_add_jwk(keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, ret_why);
}

/* A set of that one key, which signs if it can. */
static struct gw_keys *set_of(const char *jwk)
{
    struct gw_keys *keys;
    const char *why = "";

    cr_assert_eq(gw_keys_new(&keys), 0);
    cr_assert_eq(add(keys, jwk, &why), 0, "%s: %s", why, jwk);
    const char *id = gw_key_id(gw_keys_at(keys, 0));
    gw_keys_activate(keys, gw_str_from(id ? id : ""));
    return keys;
}

static struct gw_keys *set_of_json(const json_t *jwk, const char *alg)
{
    json_t *copy = json_copy((json_t *)jwk);

    json_object_del(copy, "kid"); /* the cookbook's has a character that ours may not have */
    json_object_set_new(copy, "alg", json_string(alg));
    char *text = json_dumps(copy, 0);
    struct gw_keys *keys = set_of(text);
    free(text);
    json_decref(copy);
    return keys;
}

/* Checks that the key verifies the signature over the input, and makes it again where signatures
 * of that algorithm are always the same. */
static void check_vector(const json_t *jwk, const char *alg, struct gw_str input,
                         const char *signature, bool again)
{
    unsigned char given[GW_SIGNATURE_MAX], made[GW_SIGNATURE_MAX];
    struct gw_keys *keys = set_of_json(jwk, alg);
    const struct gw_key *key = gw_keys_active(keys);
    size_t len, made_len;

    cr_assert_str_eq(gw_key_algorithm(key), alg);
    cr_assert(gw_base64url_decode(gw_str_from(signature), given, &len));
    cr_assert_eq(gw_key_verify(key, crypto, input, given, len), 0, "%s", alg);
    cr_assert_eq(gw_key_sign(key, crypto, input, made, &made_len), 0);
    cr_assert_eq(gw_key_verify(key, crypto, input, made, made_len), 0, "%s", alg);
    if (again) {
        cr_assert_eq(len, made_len);
        cr_assert_arr_eq(given, made, len);
    }
    given[len / 2] ^= 1;
    cr_assert_eq(gw_key_verify(key, crypto, input, given, len), GW_E_MISMATCH);
    gw_keys_free(keys);
}

Test(algorithms, hold_for_rfc7515_appendix_a)
{
    json_t *vectors = load("rfc7515.json"), *vector;
    size_t i;

    json_array_foreach(vectors, i, vector)
    {
        const char *text = json_string_value(json_object_get(vector, "compact"));
        const char *dot = strrchr(text, '.');
        check_vector(json_object_get(vector, "key"),
                     json_string_value(json_object_get(vector, "alg")),
                     (struct gw_str){text, (size_t)(dot - text)}, dot + 1,
                     json_is_true(json_object_get(vector, "reproducible")));
    }
    cr_assert_eq(i, 4);
    json_decref(vectors);
}

static void check_cookbook(const char *file)
{
    json_t *vector = load(file);
    json_t *input = json_object_get(vector, "input"), *signing = json_object_get(vector, "signing");

    check_vector(json_object_get(input, "key"), json_string_value(json_object_get(input, "alg")),
                 gw_str_from(json_string_value(json_object_get(signing, "sig-input"))),
                 json_string_value(json_object_get(signing, "sig")),
                 json_is_true(json_object_get(vector, "reproducible")));
    json_decref(vector);
}

Test(algorithms, hold_for_rfc7520_section_4)
{
    static const char *const files[] = {
        "4_1.rsa_v15_signature",
        "4_2.rsa-pss_signature",
        "4_3.ecdsa_signature",
        "4_4.hmac-sha2_integrity_protection",
        "4_5.signature_with_detached_content",
        "4_6.protecting_specific_header_fields",
        "4_7.protecting_content_only",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        char path[128];
        snprintf(path, sizeof(path), "cookbook/%s.json", files[i]);
        check_cookbook(path);
    }
}

Test(algorithms, hold_for_rfc7520_4_8_each_signature)
{
    json_t *vector = load("cookbook/4_8.multiple_signatures.json"), *one;
    json_t *input = json_object_get(vector, "input");
    size_t i;

    json_array_foreach(json_object_get(vector, "signing"), i, one)
        check_vector(json_array_get(json_object_get(input, "key"), i),
                     json_string_value(json_array_get(json_object_get(input, "alg"), i)),
                     gw_str_from(json_string_value(json_object_get(one, "sig-input"))),
                     json_string_value(json_object_get(one, "sig")), i == 0);
    cr_assert_eq(i, 3);
    json_decref(vector);
}

Test(algorithms, hold_for_rfc8037_appendix_a4)
{
    check_cookbook("cookbook/rfc8037.jws.json");
}

/* ---- Keys of our own making ---- */

static struct gw_keys *generated(const char *alg)
{
    const char *jwk;

    cr_assert_eq(gw_keys_generate(alg, "k1", &arena, &jwk), 0, "%s", alg);
    return set_of(jwk);
}

Test(algorithms, verify_what_they_sign_and_nothing_else)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        unsigned char signature[GW_SIGNATURE_MAX + 1];
        struct gw_keys *keys = generated(names[i]), *other = generated(names[i]);
        const struct gw_key *key = gw_keys_active(keys);
        size_t len;

        cr_assert_str_eq(gw_key_algorithm(key), names[i]);
        cr_assert_eq(gw_key_sign(key, crypto, GW_STR("a.b"), signature, &len), 0);
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), signature, len), 0);
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.c"), signature, len), GW_E_MISMATCH);
        cr_assert_eq(gw_key_verify(gw_keys_active(other), crypto, GW_STR("a.b"), signature, len),
                     GW_E_MISMATCH);
        signature[len] = 0;
        for (size_t wrong = 0; wrong <= len + 1; wrong += wrong + 4 < len ? 7 : 1)
            if (wrong != len)
                cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), signature, wrong),
                             GW_E_MISMATCH);
        gw_keys_free(keys);
        gw_keys_free(other);
    }
}

Test(algorithms, are_fixed_by_the_key)
{
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    struct gw_jwt_policy policy = {.now = 1};

    for (size_t i = 0; i < N_NAMES; i++) {
        struct gw_keys *keys = generated(names[i]);
        for (size_t k = 0; k < N_NAMES; k++) {
            char header[64];
            const char *reason = "";
            json_t *got = NULL;
            snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"k1\"}", names[k]);
            char *token = token_of(keys, crypto, gw_str_from(header), GW_STR("{\"exp\":1000}"));
            int r = gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &got, &reason);
            cr_assert_eq(r, i == k ? 0 : GW_E_MISMATCH, "%s as %s", names[i], names[k]);
            if (r)
                cr_assert_str_eq(reason, "jwt.alg");
            json_decref(got);
            free(token);
        }
        gw_keys_free(keys);
    }
    json_decref(claims);
}

/* RFC 8725, 2.1: the public key, in every spelling that lies about, as HMAC secret. */
Test(algorithms, an_rsa_token_signed_again_with_the_public_key_is_refused)
{
    struct gw_keys *keys = generated("RS256");
    struct gw_jwt_policy policy = {.now = 1};
    const char *jwks, *reason = "", *why;
    json_t *got = NULL;

    cr_assert_eq(gw_keys_write_jwks(keys, &arena, &jwks), 0);
    struct gw_keys *secret;
    cr_assert_eq(gw_keys_from_secret(gw_str_from(jwks), &secret, &why), -EINVAL);
    cr_assert_eq(
        gw_keys_from_secret(GW_STR("0123456789012345678901234567890123456789"), &secret, &why), 0);
    char *token = token_of(secret, crypto, GW_STR("{\"alg\":\"HS256\",\"kid\":\"k1\"}"),
                           GW_STR("{\"exp\":1000}"));
    cr_assert_eq(gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &got, &reason),
                 GW_E_MISMATCH);
    cr_assert_str_eq(reason, "jwt.alg");
    free(token);
    gw_keys_free(keys);
    gw_keys_free(secret);
}

/* The attack itself: the public key's PEM, as anybody can read it, is the HMAC's secret. */
Test(algorithms, an_hmac_over_the_public_keys_pem_is_no_signature)
{
    struct gw_keys *keys = generated("RS256"), *secret;
    struct gw_jwt_policy policy = {.now = 1};
    const char *reason = "", *why;
    unsigned char mac[32];
    unsigned mac_len;
    char token[400], *pem;
    json_t *got = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    EVP_PKEY *pair = EVP_RSA_gen(2048);

    cr_assert_eq(PEM_write_bio_PUBKEY(out, pair), 1);
    long pem_len = BIO_get_mem_data(out, &pem);
    gw_keys_free(keys);
    cr_assert_eq(gw_keys_new(&keys), 0);
    cr_assert_eq(gw_keys_add_pem(keys, (struct gw_str){pem, (size_t)pem_len}, GW_STR("k1"), &why),
                 0);
    cr_assert_eq(gw_keys_from_secret((struct gw_str){pem, (size_t)pem_len}, &secret, &why), -EINVAL,
                 "it is no secret of ours");
    struct gw_str header = GW_STR("{\"alg\":\"HS256\",\"kid\":\"k1\"}");
    char *end = token + gw_base64url_encode((const unsigned char *)header.ptr, header.len, token);
    end = stpcpy(end, ".eyJleHAiOjEwMDB9."); /* {"exp":1000} */
    HMAC(EVP_sha256(), pem, (int)pem_len, (unsigned char *)token, (size_t)(end - token - 1), mac,
         &mac_len);
    *(end + gw_base64url_encode(mac, 32, end)) = '\0';
    cr_assert_eq(gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &got, &reason),
                 GW_E_MISMATCH);
    cr_assert_str_eq(reason, "jwt.alg");
    EVP_PKEY_free(pair);
    BIO_free(out);
    gw_keys_free(keys);
}

/* ---- ECDSA ---- */

static const struct gw_key *a3_key(struct gw_keys **ret)
{
    json_t *vectors = load("rfc7515.json");
    *ret = set_of_json(json_object_get(json_array_get(vectors, 2), "key"), "ES256");
    json_decref(vectors);
    return gw_keys_active(*ret);
}

Test(algorithms, es256_refuses_der)
{
    struct gw_keys *keys;
    const struct gw_key *key = a3_key(&keys);
    unsigned char raw[GW_SIGNATURE_MAX], der[80], *end = der;
    size_t len;

    cr_assert_eq(gw_key_sign(key, crypto, GW_STR("a.b"), raw, &len), 0);
    cr_assert_eq(len, 64);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    int n = i2d_ECDSA_SIG(pair, &end);
    cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), der, (size_t)n), GW_E_MISMATCH);
    ECDSA_SIG_free(pair);
    gw_keys_free(keys);
}

Test(algorithms, es_refuses_signatures_of_another_length)
{
    static const char *const kinds[] = {"ES256", "ES384", "ES512"};
    static const size_t sizes[] = {64, 96, 132};

    for (size_t i = 0; i < 3; i++) {
        struct gw_keys *keys = generated(kinds[i]);
        unsigned char raw[GW_SIGNATURE_MAX + 2] = {0};
        size_t len;

        cr_assert_eq(gw_key_sign(gw_keys_active(keys), crypto, GW_STR("a.b"), raw, &len), 0);
        cr_assert_eq(len, sizes[i]);
        cr_assert_eq(gw_key_verify(gw_keys_active(keys), crypto, GW_STR("a.b"), raw, len), 0);
        for (size_t n = 0; n <= len + 2; n++)
            if (n != len)
                cr_assert_eq(gw_key_verify(gw_keys_active(keys), crypto, GW_STR("a.b"), raw, n),
                             GW_E_MISMATCH, "%s: %zu bytes", kinds[i], n);
        gw_keys_free(keys);
    }
}

Test(algorithms, es256_refuses_r_or_s_that_is_zero_or_not_below_n)
{
    static const unsigned char n[32] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                        0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    struct gw_keys *keys;
    const struct gw_key *key = a3_key(&keys);
    unsigned char good[GW_SIGNATURE_MAX], bad[64];
    size_t len;

    cr_assert_eq(gw_key_sign(key, crypto, GW_STR("a.b"), good, &len), 0);
    for (int half = 0; half < 2; half++) {
        memcpy(bad, good, 64);
        memset(bad + 32 * half, 0, 32);
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), bad, 64), GW_E_MISMATCH);
        memcpy(bad + 32 * half, n, 32);
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), bad, 64), GW_E_MISMATCH);
        memset(bad + 32 * half, 0xff, 32);
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), bad, 64), GW_E_MISMATCH);
    }
    memset(bad, 0, 64); /* CVE-2022-21449 */
    cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), bad, 64), GW_E_MISMATCH);
    gw_keys_free(keys);
}

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

Test(algorithms, rsa_keys_under_2048_bits_are_refused)
{
    refuses(rsa_jwk(1024, "AQAB"), "2048");
    refuses(rsa_jwk(2040, "AQAB"), "2048");
}

Test(algorithms, rsa_exponents_of_one_or_even_are_refused)
{
    refuses(rsa_jwk(2048, "AQ"), "exponent");
    refuses(rsa_jwk(2048, "Ag"), "exponent");
    refuses(rsa_jwk(2048, "AQAA"), "exponent");
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

Test(algorithms, rsa_numbers_beyond_reason_are_refused)
{
    refuses(huge_jwk(1025, "AQAB"), "8192");
    refuses(huge_jwk(2049, "AQAB"), "too long");
    refuses(huge_jwk(256, "AQAAAAAAAAAB"), "64 bits");
}

Test(algorithms, hmac_keys_shorter_than_the_hash_are_refused)
{
    char k[128];
    for (size_t i = 0; i < 3; i++) {
        unsigned char secret[64] =
            "not a secret at all, but long enough for any of the three hashes";
        size_t need = 32 + 16 * i;
        for (size_t len = need - 1; len <= need; len++) {
            k[gw_base64url_encode(secret, len, k)] = 0;
            char *jwk = gw_arena_printf(&arena, "{\"kty\":\"oct\",\"alg\":\"%s\",\"k\":\"%s\"}",
                                        names[i], k);
            if (len == need)
                gw_keys_free(set_of(jwk));
            else
                refuses(jwk, "shorter");
        }
    }
}

Test(algorithms, keys_that_are_malformed_are_refused)
{
    refuses("", "JSON");
    refuses("[]", "Web Key");
    refuses("{}", "Web Key");
    refuses("{\"kty\":\"oct\",\"kty\":\"oct\"}", "twice");
    refuses("{\"kty\":7}", "algorithm");
    refuses("{\"kty\":\"oct\"}", "member");
    refuses("{\"kty\":\"oct\",\"k\":\"a+b/\"}", "base64url");
    refuses("{\"kty\":\"oct\",\"alg\":\"none\",\"k\":\"AAAA\"}", "algorithm");
    refuses("{\"kty\":\"oct\",\"alg\":\"RS256\",\"k\":\"AAAA\"}", "algorithm");
    refuses("{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"AAAA\"}", "signatures");
    refuses("{\"kty\":\"oct\",\"key_ops\":[\"encrypt\"],\"k\":\"AAAA\"}", "signatures");
    refuses("{\"kty\":\"oct\",\"kid\":\"../x\",\"k\":\"AAAA\"}", "key id");
    refuses("{\"kty\":\"oct\",\"kid\":7,\"k\":\"AAAA\"}", "key id");
    refuses("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAA\"}", "algorithm");
    refuses("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}", "length");
    refuses("{\"kty\":\"EC\",\"crv\":\"P-192\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", "algorithm");
    refuses("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", "length");
    refuses("{\"kty\":\"EC\",\"crv\":\"P-384\",\"alg\":\"ES256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
            "algorithm");
    refuses("{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\",\"oth\":[]}", "two primes");
}

Test(algorithms, points_off_the_curve_are_refused)
{
    refuses("{\"kty\":\"EC\",\"crv\":\"P-256\","
            "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
            "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4\"}",
            "broken");
}

Test(algorithms, private_parts_of_another_key_are_refused)
{
    refuses("{\"kty\":\"EC\",\"crv\":\"P-256\","
            "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
            "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
            "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LJ\"}",
            "b");
    refuses("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
            "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
            "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B\"}",
            "b");
}

/* ---- PEM ---- */

static const char *pem_of(EVP_PKEY *pair, bool private)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;

    if (private)
        PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL);
    else
        PEM_write_bio_PUBKEY(bio, pair);
    long len = BIO_get_mem_data(bio, &text);
    char *copy = gw_arena_copy(&arena, text, (size_t)len);
    BIO_free(bio);
    return copy;
}

static void check_pem(EVP_PKEY *pair, const char *alg)
{
    unsigned char signature[GW_SIGNATURE_MAX];
    struct gw_keys *private, *public;
    const char *why = "";
    size_t len;

    cr_assert_eq(gw_keys_new(&private), 0);
    cr_assert_eq(gw_keys_new(&public), 0);
    cr_assert_eq(gw_keys_add_pem(private, gw_str_from(pem_of(pair, true)), GW_STR("k1"), &why), 0,
                 "%s", why);
    cr_assert_eq(gw_keys_add_pem(public, gw_str_from(pem_of(pair, false)), GW_STR("k1"), &why), 0,
                 "%s", why);
    cr_assert_str_eq(gw_key_algorithm(gw_keys_at(private, 0)), alg);
    cr_assert(gw_key_can_sign(gw_keys_at(private, 0)));
    cr_assert(!gw_key_can_sign(gw_keys_at(public, 0)));
    cr_assert(!gw_keys_activate(public, GW_STR("k1")));
    cr_assert_eq(gw_key_sign(gw_keys_at(private, 0), crypto, GW_STR("a.b"), signature, &len), 0);
    cr_assert_eq(gw_key_verify(gw_keys_at(public, 0), crypto, GW_STR("a.b"), signature, len), 0);
    cr_assert_eq(gw_key_sign(gw_keys_at(public, 0), crypto, GW_STR("a.b"), signature, &len),
                 -EINVAL);
    gw_keys_free(private);
    gw_keys_free(public);
    EVP_PKEY_free(pair);
}

Test(algorithms, pem_keys_have_the_first_algorithm_of_their_kind)
{
    check_pem(EVP_RSA_gen(2048), "RS256");
    check_pem(EVP_EC_gen("P-256"), "ES256");
    check_pem(EVP_EC_gen("P-384"), "ES384");
    check_pem(EVP_EC_gen("P-521"), "ES512");
    check_pem(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "EdDSA");
}

static void refuses_pem(const char *text, const char *part)
{
    struct gw_keys *keys;
    const char *why = "";

    cr_assert_eq(gw_keys_new(&keys), 0);
    cr_assert_eq(gw_keys_add_pem(keys, gw_str_from(text), GW_STR("k1"), &why), -EINVAL);
    cr_assert_not_null(strstr(why, part), "%s", why);
    gw_keys_free(keys);
}

Test(algorithms, pem_files_of_anything_else_are_refused)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256"), *weak = EVP_RSA_gen(1024);
    EVP_PKEY *other = EVP_EC_gen("secp256k1"), *exchange = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    const char *pem = pem_of(pair, true);

    refuses_pem("", "exactly one");
    refuses_pem("-----BEGIN CERTIFICATE-----\n", "certificate");
    refuses_pem("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "encrypted");
    refuses_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "PEM");
    refuses_pem(gw_arena_printf(&arena, "%s%s", pem, pem), "exactly one");
    refuses_pem(pem_of(weak, false), "2048");
    refuses_pem(pem_of(other, false), "kind");
    refuses_pem(pem_of(exchange, false), "kind");
    EVP_PKEY_free(pair);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(other);
    EVP_PKEY_free(exchange);
}

/* ---- Sets ---- */

Test(algorithms, a_set_refuses_one_id_twice)
{
    struct gw_keys *keys = generated("ES256");
    const char *jwk, *why = "";

    cr_assert_eq(gw_keys_generate("EdDSA", "k1", &arena, &jwk), 0);
    cr_assert_eq(add(keys, jwk, &why), -EINVAL);
    cr_assert_not_null(strstr(why, "another key"));
    cr_assert_eq(gw_keys_count(keys), 1);
    gw_keys_free(keys);
}

Test(algorithms, public_sets_hold_no_private_part)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        struct gw_keys *keys = generated(names[i]), *read;
        const char *jwks, *why;
        cr_assert_eq(gw_keys_write_jwks(keys, &arena, &jwks), 0);
        json_t *tree = json_loads(jwks, JSON_REJECT_DUPLICATES, NULL);
        const json_t *one = json_array_get(json_object_get(tree, "keys"), 0);
        cr_assert_not_null(tree);
        cr_assert_eq(one == NULL, i < 3); /* secrets are not there at all */
        for (const char *const *name =
                 (const char *const[]){"d", "p", "q", "dp", "dq", "qi", "k", NULL};
             *name; name++)
            cr_assert_null(json_object_get(one, *name));
        json_decref(tree);
        int r = gw_keys_from_jwks(gw_str_from(jwks), &read, &why);
        cr_assert_eq(r, i < 3 ? -EINVAL : 0);
        if (r == 0) {
            cr_assert_str_eq(gw_key_algorithm(gw_keys_at(read, 0)), names[i]);
            cr_assert_str_eq(gw_key_id(gw_keys_at(read, 0)), "k1");
            gw_keys_free(read);
        }
        gw_keys_free(keys);
    }
}

static int read_set(const char *text, size_t *ret_n)
{
    struct gw_keys *keys;
    const char *why;
    int r = gw_keys_from_jwks(gw_str_from(text), &keys, &why);

    *ret_n = r ? 0 : gw_keys_count(keys);
    if (!r)
        gw_keys_free(keys);
    return r;
}

#define ED                                                                                         \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

Test(algorithms, an_issuers_set_passes_over_what_it_does_not_know)
{
    size_t n;

    cr_assert_eq(read_set("{\"keys\":[{\"kty\":\"new\"}," ED ",\"use\":\"enc\"}," ED
                          ",\"kid\":\"ab+/=\",\"x5c\":[\"AAAA\"]}]}",
                          &n),
                 0);
    cr_assert_eq(n, 1);
}

Test(algorithms, an_issuers_set_with_a_secret_or_a_private_key_is_refused)
{
    size_t n;

    cr_assert_eq(read_set("{\"keys\":[" ED "},{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[" ED ",\"d\":\"AAAA\"}]}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[" ED "}," ED "}]}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[]}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":{}}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[7]}", &n), -EINVAL);
    cr_assert_eq(read_set("[]", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[" ED "}],\"keys\":[]}", &n), -EINVAL);
}

/* ---- The cache ---- */

/* Verifies the token made with `keys` under `under`. */
static int verify(const struct gw_keys *under, const char *token, int64_t now)
{
    struct gw_jwt_policy policy = {.now = now};
    const char *reason = "";
    json_t *claims = NULL;
    int r = gw_jwt_verify(under, crypto, gw_str_from(token), &policy, &claims, &reason);

    json_decref(claims);
    return r;
}

Test(algorithms, tokens_seen_are_known_by_all_their_bytes_their_set_and_their_exp)
{
    struct gw_keys *keys = generated("ES256");
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    const char *token, *jwks, *why;
    struct gw_keys *again, *others = generated("ES256");
    struct gw_seen seen;

    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    cr_assert(!gw_keys_seen(keys, crypto, gw_str_from(token), 1, &seen));
    cr_assert_eq(verify(keys, token, 1), 0);
    cr_assert(gw_keys_seen(keys, crypto, gw_str_from(token), 1, &seen));
    cr_assert_eq(verify(keys, token, 1), 0);
    cr_assert(!gw_keys_seen(keys, crypto, gw_str_from(token), 1000, &seen));
    cr_assert_eq(verify(keys, token, 1000), GW_E_MISMATCH);

    char *changed = strdup(token);
    changed[strlen(changed) - 5] ^= 1;
    cr_assert_eq(verify(keys, changed, 1), GW_E_MISMATCH);
    cr_assert(!gw_keys_seen(keys, crypto, gw_str_from(changed), 1, &seen));
    free(changed);

    cr_assert_eq(gw_keys_write_jwks(keys, &arena, &jwks), 0);
    cr_assert_eq(gw_keys_from_jwks(gw_str_from(jwks), &again, &why), 0);
    cr_assert(!gw_keys_seen(again, crypto, gw_str_from(token), 1, &seen));
    cr_assert_eq(verify(others, token, 1), GW_E_MISMATCH);
    json_decref(claims);
    gw_keys_free(keys);
    gw_keys_free(again);
    gw_keys_free(others);
}

Test(algorithms, tokens_seen_are_bounded)
{
    struct gw_keys *keys = generated("EdDSA");
    struct gw_seen seen;
    size_t known = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 4000; i++) {
            char text[32];
            snprintf(text, sizeof(text), "%d", i);
            known += gw_keys_seen(keys, crypto, gw_str_from(text), 1, &seen);
            if (round == 0)
                gw_keys_remember(crypto, &seen, 1000 + i);
        }
    cr_assert_gt(known, 900);
    cr_assert_leq(known, 1024);
    gw_keys_free(keys);
}

Test(algorithms, a_set_without_a_private_key_signs_nothing)
{
    struct gw_keys *keys;
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    const char *why, *token;

    cr_assert_eq(gw_keys_from_jwks(GW_STR("{\"keys\":[" ED "}]}"), &keys, &why), 0);
    cr_assert_null(gw_keys_active(keys));
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), -EINVAL);
    json_decref(claims);
    gw_keys_free(keys);
}

Test(algorithms, an_audience_may_be_there_where_none_is_demanded)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    char *token = token_of(keys, crypto, GW_STR("{\"alg\":\"HS256\"}"),
                           GW_STR("{\"exp\":1000,\"aud\":\"x\"}"));

    cr_assert_eq(verify(keys, token, 1), 0);
    free(token);
    gw_keys_free(keys);
}

/* ---- typ ---- */

static int verify_typ(struct gw_keys *keys, const char *header)
{
    char *token = token_of(keys, crypto, gw_str_from(header), GW_STR("{\"exp\":1000}"));
    int r = verify(keys, token, 1);

    free(token);
    return r;
}

Test(algorithms, typ_is_demanded_where_it_is_configured)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    const char *token;

    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"what\"}"), 0);
    cr_assert(!gw_keys_set_type(keys, "a\"b"));
    cr_assert(!gw_keys_set_type(keys, ""));
    cr_assert(gw_keys_set_type(keys, "at+jwt"));
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    cr_assert_eq(verify(keys, token, 1), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"AT+JWT\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"application/at+jwt\"}"), 0);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"at+jwt2\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":null}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\"}"), GW_E_MISMATCH);
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"a-type-longer-than-that\"}"),
                 GW_E_MISMATCH);
    cr_assert(gw_keys_set_type(keys, "a-type-longer-than-that"));
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"A-type-longer-than-that\"}"), 0);
    cr_assert(!gw_keys_set_type(keys, "a-type-of-more-than-sixty-four-characters-that-nobody-can-"
                                      "want-here"));
    cr_assert(gw_keys_set_type(keys, "application/at+jwt"));
    cr_assert_eq(verify_typ(keys, "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}"), 0);
    json_decref(claims);
    gw_keys_free(keys);
}
