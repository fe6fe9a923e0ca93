/* child.c: see child.h. */
#include "base/child.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A file in memory, so that a program that reads nothing keeps nobody waiting. */
static int input_file(const char *input, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, input + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -EIO;
        }
        at += (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) < 0) {
        close(fd);
        return -EIO;
    }
    return fd;
}

/* Between fork and execve: calls that are safe in a signal handler alone. */
static void become(char *const *argv, int in)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *const environment[] = {path, NULL};
    sigset_t none;
    int out = open("/dev/null", O_WRONLY);
    if (out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
        syscall(SYS_close_range, 3U, ~0U, 0U))
        _exit(127);
    for (int number = 1; number < 32; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(argv[0], argv, environment);
    _exit(127);
}

static int await(pid_t pid, uint64_t deadline_ns, int *ret_status)
{
    static const struct timespec while_ = {0, 2000000};
    int status = 0;
    pid_t ended;
    while (!(ended = waitpid(pid, &status, WNOHANG)) || (ended < 0 && errno == EINTR)) {
        if (gw_now_ns() >= deadline_ns) {
            kill(pid, SIGKILL);
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
            return -ETIMEDOUT;
        }
        nanosleep(&while_, NULL);
    }
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ended < 0 ? -errno : 0;
}

int gw_child_run(char *const *argv, const char *input, size_t len, uint64_t deadline_ns,
                 int *ret_status)
{
    int in = input_file(input, len);
    if (in < 0)
        return in;
    pid_t pid = fork();
    if (!pid)
        become(argv, in);
    int r = pid < 0 ? -errno : 0;
    close(in);
    return r ? r : await(pid, deadline_ns, ret_status);
}
