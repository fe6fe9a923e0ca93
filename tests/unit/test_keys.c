#include "token/keys.h"

#include "base/base64.h"
#include "gatewright.h"
#include "tokens.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>

static struct gw_crypto *crypto;

static void begin(void)
{
    cr_assert_eq(gw_crypto_new(&crypto), 0);
}

static void finish(void)
{
    gw_crypto_free(crypto);
}

TestSuite(keys, .init = begin, .fini = finish);

static void refused(struct gw_str secret, const char *part)
{
    struct gw_keys *keys = NULL;
    const char *why = "";
    char *copy = malloc(secret.len);

    memcpy(copy, secret.ptr, secret.len);
    cr_assert_eq(gw_keys_from_secret((struct gw_str){copy, secret.len}, &keys, &why), -EINVAL);
    cr_assert_not_null(strstr(why, part), "%s", why);
    free(copy);
}

Test(keys, refuses_a_secret_under_32_bytes)
{
    refused(GW_STR("0123456789012345678901234567890"), "32 bytes");
    refused(GW_STR(""), "32 bytes");
}

Test(keys, takes_a_secret_of_32_bytes_or_more)
{
    struct gw_keys *keys;
    const char *why;

    cr_assert_eq(gw_keys_from_secret(GW_STR("01234567890123456789012345678901"), &keys, &why), 0);
    cr_assert_str_eq(gw_key_algorithm(gw_keys_active(keys)), "HS256");
    cr_assert_null(gw_key_id(gw_keys_active(keys)));
    gw_keys_free(keys);
    gw_keys_free(NULL);
}

Test(keys, refuses_pem_as_a_secret)
{
    refused(GW_STR("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOC\n"), "PEM");
    refused(GW_STR("\n \n-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0"), "PEM");
    refused(GW_STR("-----BEGIN RSA PRIVATE KEY-----\nMIIBIjANBgkqhkiG9w0"), "PEM");
}

Test(keys, refuses_a_jwk_as_a_secret)
{
    refused(GW_STR("{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN\",\"e\":\"AQAB\"}"), "JSON");
    refused(GW_STR(" \n{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAA\"}]}"), "JSON");
}

Test(keys, refuses_an_ssh_key_as_a_secret)
{
    refused(GW_STR("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ me@example.org"), "ssh");
    refused(GW_STR("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@example.org"), "ssh");
    refused(GW_STR("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY"), "ssh");
    refused(GW_STR("command=\"x\" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"), "ssh");
    refused(GW_STR("AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDhA"), "ssh");
}

Test(keys, refuses_a_public_key_in_der_as_a_secret)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(pair, &der);

    refused((struct gw_str){(char *)der, (size_t)len}, "DER");
    OPENSSL_free(der);
    EVP_PKEY_free(pair);
}

Test(keys, sign_as_openssl_hmac_does)
{
    for (size_t len = 32; len < 200; len += 16) {
        unsigned char secret[200], ours[GW_SIGNATURE_MAX], theirs[EVP_MAX_MD_SIZE];
        unsigned int theirs_len;
        struct gw_keys *keys;
        const char *why;
        size_t ours_len;

        for (size_t i = 0; i < len; i++)
            secret[i] = (unsigned char)(i * 31 + len);
        cr_assert_eq(gw_keys_from_secret((struct gw_str){(char *)secret, len}, &keys, &why), 0);
        for (int again = 0; again < 2; again++) {
            cr_assert_eq(gw_key_sign(gw_keys_active(keys), crypto, GW_STR("a.b"), ours, &ours_len),
                         0);
            HMAC(EVP_sha256(), secret, (int)len, (const unsigned char *)"a.b", 3, theirs,
                 &theirs_len);
            cr_assert_eq(ours_len, theirs_len);
            cr_assert_arr_eq(ours, theirs, ours_len);
        }
        gw_keys_free(keys);
    }
}

Test(keys, verify_only_the_whole_signature)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    const struct gw_key *key = gw_keys_active(keys);
    unsigned char signature[GW_SIGNATURE_MAX];
    size_t len;

    cr_assert_eq(gw_key_sign(key, crypto, GW_STR("a.b"), signature, &len), 0);
    cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), signature, len), 0);
    cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.c"), signature, len), GW_E_MISMATCH);
    for (size_t shorter = 0; shorter < len; shorter++)
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), signature, shorter), GW_E_MISMATCH);
    signature[len] = 0;
    cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), signature, len + 1), GW_E_MISMATCH);
    for (size_t i = 0; i < len; i++) {
        signature[i] ^= 1;
        cr_assert_eq(gw_key_verify(key, crypto, GW_STR("a.b"), signature, len), GW_E_MISMATCH);
        signature[i] ^= 1;
    }
    gw_keys_free(keys);
}

Test(keys, verify_rfc7520_4_4)
{
    char path[1024];
    json_error_t error;

    snprintf(path, sizeof(path), "%s/cookbook/4_4.hmac-sha2_integrity_protection.json",
             getenv("GW_TEST_VECTORS"));
    json_t *vector = json_load_file(path, 0, &error);
    cr_assert_not_null(vector, "%s: %s", path, error.text);
    const char *secret, *input, *signature;
    cr_assert_eq(json_unpack(vector, "{s:{s:{s:s}}, s:{s:s, s:s}}", "input", "key", "k", &secret,
                             "signing", "sig-input", &input, "sig", &signature),
                 0);

    struct gw_keys *keys = keys_from_base64(secret);
    unsigned char bytes[64];
    size_t len;
    cr_assert(gw_base64url_decode(gw_str_from(signature), bytes, &len));
    cr_assert_eq(gw_key_verify(gw_keys_active(keys), crypto, gw_str_from(input), bytes, len), 0);
    gw_keys_free(keys);
    json_decref(vector);
}

Test(keys, are_found_by_what_the_header_names)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);

    cr_assert_not_null(gw_keys_find(keys, (struct gw_str){NULL, 0}));
    cr_assert_null(gw_keys_find(keys, GW_STR("")));
    cr_assert_null(gw_keys_find(keys, GW_STR("a")));
    cr_assert_null(gw_keys_find_header(keys, GW_STR("")));
    cr_assert_not_null(gw_keys_find_header(keys, GW_STR("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9")));
    gw_keys_free(keys);
}

/* ---- Threads ---- */

static struct gw_keys *shared;

static void *verify_often(void *data)
{
    const struct gw_key *key = gw_keys_active(shared);
    unsigned char signature[GW_SIGNATURE_MAX];
    struct gw_crypto *own;
    size_t len;
    uintptr_t wrong = 0;

    if (gw_crypto_new(&own))
        return (void *)1;
    for (int i = 0; i < 2000; i++) {
        char text[32];
        snprintf(text, sizeof(text), "%d", i);
        struct gw_str input = gw_str_from(text);

        wrong |= gw_key_sign(key, own, input, signature, &len) != 0;
        wrong |= gw_key_verify(key, own, input, signature, len) != 0;
        signature[i % 32] ^= 1;
        wrong |= gw_key_verify(key, own, input, signature, len) != GW_E_MISMATCH;
    }
    gw_crypto_free(own);
    return (void *)wrong;
}

/* hmac = HMAC-SHA256(secret, "fingerprint of the key"), sha256("HS256" NUL NUL hmac), by Python's
 * hmac and hashlib. */
Test(keys, have_a_fingerprint_that_is_no_part_of_the_secret)
{
    struct gw_keys *keys = NULL;
    const char *why;
    char print[GW_FINGERPRINT_SIZE];

    cr_assert_eq(gw_keys_from_secret(GW_STR("0123456789abcdef0123456789abcdef"), &keys, &why), 0);
    cr_assert_eq(gw_keys_fingerprint(keys, print), 0);
    cr_assert_str_eq(print, "312469a98a2d1167");
    gw_keys_free(keys);
}

static void print_set(const char *first, const char *second, char ret[GW_FINGERPRINT_SIZE])
{
    struct gw_keys *keys = NULL;
    const char *why = "";
    char set[1024];

    snprintf(set, sizeof(set), "{\"keys\":[%s,%s]}", first, second);
    cr_assert_eq(gw_keys_from_jwks(gw_str_from(set), NULL, &keys, &why), 0, "%s", why);
    cr_assert_eq(gw_keys_count(keys), 2);
    cr_assert_eq(gw_keys_fingerprint(keys, ret), 0);
    gw_keys_free(keys);
}

#define RFC8037                                                                                    \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
#define RFC7515                                                                                    \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","     \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","

Test(keys, have_one_fingerprint_in_whatever_order)
{
    char one[GW_FINGERPRINT_SIZE], other[GW_FINGERPRINT_SIZE], renamed[GW_FINGERPRINT_SIZE];

    print_set(RFC8037 "\"kid\":\"a\"}", RFC7515 "\"kid\":\"b\"}", one);
    print_set(RFC7515 "\"kid\":\"b\"}", RFC8037 "\"kid\":\"a\"}", other);
    print_set(RFC8037 "\"kid\":\"b\"}", RFC7515 "\"kid\":\"a\"}", renamed);
    cr_assert_str_eq(one, other);
    cr_assert_str_neq(one, renamed);
}

Test(keys, are_shared_by_threads)
{
    pthread_t threads[4];
    void *wrong;

    shared = keys_from_base64(A1_KEY);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, verify_often, NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &wrong);
        cr_assert_null(wrong);
    }
    gw_keys_free(shared);
}
