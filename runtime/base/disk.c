/* disk.c: see disk.h. */
#include "base/disk.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE /* renameat2(2) */
#define RENAME_NOREPLACE 1
#endif

/* Reads to the end; what is longer than `most` is -EFBIG. */
static int read_all(int fd, size_t most, struct gw_arena *arena, struct gw_str *ret)
{
    char *text = gw_arena_alloc(arena, most + 1);
    size_t len = 0;
    ssize_t n = 0;
    if (!text)
        return -ENOMEM;
    while (len <= most && (n = read(fd, text + len, most + 1 - len)) > 0)
        len += (size_t)n;
    int r = n < 0 ? -errno : len > most ? -EFBIG : 0;
    if (r) {
        explicit_bzero(text, most + 1);
        return r;
    }
    text[len] = 0;
    *ret = (struct gw_str){text, len};
    return 0;
}

int gw_disk_read(int dir, const char *name, size_t most, bool regular, struct gw_arena *arena,
                 struct gw_str *ret)
{
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? O_NONBLOCK : 0));
    if (fd < 0)
        return -errno;
    int r = fstat(fd, &st) ? -errno : 0;
    if (!r && S_ISREG(st.st_mode) && (uint64_t)st.st_size > most)
        r = -EFBIG;
    else if (!r && S_ISREG(st.st_mode) && regular)
        most = (size_t)st.st_size; /* no more room than it needs */
    else if (!r && regular)
        r = -EISDIR;
    if (!r)
        r = read_all(fd, most, arena, ret);
    close(fd);
    return r;
}

static int write_all(int fd, struct gw_str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        text = (struct gw_str){text.ptr + n, text.len - (size_t)n};
    }
    return fsync(fd) ? -errno : 0;
}

/* By its number: musl has no function for it. */
int gw_disk_rename_new(int dir, const char *from, const char *to)
{
    return syscall(SYS_renameat2, dir, from, dir, to, RENAME_NOREPLACE) ? -errno : 0;
}

int gw_disk_write(int dir, const char *name, struct gw_str text, mode_t mode,
                  enum gw_disk_write how, struct gw_arena *arena)
{
    const char *slash = strrchr(name, '/');
    int folder = slash ? (int)(slash + 1 - name) : 0;
    const char *draft =
        gw_arena_printf(arena, "%.*s.%s.%ld", folder, name, name + folder, (long)getpid());
    if (!draft)
        return -ENOMEM;
    int fd = openat(dir, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    int r = write_all(fd, text);
    if (close(fd) && !r)
        r = -errno;
    if (!r && how == GW_DISK_NEW)
        r = gw_disk_rename_new(dir, draft, name);
    else if (!r && renameat(dir, draft, dir, name))
        r = -errno;
    if (r)
        unlinkat(dir, draft, 0);
    else
        fsync(dir);
    return r;
}
