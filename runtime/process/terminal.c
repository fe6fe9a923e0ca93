/* terminal.c: see terminal.h.
 *
 * While there is no echo the terminal sends no signals either, so that nothing can end the program
 * and leave it so: ^C and ^Z come as bytes, and break off. */
#include "process/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One line, byte by byte: what is behind it is the next one's. False: it has no end, does not fit,
 * or holds a control byte. */
static bool read_line(char *ret, size_t size)
{
    size_t n = 0;
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || ((unsigned char)c < 0x20 && c != '\n'))
            return false;
        ret[n] = c == '\n' ? '\0' : c;
        if (c == '\n')
            return true;
        if (++n == size)
            return false;
    }
}

static bool ask(const char *name, const char *again, char *ret)
{
    struct termios before, silent;
    if (tcgetattr(STDIN_FILENO, &before))
        return false;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent))
        return false;
    fprintf(stderr, "%s%s: ", name, again);
    bool good = read_line(ret, GW_SECRET_SIZE);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fprintf(stderr, "\n");
    return good;
}

static bool ask_twice(const char *name, char *ret)
{
    char again[GW_SECRET_SIZE];
    if (!isatty(STDIN_FILENO)) {
        fprintf(stderr,
                "%s is asked for on a terminal, and the standard input is none; --stdin reads it "
                "from there, a line for each\n",
                name);
        return false;
    }
    bool good = ask(name, "", ret) && ask(name, " again", again);
    if (!good)
        fprintf(stderr, "%s was broken off, or is longer than %d bytes\n", name,
                GW_SECRET_SIZE - 1);
    else if (strcmp(ret, again))
        fprintf(stderr, "the two are not the same\n");
    good = good && !strcmp(ret, again);
    explicit_bzero(again, sizeof(again));
    return good;
}

bool gw_terminal_secret(const char *name, bool from_stdin, char ret[GW_SECRET_SIZE])
{
    bool good = from_stdin ? read_line(ret, GW_SECRET_SIZE) : ask_twice(name, ret);
    if (!good && from_stdin)
        fprintf(stderr, "%s: the standard input has no line of at most %d bytes for it\n", name,
                GW_SECRET_SIZE - 1);
    if (!good || *ret)
        return good;
    fprintf(stderr, "%s is empty\n", name);
    return false;
}
