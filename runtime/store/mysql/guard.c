/* guard.c: two faults of libmariadb (3.3.20 and before) with its sockets, kept from
 * doing harm. No option avoids them, and both happen within one call of ours. So the program has
 * three functions of the C library's itself, which the dynamic linker gives libmariadb as well;
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
 * asks wait_in_handshake of connect.c, which knows the deadline. */
#include "store/mysql/own.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define NONE (-1)

static _Thread_local bool guarded;
static _Thread_local int just_closed;

void gw_mysql_guard(bool on)
{
    guarded = on;
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
