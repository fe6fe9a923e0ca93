/* epoll.c: a FastCGI program by hand: epoll, kept connections, one process per core, no checks that
 * a benchmark does not need. Listens on file descriptor 0; the first argument is the number of
 * processes. */
#include "work.h"

#include <fastcgi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct conn {
    int fd;
    size_t len;
    unsigned char in[16384];
};

static void header(unsigned char *at, unsigned type, size_t len)
{
    memcpy(at,
           (unsigned char[]){1, (unsigned char)type, 0, 1, (unsigned char)(len >> 8),
                             (unsigned char)len, 0, 0},
           8);
}

static uint32_t length(const unsigned char **at)
{
    uint32_t n = *(*at)++;
    if (n & 0x80) {
        n = (n & 0x7f) << 24 | (uint32_t)(*at)[0] << 16 | (uint32_t)(*at)[1] << 8 | (*at)[2];
        *at += 3;
    }
    return n;
}

struct found {
    const char *uri, *authorization;
    size_t uri_len, authorization_len;
};

static void find(const unsigned char *at, size_t len, struct found *found)
{
    for (const unsigned char *end = at + len; at < end;) {
        uint32_t name = length(&at), value = length(&at);
        if (name == 11 && !memcmp(at, "REQUEST_URI", 11)) {
            found->uri = (const char *)at + name;
            found->uri_len = value;
        } else if (name == 18 && !memcmp(at, "HTTP_AUTHORIZATION", 18)) {
            found->authorization = (const char *)at + name;
            found->authorization_len = value;
        }
        at += name + value;
    }
}

/* True if a whole request was there and is answered. */
static bool serve(struct work *work, struct conn *conn)
{
    struct found found = {0};
    for (size_t at = 0; at + 8 <= conn->len;) {
        const unsigned char *h = conn->in + at;
        size_t len = (size_t)h[4] << 8 | h[5];
        if (at + 8 + len + h[6] > conn->len)
            return false;
        at += 8 + len + h[6];
        if (h[1] == FCGI_PARAMS && len)
            find(h + 8, len, &found);
        if (h[1] != FCGI_STDIN || len)
            continue;
        unsigned char out[4096];
        size_t n = work_answer(work, found.uri, found.uri_len, found.authorization,
                               found.authorization_len, (char *)out + 8, sizeof(out) - 64);
        header(out, FCGI_STDOUT, n);
        header(out + 8 + n, FCGI_STDOUT, 0);
        header(out + 16 + n, FCGI_END_REQUEST, 8);
        memset(out + 24 + n, 0, 8);
        if (write(conn->fd, out, n + 32) < 0)
            return false;
        conn->len = 0;
        return true;
    }
    return false;
}

static void loop(struct work *work)
{
    int ep = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = NULL}, events[64];
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &event);
    for (;;) {
        int n = epoll_wait(ep, events, 64, -1);
        for (int i = 0; i < n; i++) {
            struct conn *conn = events[i].data.ptr;
            if (!conn) {
                int fd = accept4(0, NULL, NULL, SOCK_NONBLOCK);
                if (fd < 0)
                    continue;
                conn = calloc(1, sizeof(*conn));
                conn->fd = fd;
                event = (struct epoll_event){.events = EPOLLIN, .data.ptr = conn};
                epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
                continue;
            }
            ssize_t got = read(conn->fd, conn->in + conn->len, sizeof(conn->in) - conn->len);
            if (got <= 0) {
                close(conn->fd);
                free(conn);
                continue;
            }
            conn->len += (size_t)got;
            serve(work, conn);
        }
    }
}

int main(int argc, char **argv)
{
    int processes = argc > 1 ? atoi(argv[1]) : 2;
    for (int i = 1; i < processes; i++)
        if (!fork()) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            break;
        }
    loop(work_open());
}
