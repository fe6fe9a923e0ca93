/* test_algorithms_keys.c: keys as JWK, as PEM and in sets: which are read, which are refused. */
#include "token/keys.h"

#include "base/arena.h"
#include "base/base64.h"
#include "token/jwt.h"
#include "key_sets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
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
        int r = gw_keys_from_jwks(gw_str_from(jwks), NULL, &read, &why);
        cr_assert_eq(r, 0);
        cr_assert_eq(gw_keys_count(read), i < 3 ? 0 : 1);
        if (i >= 3) {
            cr_assert_str_eq(gw_key_algorithm(gw_keys_at(read, 0)), names[i]);
            cr_assert_str_eq(gw_key_id(gw_keys_at(read, 0)), "k1");
        }
        gw_keys_free(read);
        gw_keys_free(keys);
    }
}

static char told[2000]; /* of the keys that were left out */

static void tell(void *data, size_t place, struct gw_str id, const char *why)
{
    size_t len = strlen(told);
    snprintf(told + len, sizeof(told) - len, "%zu(%.*s) %s\n", place, (int)id.len,
             id.ptr ? id.ptr : "", why);
}

static int read_set(const char *text, size_t *ret_n)
{
    struct gw_keys_report report = {tell, NULL};
    struct gw_keys *keys;
    const char *why;
    told[0] = 0;
    int r = gw_keys_from_jwks(gw_str_from(text), &report, &keys, &why);

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

/* RFC 7517, 5: "Implementations SHOULD ignore JWKs within a JWK Set that ...". */
Test(algorithms, a_bad_key_of_an_issuers_set_is_left_out_alone)
{
    size_t n;
    const char *weak = rsa_jwk(1024, "AQAB");

    cr_assert_eq(
        read_set(
            gw_arena_printf(&arena,
                            "{\"keys\":[%s,7,{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"broken\"},"
                            "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"kid\":\"later\"}," ED
                            ",\"kid\":\"good\"}," ED ",\"kid\":\"good\"}," ED "}," ED "}," ED
                            ",\"kid\":\"no good id\"}]}",
                            weak),
            &n),
        0);
    cr_assert_eq(n, 2, "%s", told);
    cr_assert_not_null(strstr(told, "1() is an RSA key of fewer than 2048 bits\n"), "%s", told);
    cr_assert_not_null(strstr(told, "2() is not a JSON Web Key\n"), "%s", told);
    cr_assert_not_null(strstr(told, "3(broken) lacks a member of its key\n"), "%s", told);
    cr_assert_not_null(strstr(told, "4(later) is not for signatures, or of no algorithm"), "%s",
                       told);
    cr_assert_not_null(strstr(told, "6(good) has the id of another key\n"), "%s", told);
    cr_assert_not_null(strstr(told, "8() is the second key without an id\n"), "%s", told);
    cr_assert_not_null(strstr(told, "9(no good id) has no good key id"), "%s", told);
    cr_assert_eq(read_set("{\"keys\":[]}", &n), 0);
    cr_assert_eq(n, 0);
}

Test(algorithms, an_issuers_set_with_a_secret_or_a_private_key_is_refused)
{
    size_t n;

    cr_assert_eq(read_set("{\"keys\":[" ED "},{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[" ED ",\"d\":\"AAAA\"}]}", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":{}}", &n), -EINVAL);
    cr_assert_eq(read_set("[]", &n), -EINVAL);
    cr_assert_eq(read_set("{\"keys\":[" ED "}],\"keys\":[]}", &n), -EINVAL);
}

Test(algorithms, a_set_without_a_private_key_signs_nothing)
{
    struct gw_keys *keys;
    json_t *claims = json_pack("{s:i}", "exp", 1000);
    const char *why, *token;

    cr_assert_eq(gw_keys_from_jwks(GW_STR("{\"keys\":[" ED "}]}"), NULL, &keys, &why), 0);
    cr_assert_null(gw_keys_active(keys));
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), -EINVAL);
    json_decref(claims);
    gw_keys_free(keys);
}
