/* test_algorithms.c: every algorithm against the vectors of the RFCs, and signatures that are
 * refused: under another algorithm, over other bytes, in another form. */
#include "token/keys.h"

#include "gatewright.h"
#include "token/jwt.h"
#include "key_sets.h"
#include "tokens.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>

TestSuite(algorithms, .init = begin, .fini = finish);

static json_t *load(const char *name)
{
    char path[1024];
    json_error_t error;

    snprintf(path, sizeof(path), "%s/%s", getenv("GW_TEST_VECTORS"), name);
    json_t *vector = json_load_file(path, 0, &error);
    cr_assert_not_null(vector, "%s: %s", path, error.text);
    return vector;
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
            enum gw_reason reason = GW_REASON_NONE;
            json_t *got = NULL;
            snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"k1\"}", names[k]);
            char *token = token_of(keys, crypto, gw_str_from(header), GW_STR("{\"exp\":1000}"));
            int r = gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &got, &reason);
            cr_assert_eq(r, i == k ? 0 : GW_E_MISMATCH, "%s as %s", names[i], names[k]);
            if (r)
                cr_assert_str_eq(gw_reason_name(reason), "jwt.alg");
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
    enum gw_reason reason = GW_REASON_NONE;
    const char *jwks, *why;
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
    cr_assert_str_eq(gw_reason_name(reason), "jwt.alg");
    free(token);
    gw_keys_free(keys);
    gw_keys_free(secret);
}

/* The attack itself: the public key's PEM, as anybody can read it, is the HMAC's secret. */
Test(algorithms, an_hmac_over_the_public_keys_pem_is_no_signature)
{
    struct gw_keys *keys = generated("RS256"), *secret;
    struct gw_jwt_policy policy = {.now = 1};
    enum gw_reason reason = GW_REASON_NONE;
    const char *why;
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
    cr_assert_str_eq(gw_reason_name(reason), "jwt.alg");
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
