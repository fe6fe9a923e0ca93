/* test_password_costs.c: that the work of a log-in does not tell which hash an account has, nor
 * whether it has one. Work is the thread's time on its core. Other programs on the machine disturb
 * it (caches), hence medians of interleaved runs, and bounds that are wide but far from what the
 * kinds differ by: 40 times. */
#include "token/password.h"

#include "gatewright.h"
#include "token/dearest.h"

#include <criterion/criterion.h>
#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS 7

static const char password[] = "correct horse";

/* By libxcrypt itself. */
static const char *make(const char *prefix, unsigned long cost)
{
    static char made[4][CRYPT_OUTPUT_SIZE];
    static unsigned n;
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    struct crypt_data *data = calloc(1, sizeof(*data));
    char *to = made[n++ % 4];

    cr_assert_not_null(crypt_gensalt_rn(prefix, cost, NULL, 0, setting, sizeof(setting)));
    strcpy(to, crypt_r(password, setting, data));
    free(data);
    return to;
}

static double ms_of(struct gw_hashers *hashers, const char *hash, const char *tried, int expected)
{
    uint64_t begin = gw_thread_ns();
    cr_assert_eq(gw_hash_check(hashers, 0, hash, tried, NULL), expected);
    return (double)(gw_thread_ns() - begin) / 1e6;
}

struct who {
    const char *name, *hash, *tried;
    int expected;
    double ms[RUNS];
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Each one's work is the first one's: the median of what they took beside each other. */
static void expect_equal(const struct who *whos, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double ratios[RUNS];
        for (int run = 0; run < RUNS; run++)
            ratios[run] = whos[i].ms[run] / whos[0].ms[run];
        qsort(ratios, RUNS, sizeof(double), compare);
        double median = ratios[RUNS / 2];
        fprintf(stderr, "%-24s %7.2f ms, %.2f of %s\n", whos[i].name, whos[i].ms[0], median,
                whos[0].name);
        cr_expect(median > 0.8 && median < 1.25, "%s: %.2f of %s", whos[i].name, median,
                  whos[0].name);
    }
}

Test(password_costs, all_log_ins_cost_as_much_as_the_dearest_kind)
{
    struct gw_hashers *hashers;
    const char *dear = make("$2b$", 9), *own = make("$y$", 0), *cheap = make("$1$", 0);
    const char *beyond = "$2b$15$aaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct who whos[] = {
        {"the dearest, right", dear, password, 0, {0}},
        {"the dearest, wrong", dear, "wrong", GW_E_MISMATCH, {0}},
        {"no account", NULL, password, GW_E_MISMATCH, {0}},
        {"our own kind, right", own, password, 0, {0}},
        {"our own kind, wrong", own, "wrong", GW_E_MISMATCH, {0}},
        {"a cheap kind, right", cheap, password, 0, {0}},
        {"a cheap kind, wrong", cheap, "wrong", GW_E_MISMATCH, {0}},
        {"a locked account", "!", password, GW_E_MISMATCH, {0}},
        {"an unknown kind", "sha1$abc$abc", password, GW_E_MISMATCH, {0}},
        {"beyond a bound", beyond, password, GW_E_MISMATCH, {0}},
        {"a malformed hash", "$6$abc", password, GW_E_MISMATCH, {0}},
    };
    size_t n = sizeof(whos) / sizeof(whos[0]);

    cr_assert_eq(gw_hashers_new(1, 0, NULL, &hashers), 0);
    ms_of(hashers, dear, "wrong", GW_E_MISMATCH); /* from now on it is known */
    for (int run = 0; run < RUNS; run++)
        for (size_t i = 0; i < n; i++)
            whos[i].ms[run] = ms_of(hashers, whos[i].hash, whos[i].tried, whos[i].expected);
    expect_equal(whos, n);
    gw_hashers_free(hashers);
}

/* GW_PASSWORD_DEAREST: the very first log-in of a process costs the same whoever it is. */
Test(password_costs, an_example_makes_the_first_log_in_equal)
{
    const char *dear = make("$2b$", 9), *own = make("$y$", 0), *cheap = make("$1$", 0);
    struct who whos[] = {
        {"the dearest", dear, "wrong", GW_E_MISMATCH, {0}},
        {"no account", NULL, password, GW_E_MISMATCH, {0}},
        {"our own kind", own, password, 0, {0}},
        {"a cheap kind", cheap, password, 0, {0}},
    };
    const char *example = "$2b$09$aaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    for (int run = 0; run < RUNS; run++)
        for (size_t i = 0; i < 4; i++) {
            struct gw_hashers *hashers;
            cr_assert_eq(gw_hashers_new(1, 0, example, &hashers), 0);
            whos[i].ms[run] = ms_of(hashers, whos[i].hash, whos[i].tried, whos[i].expected);
            gw_hashers_free(hashers);
        }
    expect_equal(whos, 4);
}

/* With a long password, sha512crypt is dearer than our own kind, and with a short one cheaper. */
Test(password_costs, a_long_password_tells_nothing_either)
{
    struct gw_hashers *hashers;
    char tried[501];
    memset(tried, 'x', 500);
    tried[500] = '\0';
    const char *own = make("$y$", 0), *other = make("$6$", 16000);
    struct who whos[] = {
        {"sha512crypt, 500 bytes", other, tried, GW_E_MISMATCH, {0}},
        {"no account, 500 bytes", NULL, tried, GW_E_MISMATCH, {0}},
        {"our own, 500 bytes", own, tried, GW_E_MISMATCH, {0}},
    };

    cr_assert_eq(gw_hashers_new(1, 0, NULL, &hashers), 0);
    double brief = 0, lengthy = 0;
    for (int run = -1; run < RUNS; run++) { /* the first measures */
        brief = ms_of(hashers, other, "wrong", GW_E_MISMATCH);
        for (size_t i = 0; i < 3; i++) {
            lengthy = ms_of(hashers, whos[i].hash, tried, GW_E_MISMATCH);
            if (run >= 0)
                whos[i].ms[run] = lengthy;
        }
    }
    expect_equal(whos, 3);
    cr_expect_gt(lengthy, 1.5 * brief, "the test shows nothing: %.1f and %.1f ms", lengthy, brief);
    gw_hashers_free(hashers);
}

Test(password_costs, one_kind_alone_costs_itself)
{
    struct gw_hashers *hashers;
    const char *own = make("$y$", 0);
    double least = 1e9;

    cr_assert_eq(gw_hashers_new(1, 0, NULL, &hashers), 0);
    for (int run = 0; run < RUNS; run++) {
        uint64_t begin = gw_thread_ns();
        make("$y$", 0);
        double alone = (double)(gw_thread_ns() - begin) / 1e6;
        double ratio = ms_of(hashers, own, password, 0) / alone;
        least = ratio < least ? ratio : least;
    }
    cr_expect_lt(least, 1.2);
    gw_hashers_free(hashers);
}

Test(password_costs, an_example_must_be_a_hash_that_can_be_used)
{
    static const char *const bad[] = {
        "",
        "!",
        "*",
        "bcrypt",
        "$2b$09$abc",
        "sha1$abc$abc",
        "$2b$15$aaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct gw_hashers *hashers = NULL;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(gw_hashers_new(1, 0, bad[i], &hashers), -EINVAL, "%s", bad[i]);
    cr_expect_null(hashers);
}

/* What stands in for an account that is not there fits no password, and has nothing of an account's
 * salt or digest. */
Test(password_costs, what_stands_in_has_nothing_of_an_account)
{
    const char *const hashes[] = {
        make("$2b$", 4),
        make("$6$", 1000),
        make("$y$", 1),
        make("$1$", 0),
        "pbkdf2:sha1:10$saltsaltsalt$0123456789012345678901234567890123456789",
        "$P$5abcdefghaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < 6; i++) {
        struct gw_hash hash, first, second;
        cr_assert_eq(gw_hash_read(gw_str_from(hashes[i]), &hash), GW_REASON_NONE, "%s", hashes[i]);
        cr_assert_eq(gw_hash_liken(&hash, &first), 0);
        cr_assert_eq(gw_hash_liken(&hash, &second), 0);
        cr_expect(gw_hash_alike(&hash, &first));
        cr_expect_eq(first.salt_len, hash.salt_len);
        size_t n = hash.salt_len - hash.salt_begin;
        cr_expect(!memcmp(first.salt, hash.salt, hash.salt_begin));
        cr_expect(memcmp(first.salt + hash.salt_begin, hash.salt + hash.salt_begin, n));
        cr_expect(memcmp(first.salt, second.salt, hash.salt_len));
        for (size_t j = 0; j < sizeof(first.digest); j++)
            cr_expect_eq(first.digest[j], 0);
        cr_expect_eq(gw_hash_work(&first, password), 0, "%s", hashes[i]);
        cr_expect_eq(gw_hash_fits(&first, password), GW_E_MISMATCH);
    }
}

/* More kinds and costs than are kept: the dearest stays. */
Test(password_costs, the_dearest_of_many_is_kept)
{
    struct gw_hashers *hashers;
    char text[200];
    const char *dear = make("$2b$", 9);

    cr_assert_eq(gw_hashers_new(1, 0, NULL, &hashers), 0);
    ms_of(hashers, dear, "wrong", GW_E_MISMATCH); /* the first one measures our own kind, too */
    double before = ms_of(hashers, dear, "wrong", GW_E_MISMATCH);
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "pbkdf2:sha1:%d$salt$%040d", 10 + i, 0);
        ms_of(hashers, text, "wrong", GW_E_MISMATCH);
    }
    double after = ms_of(hashers, NULL, "wrong", GW_E_MISMATCH);
    cr_expect(after > before / 2, "%.1f ms, %.1f before", after, before);
    gw_hashers_free(hashers);
}
