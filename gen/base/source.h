/* source.h: source files and positions in them. */
#ifndef GEN_SOURCE_H
#define GEN_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

#define SOURCE_MAX_SIZE (8u * 1024 * 1024)

struct source {
    const char *path;  /* as opened, for diagnostics */
    const char *label; /* relative to the top file's folder: for generated code */
    const char *ptr;   /* the text, NUL behind it; a byte order mark is left out */
    size_t len;
    const uint32_t *lines; /* offset of each line's first byte */
    size_t n_lines;
    unsigned order; /* in which the files were opened */
};

/* `len` bytes from `offset`. Without a source it stands for the command line. */
struct pos {
    const struct source *source;
    uint32_t offset, len;
};

/* Reads a file. 0; -EFBIG over SOURCE_MAX_SIZE; -EISDIR; another negative errno. */
int source_read(struct arena *arena, const char *path, const char *label, struct source **ret);

/* A source from `len` bytes that are in memory already, which are copied. 0 or -EFBIG. */
int source_make(struct arena *arena, const char *path, const char *label, const char *ptr,
                size_t len, struct source **ret);

/* From 1. Columns count characters; a tab is one. */
unsigned pos_line(struct pos pos);
unsigned pos_column(struct pos pos);

/* "routes.def:48": for generated code. */
const char *pos_where(struct arena *arena, struct pos pos);

#endif
