/* weak.c: public keys that are well-formed and worth nothing.
 *
 * Ed25519: a point of small order (eight of them) verifies signatures that anybody can write: with
 * the identity as key, S = 0 and R = the identity fit every text. A point has one encoding (RFC
 * 8032, 5.1.3): y below 2^255-19, and no sign where x is 0. OpenSSL looks at none of it when it
 * loads a key.
 *
 * RSA: a smart card library made primes of the form k * M + (65537^a mod M), M a product of the
 * first primes (CVE-2017-15361, "ROCA"), and such a modulus is factored in hours. It shows: modulo
 * each of these primes it is a power of 65537. Of other moduli one in 2^27 looks so. */
#include "token/own.h"

#include <openssl/err.h>

/* The y of the points whose order divides 8: 1, -1, 0, and the two of order 8, whose sign of x
 * stands in the last bit; little-endian. */
static const unsigned char small_order[5][32] = {
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

/* Whether some x fits: x^2 = (y^2 - 1) / (d y^2 + 1) has a root where (y^2 - 1)(d y^2 + 1) has one,
 * since they differ by a square. -1: memory is short. */
static int is_on_curve(const BIGNUM *y, const BIGNUM *p)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *d = NULL, *square = BN_new(), *u = BN_new(), *v = BN_new();
    int symbol = -2;
    if (context && square && u && v &&
        BN_hex2bn(&d, "52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3") &&
        BN_mod_sqr(square, y, p, context) && BN_copy(u, square) && BN_sub_word(u, 1) &&
        BN_mod_mul(v, d, square, p, context) && BN_add_word(v, 1) &&
        BN_mod_mul(u, u, v, p, context))
        symbol = BN_kronecker(u, p, context);
    BN_free(d);
    BN_free(square);
    BN_free(u);
    BN_free(v);
    BN_CTX_free(context);
    return symbol == -2 ? -1 : symbol != -1;
}

const char *gw_keys_refuse_point(const unsigned char point[32])
{
    unsigned char bytes[32];
    BIGNUM *p = NULL, *y;
    const char *why = NULL;
    memcpy(bytes, point, sizeof(bytes));
    bytes[31] &= 0x7f;
    for (size_t i = 0; i < sizeof(small_order) / sizeof(*small_order); i++)
        if (!memcmp(bytes, small_order[i], sizeof(bytes)))
            return "is a point of small order, for which anybody can sign";
    y = BN_lebin2bn(bytes, sizeof(bytes), NULL);
    if (!y || !BN_hex2bn(&p, "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED"))
        why = "could not be checked: no memory";
    else if (BN_cmp(y, p) >= 0)
        why = "is a point in another encoding than the one right one";
    else if (is_on_curve(y, p) <= 0)
        why = "is a point that is not on the curve";
    BN_free(p);
    BN_free(y);
    ERR_clear_error();
    return why;
}

static bool is_power_of_65537(unsigned residue, unsigned prime)
{
    unsigned power = 1;
    do {
        if (power == residue)
            return true;
        power = power * (65537 % prime) % prime;
    } while (power != 1);
    return false;
}

/* The primes from 3 to 167: all keys of that library have these in their M. */
const char *gw_keys_refuse_modulus(const BIGNUM *n)
{
    static const unsigned char primes[] = {
        3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
        73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    for (size_t i = 0; i < sizeof(primes); i++) {
        BN_ULONG residue = BN_mod_word(n, primes[i]);
        if (residue == (BN_ULONG)-1)
            return "could not be checked: no memory";
        if (!is_power_of_65537((unsigned)residue, primes[i]))
            return NULL;
    }
    return "is an RSA key that can be factored (CVE-2017-15361, ROCA)";
}
