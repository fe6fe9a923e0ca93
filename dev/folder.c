/* folder.c: the temporary folder, and .gatewright, which stays with the project.
 *
 * The temporary one holds sockets and copies of the program; it has mode 0700 and goes when we do.
 * .gatewright holds the throwaway database and the secret of its tokens, so that a browser stays
 * signed in from one day to the next; git does not see it. */
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

/* Programs are run from there. */
static bool is_usable(const char *folder)
{
    struct stat st;
    struct statvfs fs;
    return folder && *folder == '/' && !stat(folder, &st) && S_ISDIR(st.st_mode) &&
           !access(folder, W_OK) && !statvfs(folder, &fs) && !(fs.f_flag & ST_NOEXEC) &&
           strlen(folder) < 70;
}

bool folder_choose(struct dev *dev)
{
    const char *const places[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp", "/var/tmp"};
    uint64_t number;
    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        return false;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (!is_usable(places[i]))
            continue;
        snprintf(dev->folder, sizeof(dev->folder), "%s/gatewright-dev.%016llx", places[i],
                 (unsigned long long)number);
        return true;
    }
    fprintf(stderr, "gatewright dev: there is no folder for temporary files: neither "
                    "$XDG_RUNTIME_DIR, $TMPDIR nor /tmp lets programs be written and run\n");
    return false;
}

bool folder_make(const struct dev *dev)
{
    if (!mkdir(dev->folder, 0700))
        return true;
    fprintf(stderr, "gatewright dev: cannot make %s: %s\n", dev->folder, strerror(errno));
    return false;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void copy_remove(const char *path)
{
    char folder[PATH_MAX];
    unlink(path);
    snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
    rmdir(folder);
}

char *file_read(const char *path, size_t max, size_t *ret_len)
{
    FILE *file = fopen(path, "rbe");
    struct stat st;
    if (!file)
        return NULL;
    size_t size = fstat(fileno(file), &st) || st.st_size < 0 ? 0 : (size_t)st.st_size;
    size = size < max ? size : max;
    char *text = malloc(size + 1);
    size_t len = text ? fread(text, 1, size, file) : 0;
    fclose(file);
    if (text)
        text[len] = 0;
    if (ret_len)
        *ret_len = len;
    return text;
}

int unix_listener(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0600) ||
        listen(fd, 1024))
        return -errno;
    return fd;
}

/* ---- The project's folder ------------------------------------------------------------------- */

static bool write_new(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST;
    size_t len = strlen(text);
    bool good = write(fd, text, len) == (ssize_t)len;
    good = !close(fd) && good;
    if (!good)
        unlink(path);
    return good;
}

static bool write_secret(void)
{
    unsigned char bytes[32];
    char text[2 * sizeof(bytes) + 1];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return write_new(PROJECT_FOLDER "/secret", text);
}

/* The kernel keeps the lock and its owner: a killed one leaves none behind. */
static bool take_lock(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(PROJECT_FOLDER "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        fprintf(stderr, "gatewright dev: cannot write " PROJECT_FOLDER "/lock: %s\n",
                strerror(errno));
        return false;
    }
    if (!fcntl(fd, F_SETLK, &lock))
        return true; /* the descriptor stays open */
    if (!fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK)
        fprintf(stderr,
                "gatewright dev: it runs in this folder already, as process %d: end that one with "
                "its key q, or go on there\n",
                (int)lock.l_pid);
    else
        fprintf(stderr, "gatewright dev: cannot lock " PROJECT_FOLDER "/lock: %s\n",
                strerror(errno));
    close(fd);
    return false;
}

bool project_open(struct dev *dev)
{
    if (mkdir(PROJECT_FOLDER, 0700) && errno != EEXIST) {
        fprintf(stderr, "gatewright dev: cannot make the folder " PROJECT_FOLDER ": %s\n",
                strerror(errno));
        return false;
    }
    if (!take_lock())
        return false;
    if (write_new(PROJECT_FOLDER "/.gitignore", "*\n") && write_secret())
        return true;
    fprintf(stderr, "gatewright dev: cannot write in " PROJECT_FOLDER ": %s\n", strerror(errno));
    return false;
}
