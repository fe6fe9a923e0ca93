/* torture.c: see torture.h. */
#include "torture.h"

#ifdef GW_HAVE_ARGON2
#include <argon2.h>
#endif
#include <criterion/criterion.h>
#include <jansson.h>
#include <openssl/core.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>

long countdown = -1;
bool failed;

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

void torture_begin(void)
{
    cr_assert_eq(crypto_taken, 1);
    json_set_alloc_funcs(jansson_malloc, free);
}

void torture_some(void (*scenario)(void *data), void *data, long step)
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

void torture(void (*scenario)(void *data), void *data)
{
    torture_some(scenario, data, 1);
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

unsigned crypto_calls;

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
WRAP(EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX * c, const char *n, const char *p), (c, n, p), NULL)
WRAP(int, PKCS5_PBKDF2_HMAC,
     (const char *p, int n, const unsigned char *s, int m, int i, const EVP_MD *t, int l,
      unsigned char *o),
     (p, n, s, m, i, t, l, o), 0)
WRAP(int, EVP_PBE_scrypt,
     (const char *w, size_t n, const unsigned char *s, size_t m, uint64_t N, uint64_t r, uint64_t p,
      uint64_t x, unsigned char *k, size_t l),
     (w, n, s, m, N, r, p, x, k, l), 0)
WRAP(unsigned char *, HMAC,
     (const EVP_MD *t, const void *k, int n, const unsigned char *d, size_t m, unsigned char *o,
      unsigned *l),
     (t, k, n, d, m, o, l), NULL)
WRAP(int, RAND_bytes, (unsigned char *b, int n), (b, n), 0)
#ifdef GW_HAVE_ARGON2
WRAP(int, argon2_ctx, (argon2_context * c, argon2_type t), (c, t), ARGON2_MEMORY_ALLOCATION_ERROR)
#endif
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
size_t compared;
int __real_CRYPTO_memcmp(const void *a, const void *b, size_t n);
int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t n);

int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t n)
{
    compared += n;
    return __real_CRYPTO_memcmp(a, b, n);
}
