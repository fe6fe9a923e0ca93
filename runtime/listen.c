/* listen.c: the socket that requests come from.
 *
 * Opened here and not by libfcgi, whose own function ends the process when bind fails and removes
 * whatever lies at the path. A unix socket is made with mode 0660 (the web server belongs to its
 * group); a path that is in use by a living server is left alone. */
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static int fail(struct gw_arena *arena, int fd, const char *listen, const char *what, int error,
                const char **ret_why)
{
    if (fd >= 0)
        close(fd);
    *ret_why = gw_arena_printf(arena, "GW_LISTEN is \"%s\": %s%s%s", listen, what,
                               error ? ": " : "", error ? strerror(error) : "");
    if (!*ret_why)
        *ret_why = "out of memory";
    return -EINVAL;
}

/* A socket file that nobody listens on any more is removed; anything else at the path stays. */
static bool path_is_free(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st))
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
                errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return dead && !unlink(address->sun_path);
}

static int listen_unix(const char *setting, const char *path, struct gw_arena *arena, int *ret_fd,
                       const char **ret_why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof(address.sun_path))
        return fail(arena, -1, setting, "the path must have 1 to 107 bytes", 0, ret_why);
    strcpy(address.sun_path, path);
    if (!path_is_free(&address))
        return fail(arena, -1, setting, "the path is in use", 0, ret_why);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0117);
    int r = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
    int error = errno;
    umask(mask);
    if (r)
        return fail(arena, fd, setting, "cannot bind", error, ret_why);
    if (listen(fd, BACKLOG))
        return fail(arena, fd, setting, "cannot listen", errno, ret_why);
    *ret_fd = fd;
    return 0;
}

/* Splits HOST:PORT; the host may stand in brackets (IPv6). */
static bool split_host(char *text, char **ret_host, char **ret_port)
{
    char *colon = strrchr(text, ':');
    if (!colon || colon == text || !colon[1])
        return false;
    *colon = 0;
    *ret_port = colon + 1;
    size_t len = strlen(text);
    if (text[0] == '[' && text[len - 1] == ']') {
        text[len - 1] = 0;
        text++;
    }
    *ret_host = text;
    return true;
}

static int listen_tcp(const char *setting, const char *where, struct gw_arena *arena, int *ret_fd,
                      const char **ret_why)
{
    char *text = gw_arena_copy(arena, where, strlen(where)), *host, *port;
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
    };
    struct addrinfo *info;
    if (!text || !split_host(text, &host, &port) || getaddrinfo(host, port, &hints, &info))
        return fail(arena, -1, setting, "expected tcp:ADDRESS:PORT", 0, ret_why);
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    int r = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
            bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG);
    int error = errno;
    freeaddrinfo(info);
    if (r)
        return fail(arena, fd, setting, "cannot listen", error, ret_why);
    *ret_fd = fd;
    return 0;
}

static bool is_listening(int fd)
{
    int value = 0;
    socklen_t len = sizeof(value);
    return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) && value;
}

int gw_listen_open(const char *listen, struct gw_arena *arena, int *ret_fd, const char **ret_why)
{
    if (listen && !strncmp(listen, "unix:", 5))
        return listen_unix(listen, listen + 5, arena, ret_fd, ret_why);
    if (listen && !strncmp(listen, "tcp:", 4))
        return listen_tcp(listen, listen + 4, arena, ret_fd, ret_why);
    if (listen)
        return fail(arena, -1, listen, "it may hold unix:/path or tcp:127.0.0.1:9000", 0, ret_why);
    if (is_listening(STDIN_FILENO)) {
        *ret_fd = STDIN_FILENO;
        return 0;
    }
    *ret_why = "there is no socket to listen on: this is a FastCGI program. Start it with "
               "--listen unix:/path or --listen tcp:127.0.0.1:9000, or let spawn-fcgi, multiwatch "
               "or systemd give it a socket on file descriptor 0";
    return -EINVAL;
}
