/* lock.c: one process at a time does what has a name: a lock on a byte of the database's file.
 *
 * Far behind the bytes that SQLite locks and that a file can have. The kernel takes it back with
 * the process, however that ends. It is of the open file (F_OFD_SETLK); closing that would take
 * SQLite's own locks of this process with it (POSIX, close()), so it stays open for as long as
 * those. */
#include "store/sqlite/own.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LOCKS_FROM ((off_t)1 << 62)

/* FNV-1a */
static off_t place_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return LOCKS_FROM + (off_t)(hash >> 8);
}

int gw_sqlite_lock(struct gw_store *base, const char *name, struct gw_store_lock *ret)
{
    const struct sqlite_store *store = (const struct sqlite_store *)base;
    struct flock byte = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place_of(name), .l_len = 1};
    if (store->anchor)
        return 0;
    ret->fd = open(store->path, O_RDWR | O_CLOEXEC);
    if (ret->fd < 0)
        return -EHOSTDOWN;
    if (!fcntl(ret->fd, F_OFD_SETLK, &byte))
        return 0;
    return errno == EAGAIN || errno == EACCES ? -EALREADY : -EIO;
}
