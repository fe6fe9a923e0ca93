/* spool.c: see spool.h. */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file that nobody else can open and that is gone with its descriptor. Not every file system can
 * make one without a name. */
static int open_file(struct gw_spool *spool)
{
    char name[PATH_MAX];
    const char *folder = spool->folder ? spool->folder : "/tmp";
    spool->file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spool->file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        int n = snprintf(name, sizeof(name), "%s/gatewright.XXXXXX", folder);
        if (n < 0 || (size_t)n >= sizeof(name))
            return -ENAMETOOLONG;
        spool->file = mkostemp(name, O_CLOEXEC);
        if (spool->file >= 0)
            unlink(name);
    }
    if (spool->file < 0)
        return -errno;
    spool->has_file = true;
    return 0;
}

static int write_file(struct gw_spool *spool, const char *ptr, size_t len)
{
    int r = spool->has_file ? 0 : open_file(spool);
    while (!r && len) {
        ssize_t n = pwrite(spool->file, ptr, len, (off_t)(spool->len - GW_SPOOL_MEMORY));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* a file that may not grow is a full disk, not a body beyond its limit */
            return n && errno != EFBIG ? -errno : -ENOSPC;
        ptr += n;
        len -= (size_t)n;
        spool->len += (uint64_t)n;
    }
    return r;
}

static int grow(struct gw_spool *spool, size_t wanted)
{
    size_t size = spool->size ? spool->size : 1024;
    if (wanted <= spool->size)
        return 0;
    while (size < wanted)
        size *= 2;
    char *larger = malloc(size); /* not realloc, which leaves a copy behind */
    if (!larger)
        return -ENOMEM;
    if (spool->len) {
        memcpy(larger, spool->ptr, (size_t)spool->len);
        explicit_bzero(spool->ptr, (size_t)spool->len);
    }
    free(spool->ptr);
    spool->ptr = larger;
    spool->size = size;
    return 0;
}

int gw_spool_write(struct gw_spool *spool, const void *ptr, size_t len)
{
    size_t room = spool->len < GW_SPOOL_MEMORY ? GW_SPOOL_MEMORY - (size_t)spool->len : 0;
    size_t first = len < room ? len : room;
    if (first) {
        if (grow(spool, (size_t)spool->len + first))
            return -ENOMEM;
        memcpy(spool->ptr + spool->len, ptr, first);
        spool->len += first;
    }
    return first < len ? write_file(spool, (const char *)ptr + first, len - first) : 0;
}

ssize_t gw_spool_read_at(const struct gw_spool *spool, uint64_t at, void *buffer, size_t size)
{
    if (at >= spool->len || !size)
        return 0;
    if (at >= GW_SPOOL_MEMORY) {
        ssize_t n;
        do
            n = pread(spool->file, buffer, size, (off_t)(at - GW_SPOOL_MEMORY));
        while (n < 0 && errno == EINTR);
        return n > 0 ? n : n ? -errno : -EIO;
    }
    uint64_t end = spool->len < GW_SPOOL_MEMORY ? spool->len : GW_SPOOL_MEMORY;
    size_t n = (size_t)(end - at);
    n = n < size ? n : size;
    memcpy(buffer, spool->ptr + at, n);
    return (ssize_t)n;
}

ssize_t gw_spool_read(struct gw_spool *spool, void *buffer, size_t size)
{
    ssize_t n = gw_spool_read_at(spool, spool->at, buffer, size);
    if (n > 0)
        spool->at += (uint64_t)n;
    return n;
}

void gw_spool_reset(struct gw_spool *spool)
{
    if (spool->has_file)
        close(spool->file);
    if (spool->ptr) /* a body may hold a password */
        explicit_bzero(spool->ptr,
                       spool->len < GW_SPOOL_MEMORY ? (size_t)spool->len : GW_SPOOL_MEMORY);
    spool->has_file = false;
    spool->len = spool->at = 0;
}

void gw_spool_free(struct gw_spool *spool)
{
    gw_spool_reset(spool);
    free(spool->ptr);
    spool->ptr = NULL;
    spool->size = 0;
}
