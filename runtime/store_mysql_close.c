/* store_mysql_close.c: keeps libmariadb from closing a descriptor that is no longer its own.
 *
 * When a connection to a unix socket is refused, libmariadb (3.3.20 and before) in its non-blocking
 * API closes the socket twice, one close right after the other. In a process with threads the
 * number may belong to somebody else by the second: a web server's connection, or another worker's
 * to the database, whose next owner would then be given its rows.
 *
 * No option avoids it, and both calls are within one call of ours. So the program has a close() of
 * its own, which the dynamic linker gives libmariadb as well: while a thread is within that call, a
 * descriptor that it has just closed is not closed again until it has opened one of that number. */
#include "store_mysql.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NONE (-1)

static _Thread_local bool guarded;
static _Thread_local int just_closed;

void gw_mysql_guard_close(bool on)
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
