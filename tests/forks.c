/* forks.c: under an emulator and under valgrind, runs the tests of a program in the place of
 * Criterion's own runner.
 *
 * Criterion starts each test by executing the program anew: an emulator of one process cannot
 * follow that, valgrind translates everything again, and not every architecture has Criterion. Here
 * each test is a fork, one after the other, and what its macros call is below. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Criterion's sections, as its macros fill them. A program may have no suite of its own. */
extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[], *__stop_cr_sts[];
#pragma weak __start_cr_sts
#pragma weak __stop_cr_sts

/* Of its options the macros read one: whether assertions that pass are told too. */
struct criterion_options criterion_options;

static const struct criterion_test *current;
static bool failed;

static const struct criterion_test_extra_data *suite_data(void)
{
    for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
        if (!strcmp((*suite)->name, current->category))
            return (*suite)->data;
    return NULL;
}

void criterion_internal_test_setup(void)
{
    const struct criterion_test_extra_data *suite = suite_data();
    if (suite && suite->init)
        suite->init();
    if (current->data->init)
        current->data->init();
}

void criterion_internal_test_main(void (*function)(void))
{
    function();
}

void criterion_internal_test_teardown(void)
{
    const struct criterion_test_extra_data *suite = suite_data();
    if (current->data->fini)
        current->data->fini();
    if (suite && suite->fini)
        suite->fini();
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (stats->passed)
        return;
    failed = true;
    fprintf(stderr, "%s::%s: %s:%u: %s\n", current->category, current->name, stats->file,
            stats->line, stats->message);
}

void cri_asserts_passed_incr(void)
{
}

int cr_asprintf(char **ret, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vasprintf(ret, format, args);
    va_end(args);
    return n;
}

void cr_asprintf_free(char *text)
{
    free(text);
}

/* The macro's own text stands behind its number. */
char *cr_translate_assert_msg(int message, ...)
{
    va_list args;
    va_start(args, message);
    const char *text = va_arg(args, const char *);
    va_end(args);
    return strdup(text ? text : "");
}

void criterion_abort_test(void)
{
    _exit(1);
}

void criterion_continue_test(void)
{
}

static bool passes(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        current->test();
        fflush(NULL);
        _exit(failed);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    if (current->data->signal)
        return WIFSIGNALED(status) && WTERMSIG(status) == current->data->signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == current->data->exit_code;
}

int main(void)
{
    size_t run = 0, bad = 0;
    for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++) {
        current = *test;
        /* The linker pads; and what has parameters would want Criterion's own loop. */
        if (!current || current->data->disabled)
            continue;
        if (current->data->kind_ != CR_TEST_NORMAL) {
            fprintf(stderr, "%s::%s has parameters: tests/forks.c knows none\n", current->category,
                    current->name);
            return 1;
        }
        run++;
        if (!passes()) {
            fprintf(stderr, "FAIL: %s::%s\n", current->category, current->name);
            bad++;
        }
    }
    printf("Tested: %zu | Failing: %zu\n", run, bad);
    return bad || !run;
}
