#include "token/password.h"

#include "base/arena.h"
#include "gatewright.h"

#include <criterion/criterion.h>
#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct gw_arena arena;
static struct gw_hashers *hashers;

static void begin(void)
{
    cr_assert_eq(gw_hashers_new(1, 0, NULL, &hashers), 0);
}

static void finish(void)
{
    gw_hashers_free(hashers);
    gw_arena_free(&arena);
}

TestSuite(password, .init = begin, .fini = finish);

static const char *make(const char *password)
{
    const char *hash = NULL;

    cr_assert_eq(gw_hash_make(hashers, &arena, 0, password, &hash), 0);
    return hash;
}

Test(password, makes_yescrypt)
{
    cr_assert_eq(strncmp(make("correct horse"), "$y$", 3), 0);
}

Test(password, salts_each_hash)
{
    cr_assert_str_neq(make("correct horse"), make("correct horse"));
}

Test(password, accepts_only_the_right_one)
{
    const char *hash = make("correct horse");

    cr_assert_eq(gw_hash_check(hashers, 0, hash, "correct horse", NULL), 0);
    cr_assert_eq(gw_hash_check(hashers, 0, hash, "correct hors", NULL), GW_E_MISMATCH);
    cr_assert_eq(gw_hash_check(hashers, 0, hash, "correct horse ", NULL), GW_E_MISMATCH);
    cr_assert_eq(gw_hash_check(hashers, 0, hash, "", NULL), GW_E_MISMATCH);
}

Test(password, does_not_match_a_missing_account)
{
    cr_assert_eq(gw_hash_check(hashers, 0, NULL, "correct horse", NULL), GW_E_MISMATCH);
    cr_assert_eq(gw_hash_check(hashers, 0, NULL, "", NULL), GW_E_MISMATCH);
}

Test(password, does_not_match_what_is_no_hash)
{
    static const char *const hashes[] = {"",  "*",           "!",     "*0",           "$y$",
                                         "$", "$nonsense$x", "plain", "abJnggxhB/yWI" /* DES */};

    for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++)
        cr_assert_eq(gw_hash_check(hashers, 0, hashes[i], "plain", NULL), GW_E_MISMATCH, "%s",
                     hashes[i]);
}

Test(password, does_not_match_a_cut_hash)
{
    char hash[400];

    strcpy(hash, make("correct horse"));
    hash[strlen(hash) - 1] = '\0';
    cr_assert_eq(gw_hash_check(hashers, 0, hash, "correct horse", NULL), GW_E_MISMATCH);
}

Test(password, over_511_bytes_is_refused)
{
    char password[513];
    const char *hash;

    memset(password, 'a', 512);
    password[512] = '\0';
    cr_assert_eq(gw_hash_make(hashers, &arena, 0, password, &hash), -ERANGE);
    cr_assert_eq(gw_hash_check(hashers, 0, NULL, password, NULL), -ERANGE);
    password[511] = '\0';
    cr_assert_eq(gw_hash_check(hashers, 0, make(password), password, NULL), 0);
    password[510] = 'b';
    cr_assert_eq(gw_hash_check(hashers, 0, make("a"), password, NULL), GW_E_MISMATCH);
}

static double seconds_of_check(const char *hash)
{
    struct timespec from, to;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(gw_hash_check(hashers, 0, hash, "wrong", NULL), GW_E_MISMATCH);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

Test(password, of_a_missing_account_takes_as_long)
{
    const char *hash = make("correct horse");
    double there = seconds_of_check(hash);

    cr_assert_gt(seconds_of_check(NULL), there / 2);
    cr_assert_lt(seconds_of_check(NULL), there * 2);
    cr_assert_gt(seconds_of_check("*"), there / 2);
}

Test(password, says_which_hash_is_to_be_replaced)
{
    char cheap[CRYPT_GENSALT_OUTPUT_SIZE], theirs[CRYPT_GENSALT_OUTPUT_SIZE];
    struct crypt_data data = {.initialized = 0};
    struct gw_hash_finding finding;

    cr_assert_eq(gw_hash_check(hashers, 0, make("correct horse"), "correct horse", &finding), 0);
    cr_expect_eq(finding.state, 0);
    cr_assert_eq(gw_hash_check(hashers, 0, make("correct horse"), "wrong", &finding),
                 GW_E_MISMATCH);
    cr_expect_eq(finding.state, 0);
    cr_assert_not_null(crypt_gensalt_rn("$6$", 0, NULL, 0, theirs, sizeof(theirs)));
    cr_assert_eq(gw_hash_check(hashers, 0, crypt_r("correct horse", theirs, &data), "correct horse",
                               &finding),
                 0);
    cr_expect_eq(finding.state, GW_STALE);
    cr_assert_not_null(crypt_gensalt_rn("$y$", 1, NULL, 0, cheap, sizeof(cheap)));
    cr_assert_eq(gw_hash_check(hashers, 0, crypt_r("correct horse", cheap, &data), "correct horse",
                               &finding),
                 0);
    cr_expect_eq(finding.state, GW_STALE);
}

struct flood {
    atomic_int done, busy;
};

static void *flood_thread(void *data)
{
    struct flood *flood = data;
    struct gw_arena own = {.limit = 0};
    const char *hash;

    for (int i = 0; i < 5; i++) {
        int r = gw_hash_make(hashers, &own, 0, "correct horse", &hash);
        if (r == 0)
            atomic_fetch_add(&flood->done, 1);
        else if (r == -EBUSY)
            atomic_fetch_add(&flood->busy, 1);
    }
    gw_arena_free(&own);
    return NULL;
}

Test(password, hashes_are_bounded_at_once)
{
    struct flood flood = {0};
    pthread_t threads[8];

    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, flood_thread, &flood);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(flood.done + flood.busy, 40);
    cr_assert_geq(flood.done, 1);
    cr_assert_geq(flood.busy, 1);
    make("and again");
}

/* Twelve at once with places for four and for eight who wait: all are served, four at a time. */
struct crowd {
    struct gw_hashers *hashers;
    uint64_t until_ns;
    atomic_int done, busy;
};

static void *crowd_thread(void *data)
{
    struct crowd *crowd = data;
    int r = gw_hash_check(crowd->hashers, crowd->until_ns, NULL, "correct horse", NULL);

    atomic_fetch_add(r == -EBUSY ? &crowd->busy : &crowd->done, 1);
    return NULL;
}

static uint64_t in_ms(uint64_t ms)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + ms * 1000000;
}

static void meet(struct crowd *crowd, unsigned at_once, unsigned waiting, uint64_t ms, size_t n)
{
    pthread_t threads[64];

    cr_assert_eq(gw_hashers_new(at_once, waiting, NULL, &crowd->hashers), 0);
    crowd->until_ns = in_ms(ms);
    for (size_t i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, crowd_thread, crowd);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    gw_hashers_free(crowd->hashers);
}

Test(password, who_waits_in_the_short_queue_is_served)
{
    struct crowd crowd = {.hashers = NULL};

    meet(&crowd, 4, 8, 20000, 12);
    cr_assert_eq(crowd.done, 12);
}

Test(password, the_queue_is_bounded_by_number_and_by_time)
{
    struct crowd many = {.hashers = NULL}, late = {.hashers = NULL};

    meet(&many, 1, 3, 20000, 60);
    cr_assert_eq(many.done + many.busy, 60);
    cr_assert_geq(many.done, 4);
    cr_assert_geq(many.busy, 20, "%d waited with three places", 60 - many.busy);
    uint64_t begun = in_ms(0);
    meet(&late, 1, 59, 30, 60);
    cr_assert_gt(late.busy, 0, "none was told that it took too long");
    cr_assert_lt(in_ms(0) - begun, UINT64_C(3000000000));
}

Test(password, needs_at_least_one_place)
{
    struct gw_hashers *none = NULL;

    cr_assert_eq(gw_hashers_new(0, 1, NULL, &none), -EINVAL);
    cr_assert_null(none);
}

Test(password, is_exchanged_with_another_program)
{
    char command[1000], theirs[400] = "";

    snprintf(command, sizeof(command),
             "/usr/bin/python3 -W ignore -c 'import crypt, sys; "
             "sys.exit(crypt.crypt(\"gr\\u00fc\\u00df dich\", sys.argv[1]) != sys.argv[1])' '%s'",
             make("gr\xc3\xbc\xc3\x9f dich"));
    cr_assert_eq(system(command), 0);

    FILE *pipe = popen("/usr/bin/python3 -W ignore -c 'import crypt; "
                       "print(crypt.crypt(\"correct horse\", crypt.mksalt(crypt.METHOD_SHA512)))'",
                       "r");
    cr_assert_not_null(fgets(theirs, sizeof(theirs), pipe));
    pclose(pipe);
    theirs[strcspn(theirs, "\n")] = '\0';
    cr_assert_eq(gw_hash_check(hashers, 0, theirs, "correct horse", NULL), 0);
    cr_assert_eq(gw_hash_check(hashers, 0, theirs, "correct horsf", NULL), GW_E_MISMATCH);
}
