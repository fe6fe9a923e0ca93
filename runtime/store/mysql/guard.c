/* guard.c: three faults of libmariadb (3.3.20 and before) with its sockets, kept from
 * doing harm. No option avoids them, and they happen within one call of ours. So the program has
 * four functions of the C library's itself, which the dynamic linker gives libmariadb as well;
 * while a thread is within a call that connects, they differ from the C library's.
 *
 * When a connection to a unix socket is refused, libmariadb in its non-blocking API closes the
 * socket twice, one close right after the other. In a process with threads the number may belong to
 * somebody else by the second: a web server's connection, or another worker's to the database,
 * whose next owner would then be given its rows. Here a descriptor that was just closed is not
 * closed again until the thread has opened one of that number.
 *
 * Before the handshake of TLS libmariadb makes the socket block, for as long as the timeout that it
 * sets on it: whole seconds, per read. Here that timeout is a millisecond, after which libmariadb
 * asks wait_in_handshake of connect.c, which knows the deadline.
 *
 * The look-up of a host's name blocks for as long as the C library wants, six seconds and more
 * where no name server answers, and an address in the name's place would be what TLS compares the
 * certificate with. Here the name has the addresses that names.c has found beside the requests. */
#include "store/mysql/own.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define NONE (-1)

static _Thread_local bool guarded;
static _Thread_local int just_closed;
static _Thread_local const struct mysql_addresses *known;

void gw_mysql_guard(bool on, const struct mysql_addresses *addresses)
{
    guarded = on;
    known = on ? addresses : NULL;
    just_closed = NONE;
}

int __close(int fd); /* glibc's, under its other name */

__attribute__((visibility("default"))) int close(int fd)
{
    if (!guarded)
        return __close(fd);
    if (fd == just_closed) {
        errno = EBADF;
        return -1;
    }
    just_closed = fd;
    return __close(fd);
}

__attribute__((visibility("default"))) int socket(int domain, int type, int protocol)
{
    int fd = (int)syscall(SYS_socket, domain, type, protocol);
    if (guarded && fd == just_closed)
        just_closed = NONE;
    return fd;
}

__attribute__((visibility("default"))) int setsockopt(int fd, int level, int name,
                                                      const void *value, socklen_t size)
{
    static const struct timeval brief = {.tv_usec = 1000};
    if (guarded && level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
        value = &brief;
        size = sizeof(brief);
    }
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int look_up_by_libc(const char *name, const char *service, const struct addrinfo *hints,
                           struct addrinfo **ret)
{
    look_up *libc = (look_up *)(uintptr_t)dlsym(RTLD_NEXT, "getaddrinfo");
    return libc ? libc(name, service, hints, ret) : EAI_FAIL;
}

int gw_mysql_look_up(const char *name, const struct addrinfo *hints, struct addrinfo **ret)
{
    return look_up_by_libc(name, NULL, hints, ret);
}

/* A list of the known addresses, as freeaddrinfo takes it. */
static int list_known(const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    struct addrinfo numeric = hints ? *hints : (struct addrinfo){0}, **end = ret;
    numeric.ai_flags |= AI_NUMERICHOST;
    *ret = NULL;
    for (size_t i = 0; *known->text[i]; i++)
        if (!look_up_by_libc(known->text[i], service, &numeric, end))
            while (*end)
                end = &(*end)->ai_next;
    return *ret ? 0 : EAI_NONAME;
}

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **ret)
{
    return guarded && known ? list_known(service, hints, ret)
                            : look_up_by_libc(name, service, hints, ret);
}
