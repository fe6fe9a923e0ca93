/* watch.c: files that are saved, by inotify(7).
 *
 * Looked at is what a build may read: sources by their endings. What builds write, hidden folders
 * and the temporary files of editors are left alone; so no build begins another. */
#include "own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS_MAX 4096
#define CHANGES                                                                                    \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR |           \
     IN_EXCL_UNLINK)

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), n = strlen(end);
    return len >= n && !strcmp(name + len - n, end);
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(name, *list))
            return true;
    return false;
}

bool watch_ignores(const char *name, bool folder)
{
    static const char *const folders[] = {"builddir",    "_build",     "node_modules",
                                          "__pycache__", "CMakeFiles", NULL};
    static const char *const files[] = {"Makefile", "makefile", "GNUmakefile", "CMakeLists.txt",
                                        NULL};
    static const char *const ends[] = {".c",   ".h",     ".def",  ".re",  ".inc", ".cc",   ".cpp",
                                       ".hpp", ".sql",   ".html", ".css", ".js",  ".json", ".build",
                                       ".mk",  ".cmake", ".txt",  ".S",   ".y",   ".l",    NULL};
    if (*name == '.' || *name == '#')
        return true;
    if (folder)
        return !strncmp(name, "build", 5) || is_one_of(name, folders);
    if (is_one_of(name, files))
        return false;
    for (size_t i = 0; ends[i]; i++)
        if (ends_with(name, ends[i]))
            return false;
    return true;
}

/* A build folder under another name. */
static bool is_built(const char *folder)
{
    static const char *const marks[] = {"build.ninja", "CMakeCache.txt", "meson-private"};
    char path[PATH_MAX + 32];
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, marks[i]);
        if (!access(path, F_OK))
            return true;
    }
    return false;
}

static int add_folder(struct dev *dev, const char *folder, int depth, unsigned *n)
{
    DIR *dir;
    int r = 0;
    if (depth > 16 || *n >= FOLDERS_MAX || (depth && is_built(folder)))
        return 0;
    if (inotify_add_watch(dev->watch, folder, CHANGES) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
    ++*n;
    dir = opendir(folder);
    for (struct dirent *entry; !r && dir && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat st;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (len < (int)sizeof(path) && !watch_ignores(entry->d_name, true) && !lstat(path, &st) &&
            S_ISDIR(st.st_mode))
            r = add_folder(dev, path, depth + 1, n);
    }
    if (dir)
        closedir(dir);
    return r;
}

int watch_open(struct dev *dev)
{
    unsigned n = 0;
    dev->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (dev->watch < 0)
        return -errno;
    return add_folder(dev, ".", 0, &n);
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

static void touch_folder(const struct dev *dev, const char *folder, int depth)
{
    DIR *dir = depth > 16 || (depth && is_built(folder)) ? NULL : opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat st;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (len >= (int)sizeof(path) || lstat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode) && !watch_ignores(entry->d_name, true))
            touch_folder(dev, path, depth + 1);
        else if (S_ISREG(st.st_mode) && !watch_ignores(entry->d_name, false) &&
                 is_later(&st.st_mtim, &dev->build_from) && !is_later(&st.st_mtim, &dev->build_to))
            utimensat(AT_FDCWD, path, NULL, 0);
    }
    if (dir)
        closedir(dir);
}

void watch_touch(const struct dev *dev)
{
    touch_folder(dev, ".", 0);
}

/* Folders that are new, moved or that were too many at once: everything is looked at again. Those
 * that are watched already stay so. */
static void look_again(struct dev *dev)
{
    unsigned n = 0;
    int r = add_folder(dev, ".", 0, &n);
    if (r)
        say(dev, "not every folder can be watched: %s", strerror(-r));
}

void watch_ready(struct dev *dev, void *data, short events)
{
    _Alignas(struct inotify_event) char bytes[16384];
    ssize_t n;
    bool saved = false, folders = false;
    while ((n = read(dev->watch, bytes, sizeof(bytes))) > 0) {
        const struct inotify_event *event;
        for (char *at = bytes; at < bytes + n; at += sizeof(*event) + event->len) {
            event = (const struct inotify_event *)at;
            bool folder = event->mask & IN_ISDIR;
            folders = folders || (event->mask & IN_Q_OVERFLOW) ||
                      (folder && event->len && !watch_ignores(event->name, true));
            saved = saved || (event->mask & IN_Q_OVERFLOW) ||
                    (!folder && event->len && !(event->mask & IN_CREATE) &&
                     !watch_ignores(event->name, false));
        }
    }
    if (folders)
        look_again(dev);
    dev->saved = dev->saved || saved || folders;
}
