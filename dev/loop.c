/* loop.c: waits for whatever comes next: descriptors, signals, times. */
#include "own.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 512
#define TICK            100 /* ms: times are looked at that often at least */

/* What this turn waits for. */
struct turn {
    struct pollfd fds[DESCRIPTORS_MAX];
    struct {
        void (*ready)(struct dev *dev, void *data, short events);
        void *data;
    } callbacks[DESCRIPTORS_MAX];
    nfds_t n;
};

static void add(struct dev *dev, int fd, short events,
                void (*ready)(struct dev *dev, void *data, short events), void *data)
{
    struct turn *turn = dev->turn;
    if (fd < 0 || turn->n == DESCRIPTORS_MAX)
        return;
    turn->fds[turn->n] = (struct pollfd){.fd = fd, .events = events};
    turn->callbacks[turn->n].ready = ready;
    turn->callbacks[turn->n++].data = data;
}

static void child_ready(struct dev *dev, void *data, short events)
{
    struct child *child = data;
    if (!child->gone)
        child_read(dev, child);
}

static void loop_end(struct dev *dev)
{
    if (dev->ending) {
        dev->ended = true; /* asked twice: at once */
        return;
    }
    dev->ending = true;
    dev->end_at = now_ms() + 5 * SECOND;
    say(dev, "ending");
    for (struct child *child = dev->children; child; child = child->next) {
        bool serves = child == dev->current.child || child == dev->server || child->stopping;
        if (!child->gone && serves)
            child_stop(child, 3);
        else if (!child->gone)
            child->deadline = 1; /* killed, with all that it began */
    }
}

static void signal_ready(struct dev *dev, void *data, short events)
{
    struct signalfd_siginfo info;
    while (read(dev->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            children_reap(dev);
        else if (info.ssi_signo == SIGCONT)
            terminal_raw(dev);
        else if (info.ssi_signo != SIGTTOU)
            loop_end(dev);
    }
}

static void add_all(struct dev *dev)
{
    dev->turn->n = 0;
    add(dev, dev->signals, POLLIN, signal_ready, NULL);
    add(dev, dev->notify, POLLIN, program_notified, NULL);
    for (struct child *child = dev->children; child; child = child->next)
        add(dev, child->out, POLLIN, child_ready, child);
    if (dev->ending)
        return;
    add(dev, dev->watch, POLLIN, watch_ready, NULL);
    if (dev->keys)
        add(dev, STDIN_FILENO, POLLIN, keys_ready, NULL);
    connections_poll(dev, add);
    if (dev->n_connections >= CONNECTIONS_MAX)
        return;
    add(dev, dev->page_listener, POLLIN, connection_accept, NULL);
    /* Nobody else answers: a browser shall see why. */
    if (!program_is_expected(dev))
        add(dev, dev->listener, POLLIN, connection_accept, dev);
}

/* What callbacks left to be done: they call nothing that lies above them. */
static void do_what_is_asked(struct dev *dev)
{
    if (dev->end_asked)
        loop_end(dev);
    if (dev->saved)
        machine_ask_build(dev, false);
    dev->end_asked = dev->saved = false;
    machine_take_posted(dev);
    if (dev->changed && !dev->ending)
        connections_tell(dev);
    dev->changed = false;
}

static void look_at_times(struct dev *dev)
{
    uint64_t now = now_ms();
    children_deadlines(dev, now);
    if (dev->ending) {
        bool any = false;
        for (struct child *child = dev->children; child; child = child->next)
            any = any || !child->gone;
        dev->ended = !any || now >= dev->end_at;
        return;
    }
    machine_timers(dev, now);
    program_timers(dev, now);
    webserver_timers(dev, now);
    connections_timers(dev, now);
}

void loop_run(struct dev *dev)
{
    struct turn *turn = calloc(1, sizeof(*turn));
    dev->turn = turn;
    while (turn && !dev->ended) {
        add_all(dev);
        if (poll(turn->fds, turn->n, TICK) < 0 && errno != EINTR && errno != EAGAIN)
            break;
        for (nfds_t i = 0; i < turn->n; i++)
            if (turn->fds[i].revents)
                turn->callbacks[i].ready(dev, turn->callbacks[i].data, turn->fds[i].revents);
        do_what_is_asked(dev);
        look_at_times(dev);
        connections_free_gone(dev);
        children_free_gone(dev);
    }
    free(turn);
}
