/* command_ping.c: `PROGRAM ping SOCKET`: asks a running program over its own socket, as a web
 * server would, whether it answers (or, with --ready, whether it would serve). It needs no settings
 * and no secret. The parameter GATEWRIGHT_ROLE says what is asked: only who reaches the socket sets
 * it. */
#include "process/command.h"

#include "base/clock.h"
#include "transport/fastcgi.h"
#include "transport/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PING_NS 2000000000ULL

/* ---- The socket ----------------------------------------------------------------------------- */

static bool is_ready(int fd, short events, uint64_t until_ns)
{
    struct pollfd ready = {.fd = fd, .events = events};
    uint64_t now = gw_now_ns();
    return now < until_ns && poll(&ready, 1, (int)((until_ns - now) / 1000000) + 1) > 0;
}

/* 0 or a negative errno; the descriptor does not block. */
static int connect_to(const struct sockaddr *address, socklen_t len, uint64_t until_ns, int *ret)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    socklen_t size = sizeof(error);
    if (fd < 0)
        return -errno;
    if (connect(fd, address, len))
        error = errno;
    if (error == EINPROGRESS || error == EAGAIN) {
        error = ETIMEDOUT;
        if (is_ready(fd, POLLOUT, until_ns))
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error) {
        close(fd);
        return -error;
    }
    *ret = fd;
    return 0;
}

static int connect_unix(const char *path, uint64_t until_ns, int *ret)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof(address.sun_path))
        return -EINVAL;
    strcpy(address.sun_path, path);
    return connect_to((struct sockaddr *)&address, sizeof(address), until_ns, ret);
}

/* HOST:PORT; the host may stand in brackets. */
static int connect_tcp(const char *where, uint64_t until_ns, int *ret)
{
    char host[256];
    const char *colon = strrchr(where, ':');
    size_t len = colon ? (size_t)(colon - where) : 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list;
    bool brackets = len > 2 && where[0] == '[' && where[len - 1] == ']';
    if (len - 2 * brackets < 1 || len >= sizeof(host))
        return -EINVAL;
    memcpy(host, where + brackets, len - 2 * brackets);
    host[len - 2 * brackets] = 0;
    if (getaddrinfo(host, colon + 1, &hints, &list))
        return -EADDRNOTAVAIL;
    int r = -EADDRNOTAVAIL;
    for (const struct addrinfo *at = list; at && r; at = at->ai_next)
        r = connect_to(at->ai_addr, at->ai_addrlen, until_ns, ret);
    freeaddrinfo(list);
    return r;
}

static int connect_somewhere(const char *socket, uint64_t until_ns, int *ret)
{
    if (!strncmp(socket, "tcp:", 4))
        return connect_tcp(socket + 4, until_ns, ret);
    return connect_unix(socket + (strncmp(socket, "unix:", 5) ? 0 : 5), until_ns, ret);
}

/* ---- The question and the answer (FastCGI 1.0, appendix B) ---------------------------------- */

static size_t add_pair(unsigned char *to, const char *name, const char *value)
{
    size_t name_len = strlen(name), value_len = strlen(value);
    to[0] = (unsigned char)name_len;
    to[1] = (unsigned char)value_len;
    memcpy(to + 2, name, name_len);
    memcpy(to + 2 + name_len, value, value_len);
    return 2 + name_len + value_len;
}

static size_t write_question(unsigned char to[256], bool ready)
{
    static const unsigned char begin[8] = {0, FCGI_RESPONDER};
    unsigned char *at = to;
    gw_fcgi_header(at, FCGI_BEGIN_REQUEST, 1, sizeof(begin));
    memcpy(at + 8, begin, sizeof(begin));
    at += 16;
    size_t len = add_pair(at + 8, "REQUEST_METHOD", "GET");
    len += add_pair(at + 8 + len, "REQUEST_URI", "/");
    len += add_pair(at + 8 + len, "GATEWRIGHT_ROLE", ready ? "ready" : "ping");
    gw_fcgi_header(at, FCGI_PARAMS, 1, len);
    at += 8 + len;
    gw_fcgi_header(at, FCGI_PARAMS, 1, 0);
    gw_fcgi_header(at + 8, FCGI_STDIN, 1, 0);
    return (size_t)(at + 16 - to);
}

/* Reads exactly. False: it did not come, or not in time. */
static bool read_exactly(int fd, void *to, size_t len, uint64_t until_ns)
{
    while (len && is_ready(fd, POLLIN, until_ns)) {
        ssize_t n = recv(fd, to, len, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        to = (char *)to + (n > 0 ? n : 0);
        len -= n > 0 ? (size_t)n : 0;
    }
    return len == 0;
}

/* The answer's head and body up to END_REQUEST, as a text. */
static bool read_answer(int fd, char *to, size_t size, uint64_t until_ns)
{
    unsigned char header[8], content[65536 + 256];
    size_t at = 0;
    while (read_exactly(fd, header, sizeof(header), until_ns)) {
        size_t len = (size_t)header[4] << 8 | header[5];
        if (!read_exactly(fd, content, len + header[6], until_ns))
            return false;
        if (header[1] == FCGI_END_REQUEST)
            return true;
        if (header[1] != FCGI_STDOUT)
            continue;
        size_t n = len < size - 1 - at ? len : size - 1 - at;
        memcpy(to + at, content, n);
        at += n;
        to[at] = 0;
    }
    return false;
}

static int fail(const char *socket, const char *why)
{
    fprintf(stderr, "%s: %s\n", socket, why);
    return 1;
}

int gw_cmd_ping(const char *socket, bool ready)
{
    uint64_t until = gw_now_ns() + PING_NS;
    unsigned char question[256];
    char answer[4096] = "";
    int fd, r = connect_somewhere(socket, until, &fd);
    if (r)
        return fail(socket, r == -EINVAL ? "is neither a path nor tcp:HOST:PORT" : strerror(-r));
    size_t len = write_question(question, ready);
    bool done = send(fd, question, len, MSG_NOSIGNAL) == (ssize_t)len &&
                read_answer(fd, answer, sizeof(answer), until);
    close(fd);
    if (!done)
        return fail(socket, "the program did not answer within 2 s");
    const char *body = strstr(answer, "\r\n\r\n");
    const char *status = strstr(answer, "Status: ");
    if (body && status && status < body && !strncmp(status, "Status: 503", 11))
        return fail(socket, body + 4);
    if (!body || !status || status > body || strncmp(status, "Status: 200", 11))
        return fail(socket, "is another program's");
    fputs(body + 4, stdout);
    return 0;
}
