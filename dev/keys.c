/* keys.c: what a key does. Without a terminal there are none, and every question is answered with
 * no. */
#include "own.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "keys: r restart, t tests, l lock, a AddressSanitizer, q quit";

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
    else if (key == 's')
        machine_show_difference(dev);
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
        dev->end_asked = true;
    else if (key == 'h' || key == '?')
        say(dev, "%s", help);
}

void keys_ready(struct dev *dev, void *data, short events)
{
    char keys[16];
    ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        dev->keys = false;
        dev->end_asked = true; /* the terminal is gone */
        return;
    }
    for (ssize_t i = 0; i < n && !dev->end_asked; i++)
        press(dev, keys[i]);
}
