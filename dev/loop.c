/* loop.c: waits for whatever comes next: descriptors, signals, times. */
#include "own.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 512
#define TICK            100 /* ms: times are looked at that often at least */

uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000000;
}

/* What this turn waits for. */
struct turn {
    struct pollfd fds[DESCRIPTORS_MAX];
    struct {
        void (*ready)(struct dev *dev, void *data, short events);
        void *data;
    } callbacks[DESCRIPTORS_MAX];
    nfds_t n;
};

static struct turn *turn_of(struct dev *dev)
{
    static struct turn turn; /* one loop in a process */
    return &turn;
}

void loop_add(struct dev *dev, int fd, short events,
              void (*ready)(struct dev *dev, void *data, short events), void *data)
{
    struct turn *turn = turn_of(dev);
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
    turn_of(dev)->n = 0;
    loop_add(dev, dev->signals, POLLIN, signal_ready, NULL);
    loop_add(dev, dev->notify, POLLIN, program_notified, NULL);
    for (struct child *child = dev->children; child; child = child->next)
        loop_add(dev, child->out, POLLIN, child_ready, child);
    if (dev->ending)
        return;
    loop_add(dev, dev->watch, POLLIN, watch_ready, NULL);
    if (dev->keys)
        loop_add(dev, STDIN_FILENO, POLLIN, terminal_key, NULL);
    connections_poll(dev);
    if (dev->n_connections >= CONNECTIONS_MAX)
        return;
    loop_add(dev, dev->page_listener, POLLIN, connection_accept, NULL);
    /* Nobody else answers: a browser shall see why. */
    if (!program_is_expected(dev))
        loop_add(dev, dev->listener, POLLIN, connection_accept, dev);
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
    struct turn *turn = turn_of(dev);
    while (!dev->ended) {
        add_all(dev);
        if (poll(turn->fds, turn->n, TICK) < 0 && errno != EINTR && errno != EAGAIN)
            return;
        for (nfds_t i = 0; i < turn->n; i++)
            if (turn->fds[i].revents)
                turn->callbacks[i].ready(dev, turn->callbacks[i].data, turn->fds[i].revents);
        look_at_times(dev);
        connections_free_gone(dev);
        children_free_gone(dev);
    }
}

void loop_end(struct dev *dev)
{
    if (dev->ending) {
        dev->ended = true; /* asked twice: at once */
        return;
    }
    dev->ending = true;
    dev->end_at = now_ms() + 5 * SECOND;
    say(dev, "ending");
    for (struct child *child = dev->children; child; child = child->next) {
        bool serves = child == dev->current.child || child == dev->server;
        if (!child->gone && serves)
            child_stop(child, 3);
        else if (!child->gone)
            child->deadline = 1; /* killed, with all that it began */
    }
}
