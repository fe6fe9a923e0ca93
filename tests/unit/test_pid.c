/* test_pid.c: gw_pid beside the kernel's answer, in this process and in children of every kind. */
#include "base/pid.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *differs(void *somewhere)
{
    return gw_pid() == getpid() ? NULL : somewhere;
}

static void expect_exit_0(pid_t child)
{
    int status = -1;
    cr_assert_gt(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(pid, is_the_kernels)
{
    cr_assert_eq(gw_pid(), getpid());
    cr_assert_eq(gw_pid(), getpid());
}

Test(pid, is_the_same_in_every_thread)
{
    pthread_t threads[8];
    void *wrong;
    for (size_t i = 0; i < 8; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, differs, threads), 0);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i], &wrong);
        cr_expect_null(wrong);
    }
}

Test(pid, is_another_in_a_child_and_in_a_child_of_it)
{
    pid_t before = gw_pid(), child = fork(), grandchild;
    if (child == 0) {
        int status = 1;
        if (gw_pid() != getpid() || gw_pid() == before)
            _exit(1);
        grandchild = fork();
        if (grandchild == 0)
            _exit(gw_pid() != getpid());
        _exit(waitpid(grandchild, &status, 0) != grandchild || status || gw_pid() != getpid());
    }
    expect_exit_0(child);
    cr_assert_eq(gw_pid(), before);
}

/* Neither handlers of pthread_atfork nor the C library see it. */
Test(pid, is_another_in_a_child_that_the_C_library_knows_nothing_of)
{
    pid_t before = gw_pid(), child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(gw_pid() != syscall(SYS_getpid) || gw_pid() == before);
    expect_exit_0(child);
    cr_assert_eq(gw_pid(), before);
}
