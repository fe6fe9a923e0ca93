/* listen.c: the socket that requests come from: our own, or one that was handed over.
 *
 * Opened here and not by libfcgi, whose own function ends the process when bind fails and removes
 * whatever lies at the path. A unix socket is made with mode 0660 (the web server belongs to its
 * group, GW_SOCKET_GROUP); a path that is in use by a living server is left alone. A socket is
 * handed over on file descriptor 0 (FastCGI 1.0, 2.2) or as systemd does it (sd_listen_fds(3)). */
#include "process/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

/* A setting and its value. */
struct setting {
    const char *name, *value;
};

static int fail(struct gw_arena *arena, int fd, const struct setting *setting, const char *what,
                int error, const char **ret_why)
{
    if (fd >= 0)
        close(fd);
    *ret_why = gw_arena_printf(arena, "%s is \"%s\": %s%s%s", setting->name, setting->value, what,
                               error ? ": " : "", error ? strerror(error) : "");
    if (!*ret_why)
        *ret_why = "out of memory";
    return -EINVAL;
}

/* A socket file that nobody listens on any more is removed; anything else at the path stays. NULL:
 * the path is free. Otherwise what is in the way. */
static const char *obstacle_at(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st))
        return errno == ENOENT    ? NULL
               : errno == ENOTDIR ? "a part of the path is not a folder"
                                  : "the path cannot be reached: look at its folders' owners";
    if (!S_ISSOCK(st.st_mode))
        return "something that is no socket lies there: choose another path, or remove it";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)address, sizeof(*address));
    bool dead = fd >= 0 && r && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    if (!dead)
        return "it is in use: a program listens there; end that one first, or choose another path";
    return unlink(address->sun_path) ? "an old socket lies there and cannot be removed" : NULL;
}

/* ---- Who may connect ------------------------------------------------------------------------ */

struct owner {
    uid_t user;
    gid_t group;
};

/* -1 where a setting leaves it as it is. NULL, or what is wrong. */
static const char *find_owner(const struct gw_config *config, struct gw_arena *arena,
                              struct owner *ret)
{
    const struct passwd *user = config->socket_owner ? getpwnam(config->socket_owner) : NULL;
    const struct group *group = config->socket_group ? getgrnam(config->socket_group) : NULL;
    const char *why = NULL;
    if (config->socket_owner && !user)
        why = gw_arena_printf(arena, "GW_SOCKET_OWNER is \"%s\": there is no such user",
                              config->socket_owner);
    else if (config->socket_group && !group)
        why = gw_arena_printf(arena, "GW_SOCKET_GROUP is \"%s\": there is no such group",
                              config->socket_group);
    else {
        *ret = (struct owner){user ? user->pw_uid : (uid_t)-1, group ? group->gr_gid : (gid_t)-1};
        return NULL;
    }
    return why ? why : "out of memory";
}

/* Before it listens, so that nobody connects whom it was not meant for. */
static bool give(const char *path, const struct owner *owner)
{
    bool given = owner->user != (uid_t)-1 || owner->group != (gid_t)-1;
    return !given || !lchown(path, owner->user, owner->group);
}

int gw_listen_check(const struct gw_config *config, struct gw_arena *arena, const char **ret_note,
                    const char **ret_why)
{
    struct owner owner;
    if (!config->listen || strncmp(config->listen, "unix:", 5))
        return 0;
    *ret_why = find_owner(config, arena, &owner);
    if (*ret_why)
        return -EINVAL;
    const struct passwd *user = getpwuid(owner.user == (uid_t)-1 ? geteuid() : owner.user);
    const char *name = user ? gw_arena_printf(arena, "%s", user->pw_name) : "its user";
    const struct group *group = getgrgid(owner.group == (gid_t)-1 ? getegid() : owner.group);
    if (config->socket_mode == 0666)
        *ret_note = gw_arena_printf(arena, "whoever reaches %s may connect", config->listen + 5);
    else
        *ret_note = gw_arena_printf(
            arena,
            "to %s only %s%s%s may connect: where the web server's workers are not, it answers "
            "502; see GW_SOCKET_GROUP",
            config->listen + 5, name, config->socket_mode == 0660 ? " and the group " : "",
            config->socket_mode == 0660 && group ? group->gr_name : "");
    return 0;
}

/* What to do about a socket that could not be made. */
static const char *advice(int error)
{
    switch (error) {
    case ENOENT:
        return "its folder is not there: make it first";
    case EACCES:
    case EPERM:
        return "this user may not make it there: give the folder (or, below port 1024, the port) "
               "to the user that the program runs as";
    case EADDRINUSE:
        return "it is in use: end the program that listens there, or choose another";
    case EADDRNOTAVAIL:
        return "this machine does not have that address";
    }
    return "it cannot be listened on";
}

static int listen_unix(const struct gw_config *config, const char *path, struct gw_arena *arena,
                       int *ret_fd, const char **ret_why)
{
    const struct setting listen_setting = {"GW_LISTEN", config->listen}, *setting = &listen_setting;
    struct owner owner;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof(address.sun_path))
        return fail(arena, -1, setting, "the path must have 1 to 107 bytes", 0, ret_why);
    strcpy(address.sun_path, path);
    *ret_why = find_owner(config, arena, &owner);
    if (*ret_why)
        return -EINVAL;
    const char *obstacle = obstacle_at(&address);
    if (obstacle)
        return fail(arena, -1, setting, obstacle, 0, ret_why);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0777 & ~(mode_t)config->socket_mode);
    int r = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
    int error = errno;
    umask(mask);
    if (r)
        return fail(arena, fd, setting, advice(error), error, ret_why);
    if (!give(path, &owner)) {
        error = errno;
        unlink(path);
        return fail(arena, fd, setting,
                    "it cannot be given to GW_SOCKET_OWNER and GW_SOCKET_GROUP: the program must "
                    "be in that group, and only root gives to another user",
                    error, ret_why);
    }
    if (listen(fd, BACKLOG))
        return fail(arena, fd, setting, advice(errno), errno, ret_why);
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

static int listen_tcp(const struct setting *setting, struct gw_arena *arena, int *ret_fd,
                      const char **ret_why)
{
    const char *where = setting->value + strlen("tcp:");
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
        return fail(arena, fd, setting, advice(error), error, ret_why);
    *ret_fd = fd;
    return 0;
}

/* ---- Sockets that are handed over ----------------------------------------------------------- */

static int option(int fd, int name)
{
    int value = 0;
    socklen_t len = sizeof(value);
    return getsockopt(fd, SOL_SOCKET, name, &value, &len) ? -1 : value;
}

static bool is_listening(int fd)
{
    return option(fd, SO_ACCEPTCONN) == 1 && option(fd, SO_TYPE) == SOCK_STREAM;
}

/* The number of sockets that systemd hands over to this very process; 0: none. */
static uint64_t n_from_systemd(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    uint64_t number, n;
    if (!pid || !fds || !gw_parse_u64(gw_str_from(pid), &number) || number != (uint64_t)getpid())
        return 0;
    return gw_parse_u64(gw_str_from(fds), &n) ? n : 0;
}

#define SYSTEMD_FIRST_FD 3

static int take_from_systemd(uint64_t n, struct gw_arena *arena, int *ret_fd, const char **ret_why)
{
    if (n > 1) {
        const char *why = gw_arena_printf(
            arena,
            "LISTEN_FDS is %llu: this program takes one socket; keep one ListenStream= "
            "in the .socket unit",
            (unsigned long long)n);
        *ret_why = why ? why : "out of memory";
        return -EINVAL;
    }
    if (!is_listening(SYSTEMD_FIRST_FD)) {
        *ret_why = "the socket that systemd handed over does not listen: the .socket unit must say "
                   "ListenStream= and not Accept=yes";
        return -EINVAL;
    }
    fcntl(SYSTEMD_FIRST_FD, F_SETFD, FD_CLOEXEC);
    *ret_fd = SYSTEMD_FIRST_FD;
    return 0;
}

static const char *what_stdin_is(void)
{
    struct stat st;
    if (isatty(STDIN_FILENO))
        return "file descriptor 0 is a terminal";
    if (fstat(STDIN_FILENO, &st))
        return "file descriptor 0 is closed";
    return S_ISSOCK(st.st_mode) ? "file descriptor 0 is a socket that does not listen"
                                : "file descriptor 0 is no socket";
}

static int refuse_stdin(struct gw_arena *arena, const char **ret_why)
{
    const char *why = gw_arena_printf(
        arena,
        "there is no socket to listen on (%s): this is a FastCGI program. Start it with --listen "
        "unix:/path or --listen tcp:127.0.0.1:9000, or let spawn-fcgi, multiwatch or a systemd "
        "socket unit hand one over",
        what_stdin_is());
    *ret_why = why ? why : "out of memory";
    return -EINVAL;
}

int gw_listen_open(const struct gw_config *config, struct gw_arena *arena, int *ret_fd,
                   const char **ret_why)
{
    const char *listen = config->listen;
    const struct setting setting = {"GW_LISTEN", listen};
    if (listen && !strncmp(listen, "unix:", 5))
        return listen_unix(config, listen + 5, arena, ret_fd, ret_why);
    if (listen && !strncmp(listen, "tcp:", 4))
        return listen_tcp(&setting, arena, ret_fd, ret_why);
    if (listen)
        return fail(arena, -1, &setting, "it may hold unix:/path or tcp:127.0.0.1:9000", 0,
                    ret_why);
    uint64_t n = n_from_systemd();
    if (n)
        return take_from_systemd(n, arena, ret_fd, ret_why);
    if (!is_listening(STDIN_FILENO))
        return refuse_stdin(arena, ret_why);
    *ret_fd = STDIN_FILENO;
    return 0;
}

int gw_listen_status(const struct gw_config *config, struct gw_arena *arena, int *ret_fd,
                     const char **ret_why)
{
    const struct setting setting = {"GW_STATUS_LISTEN", config->status_listen};
    *ret_fd = -1;
    if (!setting.value)
        return 0;
    if (strncmp(setting.value, "tcp:", 4))
        return fail(arena, -1, &setting, "it may hold tcp:127.0.0.1:9100", 0, ret_why);
    return listen_tcp(&setting, arena, ret_fd, ret_why);
}
