/* relay.c: TCP connections to another address, each byte later by a fixed time.
 *
 *     relay PORT ADDRESS PORT MICROSECONDS
 *
 * Listens on 127.0.0.1. What goes to the address and what comes back is each held up for so long,
 * so that the round trip takes twice as long more. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536

struct piece {
    struct piece *next;
    struct end *to;
    uint64_t due_ns;
    size_t len; /* 0: the end */
    char bytes[];
};

struct end {
    int fd;
    struct end *other;
};

/* All wait equally long: one queue holds everything in its order. */
static struct piece *first, **last = &first;
static uint64_t delay_ns;
static int epoll_fd;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct end *watch(int fd)
{
    struct end *end = calloc(1, sizeof(*end));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
    int on = 1;
    if (!end)
        fail("calloc");
    end->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
        fail("epoll_ctl");
    return end;
}

static void take_connection(int listener, const struct sockaddr_in *to)
{
    int near = accept(listener, NULL, NULL), far = socket(AF_INET, SOCK_STREAM, 0);
    if (near < 0 || far < 0 || connect(far, (const struct sockaddr *)to, sizeof(*to)))
        fail("connect");
    struct end *one = watch(near), *other = watch(far);
    one->other = other;
    other->other = one;
}

static void take_bytes(struct end *from)
{
    struct piece *piece = malloc(sizeof(*piece) + PIECE);
    if (!piece)
        fail("malloc");
    ssize_t n = recv(from->fd, piece->bytes, PIECE, 0);
    piece->len = n > 0 ? (size_t)n : 0;
    piece->to = from->other;
    piece->due_ns = now_ns() + delay_ns;
    piece->next = NULL;
    if (n <= 0)
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, from->fd, NULL);
    *last = piece;
    last = &piece->next;
}

/* A peer that does not read holds up everybody: here none does. */
static void pass_on(const struct piece *piece)
{
    for (size_t at = 0; at < piece->len;) {
        ssize_t n = send(piece->to->fd, piece->bytes + at, piece->len - at, MSG_NOSIGNAL);
        if (n < 0)
            return; /* it has gone; the other side is told when its own end comes */
        at += (size_t)n;
    }
    if (!piece->len)
        shutdown(piece->to->fd, SHUT_WR);
}

/* Passes on what is due: how long until the next is, -1: for ever. */
static int64_t pass_on_due(void)
{
    while (first) {
        struct piece *piece = first;
        uint64_t now = now_ns();
        if (piece->due_ns > now)
            return (int64_t)(piece->due_ns - now);
        pass_on(piece);
        first = piece->next;
        if (!first)
            last = &first;
        free(piece);
    }
    return -1;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3]))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    inet_pton(AF_INET, argv[2], &to.sin_addr);
    delay_ns = (uint64_t)atoi(argv[4]) * 1000;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    epoll_fd = epoll_create1(0);
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 1024))
        fail("listen");
    struct epoll_event event = {.events = EPOLLIN}, events[64];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int64_t left = pass_on_due();
        struct timespec wait = {left / 1000000000, left % 1000000000};
        int n = epoll_pwait2(epoll_fd, events, 64, left < 0 ? NULL : &wait, NULL);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr)
                take_bytes(events[i].data.ptr);
            else
                take_connection(listener, &to);
    }
}
