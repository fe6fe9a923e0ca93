/* test_command.c: what the command does besides translating. */
#include "support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char good[] = "GET / ignored home\n";
static const char bad[] = "GET / nobody home\n";

static int gen(const char *temp)
{
    return run("cd '%s' && '%s' gen routes.def -o out --depfile out.d 2>/dev/null", temp,
               setting("GW_TEST_GATEWRIGHT"));
}

static struct timespec time_of(const char *temp, const char *name)
{
    char path[2 * PATH_SIZE];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", temp, name);
    cr_assert_eq(stat(path, &st), 0, "%s", path);
    return st.st_mtim;
}

static void write_source(const char *temp, const char *text)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/routes.def", temp);
    write_text(path, text, strlen(text));
}

Test(command, gen_writes_nothing_on_errors)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, bad);
    cr_expect_eq(gen(temp), 1);
    cr_expect(!exists("%s/out", temp));
    cr_expect(!exists("%s/out.d", temp));
    temp_remove(temp);
}

Test(command, gen_leaves_unchanged_files_alone)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, good);
    cr_assert_eq(gen(temp), 0);
    run("touch -d '2001-01-01' '%s'/out/*", temp);
    struct timespec before = time_of(temp, "out/routes.h");
    cr_assert_eq(gen(temp), 0);
    cr_expect_eq(time_of(temp, "out/routes.h").tv_sec, before.tv_sec);
    write_source(temp, "GET / ignored house\n");
    cr_assert_eq(gen(temp), 0);
    cr_expect_neq(time_of(temp, "out/routes.h").tv_sec, before.tv_sec);
    /* The same tables, the same matcher. */
    cr_expect_eq(time_of(temp, "out/entities.c").tv_sec, before.tv_sec);
    cr_expect_eq(time_of(temp, "out/routes.re").tv_sec, before.tv_sec);
    cr_expect_eq(time_of(temp, "out/matcher.c").tv_sec, before.tv_sec);
    temp_remove(temp);
}

Test(command, gen_keeps_old_files_on_errors)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, good);
    cr_assert_eq(gen(temp), 0);
    char *before = read_text("%s/out/routes.c", temp);
    write_source(temp, bad);
    cr_expect_eq(gen(temp), 1);
    char *after = read_text("%s/out/routes.c", temp);
    cr_expect_str_eq(before, after);
    free(before);
    free(after);
    temp_remove(temp);
}

/* re2c makes the last of the files: without it there are none. */
Test(command, gen_without_re2c_says_what_to_install_and_keeps_the_old_files)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, good);
    cr_assert_eq(gen(temp), 0);
    run("touch -d '2001-01-01' '%s'/out/*", temp);
    write_source(temp, "GET / ignored house\n");
    cr_expect_eq(run("cd '%s' && '%s' gen -o out --re2c '%s/none' 2>log", temp,
                     setting("GW_TEST_GATEWRIGHT"), temp),
                 1);
    cr_expect_eq(run("grep -q 'Install the package re2c' '%s/log'", temp), 0);
    cr_expect_eq(
        run("cd '%s' && '%s' gen -o out --re2c false 2>log", temp, setting("GW_TEST_GATEWRIGHT")),
        1);
    cr_expect_eq(run("grep -q 'false failed on the matcher' '%s/log'", temp), 0);
    cr_expect_eq(run("test -z \"$(find '%s/out' -type f -newermt 2002-01-01)\"", temp), 0);
    temp_remove(temp);
}

Test(command, depfile_names_included_files)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, "include \"sub/more.def\"\n");
    run("mkdir '%s/sub' && echo 'GET / ignored home' >'%s/sub/more.def'", temp, temp);
    cr_assert_eq(gen(temp), 0);
    char *text = read_text("%s/out.d", temp);
    cr_expect_str_eq(text, "out/routes.h out/routes.re out/routes.c out/entities.c "
                           "out/matcher.c: routes.def sub/more.def\n");
    free(text);
    temp_remove(temp);
}

/* The folder that the source was named by is nowhere in the output. */
Test(command, output_has_no_absolute_paths)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, "include \"./sub/../sub/more.def\"\n");
    run("mkdir '%s/sub' && echo 'GET / ignored home' >'%s/sub/more.def'", temp, temp);
    cr_assert_eq(
        run("'%s' gen '%s/routes.def' -o '%s/out'", setting("GW_TEST_GATEWRIGHT"), temp, temp), 0);
    cr_expect_eq(run("grep -r '%s' '%s/out'", temp, temp), 1);
    cr_expect_eq(run("grep -q 'sub/more.def:1' '%s/out/routes.c'", temp), 0);
    temp_remove(temp);
}

Test(command, exit_status)
{
    const char *command = setting("GW_TEST_GATEWRIGHT");
    cr_expect_eq(run("'%s' --help >/dev/null", command), 0);
    cr_expect_eq(run("'%s' --version | grep -q '^gatewright [0-9]'", command), 0);
    cr_expect_eq(run("'%s' 2>/dev/null", command), 2);
    cr_expect_eq(run("'%s' nonsense 2>/dev/null", command), 2);
    cr_expect_eq(run("'%s' gen routes.def 2>/dev/null", command), 2);
    cr_expect_eq(run("'%s' check a b 2>/dev/null", command), 2);
    cr_expect_eq(run("'%s' check --json 2>/dev/null", command), 2);
    cr_expect_eq(run("'%s' schema routes.def 2>/dev/null", command), 2);
    cr_expect_eq(run("'%s' check /nonexistent/routes.def 2>/dev/null", command), 1);
    cr_expect_eq(run("'%s' check / 2>/dev/null", command), 1);
}

Test(command, warnings_fail_only_with_werror)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    write_source(temp, "entity users { id int key auto }\nGET / ignored home\n");
    cr_expect_eq(run("cd '%s' && '%s' check 2>log", temp, setting("GW_TEST_GATEWRIGHT")), 0);
    cr_expect_eq(run("grep -q 'warning: no route admits entity' '%s/log'", temp), 0);
    cr_expect_eq(
        run("cd '%s' && '%s' check -Werror 2>/dev/null", temp, setting("GW_TEST_GATEWRIGHT")), 1);
    temp_remove(temp);
}

Test(command, shows_a_hundred_errors_at_most)
{
    char temp[PATH_SIZE];
    temp_make(temp);
    run("cd '%s' && for i in $(seq 150); do echo nonsense; done >routes.def", temp);
    cr_expect_eq(run("cd '%s' && '%s' check 2>log", temp, setting("GW_TEST_GATEWRIGHT")), 1);
    cr_expect_eq(run("test $(grep -c error: '%s/log') = 100", temp), 0);
    cr_expect_eq(run("grep -q '^gatewright: 50 more errors' '%s/log'", temp), 0);
    temp_remove(temp);
}

/* Any bytes are an answer of 0 or 1, never a crash: run() fails on a signal. */
Test(command, survives_damaged_sources)
{
    char temp[PATH_SIZE], path[2 * PATH_SIZE];
    unsigned seed = 7;
    char *text = read_text("%s/ok/everything/routes.def", setting("GW_TEST_GEN"));
    cr_assert_not_null(text);
    size_t len = strlen(text);
    temp_make(temp);
    snprintf(path, sizeof path, "%s/routes.def", temp);
    for (int i = 0; i < 150; i++) {
        char *copy = strdup(text);
        for (int j = rand_r(&seed) % 8; j >= 0; j--) {
            size_t at = (size_t)rand_r(&seed) % len, to = (size_t)rand_r(&seed) % len;
            copy[at] = rand_r(&seed) % 3 ? copy[to] : (char)rand_r(&seed);
        }
        size_t cut = rand_r(&seed) % 4 ? len : (size_t)rand_r(&seed) % len;
        write_text(path, copy, cut);
        int status =
            run("cd '%s' && '%s' check >/dev/null 2>log", temp, setting("GW_TEST_GATEWRIGHT"));
        cr_expect(status <= 1, "status %d", status);
        cr_expect_neq(run("grep -qE 'AddressSanitizer|runtime error' '%s/log'", temp), 0);
        free(copy);
    }
    free(text);
    temp_remove(temp);
}
