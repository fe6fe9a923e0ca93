/* output.c: files are written last, all or none, and only if they change.
 *
 * Each new file is written beside its place first and moved there when all are complete, so that a
 * full disk leaves the old ones. Equal files keep their time, so that nothing is built again for
 * them. */
#include "base/output.h"

#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same(struct arena *arena, const char *path, const struct text *text)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char *old = arena_alloc(arena, text->n + 1);
    size_t n = fread(old, 1, text->n + 1, file);
    fclose(file);
    return n == text->n && (n == 0 || !memcmp(old, text->items, n));
}

static int write_new(const char *path, const struct text *text)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return -errno;
    int r = fwrite(text->items, 1, text->n, file) == text->n ? 0 : errno ? -errno : -EIO;
    if (fclose(file) != 0 && r == 0)
        r = errno ? -errno : -EIO;
    return r;
}

/* A name beside the file that no other run uses. */
static const char *new_name(struct arena *arena, const char *path)
{
    return arena_printf(arena, "%s.%ld.new", path, (long)getpid());
}

static int write_all_new(struct arena *arena, const char *const *paths,
                         const struct output *outputs, size_t n, size_t *ret_failed)
{
    for (size_t i = 0; i < n; i++) {
        int r = is_same(arena, paths[i], &outputs[i].text)
                    ? 0
                    : write_new(new_name(arena, paths[i]), &outputs[i].text);
        if (r) {
            *ret_failed = i;
            return r;
        }
    }
    return 0;
}

int output_write(struct arena *arena, const char *folder, const struct output *outputs,
                 size_t n_outputs, const char **ret_path)
{
    const char **paths = arena_alloc(arena, (n_outputs + 1) * sizeof(*paths));
    size_t failed = 0;
    *ret_path = folder;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return -errno;
    for (size_t i = 0; i < n_outputs; i++)
        paths[i] = arena_printf(arena, "%s/%s", folder, outputs[i].name);
    int r = write_all_new(arena, paths, outputs, n_outputs, &failed);
    for (size_t i = 0; i < n_outputs && r == 0; i++) {
        /* ENOENT: it was the same and has no new file. */
        if (rename(new_name(arena, paths[i]), paths[i]) != 0 && errno != ENOENT) {
            r = -errno;
            failed = i;
        }
    }
    for (size_t i = 0; i < n_outputs && r; i++)
        unlink(new_name(arena, paths[i]));
    *ret_path = paths[failed];
    return r;
}

int output_write_file(struct arena *arena, const char *path, const struct text *text)
{
    return is_same(arena, path, text) ? 0 : write_new(path, text);
}

int output_print(const struct text *text)
{
    if (fwrite(text->items, 1, text->n, stdout) == text->n && fflush(stdout) == 0)
        return 0;
    perror("gatewright: standard output");
    return 1;
}
