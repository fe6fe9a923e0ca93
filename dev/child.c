/* child.c: processes that are started, what they say and how they end. */
#include "own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Starting ------------------------------------------------------------------------------- */

static void apply_settings(const char *const *settings)
{
    for (; settings && *settings; settings++) {
        if (strchr(*settings, '='))
            putenv((char *)*settings);
        else
            unsetenv(*settings);
    }
}

static int run_child(struct dev *dev, const struct start *start, pid_t parent, int out)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return 1;
    int in = start->in ? start->in : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        return 1;
    apply_settings(start->settings);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (start->run)
        return start->run(dev);
    execvp(start->argv[0], (char *const *)start->argv);
    fprintf(stderr, "%s cannot be run: %s\n", start->argv[0], strerror(errno));
    return 127;
}

struct child *child_start(struct dev *dev, const struct start *start)
{
    struct child *child = calloc(1, sizeof(*child));
    int ends[2];
    if (!child || pipe2(ends, O_CLOEXEC)) {
        free(child);
        return NULL;
    }
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        int status = run_child(dev, start, parent, ends[1]);
        fflush(NULL);
        _exit(status);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        free(child);
        return NULL;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    setpgid(pid, pid); /* as the child does: whichever comes first */
    *child = (struct child){
        .next = dev->children,
        .pid = pid,
        .out = ends[0],
        .deadline = start->seconds ? now_ms() + start->seconds * SECOND : 0,
        .line = start->line,
        .ended = start->ended,
        .data = start->data,
    };
    dev->children = child;
    return child;
}

/* ---- What it says --------------------------------------------------------------------------- */

/* Whole lines are handed on; of one that never ends, as much as there is room for. */
static void hand_on_lines(struct dev *dev, struct child *child, bool all)
{
    char *at = child->text, *end;
    size_t left = child->len;
    while ((end = memchr(at, '\n', left))) {
        *end = 0;
        child->line(dev, child, at);
        left -= (size_t)(end + 1 - at);
        at = end + 1;
    }
    if (left && (all || left >= LINE_MAX_BYTES)) {
        at[left] = 0;
        child->line(dev, child, at);
        left = 0;
    }
    memmove(child->text, at, left);
    child->len = left;
}

static void take(struct dev *dev, struct child *child, const char *bytes, size_t n)
{
    if (n > TEXT_MAX - child->len)
        n = TEXT_MAX - child->len;
    char *longer = n ? realloc(child->text, child->len + n + 1) : NULL;
    if (!longer)
        return;
    child->text = longer;
    memcpy(child->text + child->len, bytes, n);
    child->len += n;
    child->text[child->len] = 0;
    if (child->line)
        hand_on_lines(dev, child, false);
}

void child_read(struct dev *dev, struct child *child)
{
    char bytes[4096];
    ssize_t n;
    /* No more than a share at a time: others wait. */
    for (int i = 0; i < 64 && child->out >= 0; i++) {
        n = read(child->out, bytes, sizeof(bytes));
        if (n > 0) {
            take(dev, child, bytes, (size_t)n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(child->out);
            child->out = -1;
        } else {
            return;
        }
    }
}

/* ---- Its end -------------------------------------------------------------------------------- */

/* What is left of a build that was called off writes into the next one. Those that were killed
 * are there until the guard, whose children they are now, has looked after them. */
static void end_group(const struct child *child)
{
    for (int i = 0; i < 200 && !kill(-child->pid, SIGKILL); i++)
        usleep(5000);
}

static void end_child(struct dev *dev, struct child *child, int status)
{
    /* What was written before it ended is there; a grandchild may keep the pipe open. */
    for (size_t before = SIZE_MAX; child->out >= 0 && before != child->len;) {
        before = child->len;
        child_read(dev, child);
    }
    if (child->line && child->len)
        hand_on_lines(dev, child, true);
    if (child->out >= 0)
        close(child->out);
    child->out = -1;
    if (child->whole)
        end_group(child);
    child->status = status;
    child->gone = true;
    child->ended(dev, child);
}

void children_reap(struct dev *dev)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = dev->children;
        while (child && (child->pid != pid || child->gone))
            child = child->next;
        if (child)
            end_child(dev, child, status);
    }
}

static void stop(struct child *child, unsigned seconds, pid_t whom)
{
    uint64_t deadline = now_ms() + seconds * SECOND;
    if (!child->stopping || !child->deadline || deadline < child->deadline)
        child->deadline = deadline;
    child->stopping = true;
    kill(whom, SIGTERM);
}

void child_stop(struct child *child, unsigned seconds)
{
    stop(child, seconds, child->pid);
}

void child_stop_group(struct child *child, unsigned seconds)
{
    child->whole = true;
    stop(child, seconds, -child->pid);
}

void children_deadlines(struct dev *dev, uint64_t now)
{
    for (struct child *child = dev->children; child; child = child->next) {
        if (child->gone || !child->deadline || child->deadline > now)
            continue;
        child->timed_out = !child->stopping;
        child->deadline = 0;
        kill(child->pid, SIGSTOP); /* it goes on with nothing when its own children die */
        descendants_kill(child->pid);
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
    }
}

void children_free_gone(struct dev *dev)
{
    for (struct child **at = &dev->children; *at;) {
        struct child *child = *at;
        if (!child->gone) {
            at = &child->next;
            continue;
        }
        *at = child->next;
        free(child->text);
        free(child);
    }
}

bool child_succeeded(const struct child *child)
{
    return !child->timed_out && WIFEXITED(child->status) && !WEXITSTATUS(child->status);
}

const char *child_end(const struct child *child, char *buffer, size_t size)
{
    if (child->timed_out)
        snprintf(buffer, size, "it was not done within %d s", CHECK_SECONDS);
    else if (WIFSIGNALED(child->status))
        snprintf(buffer, size, "signal %d (%s)", WTERMSIG(child->status),
                 strsignal(WTERMSIG(child->status)));
    else
        snprintf(buffer, size, "exit status %d", WEXITSTATUS(child->status));
    return buffer;
}

/* ---- Descendants ---------------------------------------------------------------------------- */

static pid_t parent_of(pid_t pid)
{
    char path[32], text[512];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = 0;
    const char *bracket = strrchr(text, ')'); /* a name may hold brackets and blanks */
    int parent = 0;
    char state;
    return bracket && sscanf(bracket + 1, " %c %d", &state, &parent) == 2 && state != 'Z' ? parent
                                                                                          : 0;
}

static bool descends(pid_t pid, pid_t root)
{
    for (int depth = 0; pid > 1 && depth < 64; depth++) {
        pid = parent_of(pid);
        if (pid == root)
            return true;
    }
    return false;
}

static unsigned kill_once(pid_t root)
{
    DIR *proc = opendir("/proc");
    unsigned n = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        if (pid > 1 && descends(pid, root))
            n += !kill(pid, SIGKILL);
    }
    if (proc)
        closedir(proc);
    return n;
}

void descendants_kill(pid_t root)
{
    bool ours = root == getpid();
    /* Until there is none: one may fork while the others are looked for. */
    for (int i = 0; i < 200; i++) {
        unsigned n = kill_once(root);
        while (ours && waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (!n)
            return;
        usleep(5000);
    }
}
