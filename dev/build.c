/* build.c: how the project is built, and which program that makes.
 *
 * The build is the project's own: dev runs the commands that its README names, in the same folder,
 * so that whoever builds by hand finds the same files. With AddressSanitizer it has a folder of its
 * own, but for make, which has one only. */
#include "own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASAN_FOLDER PROJECT_FOLDER "/build-asan"
#define SANITIZE    "-fsanitize=address,undefined"

/* Of usage in runtime/process/main.c: a program has it, a test does not. */
#define MARK "serve FastCGI on the socket given"

enum builder {
    MESON,
    MAKE,
    CMAKE,
    OWN, /* --build */
    NO_BUILDER,
};

static const struct {
    const char *plain, *asan, *tests;
} commands[] = {
    [MESON] =
        {"test -f build/build.ninja || meson setup build || exit; exec ninja -C build",
         "test -f " ASAN_FOLDER "/build.ninja || meson setup " ASAN_FOLDER
         " -Db_sanitize=address,undefined -Db_lundef=false || exit; exec ninja -C " ASAN_FOLDER,
         "meson test -C build --print-errorlogs"},
    [MAKE] = {"exec make -s", "exec make -s CFLAGS='-O1 -g " SANITIZE "' LDFLAGS='" SANITIZE "'",
              "make -s test"},
    [CMAKE] = {"test -f build/CMakeCache.txt || cmake -S . -B build || exit; "
               "exec cmake --build build",
               "test -f " ASAN_FOLDER "/CMakeCache.txt || cmake -S . -B " ASAN_FOLDER
               " -DCMAKE_C_FLAGS='-g " SANITIZE "' || exit; exec cmake --build " ASAN_FOLDER,
               "ctest --test-dir build --output-on-failure"},
};

static enum builder builder_of(const struct dev *dev)
{
    if (dev->options->build)
        return OWN;
    if (!access("meson.build", R_OK))
        return MESON;
    if (!access("Makefile", R_OK) || !access("makefile", R_OK) || !access("GNUmakefile", R_OK))
        return MAKE;
    return access("CMakeLists.txt", R_OK) ? NO_BUILDER : CMAKE;
}

const char *build_folder(const struct dev *dev)
{
    enum builder builder = builder_of(dev);
    return dev->asan && (builder == MESON || builder == CMAKE) ? ASAN_FOLDER : "build";
}

const char *build_command(const struct dev *dev)
{
    enum builder builder = builder_of(dev);
    if (builder == NO_BUILDER)
        return NULL;
    if (builder == OWN)
        return dev->options->build;
    if (builder == MAKE && dev->asan != dev->asan_was) /* everything anew */
        return dev->asan ? "exec make -s -B CFLAGS='-O1 -g " SANITIZE "' LDFLAGS='" SANITIZE "'"
                         : "exec make -s -B";
    return dev->asan ? commands[builder].asan : commands[builder].plain;
}

void build_mark(const struct dev *dev)
{
    bool either = dev->asan || dev->asan_was;
    int fd = either ? open(ASAN_MARK, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
    else if (!either)
        unlink(ASAN_MARK);
}

const char *build_tests(const struct dev *dev)
{
    enum builder builder = builder_of(dev);
    return builder == OWN || builder == NO_BUILDER ? NULL : commands[builder].tests;
}

/* ---- What builders say ---------------------------------------------------------------------- */

static bool is_noise(const char *line, bool after_failed)
{
    static const char *const begins[] = {
        "[",      "FAILED: ", "ninja: ", "gmake[",     "make[",
        "make: ", "gmake: ",  "INFO: ",  "collect2: ", "clang: error: linker command failed "};
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (!strncmp(line, begins[i], strlen(begins[i])))
            return true;
    return after_failed; /* ninja: the command that failed */
}

/* If all of it was such noise, it stays. */
void build_filter(char *text)
{
    char *copy = strdup(text), *to = text;
    bool failed = false;
    for (char *line = copy; line && *line;) {
        size_t len = strcspn(line, "\n");
        char *next = line + len + (line[len] == '\n');
        if (!is_noise(line, failed)) {
            memcpy(to, line, (size_t)(next - line));
            to += next - line;
        }
        failed = !strncmp(line, "FAILED: ", 8);
        line = next;
    }
    if (to > text)
        *to = 0;
    free(copy);
}

/* ---- The program that is built -------------------------------------------------------------- */

static char *map_file(const char *path, size_t *ret_len)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = MAP_FAILED;
    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0) {
        *ret_len = (size_t)st.st_size;
        bytes = mmap(NULL, *ret_len, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static bool is_program(const char *path)
{
    size_t len = 0;
    char *bytes = access(path, X_OK) ? NULL : map_file(path, &len);
    bool found = bytes && len > 4 && !memcmp(bytes, "\177ELF", 4) &&
                 memmem(bytes, len, MARK, sizeof(MARK) - 1);
    if (bytes)
        munmap(bytes, len);
    return found;
}

bool files_equal(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = map_file(a, &n), *y = map_file(b, &m);
    bool equal = x && y && n == m && !memcmp(x, y, n);
    if (x)
        munmap(x, n);
    if (y)
        munmap(y, m);
    return equal;
}

struct found {
    char path[PATH_MAX];
    char names[1024];
    unsigned n;
};

static void look_in(const char *folder, int depth, struct found *found)
{
    DIR *dir = depth < 4 ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat st;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (*entry->d_name == '.' || len >= (int)sizeof(path) || lstat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode)) {
            look_in(path, depth + 1, found);
        } else if (S_ISREG(st.st_mode) && is_program(path)) {
            size_t used = strlen(found->names);
            snprintf(found->names + used, sizeof(found->names) - used, "    %s\n", path);
            snprintf(found->path, sizeof(found->path), "%s", path);
            found->n++;
        }
    }
    if (dir)
        closedir(dir);
}

static void say_not_found(struct dev *dev, const struct found *found)
{
    char *text = NULL;
    int r = found->n ? asprintf(&text,
                                "The build makes several programs: say which one with --program "
                                "PATH.\n%s",
                                found->names)
                     : asprintf(&text,
                                "No program that calls gw_main was found in %s: say where it is "
                                "with --program PATH.\n",
                                build_folder(dev));
    free(dev->error);
    dev->error = r < 0 ? NULL : text;
}

bool build_find_program(struct dev *dev)
{
    const char *given = dev->options->program;
    if (given && access(given, X_OK)) {
        free(dev->error);
        if (asprintf(&dev->error, "The build has made no program %s: %s.\n", given,
                     strerror(errno)) < 0)
            dev->error = NULL;
        return false;
    }
    if (given)
        snprintf(dev->built, sizeof(dev->built), "%s", given);
    if (given || (*dev->built && is_program(dev->built)))
        return true;
    struct found found = {.n = 0};
    look_in(build_folder(dev), 0, &found);
    if (found.n != 1) {
        say_not_found(dev, &found);
        return false;
    }
    strcpy(dev->built, found.path);
    return true;
}

static int copy_all(int from, int to)
{
    char bytes[65536];
    ssize_t n;
    while ((n = read(from, bytes, sizeof(bytes))) > 0) {
        for (ssize_t at = 0; at < n;) {
            ssize_t m = write(to, bytes + at, (size_t)(n - at));
            if (m < 0)
                return -errno;
            at += m;
        }
    }
    return n < 0 ? -errno : 0;
}

/* The next build may write over what runs, and what is started again must be what was checked. */
int build_copy_program(struct dev *dev)
{
    if (*dev->copy && strcmp(dev->copy, dev->current.path))
        copy_remove(dev->copy);
    const char *name = strrchr(dev->built, '/');
    if (snprintf(dev->copy, sizeof(dev->copy), "%s/%u", dev->folder, ++dev->copies) < 0 ||
        mkdir(dev->copy, 0700))
        return -errno;
    size_t len = strlen(dev->copy);
    snprintf(dev->copy + len, sizeof(dev->copy) - len, "/%s", name ? name + 1 : dev->built);
    int from = open(dev->built, O_RDONLY | O_CLOEXEC);
    int to = open(dev->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    int r = from < 0 || to < 0 ? -errno : copy_all(from, to);
    if (from >= 0)
        close(from);
    if (to >= 0 && close(to) && !r)
        r = -errno;
    if (r)
        copy_remove(dev->copy);
    return r;
}
