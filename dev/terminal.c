/* terminal.c: keys, and what is said. Without a terminal there are no keys, and every question is
 * answered with no. */
#include "own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "keys: r restart, t tests, l lock, a AddressSanitizer, q quit";

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

/* ---- Keys ----------------------------------------------------------------------------------- */

static void task_ended(struct dev *dev, struct child *child)
{
    char buffer[64];
    const char *what = child->data;
    dev->task = NULL;
    show(dev, child->text ? child->text : "");
    if (child_succeeded(child))
        say(dev, "%s: good", what);
    else
        say(dev, "%s: failed (%s)", what, child_end(child, buffer, sizeof(buffer)));
}

static void start_task(struct dev *dev, const char *what, const char *const *argv)
{
    if (dev->task) {
        say(dev, "%s waits: something else runs", what);
        return;
    }
    dev->task =
        child_start(dev, &(struct start){.argv = argv, .ended = task_ended, .data = (void *)what});
    if (!dev->task)
        say(dev, "%s cannot be started: %s", what, strerror(errno));
}

static void run_tests(struct dev *dev)
{
    const char *command = build_tests(dev);
    if (!command)
        say(dev, "tests are known of meson, make and cmake, not of --build");
    else
        start_task(dev, "tests", (const char *const[]){"/bin/sh", "-c", command, NULL});
}

static void switch_asan(struct dev *dev)
{
    if (dev->options->build) {
        say(dev, "AddressSanitizer is switched on by your own --build");
        return;
    }
    dev->asan = !dev->asan;
    dev->built[0] = 0;
    say(dev, "AddressSanitizer is %s", dev->asan ? "on" : "off");
    machine_ask_build(dev, true);
}

static void press(struct dev *dev, char key)
{
    bool asking = machine_asks(dev);
    if (asking && (key == 'y' || key == 'Y'))
        machine_event(dev, EVENT_YES);
    else if (asking && (key == 'n' || key == 'N' || key == '\n' || key == '\r' || key == 27))
        machine_event(dev, EVENT_NO);
    else if (key == 'r')
        machine_ask_build(dev, true);
    else if (key == 't')
        run_tests(dev);
    else if (key == 'l')
        start_task(dev, "lock",
                   (const char *const[]){dev->self, "lock", dev->options->source, NULL});
    else if (key == 'a')
        switch_asan(dev);
    else if (key == 'q')
        loop_end(dev);
    else if (key == 'h' || key == '?')
        say(dev, "%s", help);
}

void terminal_key(struct dev *dev, void *data, short events)
{
    char keys[16];
    ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        dev->keys = false;
        loop_end(dev); /* the terminal is gone */
        return;
    }
    for (ssize_t i = 0; i < n && !dev->ending; i++)
        press(dev, keys[i]);
}
