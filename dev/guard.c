/* guard.c: the outer process, which leaves nothing behind.
 *
 * It is the parent of the inner process and adopts whatever that leaves (PR_SET_CHILD_SUBREAPER).
 * Signals are handed on. If the guard itself is killed, the inner process gets SIGTERM
 * (PR_SET_PDEATHSIG) and ends as it does on a key. */
#include "own.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void block_signals(sigset_t *set)
{
    static const int numbers[] = {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCONT, SIGTTOU};
    sigemptyset(set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(set, numbers[i]);
    sigprocmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Waits for the inner process; orphans are reaped on the way. Its status. */
static int wait_for(pid_t inner, const sigset_t *set)
{
    for (;;) {
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            if (pid == inner)
                return status;
        int number = sigwaitinfo(set, NULL);
        if (number == SIGTERM || number == SIGINT || number == SIGQUIT || number == SIGHUP)
            kill(inner, number == SIGQUIT ? SIGTERM : number);
    }
}

static int guard(struct dev *dev, pid_t inner, const sigset_t *set)
{
    int status = wait_for(inner, set);
    descendants_kill(getpid());
    folder_remove(dev->folder);
    terminal_restore(dev);
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(stderr, "gatewright dev: ended by signal %d; nothing of it is left running\n",
            WTERMSIG(status));
    return 1;
}

static bool open_all(struct dev *dev)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/app.sock", dev->folder);
    dev->listener = unix_listener(path);
    snprintf(path, sizeof(path), "%s/dev.sock", dev->folder);
    dev->page_listener = unix_listener(path);
    int error = dev->listener < 0 ? dev->listener : dev->page_listener;
    if (error < 0) {
        fprintf(stderr, "gatewright dev: no socket can be made in %s: %s\n", dev->folder,
                strerror(-error));
        return false;
    }
    error = watch_open(dev);
    if (error >= 0)
        return schema_open(dev) && webserver_start(dev);
    fprintf(stderr,
            "gatewright dev: the files here cannot be watched: %s; the system's limits are "
            "fs.inotify.max_user_watches and max_user_instances\n",
            strerror(-error));
    return false;
}

static bool begin(struct dev *dev)
{
    if (!project_open(dev) || !folder_make(dev) || !open_all(dev))
        return false;
    dev->generation = dev->served =
        (uint64_t)time(NULL) * SECOND; /* no page takes us for another */
    page_open(dev);
    terminal_raw(dev);
    machine_ask_build(dev, true);
    return true;
}

static int inner(struct dev *dev, const sigset_t *set, pid_t guard)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != guard)
        return 1;
    dev->signals = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    dev->status = 1;
    if (dev->signals >= 0 && begin(dev)) {
        dev->status = 0;
        loop_run(dev);
    }
    descendants_kill(getpid());
    folder_remove(dev->folder);
    terminal_restore(dev);
    return dev->status;
}

static bool find_self(struct dev *dev)
{
    ssize_t n = readlink("/proc/self/exe", dev->self, sizeof(dev->self) - 1);
    if (n <= 0)
        return false;
    dev->self[n] = 0;
    /* Builds call `gatewright`: this one, wherever it lies. */
    const char *path = getenv("PATH");
    char *longer = NULL;
    if (asprintf(&longer, "%.*s:%s", (int)(strrchr(dev->self, '/') - dev->self), dev->self,
                 path ? path : "/usr/local/bin:/usr/bin:/bin") < 0)
        return false;
    setenv("PATH", longer, 1);
    free(longer);
    return true;
}

static bool can_begin(struct dev *dev)
{
    const struct dev_options *options = dev->options;
    if (access(options->source, R_OK)) {
        fprintf(stderr,
                "gatewright dev: %s cannot be read: %s. Begin in a project's folder; `gatewright "
                "init NAME` makes one\n",
                options->source, strerror(errno));
        return false;
    }
    if (build_command(dev))
        return true;
    fprintf(stderr, "gatewright dev: there is no meson.build, Makefile or CMakeLists.txt: say what "
                    "builds the program with --build COMMAND\n");
    return false;
}

int dev_run(const struct dev_options *options)
{
    struct dev *dev = calloc(1, sizeof(*dev));
    sigset_t set;
    int status = 1;
    if (!dev)
        return 1;
    dev->options = options;
    dev->asan = options->asan;
    dev->asan_was = !access(ASAN_MARK, F_OK);
    if (!find_self(dev) || !can_begin(dev) || !webserver_choose(dev) || !folder_choose(dev)) {
        free(dev);
        return 1;
    }
    terminal_open(dev);
    block_signals(&set);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    fflush(NULL);
    pid_t outer = getpid(), pid = fork();
    if (pid == 0) {
        status = inner(dev, &set, outer);
        fflush(NULL);
        _exit(status);
    }
    if (pid > 0)
        status = guard(dev, pid, &set);
    free(dev);
    return status;
}
