#include "token/password.h"

#include "base/arena.h"
#include "gatewright.h"

#include <criterion/criterion.h>
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
    cr_assert_eq(gw_hashers_new(1, &hashers), 0);
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

    cr_assert_eq(gw_hash_make(hashers, &arena, password, &hash), 0);
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

    cr_assert_eq(gw_hash_check(hashers, &arena, hash, "correct horse"), 0);
    cr_assert_eq(gw_hash_check(hashers, &arena, hash, "correct hors"), GW_E_MISMATCH);
    cr_assert_eq(gw_hash_check(hashers, &arena, hash, "correct horse "), GW_E_MISMATCH);
    cr_assert_eq(gw_hash_check(hashers, &arena, hash, ""), GW_E_MISMATCH);
}

Test(password, does_not_match_a_missing_account)
{
    cr_assert_eq(gw_hash_check(hashers, &arena, NULL, "correct horse"), GW_E_MISMATCH);
    cr_assert_eq(gw_hash_check(hashers, &arena, NULL, ""), GW_E_MISMATCH);
}

Test(password, does_not_match_what_is_no_hash)
{
    static const char *const hashes[] = {"",  "*",           "!",     "*0",           "$y$",
                                         "$", "$nonsense$x", "plain", "abJnggxhB/yWI" /* DES */};

    for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++)
        cr_assert_eq(gw_hash_check(hashers, &arena, hashes[i], "plain"), GW_E_MISMATCH, "%s",
                     hashes[i]);
}

Test(password, does_not_match_a_cut_hash)
{
    char hash[400];

    strcpy(hash, make("correct horse"));
    hash[strlen(hash) - 1] = '\0';
    cr_assert_eq(gw_hash_check(hashers, &arena, hash, "correct horse"), GW_E_MISMATCH);
}

Test(password, over_511_bytes_is_refused)
{
    char password[513];
    const char *hash;

    memset(password, 'a', 512);
    password[512] = '\0';
    cr_assert_eq(gw_hash_make(hashers, &arena, password, &hash), -ERANGE);
    cr_assert_eq(gw_hash_check(hashers, &arena, NULL, password), -ERANGE);
    password[511] = '\0';
    cr_assert_eq(gw_hash_check(hashers, &arena, make(password), password), 0);
    password[510] = 'b';
    cr_assert_eq(gw_hash_check(hashers, &arena, make("a"), password), GW_E_MISMATCH);
}

static double seconds_of_check(const char *hash)
{
    struct timespec from, to;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(gw_hash_check(hashers, &arena, hash, "wrong"), GW_E_MISMATCH);
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

struct flood {
    atomic_int done, busy;
};

static void *flood_thread(void *data)
{
    struct flood *flood = data;
    struct gw_arena own = {.limit = 0};
    const char *hash;

    for (int i = 0; i < 5; i++) {
        int r = gw_hash_make(hashers, &own, "correct horse", &hash);
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

Test(password, needs_at_least_one_place)
{
    struct gw_hashers *none = NULL;

    cr_assert_eq(gw_hashers_new(0, &none), -EINVAL);
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
    cr_assert_eq(gw_hash_check(hashers, &arena, theirs, "correct horse"), 0);
    cr_assert_eq(gw_hash_check(hashers, &arena, theirs, "correct horsf"), GW_E_MISMATCH);
}
