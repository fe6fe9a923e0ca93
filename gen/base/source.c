/* source.c: source files and positions in them.
 *
 * A position is an offset; line and column are computed when a diagnostic is printed. */
#include "base/source.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void index_lines(struct arena *arena, struct source *source)
{
    size_t n = 1;
    for (size_t i = 0; i < source->len; i++)
        n += source->ptr[i] == '\n';
    uint32_t *lines = arena_alloc(arena, n * sizeof(*lines));
    n = 1;
    for (size_t i = 0; i < source->len; i++) {
        if (source->ptr[i] == '\n')
            lines[n++] = (uint32_t)i + 1;
    }
    source->lines = lines;
    source->n_lines = n;
}

static int read_all(struct arena *arena, FILE *file, char **ret_ptr, size_t *ret_len)
{
    struct stat st;
    if (fstat(fileno(file), &st) != 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    size_t cap = 4096, len = 0;
    if (S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= SOURCE_MAX_SIZE)
        cap = (size_t)st.st_size + 1;
    char *ptr = arena_alloc(arena, cap + 1);
    for (;;) {
        len += fread(ptr + len, 1, cap - len, file);
        if (len < cap)
            break;
        if (len > SOURCE_MAX_SIZE)
            return -EFBIG;
        char *larger = arena_alloc(arena, cap * 2 + 1);
        memcpy(larger, ptr, len);
        ptr = larger;
        cap *= 2;
    }
    if (ferror(file))
        return errno ? -errno : -EIO;
    if (len > SOURCE_MAX_SIZE)
        return -EFBIG;
    ptr[len] = '\0';
    *ret_ptr = ptr;
    *ret_len = len;
    return 0;
}

/* `ptr` belongs to the arena and has a NUL behind it. */
static struct source *new_source(struct arena *arena, const char *path, const char *label,
                                 const char *ptr, size_t len)
{
    if (len >= 3 && !memcmp(ptr, "\xef\xbb\xbf", 3)) {
        ptr += 3;
        len -= 3;
    }
    struct source *source = arena_alloc(arena, sizeof(*source));
    *source = (struct source){.path = path, .label = label, .ptr = ptr, .len = len};
    index_lines(arena, source);
    return source;
}

int source_read(struct arena *arena, const char *path, const char *label, struct source **ret)
{
    char *ptr = NULL;
    size_t len = 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return -errno;
    int r = read_all(arena, file, &ptr, &len);
    fclose(file);
    if (r)
        return r;
    *ret = new_source(arena, path, label, ptr, len);
    return 0;
}

int source_make(struct arena *arena, const char *path, const char *label, const char *ptr,
                size_t len, struct source **ret)
{
    if (len > SOURCE_MAX_SIZE)
        return -EFBIG;
    *ret = new_source(arena, path, label, arena_copy(arena, ptr, len), len);
    return 0;
}

unsigned pos_line(struct pos pos)
{
    size_t low = 0, high = pos.source->n_lines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (pos.source->lines[middle] <= pos.offset)
            low = middle;
        else
            high = middle;
    }
    return (unsigned)low + 1;
}

unsigned pos_column(struct pos pos)
{
    unsigned column = 1;
    for (size_t i = pos.source->lines[pos_line(pos) - 1]; i < pos.offset; i++)
        column += !utf8_is_continuation(pos.source->ptr[i]);
    return column;
}

const char *pos_where(struct arena *arena, struct pos pos)
{
    return arena_printf(arena, "%s:%u", pos.source->label, pos_line(pos));
}
