/* cut.c: loaded before a program (LD_PRELOAD), ends it by SIGKILL before the CUT_BEFOREth, or
 * behind the CUT_AFTERth, of the calls that change something: what is written to a file, and
 * statements that change a schema sent to a server. Other calls go by uncounted. */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* Files are of 64 bits: these are pwrite64 and ftruncate64. */
#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (!next)                                                                                     \
    next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static long count;

static void begin(bool changes)
{
    if (changes && ++count == number("CUT_BEFORE"))
        kill(getpid(), SIGKILL);
}

static void end(bool changes)
{
    if (changes && count == number("CUT_AFTER"))
        kill(getpid(), SIGKILL);
}

#define CHANGE(call)                                                                               \
    begin(true);                                                                                   \
    __typeof__(call) result = (call);                                                              \
    end(true);                                                                                     \
    return result

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at)
{
    NEXT(pwrite64);
    CHANGE(next(fd, buffer, size, at));
}

int fdatasync(int fd)
{
    NEXT(fdatasync);
    CHANGE(next(fd));
}

int fsync(int fd)
{
    NEXT(fsync);
    CHANGE(next(fd));
}

int ftruncate(int fd, off_t size)
{
    NEXT(ftruncate64);
    CHANGE(next(fd, size));
}

int unlink(const char *path)
{
    NEXT(unlink);
    CHANGE(next(path));
}

/* A statement stands behind four bytes of length and number, and one that says so. */
static bool changes_schema(const char *packet, size_t size)
{
    static const char *const words[] = {"ALTER", "CREATE", "LOCK", "UNLOCK", "INSERT"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t len = strlen(words[i]);
        if (size > len + 5 && packet[4] == 3 && !strncmp(packet + 5, words[i], len))
            return true;
    }
    return false;
}

ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
    NEXT(send);
    bool changes = changes_schema(buffer, size);
    begin(changes);
    ssize_t n = next(fd, buffer, size, flags);
    end(changes);
    return n;
}

ssize_t sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *to,
               socklen_t len)
{
    NEXT(sendto);
    bool changes = changes_schema(buffer, size);
    begin(changes);
    ssize_t n = next(fd, buffer, size, flags, to, len);
    end(changes);
    return n;
}
