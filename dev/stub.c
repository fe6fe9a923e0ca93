/* stub.c: a handler that a route names and nobody has written.
 *
 * The linker says which: generated code refers to it as gwh_NAME. Its prototype stands in the
 * routes.h that was generated. Nothing is written before a key says so. */
#include "own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_MAX ((size_t)4 << 20)
#define NAME_BYTES 128

/* Visits the files of a folder; true: `visit` has found what it looks for. */
static bool visit_files(const char *folder, int depth, bool built,
                        bool (*visit)(const char *path, void *data), void *data)
{
    DIR *dir = depth < 6 ? opendir(folder) : NULL;
    bool found = false;
    for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat st;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
            len >= (int)sizeof(path) || lstat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode) && (built || !watch_ignores(entry->d_name, true)))
            found = visit_files(path, depth + 1, built, visit, data);
        else if (S_ISREG(st.st_mode))
            found = visit(path, data);
    }
    if (dir)
        closedir(dir);
    return found;
}

/* ---- The prototype -------------------------------------------------------------------------- */

struct header {
    char *text;
};

static bool take_header(const char *path, void *data)
{
    struct header *header = data;
    const char *name = strrchr(path, '/') + 1;
    if (strcmp(name, "routes.h"))
        return false;
    header->text = file_read(path, SOURCE_MAX, NULL);
    return header->text;
}

/* "int NAME(...)" without its asm label; NULL: the header does not have it. To be freed. */
static char *prototype_of(const char *header, const char *name)
{
    char begin[NAME_BYTES + 8], end[NAME_BYTES + 32];
    snprintf(begin, sizeof(begin), "\nint %s(", name);
    snprintf(end, sizeof(end), "__asm__(\"gwh_%s\")", name);
    const char *from = strstr(header, begin), *to = from ? strstr(from, end) : NULL;
    if (!to)
        return NULL;
    for (from++; to > from && strchr(" \n", to[-1]);)
        to--;
    return strndup(from, (size_t)(to - from));
}

/* ---- What the linker says ------------------------------------------------------------------- */

/* The next line, cut at 500 bytes, without its end; false: there is none. */
static bool next_line(const char **at, char line[512])
{
    size_t len = strcspn(*at, "\n");
    bool any = **at;
    snprintf(line, 512, "%.*s", (int)(len < 500 ? len : 500), *at);
    *at += len + ((*at)[len] == '\n');
    return any;
}

/* Whether a line says that something behind `gwh_` is missing. */
static bool is_missing(const char *line, char name[NAME_BYTES])
{
    const char *symbol = strstr(line, "gwh_");
    if (!symbol || (!strstr(line, "undefined reference to") && !strstr(line, "undefined symbol")))
        return false;
    size_t n = strspn(symbol + 4, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_");
    if (!n || n >= NAME_BYTES)
        return false;
    memcpy(name, symbol + 4, n);
    name[n] = 0;
    return true;
}

/* The next name that is missing. */
static bool next_missing(const char **at, char name[NAME_BYTES])
{
    char line[512];
    while (next_line(at, line))
        if (is_missing(line, name))
            return true;
    return false;
}

/* Where the function stands that calls it, or the object: lines around the one that names it. */
static bool is_about_missing(const char *line)
{
    return strstr(line, "in function `gwt_call_") || !strncmp(line, ">>> ", 4);
}

/* "routes.def:35: " of "/project/build/routes.def:35: undefined ...", where debugging information
 * has it and the file is there; otherwise "". */
static void find_route(const struct dev *dev, char *line, char where[PATH_MAX])
{
    char folder[PATH_MAX], *end = strstr(line, ": undefined"), *colon;
    const char *path = line;
    *where = 0;
    if (!end || !getcwd(folder, sizeof(folder)))
        return;
    *end = 0;
    colon = strrchr(line, ':');
    if (strncmp(path, folder, strlen(folder)) || !colon || !colon[1] ||
        colon[1 + strspn(colon + 1, "0123456789")])
        return;
    path += strlen(folder) + 1;
    size_t len = strlen(build_folder(dev));
    if (!strncmp(path, build_folder(dev), len) && path[len] == '/')
        path += len + 1;
    *colon = 0;
    if (!access(path, R_OK))
        snprintf(where, PATH_MAX, "%s:%s: ", path, colon + 1);
}

/* The linker says it in two lines, and again for each program that lacks the handler, as the tests
 * do: here it is one line for each handler, behind what else was said. NULL: out of memory. */
static char *condense(const struct dev *dev, const char *output)
{
    char line[512], name[NAME_BYTES], where[PATH_MAX], sentence[NAME_BYTES + 64], *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    if (!to)
        return NULL;
    for (const char *at = output, *from = at; next_line(&at, line); from = at)
        if (!is_missing(line, name) && !is_about_missing(line))
            fwrite(from, 1, (size_t)(at - from), to);
    while (next_line(&output, line)) {
        if (!is_missing(line, name))
            continue;
        snprintf(sentence, sizeof(sentence), "the handler `%s` is not written\n", name);
        find_route(dev, line, where);
        if (fflush(to) || !strstr(text, sentence))
            fprintf(to, "%s%s", where, sentence);
    }
    if (!fclose(to))
        return text;
    free(text);
    return NULL;
}

/* ---- The stubs ------------------------------------------------------------------------------ */

static bool add_stub(char **stubs, const char *header, const char *name)
{
    char *prototype = prototype_of(header, name), *longer = NULL;
    if (!prototype)
        return false;
    if (*stubs && strstr(*stubs, prototype)) { /* said by several objects */
        free(prototype);
        return true;
    }
    int r =
        asprintf(&longer,
                 "%s\n%s\n{\n    return gw_problem(%.*s, 501, NULL, \"%s is not written yet\");"
                 "\n}\n",
                 *stubs ? *stubs : "", prototype, (int)strcspn(strchr(prototype, '*') + 1, ",) "),
                 strchr(prototype, '*') + 1, name);
    free(prototype);
    if (r < 0)
        return false;
    free(*stubs);
    *stubs = longer;
    return true;
}

/* ---- The file of handlers ------------------------------------------------------------------- */

struct best {
    char path[PATH_MAX];
    unsigned handlers;
};

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

/* The one with the most handlers, and no test. */
static bool weigh(const char *path, void *data)
{
    struct best *best = data;
    size_t len = strlen(path);
    char *text =
        len > 2 && !strcmp(path + len - 2, ".c") ? file_read(path, SOURCE_MAX, NULL) : NULL;
    if (text && strstr(text, "\"routes.h\"") && !strstr(text, "gw_test_open")) {
        unsigned n = 1 + count(text, "(struct gw_request *");
        if (n > best->handlers) {
            best->handlers = n;
            snprintf(best->path, sizeof(best->path), "%s", path);
        }
    }
    free(text);
    return false;
}

bool stub_find(struct dev *dev, const char *output)
{
    struct header header = {NULL};
    struct best best = {.handlers = 0};
    char name[NAME_BYTES], *stubs = NULL;
    if (!strstr(output, "gwh_") || !visit_files(build_folder(dev), 0, true, take_header, &header))
        return false;
    char *missing = condense(dev, output);
    bool good = missing;
    while (good && next_missing(&output, name))
        good = add_stub(&stubs, header.text, name);
    free(header.text);
    visit_files(".", 0, false, weigh, &best);
    if (!good || !stubs || !best.handlers) {
        free(missing);
        free(stubs);
        return false;
    }
    free(dev->missing);
    free(dev->stub);
    dev->missing = missing;
    dev->stub = stubs;
    strcpy(dev->stub_file, strncmp(best.path, "./", 2) ? best.path : best.path + 2);
    return true;
}

bool stub_write(struct dev *dev)
{
    size_t len = strlen(dev->stub);
    int fd = open(dev->stub_file, O_WRONLY | O_APPEND | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool good = write(fd, dev->stub, len) == (ssize_t)len;
    if (!good && ftruncate(fd, st.st_size)) /* the disk is full: as it was */
        say(dev, "%s: a part of the stub was written", dev->stub_file);
    return !close(fd) && good;
}
