/* support.h: what the tests of the compiler share: running commands, reading files, folders. */
#ifndef TEST_GEN_SUPPORT_H
#define TEST_GEN_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

#define PATH_SIZE 512

struct test_case {
    char folder[PATH_SIZE]; /* relative to tests/gen: "err/own_guest" */
};

/* From the environment that meson sets; fails the test without it. */
const char *setting(const char *name);

/* A new folder under $TMPDIR; removed by temp_remove. */
void temp_make(char path[PATH_SIZE]);
void temp_remove(const char *path);

/* Runs a shell command made as by printf. Gives its exit status; a death by signal fails the test.
 */
int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The whole file, to be freed; NULL if there is none. */
char *read_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void write_text(const char *path, const char *text, size_t len);
bool exists(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The folders in tests/gen/KIND, sorted; allocated as Criterion's parameters must be. */
struct test_case *list_cases(const char *kind, size_t *ret_n);

/* Fails with a diff if the files differ. */
void expect_same(const char *expected, const char *actual);

#endif
