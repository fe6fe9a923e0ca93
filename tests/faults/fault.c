/* fault.c: loaded before a program (LD_PRELOAD), makes one of its calls fail: the Nth of those that
 * the test has chosen, through a file that both have mapped (FAULT_CONTROL). Memory calls are
 * counted, so that a leak shows. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SYSTEM_CALLS 1
#define MEMORY       2

/* The test writes the first four, as 64-bit numbers. */
struct control {
    _Atomic uint64_t kinds;   /* which calls are counted; 0: none */
    _Atomic uint64_t fail_at; /* the call that fails, from 1 */
    _Atomic uint64_t variant; /* which error, where a call has several */
    _Atomic uint64_t count;   /* calls so far */
    _Atomic uint64_t failed;  /* calls that were made to fail */
    _Atomic int64_t live;     /* blocks that were allocated and not freed */
};

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *ptr, size_t size);
void __libc_free(void *ptr);

static struct control *control;

__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv("FAULT_CONTROL");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        control = at;
}

static bool fails(uint64_t kind)
{
    if (!control || !(atomic_load(&control->kinds) & kind))
        return false;
    if (atomic_fetch_add(&control->count, 1) + 1 != atomic_load(&control->fail_at))
        return false;
    atomic_fetch_add(&control->failed, 1);
    return true;
}

/* True with errno set. */
static bool fails_with(int first, int second)
{
    if (!fails(SYSTEM_CALLS))
        return false;
    errno = atomic_load(&control->variant) % 2 ? second : first;
    return true;
}

#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (!next)                                                                                     \
    next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t read(int fd, void *buffer, size_t size)
{
    NEXT(read);
    return fails_with(EINTR, EIO) ? -1 : next(fd, buffer, size);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
    NEXT(write);
    return fails_with(EINTR, EIO) ? -1 : next(fd, buffer, size);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t at)
{
    NEXT(pread);
    return fails_with(EINTR, EIO) ? -1 : next(fd, buffer, size, at);
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at)
{
    NEXT(pwrite);
    return fails_with(EINTR, ENOSPC) ? -1 : next(fd, buffer, size, at);
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    NEXT(recv);
    return fails_with(EINTR, ECONNRESET) ? -1 : next(fd, buffer, size, flags);
}

ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
    NEXT(send);
    return fails_with(EINTR, EPIPE) ? -1 : next(fd, buffer, size, flags);
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    NEXT(accept4);
    return fails_with(EMFILE, ECONNABORTED) ? -1 : next(fd, address, len, flags);
}

int socket(int domain, int type, int protocol)
{
    NEXT(socket);
    return fails_with(EMFILE, ENOBUFS) ? -1 : next(domain, type, protocol);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    NEXT(connect);
    return fails_with(ECONNREFUSED, EINTR) ? -1 : next(fd, address, len);
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    NEXT(poll);
    return fails_with(EINTR, ENOMEM) ? -1 : next(fds, n, timeout);
}

int epoll_create1(int flags)
{
    NEXT(epoll_create1);
    return fails_with(EMFILE, ENOMEM) ? -1 : next(flags);
}

int epoll_ctl(int epoll_fd, int how, int fd, struct epoll_event *event)
{
    NEXT(epoll_ctl);
    return fails_with(ENOMEM, ENOSPC) ? -1 : next(epoll_fd, how, fd, event);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int max, int timeout)
{
    NEXT(epoll_wait);
    return fails_with(EINTR, EINTR) ? -1 : next(epoll_fd, events, max, timeout);
}

int eventfd(unsigned value, int flags)
{
    NEXT(eventfd);
    return fails_with(EMFILE, ENOMEM) ? -1 : next(value, flags);
}

int open(const char *path, int flags, ...)
{
    NEXT(open);
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fails_with(EMFILE, ENOENT) ? -1 : next(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    NEXT(openat);
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fails_with(EMFILE, ENOENT) ? -1 : next(folder, path, flags, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *),
                   void *data)
{
    NEXT(pthread_create);
    return fails_with(EAGAIN, EAGAIN) ? EAGAIN : next(thread, attributes, begin, data);
}

/* ---- Memory ------------------------------------------------------------------------------ */

static void *counted(void *ptr)
{
    if (control && ptr)
        atomic_fetch_add(&control->live, 1);
    return ptr;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size)
{
    return fails(MEMORY) ? no_memory() : counted(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return fails(MEMORY) ? no_memory() : counted(__libc_calloc(n, size));
}

void *realloc(void *ptr, size_t size)
{
    if (fails(MEMORY))
        return no_memory();
    void *moved = __libc_realloc(ptr, size);
    return ptr ? moved : counted(moved);
}

void free(void *ptr)
{
    if (control && ptr)
        atomic_fetch_sub(&control->live, 1);
    __libc_free(ptr);
}
