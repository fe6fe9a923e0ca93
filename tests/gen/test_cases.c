/* test_cases.c: a folder per case.
 *
 * err/NAME/: routes.def is refused, and standard error is exactly `stderr`.
 * ok/NAME/: routes.def is accepted; what is in `expected/` is exactly what the commands write; the
 * generated code compiles with gcc and clang under the project's warnings.
 * build/NAME/: routes.def is accepted, but handlers.c does not fit it: each compiler must fail with
 * the words of `expected` on one line. */
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ParameterizedTestParameters(cases, refuses)
{
    size_t n;
    struct test_case *list = list_cases("err", &n);
    return cr_make_param_array(struct test_case, list, n);
}

ParameterizedTest(struct test_case *test, cases, refuses)
{
    char temp[PATH_SIZE], actual[PATH_SIZE + 16], expected[2 * PATH_SIZE];
    temp_make(temp);
    snprintf(actual, sizeof actual, "%s/stderr", temp);
    snprintf(expected, sizeof expected, "%s/%s/stderr", setting("GW_TEST_GEN"), test->folder);
    char *args = read_text("%s/%s/args", setting("GW_TEST_GEN"), test->folder);
    int status = run("cd '%s/%s' && '%s' gen routes.def -o '%s/out' %.*s 2>'%s'",
                     setting("GW_TEST_GEN"), test->folder, setting("GW_TEST_GATEWRIGHT"), temp,
                     args ? (int)strcspn(args, "\n") : 0, args ? args : "", actual);
    cr_expect_eq(status, 1, "%s: exit status %d", test->folder, status);
    expect_same(expected, actual);
    cr_expect(!exists("%s/out", temp), "%s: something was written", test->folder);
    free(args);
    temp_remove(temp);
}

/* What each file in `expected/` is compared with. */
static void make_outputs(const char *folder, const char *temp)
{
    const char *command = setting("GW_TEST_GATEWRIGHT");
    char in[2 * PATH_SIZE];
    snprintf(in, sizeof in, "cd '%s/%s'", setting("GW_TEST_GEN"), folder);
    cr_assert_eq(run("%s && '%s' gen routes.def -o '%s' 2>'%s/stderr'", in, command, temp, temp), 0,
                 "%s: gen", folder);
    cr_assert_eq(run("%s && '%s' routes >'%s/routes.txt' 2>/dev/null", in, command, temp), 0);
    cr_assert_eq(run("%s && '%s' routes --json >'%s/routes.json' 2>/dev/null", in, command, temp),
                 0);
    cr_assert_eq(run("%s && '%s' schema --mysql >'%s/mysql.sql' 2>/dev/null", in, command, temp),
                 0);
    cr_assert_eq(run("%s && '%s' schema --sqlite >'%s/sqlite.sql' 2>/dev/null", in, command, temp),
                 0);
}

static void compile(const char *cc, const char *folder, const char *temp)
{
    static const char *const files[] = {"routes", "entities", "matcher"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        cr_expect_eq(run("%s -I'%s' -I'%s' -c '%s/%s.c' -o '%s/%s.o'", cc, temp,
                         setting("GW_TEST_RUNTIME"), temp, files[i], temp, files[i]),
                     0, "%s: %s.c does not compile", folder, files[i]);
}

ParameterizedTestParameters(cases, accepts)
{
    size_t n;
    struct test_case *list = list_cases("ok", &n);
    return cr_make_param_array(struct test_case, list, n);
}

ParameterizedTest(struct test_case *test, cases, accepts)
{
    static const char *const names[] = {"routes.h",   "routes.re",  "routes.c",
                                        "entities.c", "routes.txt", "routes.json",
                                        "mysql.sql",  "sqlite.sql", "stderr"};
    char temp[PATH_SIZE], actual[PATH_SIZE + 16], expected[2 * PATH_SIZE + 32];
    temp_make(temp);
    make_outputs(test->folder, temp);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(actual, sizeof actual, "%s/%s", temp, names[i]);
        snprintf(expected, sizeof expected, "%s/%s/expected/%s", setting("GW_TEST_GEN"),
                 test->folder, names[i]);
        if (exists("%s", expected))
            expect_same(expected, actual);
    }
    compile(setting("GW_TEST_GCC"), test->folder, temp);
    compile(setting("GW_TEST_CLANG"), test->folder, temp);
    temp_remove(temp);
}

#define ASSERTION                                                                                  \
    {                                                                                              \
        "static assertion failed", "static_assert failed"                                          \
    }

/* Changes of the runtime's generated.h that the compiler does not know of. */
static const struct drift {
    const char *sed;
    const char *file;     /* of the generated ones; must not compile */
    const char *words[2]; /* one of them is in what gcc and clang say */
} drifts[] = {
    {"s/define GW_CONTRACT .*/define GW_CONTRACT 0/", "routes", {"not of one version"}},
    {"s/define GW_CONTRACT .*/define GW_CONTRACT 0/", "matcher", {"not of one version"}},
    {"s/define GW_CONTRACT .*//", "routes", {"not of one version"}},
    {"s/define GW_MAX_SEGMENTS .*/define GW_MAX_SEGMENTS 31/", "routes", ASSERTION},
    {"s/define GW_MAX_PARAMS .*/define GW_MAX_PARAMS 17/", "routes", ASSERTION},
    {"s/define GW_MAX_ENTITIES .*/define GW_MAX_ENTITIES 65/", "routes", ASSERTION},
    {"s/define GW_MAX_COLUMNS .*/define GW_MAX_COLUMNS 61/", "routes", ASSERTION},
    {"s/    const void .items;/    size_t m;\\n&/", "routes", ASSERTION},
    {"s/^    GW_PUT,/    GW_FIRST,\\n&/", "matcher", ASSERTION},
    {"s/uint16_t route.GW_N/uint8_t route[GW_N/", "matcher", ASSERTION},
};

ParameterizedTestParameters(cases, generated_code_refuses_a_runtime_that_has_drifted)
{
    const size_t n = sizeof drifts / sizeof *drifts;
    size_t *numbers = cr_malloc(n * sizeof *numbers);
    for (size_t i = 0; i < n; i++)
        numbers[i] = i;
    return cr_make_param_array(size_t, numbers, n);
}

/* Without the change the same case compiles: see `accepts`. */
ParameterizedTest(size_t *number, cases, generated_code_refuses_a_runtime_that_has_drifted)
{
    const struct drift *drift = &drifts[*number];
    const char *const compilers[] = {setting("GW_TEST_GCC"), setting("GW_TEST_CLANG")};
    char temp[PATH_SIZE];
    temp_make(temp);
    make_outputs("ok/everything", temp);
    cr_assert_eq(run("sed '%s' '%s/generated.h' >'%s/generated.h'", drift->sed,
                     setting("GW_TEST_RUNTIME"), temp),
                 0);
    for (int i = 0; i < 2; i++) {
        int status =
            run("LC_ALL=C %s -I'%s' -I'%s' -c '%s/%s.c' -o '%s/x.o' 2>'%s/log'", compilers[i], temp,
                setting("GW_TEST_RUNTIME"), temp, drift->file, temp, temp);
        char *log = read_text("%s/log", temp);
        cr_expect(
            status == 1 && log &&
                (strstr(log, drift->words[0]) || (drift->words[1] && strstr(log, drift->words[1]))),
            "%s, %s.c: status %d, %s", drift->sed, drift->file, status, log ? log : "");
        free(log);
    }
    temp_remove(temp);
}

static bool has_line_with(const char *text, const char *first, const char *second)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        const char *found = memmem(text, len, first, strlen(first));
        if (found && memmem(text, len, second, strlen(second)))
            return true;
        text += len + (text[len] == '\n');
    }
    return false;
}

/* Compiles and links handlers.c with the generated code. Gives the compiler's words, to be freed.
 */
static char *build(const char *cc, const char *folder, const char *temp, int *ret_status)
{
    const char *here = setting("GW_TEST_GEN");
    *ret_status = run("cd '%s' && LC_ALL=C %s -g -I'%s' -I'%s' '%s/%s/handlers.c' '%s/stubs.c' "
                      "routes.c entities.c matcher.c -o program >log 2>&1",
                      temp, cc, temp, setting("GW_TEST_RUNTIME"), here, folder, here);
    return read_text("%s/log", temp);
}

ParameterizedTestParameters(cases, build_names_the_route)
{
    size_t n;
    struct test_case *list = list_cases("build", &n);
    return cr_make_param_array(struct test_case, list, n);
}

/* `expected` holds two words; both must be on one line. Without it the program must link. */
ParameterizedTest(struct test_case *test, cases, build_names_the_route)
{
    const char *const compilers[] = {setting("GW_TEST_GCC"), setting("GW_TEST_CLANG")};
    char temp[PATH_SIZE], first[64] = "", second[64] = "";
    char *expected = read_text("%s/%s/expected", setting("GW_TEST_GEN"), test->folder);
    temp_make(temp);
    cr_assert(!expected || sscanf(expected, "%63s %63s", first, second) == 2);
    make_outputs(test->folder, temp);
    for (int i = 0; i < 2; i++) {
        int status;
        char *log = build(compilers[i], test->folder, temp, &status);
        cr_expect_eq(status != 0, expected != NULL, "%s: %s", test->folder, log);
        cr_expect(!expected || has_line_with(log, first, second), "%s: no line has %s and %s:\n%s",
                  test->folder, first, second, log);
        free(log);
    }
    free(expected);
    temp_remove(temp);
}
