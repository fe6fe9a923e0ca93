/* re2c.c: the matcher's C by re2c, a program of its own.
 *
 * Its input and output are temporary files without a name: nothing lies beside the generated files
 * when it fails. Lines are not numbered after routes.re (--no-debug-info), so that the output is
 * the same whatever the folders are called. */
#include "command/re2c.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* Runs `program` from `in` to `out`. 0, an errno, or -1 if it failed and has said why. */
static int run(const char *program, int in, int out)
{
    static char warn[] = "-W", no_date[] = "--no-generation-date", no_lines[] = "--no-debug-info",
                stdin_name[] = "-"; /* posix_spawn wants them writable */
    char *const argv[] = {(char *)program, warn, no_date, no_lines, stdin_name, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    int r = posix_spawn_file_actions_init(&actions);
    if (r)
        return r;
    r = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    if (!r)
        r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!r)
        r = posix_spawnp(&pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (r)
        return r;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return ENOENT; /* as glibc before 2.24, and others, tell that it is not there */
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

static int write_all(FILE *file, const struct text *text)
{
    errno = 0;
    if (fwrite(text->items, 1, text->n, file) != text->n || fflush(file) != 0)
        return errno ? errno : EIO;
    rewind(file);
    return 0;
}

static int read_all(FILE *file, struct text *to)
{
    char buffer[65536];
    size_t n;
    rewind(file);
    while ((n = fread(buffer, 1, sizeof(buffer), file)) > 0)
        text_add(to, buffer, n);
    return ferror(file) ? EIO : 0;
}

/* Between temporary files. 0, an errno with *ret_what, or -1. */
static int filter(const char *program, const struct text *from, struct text *to,
                  const char **ret_what)
{
    FILE *in = tmpfile(), *out = in ? tmpfile() : NULL;
    int r = out ? 0 : errno;
    *ret_what = "a temporary file";
    if (!r)
        r = write_all(in, from);
    if (!r) {
        *ret_what = program;
        r = run(program, fileno(in), fileno(out));
    }
    if (!r)
        r = read_all(out, to);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
    return r;
}

int re2c_run(const char *program, const struct text *from, struct text *to)
{
    const char *what;
    int r = filter(program, from, to, &what);
    if (r == ENOENT && what == program)
        fprintf(stderr,
                "gatewright: cannot run %s: it is not there. Install the package re2c, or name it "
                "with --re2c PROGRAM\n",
                program);
    else if (r > 0)
        fprintf(stderr, "gatewright: cannot use %s: %s\n", what, strerror(r));
    else if (r < 0)
        fprintf(stderr, "gatewright: %s failed on the matcher; it must be re2c 3.0 or later\n",
                program);
    return r ? 1 : 0;
}
