/* support.c: what the tests of the compiler share. */
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *setting(const char *name)
{
    const char *value = getenv(name);
    cr_assert_not_null(value, "%s is not set; run the tests by meson", name);
    return value;
}

void temp_make(char path[PATH_SIZE])
{
    const char *top = getenv("TMPDIR");
    snprintf(path, PATH_SIZE, "%s/gatewright-XXXXXX", top ? top : "/tmp");
    cr_assert_not_null(mkdtemp(path));
}

void temp_remove(const char *path)
{
    run("rm -rf '%s'", path);
}

int run(const char *format, ...)
{
    char command[8192];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(command, sizeof command, format, args);
    va_end(args);
    cr_assert(len > 0 && (size_t)len < sizeof command);
    int status = system(command);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) < 126, "%s: died", command);
    return WEXITSTATUS(status);
}

char *read_text(const char *format, ...)
{
    char path[2 * PATH_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    size_t len = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(len + 1);
    cr_assert_not_null(text);
    cr_assert_eq(fread(text, 1, len, file), len);
    text[len] = '\0';
    fclose(file);
    return text;
}

void write_text(const char *path, const char *text, size_t len)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(text, 1, len, file), len);
    cr_assert_eq(fclose(file), 0);
}

bool exists(const char *format, ...)
{
    char path[2 * PATH_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    return access(path, F_OK) == 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

struct test_case *list_cases(const char *kind, size_t *ret_n)
{
    char path[PATH_SIZE];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s/%s", getenv("GW_TEST_GEN") ? getenv("GW_TEST_GEN") : ".", kind);
    int n = scandir(path, &entries, is_visible, alphasort);
    struct test_case *cases = cr_malloc(sizeof *cases * (size_t)(n > 0 ? n : 1));
    for (int i = 0; i < n; i++) {
        snprintf(cases[i].folder, PATH_SIZE, "%s/%s", kind, entries[i]->d_name);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    *ret_n = n > 0 ? (size_t)n : 0;
    return cases;
}

void expect_same(const char *expected, const char *actual)
{
    cr_expect_eq(run("diff -u '%s' '%s' >&2", expected, actual), 0, "%s differs", expected);
}
