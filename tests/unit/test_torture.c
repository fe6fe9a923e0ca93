/* test_torture.c: every allocation made to fail in turn (after curl's torture tests).
 *
 * A scenario runs again and again; in the nth run the nth allocation fails, be it ours, jansson's
 * or OpenSSL's, until a run needs fewer than n. Each run must end in an orderly way: an errno, the
 * right answer, and nothing else. Leaks are found by the sanitizer's build. */
#include "jwt.h"

#include "arena.h"
#include "body.h"
#include "gatewright.h"
#include "jsonout.h"
#include "password.h"
#include "tokens.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/core.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdint.h>

static long countdown = -1; /* allocations until one fails; negative: none does */
static bool failed;

static bool fails(void)
{
    if (countdown < 0 || countdown-- > 0)
        return false;
    failed = true;
    return true;
}

/* Ours: the linker puts these in the place of what the runtime calls (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    return fails() ? NULL : __real_malloc(size);
}

static void *crypto_realloc(void *ptr, size_t size, const char *file, int line)
{
    return fails() ? NULL : realloc(ptr, size);
}

static void crypto_free(void *ptr, const char *file, int line)
{
    free(ptr);
}

static void *jansson_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

/* OpenSSL takes these only before its first allocation, which a library of the test framework makes
 * when it is loaded: hence before any library is. */
static int crypto_taken;

static void before_all(int argc, char **argv, char **env)
{
    crypto_taken = CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

__attribute__((section(".preinit_array"), used)) static void (*const hook)(int, char **,
                                                                           char **) = before_all;

static void begin(void)
{
    cr_assert_eq(crypto_taken, 1);
    json_set_alloc_funcs(jansson_malloc, free);
}

TestSuite(torture, .init = begin);

/* Runs `scenario` with every `step`th of its allocations failing. */
static void torture_some(void (*scenario)(void *data), void *data, long step)
{
    long n = 0;

    scenario(data); /* what is allocated once in a process is not to the point */
    do {
        failed = false;
        countdown = n;
        n += step;
        scenario(data);
        countdown = -1;
        cr_assert_lt(n, 100000);
    } while (failed);
    cr_assert_gt(n, step);
}

/* With each of them. */
static void torture(void (*scenario)(void *data), void *data)
{
    torture_some(scenario, data, 1);
}

/* ---- Keys ---- */

static void make_keys(void *data)
{
    struct gw_keys *keys = NULL;
    struct gw_crypto *crypto = NULL;
    const char *why;
    int r = gw_keys_from_secret(GW_STR("0123456789012345678901234567890123456789"), &keys, &why);

    cr_assert(r == 0 || r == -ENOMEM || r == -EIO);
    cr_assert_eq(r == 0, keys != NULL);
    gw_keys_free(keys);
    r = gw_crypto_new(&crypto);
    cr_assert_eq(r, crypto ? 0 : -ENOMEM);
    gw_crypto_free(crypto);
}

Test(torture, of_keys)
{
    torture(make_keys, NULL);
}

/* ---- Tokens ---- */

struct tokens {
    struct gw_keys *keys;
    const char *good;
    json_t *claims;
};

static void verify_good(void *data)
{
    const struct tokens *tokens = data;
    struct gw_jwt_policy policy = {.now = 1};
    struct gw_crypto *crypto = NULL;
    json_t *claims = NULL;
    const char *reason = NULL;

    if (gw_crypto_new(&crypto))
        return;
    int r =
        gw_jwt_verify(tokens->keys, crypto, gw_str_from(tokens->good), &policy, &claims, &reason);
    countdown = -1;
    /* OpenSSL does not always say that it failed: then it is another signature. */
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO ||
                  (r == GW_E_MISMATCH && failed && strcmp(reason, "jwt.signature") == 0),
              "%d %s", r, reason);
    cr_assert_eq(r == 0, claims != NULL);
    if (claims)
        cr_assert(json_equal(claims, tokens->claims));
    json_decref(claims);
    gw_crypto_free(crypto);
}

/* One character of the claims is another: whatever fails, it is not let through. */
static void verify_changed(void *data)
{
    const struct tokens *tokens = data;
    struct gw_jwt_policy policy = {.now = 1};
    struct gw_crypto *crypto = NULL;
    json_t *claims = NULL;
    const char *reason = NULL;
    char token[1000];

    if (gw_crypto_new(&crypto))
        return;
    strcpy(token, tokens->good);
    char *changed = strchr(token, '.') + 12;
    *changed = *changed == 'A' ? 'B' : 'A';
    int r = gw_jwt_verify(tokens->keys, crypto, gw_str_from(token), &policy, &claims, &reason);
    countdown = -1;
    cr_assert(r == GW_E_MISMATCH || r == -ENOMEM || r == -EIO, "%d", r);
    cr_assert_null(claims);
    gw_crypto_free(crypto);
}

static void sign(void *data)
{
    const struct tokens *tokens = data;
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto = NULL;
    const char *token = NULL;

    if (gw_crypto_new(&crypto))
        return;
    int r = gw_jwt_sign(tokens->keys, crypto, tokens->claims, &arena, &token);
    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO, "%d", r);
    if (r == 0)
        cr_assert_str_eq(token, tokens->good);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

Test(torture, of_tokens)
{
    struct gw_arena arena = {.limit = 0};
    struct tokens tokens = {.keys = keys_from_base64(A1_KEY)};
    struct gw_crypto *crypto;

    tokens.claims = json_pack("{s:s, s:i, s:i, s:[s,f,b,n], s:{s:s}}", "table_name", "users", "id",
                              7, "exp", 1000, "list", "a text that does not fit in 16 bytes", 1.5,
                              1, "nested", "inner", "x");
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    cr_assert_eq(gw_jwt_sign(tokens.keys, crypto, tokens.claims, &arena, &tokens.good), 0);
    torture(verify_good, &tokens);
    torture(verify_changed, &tokens);
    torture(sign, &tokens);
    gw_crypto_free(crypto);
    gw_keys_free(tokens.keys);
    json_decref(tokens.claims);
    gw_arena_free(&arena);
}

/* So many members that reading them takes more than an arena's first chunk. */
Test(torture, of_tokens_with_many_claims)
{
    struct gw_arena arena = {.limit = 0};
    struct tokens tokens = {.keys = keys_from_base64(A1_KEY)};
    struct gw_crypto *crypto;
    json_t *list = json_array();

    for (int i = 0; i < 1000; i++)
        json_array_append_new(list, json_integer(i));
    tokens.claims = json_pack("{s:i, s:o}", "exp", 1000, "list", list);
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    cr_assert_eq(gw_jwt_sign(tokens.keys, crypto, tokens.claims, &arena, &tokens.good), 0);
    torture_some(verify_good, &tokens, 3);
    gw_crypto_free(crypto);
    gw_keys_free(tokens.keys);
    json_decref(tokens.claims);
    gw_arena_free(&arena);
}

/* ---- Every OpenSSL call of the verify path ---- */

/* The calls that runtime makes, each put behind the same countdown (--wrap): what OpenSSL fails in
 * for reasons of its own, and not for memory alone. */
#define WRAP(result, name, params, args, failure)                                                  \
    result __real_##name params;                                                                   \
    result __wrap_##name params;                                                                   \
    result __wrap_##name params                                                                    \
    {                                                                                              \
        crypto_calls++;                                                                            \
        return fails() ? failure : __real_##name args;                                             \
    }

static unsigned crypto_calls;

WRAP(int, EVP_MD_CTX_copy_ex, (EVP_MD_CTX * out, const EVP_MD_CTX *in), (out, in), 0)
WRAP(int, EVP_DigestUpdate, (EVP_MD_CTX * c, const void *d, size_t n), (c, d, n), 0)
WRAP(int, EVP_DigestFinal_ex, (EVP_MD_CTX * c, unsigned char *d, unsigned *n), (c, d, n), 0)
WRAP(int, EVP_DigestInit_ex, (EVP_MD_CTX * c, const EVP_MD *t, ENGINE *e), (c, t, e), 0)
WRAP(int, EVP_MD_CTX_reset, (EVP_MD_CTX * c), (c), 0)
WRAP(int, EVP_DigestVerifyInit,
     (EVP_MD_CTX * c, EVP_PKEY_CTX **p, const EVP_MD *t, ENGINE *e, EVP_PKEY *k), (c, p, t, e, k),
     0)
WRAP(int, EVP_DigestVerify,
     (EVP_MD_CTX * c, const unsigned char *s, size_t l, const unsigned char *d, size_t n),
     (c, s, l, d, n), -1)
WRAP(int, EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * c, int p), (c, p), -1)
WRAP(int, EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX * c, int n), (c, n), -1)
WRAP(BIGNUM *, BN_bin2bn, (const unsigned char *s, int n, BIGNUM *r), (s, n, r), NULL)
WRAP(int, i2d_ECDSA_SIG, (const ECDSA_SIG *s, unsigned char **p), (s, p), -1)
WRAP(ECDSA_SIG *, ECDSA_SIG_new, (void), (), NULL)
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
WRAP(int, ECDSA_SIG_set0, (ECDSA_SIG * p, BIGNUM *r, BIGNUM *s), (p, r, s), 0)
WRAP(ECDSA_SIG *, d2i_ECDSA_SIG, (ECDSA_SIG * *p, const unsigned char **in, long n), (p, in, n),
     NULL)
WRAP(int, BN_bn2binpad, (const BIGNUM *a, unsigned char *to, int n), (a, to, n), -1)
WRAP(int, EVP_Digest,
     (const void *d, size_t n, unsigned char *m, unsigned *s, const EVP_MD *t, ENGINE *e),
     (d, n, m, s, t, e), 0)
WRAP(int, EVP_DigestSignInit,
     (EVP_MD_CTX * c, EVP_PKEY_CTX **p, const EVP_MD *t, ENGINE *e, EVP_PKEY *k), (c, p, t, e, k),
     0)
WRAP(int, EVP_DigestSign,
     (EVP_MD_CTX * c, unsigned char *s, size_t *l, const unsigned char *d, size_t n),
     (c, s, l, d, n), 0)
WRAP(int, EVP_PKEY_get_size, (const EVP_PKEY *k), (k), 0)
WRAP(int, EVP_PKEY_get_bits, (const EVP_PKEY *k), (k), 0)
WRAP(int, EVP_PKEY_get_bn_param, (const EVP_PKEY *k, const char *n, BIGNUM **b), (k, n, b), 0)
WRAP(int, EVP_PKEY_get_raw_private_key, (const EVP_PKEY *k, unsigned char *b, size_t *n), (k, b, n),
     0)
WRAP(int, EVP_PKEY_get_raw_public_key, (const EVP_PKEY *k, unsigned char *b, size_t *n), (k, b, n),
     0)
WRAP(int, EVP_PKEY_get_group_name, (const EVP_PKEY *k, char *b, size_t n, size_t *l), (k, b, n, l),
     0)
WRAP(int, EVP_PKEY_get_utf8_string_param,
     (const EVP_PKEY *k, const char *p, char *b, size_t n, size_t *l), (k, p, b, n, l), 0)
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new, (EVP_PKEY * k, ENGINE *e), (k, e), NULL)
WRAP(int, EVP_PKEY_public_check, (EVP_PKEY_CTX * c), (c), 0)
WRAP(int, EVP_PKEY_check, (EVP_PKEY_CTX * c), (c), 0)
WRAP(int, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * c), (c), 0)
WRAP(int, EVP_PKEY_fromdata, (EVP_PKEY_CTX * c, EVP_PKEY **k, int s, OSSL_PARAM *p), (c, k, s, p),
     0)

/* What jansson refuses by itself: it consumes the value all the same. */
WRAP(json_t *, json_object, (void), (), NULL)
WRAP(json_t *, json_array, (void), (), NULL)
WRAP(json_t *, json_integer, (json_int_t value), (value), NULL)
WRAP(json_t *, json_real, (double value), (value), NULL)
WRAP(json_t *, json_stringn_nocheck, (const char *text, size_t len), (text, len), NULL)
WRAP(size_t, json_dumpb, (const json_t *json, char *to, size_t size, size_t flags),
     (json, to, size, flags), 0)

int __real_json_object_set_new_nocheck(json_t *object, const char *name, json_t *value);
int __wrap_json_object_set_new_nocheck(json_t *object, const char *name, json_t *value);
int __wrap_json_object_set_new_nocheck(json_t *object, const char *name, json_t *value)
{
    if (!fails())
        return __real_json_object_set_new_nocheck(object, name, value);
    json_decref(value);
    return -1;
}

int __real_json_array_append_new(json_t *array, json_t *value);
int __wrap_json_array_append_new(json_t *array, json_t *value);
int __wrap_json_array_append_new(json_t *array, json_t *value)
{
    if (!fails())
        return __real_json_array_append_new(array, value);
    json_decref(value);
    return -1;
}

/* Counted, for what compares signatures. */
static size_t compared;
int __real_CRYPTO_memcmp(const void *a, const void *b, size_t n);
int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t n);

int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t n)
{
    compared += n;
    return __real_CRYPTO_memcmp(a, b, n);
}

/* Some signatures are random: what is signed while something fails is good, or is not there. */
static void sign_any(void *data)
{
    const struct tokens *tokens = data;
    struct gw_jwt_policy policy = {.now = 1};
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto = NULL;
    const char *token = NULL, *reason = "";
    json_t *claims = NULL;

    if (gw_crypto_new(&crypto))
        return;
    int r = gw_jwt_sign(tokens->keys, crypto, tokens->claims, &arena, &token);
    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO, "%d", r);
    if (r == 0)
        cr_assert_eq(
            gw_jwt_verify(tokens->keys, crypto, gw_str_from(token), &policy, &claims, &reason), 0,
            "%s", reason);
    json_decref(claims);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

/* The key itself, read from its JWK: it is the whole key or none. */
static void read_key(void *data)
{
    const char *jwk = data, *why = NULL;
    struct gw_keys *keys = NULL;

    if (gw_keys_new(&keys))
        return;
    int r = gw_keys_add_jwk(keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, &why);
    countdown = -1;
    cr_assert(r == 0 || (r == -EINVAL && why) || r == -ENOMEM || r == -EIO, "%d", r);
    cr_assert_eq(gw_keys_count(keys), r == 0);
    gw_keys_free(keys);
}

/* A key of each kind, with a token of each. */
Test(torture, of_tokens_of_every_algorithm)
{
    static const char *const names[] = {"HS512", "RS256", "PS256", "ES256", "EdDSA"};
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto;

    cr_assert_eq(gw_crypto_new(&crypto), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct tokens tokens = {.claims = json_pack("{s:i}", "exp", 1000)};
        const char *jwk, *why;
        cr_assert_eq(gw_keys_generate(names[i], "k", &arena, &jwk), 0);
        cr_assert_eq(gw_keys_new(&tokens.keys), 0);
        cr_assert_eq(gw_keys_add_jwk(tokens.keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, &why),
                     0);
        cr_assert(gw_keys_activate(tokens.keys, GW_STR("k")));
        cr_assert_eq(gw_jwt_sign(tokens.keys, crypto, tokens.claims, &arena, &tokens.good), 0);
        torture(verify_good, &tokens);
        torture(verify_changed, &tokens);
        torture(sign_any, &tokens);
        /* An RSA key's primes are looked at each time, which takes long. */
        bool slow = names[i][1] == 'S' && names[i][0] != 'H' && names[i][0] != 'E';
        torture_some(read_key, (void *)(uintptr_t)jwk, slow && !getenv("TESTS_FULL") ? 11 : 1);
        gw_keys_free(tokens.keys);
        json_decref(tokens.claims);
    }
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

static void expect_refused(const struct gw_keys *keys, struct gw_crypto *crypto, const char *token,
                           const char *expected)
{
    struct gw_jwt_policy policy = {.now = 1};
    const char *reason = "";
    json_t *claims = NULL;

    cr_assert_eq(gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &claims, &reason),
                 GW_E_MISMATCH);
    cr_assert_str_eq(reason, expected, "%s: %s", token, reason);
}

/* CRYPTO_memcmp takes as long wherever the first difference is: it sees every signature whole. */
Test(torture, signatures_are_compared_in_constant_time)
{
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    struct gw_crypto *crypto;
    char token[] = A1_TOKEN, *signature = strrchr(token, '.') + 1;

    cr_assert_eq(gw_crypto_new(&crypto), 0);
    for (size_t at = 0; at < 42; at++) {
        char was = signature[at];
        signature[at] = was == 'A' ? 'B' : 'A';
        compared = 0;
        expect_refused(keys, crypto, token, "jwt.signature");
        cr_assert_eq(compared, 32, "%zu bytes", compared);
        signature[at] = was;
    }
    gw_crypto_free(crypto);
    gw_keys_free(keys);
}

/* Nothing that is not in its one spelling, or not in three segments, is worth hashing. */
Test(torture, no_cryptography_looks_at_what_is_malformed)
{
    static const char *const tokens[] = {
        "eyJhbGciOiJIUzI1NiJ9=.e30.AAAA",  "eyJhbGciOiJIUzI1NiJ9.e30=.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA==",   "eyJhbGciOiJIUzI1NiJ9.e3 0.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA+A",   "eyJhbGciOiJIUzI1NiJ9.e30.AA/A",
        "eyJhbGciOiJIUzI1NiJ9.e31.AAAA",   "eyJhbGciOiJIUzI1NiJ9.e30.A",
        "eyJhbGciOiJIUzI1NiJ9.e30.AB",     " eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA\n", "eyJhbGciOiJIUzI1NiJ9.\te30.AAAA"};
    struct gw_keys *keys = keys_from_base64(A1_KEY);
    struct gw_crypto *crypto;

    cr_assert_eq(gw_crypto_new(&crypto), 0);
    expect_refused(keys, crypto, "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "jwt.signature");
    cr_assert_gt(crypto_calls, 0, "the calls are counted");
    crypto_calls = 0;
    for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
        expect_refused(keys, crypto, tokens[i], "jwt.base64");
    expect_refused(keys, crypto, "a.b.c.d.e", "jwt.segments");
    expect_refused(keys, crypto, "eyJhbGciOiJub25lIn0.e30.", "jwt.alg");
    cr_assert_eq(crypto_calls, 0, "%u calls", crypto_calls);
    gw_crypto_free(crypto);
    gw_keys_free(keys);
}

/* ---- Reading keys ---- */

static const char *const ed_jwks =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\",\"x\":"
    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void read_jwks(void *data)
{
    struct gw_keys *keys = NULL;
    const char *why = NULL;
    int r = gw_keys_from_jwks(gw_str_from(ed_jwks), &keys, &why);

    countdown = -1;
    cr_assert(r == 0 || (r == -EINVAL && why) || r == -ENOMEM || r == -EIO, "%d", r);
    cr_assert_eq(r == 0, keys != NULL);
    if (keys)
        cr_assert_eq(gw_keys_count(keys), 2);
    gw_keys_free(keys);
}

Test(torture, of_an_issuers_keys)
{
    torture(read_jwks, NULL);
}

/* ---- Bodies, answers, passwords ---- */

struct note_body {
    const char *title;
    struct gw_list tags;
};
static const struct gw_member note_members[] = {
    {.name = "title", .type = GW_TYPE_TEXT, .offset = offsetof(struct note_body, title)},
    {.name = "tags",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_LIST,
     .offset = offsetof(struct note_body, tags)},
};
static const struct gw_shape note = {"note", note_members, 2, sizeof(struct note_body), false};

static void read_body(void *data)
{
    struct gw_str text = *(const struct gw_str *)data;
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    const void *ret = NULL;
    int r = gw_body_json(text, &note, &arena, &faults, &ret);

    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM, "%d", r);
    if (r == 0) {
        const struct note_body *body = ret;
        cr_assert_str_eq(body->title, "x");
        cr_assert_gt(body->tags.n, 100);
        cr_assert_str_eq(((const char *const *)body->tags.items)[100], "tag");
    }
    gw_arena_free(&arena);
}

Test(torture, of_a_body)
{
    static char text[20000] = "{\"title\":\"x\",\"tags\":[\"tag\"";
    struct gw_str body = {text, strlen(text)};

    for (int i = 0; i < 2000; i++, body.len += 6)
        memcpy(text + body.len, ",\"tag\"", 6);
    memcpy(text + body.len, "]}", 2);
    body.len += 2;
    torture(read_body, &body);
}

static void write_json(void *data)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_jsonout out = {.arena = &arena};
    struct gw_value value = {.type = GW_TYPE_JSON, .as.text = "[1, 2]"};

    gw_jsonout_array(&out);
    for (int i = 0; i < 10000; i++)
        gw_jsonout_i64(&out, i);
    gw_jsonout_value(&out, &value);
    gw_jsonout_end_array(&out);
    countdown = -1;
    cr_assert_eq(out.failed, failed);
    gw_arena_free(&arena);
}

Test(torture, of_an_answer)
{
    torture(write_json, NULL);
}

static void check_password(void *data)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_hashers *hashers = NULL;
    const char *hash;
    int r = gw_hashers_new(1, &hashers);

    cr_assert_eq(r == 0, hashers != NULL);
    if (r == 0)
        r = gw_hash_make(hashers, &arena, "correct horse", &hash);
    if (r == 0) {
        r = gw_hash_check(hashers, &arena, hash, "wrong");
        cr_assert_neq(r, 0);
        r = r == GW_E_MISMATCH ? 0 : r;
    }
    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM, "%d", r);
    gw_hashers_free(hashers);
    gw_arena_free(&arena);
}

Test(torture, of_passwords)
{
    torture(check_password, NULL);
}
