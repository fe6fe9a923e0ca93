/* upload.c: files that came in a form: read, and kept. */
#include "request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)

ssize_t gw_upload_read(struct gw_request *req, const struct gw_upload *upload, uint64_t at,
                       void *buffer, size_t size)
{
    if (!upload || !req->boundary.ptr)
        return -EINVAL;
    uint64_t left = at < upload->size ? upload->size - at : 0;
    return gw_request_body_at(req, upload->at + at, buffer, size < left ? size : (size_t)left);
}

/* ---- Kept ----------------------------------------------------------------------------------- */

static int write_whole(int file, const char *ptr, size_t len)
{
    while (len) {
        ssize_t n = write(file, ptr, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        ptr += n;
        len -= (size_t)n;
    }
    return 0;
}

static int copy(struct gw_request *req, const struct gw_upload *upload, int file)
{
    char *piece = malloc(PIECE);
    int r = piece ? 0 : -ENOMEM;
    for (uint64_t at = 0; !r && at < upload->size;) {
        ssize_t n = gw_upload_read(req, upload, at, piece, PIECE);
        r = n > 0 ? write_whole(file, piece, (size_t)n) : n ? (int)n : -EIO;
        at += n > 0 ? (uint64_t)n : 0;
    }
    free(piece);
    return r || !fsync(file) ? r : -errno;
}

/* The folder of `path`, to be freed. NULL when memory is short. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A file without a name in the folder, to get one when it is whole. Not every file system has such:
 * there it has one at once, at `name`, that nobody looks for. */
static int open_beside(const char *folder, char name[PATH_MAX])
{
    *name = 0;
    int file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return file < 0 ? -errno : file;
    for (unsigned i = 0; i < 100; i++) {
        uint64_t random = 0;
        if (getentropy(&random, sizeof(random)))
            return -errno;
        int n =
            snprintf(name, PATH_MAX, "%s/.gatewright.%016llx", folder, (unsigned long long)random);
        if (n < 0 || n >= PATH_MAX)
            return -ENAMETOOLONG;
        file = open(name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST)
            return file < 0 ? -errno : file;
    }
    return -EEXIST;
}

/* Gives the file its name, which nothing has. */
static int name_file(int file, const char *name, const char *path)
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    int r = *name ? linkat(AT_FDCWD, name, AT_FDCWD, path, 0)
                  : linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    return r ? -errno : 0;
}

/* So that the name outlives a crash. */
static int sync_folder(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = file < 0 || fsync(file) ? -errno : 0;
    if (file >= 0)
        close(file);
    return r == -EINVAL ? 0 : r;
}

static int keep(struct gw_request *req, const struct gw_upload *upload, const char *path,
                const char *folder)
{
    char name[PATH_MAX];
    int file = open_beside(folder, name);
    if (file < 0)
        return file;
    int r = copy(req, upload, file);
    if (!r)
        r = name_file(file, name, path);
    if (*name)
        unlink(name);
    close(file);
    if (!r && (r = sync_folder(folder)))
        unlink(path);
    return r;
}

int gw_upload_keep(struct gw_request *req, const struct gw_upload *upload, const char *path)
{
    struct stat there;
    if (!upload || !path || !*path || !req->boundary.ptr)
        return -EINVAL;
    if (!lstat(path, &there))
        return -EEXIST;
    char *folder = folder_of(path);
    int r = folder ? keep(req, upload, path, folder) : -ENOMEM;
    free(folder);
    return r == -EFBIG ? -ENOSPC : r; /* a file that may not grow is a full disk */
}
