/* terminal.c: the terminal's state, and what is said on it. */
#include "own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void terminal_open(struct dev *dev)
{
    dev->keys = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &dev->before);
    dev->colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

/* Keys come one by one and are not shown. Ctrl-C stays a signal. */
void terminal_raw(struct dev *dev)
{
    if (!dev->keys || tcgetpgrp(STDIN_FILENO) != getpgrp())
        return;
    struct termios raw = dev->before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void terminal_restore(const struct dev *dev)
{
    if (dev->keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &dev->before);
}

void say(struct dev *dev, const char *format, ...)
{
    char clock[16];
    time_t now = time(NULL);
    struct tm tm;
    va_list args;
    strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
    printf(dev->colours ? "\033[2m%s\033[0m  " : "%s  ", clock);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* What others wrote must not move the cursor or change the terminal. */
static void put_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        putchar((c < 0x20 && c != '\t') || c == 0x7f ? '?' : c);
    }
}

static const char *colour_of(const struct dev *dev, const char *line, size_t len)
{
    if (!dev->colours)
        return "";
    if (memmem(line, len, "error:", 6) || memmem(line, len, "undefined reference", 19))
        return "\033[31m";
    if (memmem(line, len, "warning:", 8))
        return "\033[33m";
    return memmem(line, len, "^", 1) ? "\033[32m" : "";
}

void show(struct dev *dev, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        const char *colour = colour_of(dev, text, len);
        fputs(colour, stdout);
        put_plain(text, len);
        fputs(*colour ? "\033[0m\n" : "\n", stdout);
        text += len + (text[len] == '\n');
    }
    fflush(stdout);
}
